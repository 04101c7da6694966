"""Tokens and sessions: those of service accounts, how long a token may live, which sessions one has, signing out everywhere."""

from __future__ import annotations

from datetime import timedelta

from carrel.core.access import Action, Actor, Resource, demand
from carrel.core.problems import Problem
from carrel.core.secret import Secret
from carrel.server.actions.login import SHARE
from carrel.server.actions.users import manageable
from carrel.server.settings import Settings
from carrel.server.store import audit, tokens
from carrel.server.store.sessions import ReadSession, WriteSession
from carrel.server.store.tokens import NewToken, Token, TokenKind
from carrel.server.store.users import UserKind


def checked_life(settings: Settings, life: timedelta | None) -> timedelta | None:
    """How long a token lives that is asked for with this life; None: until it is revoked. Raises `bad_value`."""
    if not settings.token_max_days:
        return life
    most = timedelta(days=settings.token_max_days)
    if life is not None and life > most:
        hint = "It is the setting `token_max_days`."
        raise Problem("bad_value", f"A token lives at most {settings.token_max_days} days on this server.", hint)
    return life or most


# --- of others -------------------------------------------------------------------------------------------------------


async def tokens_of(actor: Actor, session: ReadSession, id_or_name: str) -> list[Token]:
    """A user's tokens and sessions, for those who manage people. Raises `not_found`, `not_allowed`."""
    user = await manageable(actor, session, id_or_name)
    found = await tokens.of_user(session, user.id, TokenKind.PERSONAL, TokenKind.SESSION)
    return [one for one in found if SHARE not in one.bound_to]


async def make_service_token(
    actor: Actor, session: WriteSession, id_or_name: str, new: NewToken
) -> tuple[Secret, Token]:
    """A token of a service account; a person makes his own. Raises `not_found`, `not_allowed`, `wrong_state`."""
    user = await manageable(actor, session, id_or_name)
    if user.kind is not UserKind.SERVICE:
        raise Problem("wrong_state", f"{user.name} is a person, who makes tokens himself.", "`carrel token create`.")
    if user.disabled_at is not None:
        raise Problem("wrong_state", f"{user.name} is disabled.", f"`carrel user enable {user.name}` first.")
    if actor.scopes and not (new.scopes and new.scopes <= actor.scopes):
        raise Problem("not_allowed", "A token cannot make one that may do more than itself.")
    made = NewToken(user.id, TokenKind.PERSONAL, new.title, new.scopes, life=new.life)
    value, token = await tokens.make(session, made)
    detail = {"title": token.title, "user": user.name}
    await audit.append(session, actor, "token.made", f"token:{token.id}", detail)
    return value, token


async def revoke_of(actor: Actor, session: WriteSession, id_or_name: str, token_id: str) -> None:
    """Revoke a token of somebody else, or end his session. Raises `not_found`, `not_allowed`."""
    user = await manageable(actor, session, id_or_name)
    if not await tokens.remove(session, user.id, token_id):
        raise Problem("not_found", f"{user.name} has no such token.", f"`carrel user token list {user.name}`.")
    await audit.append(session, actor, "token.revoked", f"token:{token_id}", {"user": user.name})


# --- sessions --------------------------------------------------------------------------------------------------------


async def own_sessions(actor: Actor, session: ReadSession) -> list[Token]:
    """Where the actor is signed in, the newest first. Raises `not_allowed` for guests."""
    demand(actor, Action.TOKEN_MANAGE, Resource(actor.user_id))
    found = await tokens.of_user(session, actor.user_id, TokenKind.SESSION)
    return [one for one in found if SHARE not in one.bound_to and (not one.expires_at or one.expires_at > session.now)]


async def end_session(actor: Actor, session: WriteSession, session_id: str) -> None:
    """End one of the actor's sessions, with all that came from it. Raises `not_found`."""
    if session_id not in {one.id for one in await own_sessions(actor, session)}:
        raise Problem("not_found", "You have no such session.", "It may have ended by itself.")
    await tokens.remove(session, actor.user_id, session_id)
    await audit.append(session, actor, "session.ended", f"token:{session_id}")


async def sign_out_everywhere(actor: Actor, session: WriteSession, *, keep_this: bool) -> int:
    """End all of the actor's sessions, or all but the one that is used for this; how many."""
    demand(actor, Action.TOKEN_MANAGE, Resource(actor.user_id))
    keep = actor.token_id if keep_this else ""
    ended = await tokens.remove_of_kinds(session, actor.user_id, TokenKind.SESSION, TokenKind.LOGIN, but=keep)
    await audit.append(session, actor, "session.ended", f"user:{actor.user_id}", {"all": True, "count": ended})
    return ended
