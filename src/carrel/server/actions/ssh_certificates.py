"""Short-lived SSH certificates: a device's own key, signed for its user, as long as the token lives that asked for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import asyncssh

from carrel.core.access import SCOPES, Action, Actor, Role
from carrel.core.problems import Problem
from carrel.core.secret import Secret
from carrel.links.authority import CLOCK_SKEW, KeyPair
from carrel.server.actions.public_keys import parse_public_key
from carrel.server.settings import Settings
from carrel.server.store import audit, tokens
from carrel.server.store.sessions import WriteSession
from carrel.server.store.tokens import NewToken, TokenKind

_USER_CERTIFICATE: Final = 1
"""SSH_CERT_TYPE_USER."""


@dataclass(frozen=True)
class IssuedCertificate:
    """A certificate that was just made."""

    certificate: str
    """An OpenSSH line, for `id_ed25519-cert.pub`."""
    expires_at: datetime


async def issue_certificate(
    actor: Actor, session: WriteSession, settings: Settings, authority: KeyPair, public_key: str
) -> IssuedCertificate:
    """Sign a device's key for the actor.

    Args:
        actor: his token; the certificate may do no more than it, and ends with it.
        session: the transaction.
        settings: `ssh_certificate_hours`.
        authority: the installation's user CA.
        public_key: of the device, one OpenSSH line.

    Raises:
        Problem: `bad_value`, `not_allowed`.
    """
    parent = await tokens.get(session, actor.token_id)
    if actor.role is Role.GUEST or parent is None or not _may_use(actor):
        raise Problem("not_allowed", "This token cannot come by SSH.", "Sign in with a token that may use workspaces.")
    key = parse_public_key(public_key)
    life = timedelta(hours=settings.ssh_certificate_hours)
    if parent.expires_at is not None:
        life = min(life, parent.expires_at - session.now)
    new = NewToken(
        actor.user_id,
        TokenKind.CERTIFICATE,
        title=key.comment[:200],
        scopes=actor.scopes,
        bound_to={"key": key.fingerprint},
        parent_id=actor.token_id,
        life=life,
    )
    end = session.now + life
    signer = asyncssh.import_private_key(authority.private.reveal())
    certificate = signer.generate_user_certificate(
        asyncssh.import_public_key(key.line),
        key_id=f"carrel user {actor.name}",
        principals=[actor.user_id],
        valid_after=session.now - CLOCK_SKEW,
        valid_before=end,
        permit_x11_forwarding=False,
        permit_user_rc=False,
    )
    line = certificate.export_certificate("openssh").decode().strip()
    row = await tokens.put(session, new, as_token(line))
    detail = {"fingerprint": key.fingerprint, "until": end.isoformat()}
    await audit.append(session, actor, "ssh_certificate.issued", f"token:{row.id}", detail)
    return IssuedCertificate(line, end)


def _may_use(actor: Actor) -> bool:
    return not actor.scopes or any(Action.WORKSPACE_USE in SCOPES[scope] for scope in actor.scopes)


def as_token(line: str) -> Secret:
    """What of a certificate its row is found by: all of it, without the comment."""
    return Secret(" ".join(line.split()[:2]))


def is_ours(line: str, authority: str) -> bool:
    """Whether this is a certificate of the installation's user CA that is valid now.

    Args:
        line: the certificate, one OpenSSH line.
        authority: the public key of the CA, one OpenSSH line.
    """
    try:
        found: Any = asyncssh.import_certificate(line)
        if found.is_x509 or found.signing_key != asyncssh.import_public_key(authority):
            return False
        found.validate(_USER_CERTIFICATE, None)
    except (asyncssh.KeyImportError, ValueError):
        return False
    return True
