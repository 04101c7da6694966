"""Signing a command line in by a browser: a person who is signed in allows it, and the one that asked gets a token.

Why it is safe: docs/adr/0039-the-command-line-signs-in-by-a-code.md.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from carrel.core.access import Action, Actor, Resource, demand
from carrel.core.code_exchange import challenge_of
from carrel.core.problems import Problem
from carrel.core.secret import Secret
from carrel.server.actions.login import Request, actor_of
from carrel.server.actions.tokens import checked_life
from carrel.server.settings import Settings
from carrel.server.store import audit, tokens
from carrel.server.store.sessions import WriteSession
from carrel.server.store.tokens import NewToken, Token, TokenKind

CODE_LIFE: Final = timedelta(minutes=5)
CHALLENGE: Final = "challenge"


@dataclass(frozen=True)
class CliLogin:
    """A command line that wants to be signed in."""

    challenge: str
    """Only who has its verifier gets the token (core.code_exchange)."""
    title: str
    """What the token is called: the machine."""


def may_allow(actor: Actor) -> None:
    """Raise `not_allowed` for guests, and for who came with a token that makes no tokens."""
    demand(actor, Action.TOKEN_MANAGE, Resource(actor.user_id))


async def allow(actor: Actor, session: WriteSession, wanted: CliLogin) -> Secret:
    """A one-time code for this command line; it ends with the session that allowed it. Raises `not_allowed`."""
    may_allow(actor)
    new = NewToken(
        actor.user_id,
        TokenKind.CLI_CODE,
        wanted.title,
        actor.scopes,
        {CHALLENGE: wanted.challenge},
        parent_id=actor.token_id,
        life=CODE_LIFE,
    )
    code, token = await tokens.make(session, new)
    await audit.append(session, actor, "cli_login.allowed", f"token:{token.id}", {"title": wanted.title})
    return code


async def redeem(
    session: WriteSession, settings: Settings, code: Secret, verifier: Secret, request: Request
) -> tuple[Secret, Token] | None:
    """The personal token for a code; None where it is not valid, or shown with another verifier: it is used up then."""
    found = await tokens.take(session, code, TokenKind.CLI_CODE)
    if found is None:
        return None
    shown, user = found
    parent = await tokens.get(session, shown.parent_id)
    actor = await actor_of(session, user, parent, request) if parent is not None else None
    if actor is None or not hmac.compare_digest(challenge_of(verifier), shown.bound_to[CHALLENGE]):
        return None
    may_allow(actor)
    new = NewToken(user.id, TokenKind.PERSONAL, shown.title, scopes=shown.scopes, life=checked_life(settings, None))
    value, token = await tokens.make(session, new)
    detail = {"title": token.title, "with": "browser"}
    await audit.append(session, actor, "token.made", f"token:{token.id}", detail)
    return value, token


def refused() -> Problem:
    """The same words whatever is wrong."""
    return Problem(
        "not_authenticated",
        "The code is not valid, was used already, or is for another command line.",
        "Run `carrel login URL` again.",
    )
