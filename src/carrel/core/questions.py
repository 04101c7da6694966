"""What a workspace may ask of the control plane: a credential for git, a signature. Both sides import these records.

The workspace has no way to the control plane. The control plane opens the subsystem `carrel-questions` on its link and
listens; the agent puts the questions of git in the workspace there (ADR 0032, docs/reference/agent-protocol.md).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from carrel.core.secret import Secret

QUESTIONS_SUBSYSTEM = "carrel-questions"
DIGEST_BYTES = 64
"""Of SHA-512: what a signature is asked for."""


@dataclass(frozen=True)
class Question:
    """One question, as the workspace puts it. Nothing in it is trusted."""

    operation: str
    """A random id; the same where a second server is asked because the first one was lost."""
    ask: Literal["git_credential", "git_signature"]
    asker: str = ""
    """The process that asks, for the audit."""
    protocol: str = ""
    """`https` or `http`."""
    host: str = ""
    """With its port where that is not the protocol's own."""
    path: str = ""
    username: str = ""
    """Of the address, where it has one."""
    digest: bytes = b""
    """SHA-512 of what is to be signed."""


@dataclass(frozen=True)
class GitCredential:
    """The answer to `git_credential`."""

    username: str
    password: Secret
    expires_at: int = 0
    """Seconds since 1970; 0: not known to expire."""


@dataclass(frozen=True)
class GitSignature:
    """The answer to `git_signature`."""

    signature: str
    """In the form of OpenSSH's PROTOCOL.sshsig, armoured."""
