"""A sign-in that has begun: sealed in a cookie of the browser in which it did, for ten minutes."""

from __future__ import annotations

import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta

from carrel.core.problems import Problem
from carrel.core.secret import Secret
from carrel.server.store.keys import KeyRing

LIFE = timedelta(minutes=10)
_CONTEXT = "oidc-flow"
_BYTES = 32


def _random() -> str:
    return secrets.token_urlsafe(_BYTES)


@dataclass(frozen=True)
class Flow:
    """What the server has to remember until the browser comes back."""

    began: float
    """Seconds since 1970."""
    next_path: str = "/"
    link_user: str = ""
    """The user whose account the identity is to be linked to; empty: somebody signs in."""
    state: str = field(default_factory=_random)
    nonce: str = field(default_factory=_random)
    verifier: str = field(default_factory=_random, repr=False)


def seal(flow: Flow, keys: KeyRing) -> str:
    """As the value of a cookie."""
    key_id, envelope = keys.seal(Secret(json.dumps(asdict(flow))), _CONTEXT)
    return f"{key_id}.{urlsafe_b64encode(envelope).decode().rstrip('=')}"


def unseal(text: str, keys: KeyRing, state: str, now: datetime) -> Flow:
    """The flow of a cookie, if it is ours, of this state and not too old. Raises `identity_refused`."""
    key_id, _, encoded = text.partition(".")
    try:
        envelope = urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4))
        flow = Flow(**json.loads(keys.open(key_id, envelope, _CONTEXT).reveal()))
    except (ValueError, TypeError, Problem) as error:
        raise _not_begun() from error
    if not secrets.compare_digest(flow.state.encode(), state.encode()):
        raise _not_begun()
    if not timedelta() <= timedelta(seconds=now.timestamp() - flow.began) <= LIFE:
        raise Problem("identity_refused", "It took too long.", "Sign in again.")
    return flow


def _not_begun() -> Problem:
    return Problem("identity_refused", "This sign-in was not begun in this browser.", "Sign in again from the start.")
