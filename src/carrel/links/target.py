"""Which agent a link goes to, as plain data."""

from __future__ import annotations

from dataclasses import dataclass

from carrel.core.spec import Endpoint


@dataclass(frozen=True)
class Target:
    """One start of one workspace: how its agent is reached, and how both sides know each other."""

    workspace: str
    """The workspace's id."""
    endpoint: Endpoint
    principal: str
    """What the certificate names: `<workspace id>:<start number>`."""
    host_key: str
    """The agent's public host key, one OpenSSH line; any other key is refused."""
