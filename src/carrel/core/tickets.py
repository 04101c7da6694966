"""Tickets: what an app's cookie holds. Signed, and bound to one host, one person and one workspace (design.md 5)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import UTC, datetime

from carrel.core.secret import Secret

_PURPOSE = b"carrel app ticket v1\0"


@dataclass(frozen=True)
class Ticket:
    """Who may reach which host until when."""

    host: str
    """The app's host name with its port, as browsers send it, in lower case."""
    user: str
    """The user's id."""
    workspace: str
    """The workspace's id."""
    expires: datetime
    epoch: int = 0
    """The user's revocation epoch when it was issued: an older one than the user's is void."""


def sign_ticket(ticket: Ticket, key: Secret) -> str:
    """The ticket as text that is safe in a cookie."""
    members = [ticket.host, ticket.user, ticket.workspace, int(ticket.expires.timestamp()), ticket.epoch]
    payload = _encode(json.dumps(members, separators=(",", ":")).encode())
    return f"{payload}.{_encode(_digest(payload, key))}"


def read_ticket(text: str, key: Secret, now: datetime) -> Ticket | None:
    """The ticket in `text`, or None where the signature is not ours or its time is over.

    Args:
        text: what a browser sent.
        key: the key it was signed with.
        now: timezone-aware.
    """
    payload, dot, signature = text.partition(".")
    if not dot or len(text) > 2048:
        return None
    try:
        given = _decode(signature)
    except (binascii.Error, ValueError):
        return None
    if not hmac.compare_digest(given, _digest(payload, key)):
        return None
    host, user, workspace, expires, epoch = json.loads(_decode(payload))
    ticket = Ticket(host, user, workspace, datetime.fromtimestamp(expires, UTC), epoch)
    return ticket if ticket.expires > now else None


def _digest(payload: str, key: Secret) -> bytes:
    return hmac.new(key.reveal().encode(), _PURPOSE + payload.encode(), hashlib.sha256).digest()


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
