"""Local accounts: signing in with a password, choosing one, invitations; no transaction is open while one is hashed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from carrel.core.access import Action, Actor, Resource, Role, demand
from carrel.core.passwords import check_password
from carrel.core.problems import Problem, too_many_requests
from carrel.core.secret import Secret
from carrel.server.actions import login
from carrel.server.actions import users as people
from carrel.server.settings import Settings
from carrel.server.store import audit, passwords, tokens, users
from carrel.server.store.sessions import ReadSession, WriteSession
from carrel.server.store.tokens import NewToken, TokenKind
from carrel.server.store.users import User, UserKind

INVITE_LIFE = timedelta(days=3)
LONGEST_INVITE = timedelta(days=14)


def demand_passwords(settings: Settings) -> None:
    """Raise `not_allowed` where this server takes none."""
    if not settings.password_sign_in:
        hint = "Sign in in another way; it is the setting `password_sign_in`."
        raise Problem("not_allowed", "This server takes no passwords.", hint)


def refused() -> Problem:
    """The one answer to who may not sign in, whatever the reason: it tells a stranger nothing."""
    hint = (
        "After several wrong passwords none is taken for up to five minutes. An administrator makes a fresh invitation."
    )
    return Problem("not_authenticated", "Name and password do not fit, or none is taken just now.", hint)


@dataclass(frozen=True)
class Attempt:
    """What a password is checked against."""

    user_id: str = ""
    hash: str = ""
    """Empty: whatever is typed is wrong; it takes as long."""


async def attempt_of(session: ReadSession, name: str, address: str) -> Attempt:
    """What the password of this user, who comes from this address, is checked against."""
    user = await users.by_name(session, name)
    stored = await passwords.get(session, user.id) if user is not None else None
    if user is None or stored is None or not await _may_try(session, user, stored, address):
        return Attempt()
    return Attempt(user.id, stored.hash)


async def _may_try(session: ReadSession, user: User, stored: passwords.StoredPassword, address: str) -> bool:
    """Not while it is locked, but from where he is signed in already: nobody else can keep him out there."""
    if user.disabled_at is not None or user.kind is not UserKind.PERSON:
        return False
    if stored.locked_until is None or stored.locked_until <= session.now:
        return True
    mine = await tokens.of_user(session, user.id, TokenKind.SESSION)
    return any(one.bound_to.get("address") == address and _is_own(one, session) for one in mine)


def _is_own(token: tokens.Token, session: ReadSession) -> bool:
    return login.SHARE not in token.bound_to and (token.expires_at is None or token.expires_at > session.now)


async def finish(
    session: WriteSession,
    settings: Settings,
    attempt: Attempt,
    rehashed: str | None,
    request: login.Request,
) -> tuple[Secret, Actor] | None:
    """The session of whoever gave the right password; None: it was wrong, which is counted.

    Args:
        session: the transaction.
        settings: how long a session lasts.
        attempt: what was tried.
        rehashed: None: it was wrong; else the password's hash with new parameters, empty: the old one is good.
        request: from where.
    """
    user = await users.get(session, attempt.user_id) if attempt.user_id else None
    stored = await passwords.get(session, attempt.user_id) if user is not None else None
    if user is None or stored is None:
        return None
    is_good = rehashed is not None and stored.hash == attempt.hash
    if not is_good or not await _may_try(session, user, stored, request.address):
        if await passwords.record_failure(session, user.id):
            stranger = Actor("", user.name, Role.GUEST, request_id=request.request_id, address=request.address)
            await audit.append(session, stranger, "password.locked", f"user:{user.id}", outcome=audit.Outcome.REFUSED)
        return None
    await passwords.record_success(session, user.id)
    if rehashed:
        await passwords.rehash(session, stored, rehashed)
    return await login.begin_session(session, settings, user, request, "password")


# --- choosing ----------------------------------------------------------------------------------------------------------


async def own_hash(actor: Actor, session: ReadSession, settings: Settings) -> str:
    """What the old password is checked against; empty: there is none yet.

    Raises:
        Problem: `not_allowed` for guests, service accounts and tokens that may not do everything.
    """
    demand_passwords(settings)
    demand(actor, Action.TOKEN_MANAGE, Resource(actor.user_id))
    user = await users.get(session, actor.user_id)
    if user is None or user.kind is not UserKind.PERSON or actor.scopes:
        raise Problem("not_allowed", "Only a person who is signed in chooses a password.", "Sign in in a browser.")
    stored = await passwords.get(session, user.id)
    if stored is None:
        return ""
    if stored.locked_until is not None and stored.locked_until > session.now:
        wait = (stored.locked_until - session.now).total_seconds()
        raise too_many_requests("Wrong passwords were given several times.", wait)
    return stored.hash


async def choose(actor: Actor, session: WriteSession, hashed: str, old_hash: str) -> None:
    """Store the actor's new password: his other browsers are signed out. Raises `wrong_state`: it was changed meanwhile."""
    stored = await passwords.get(session, actor.user_id)
    if (stored.hash if stored else "") != old_hash:
        raise Problem("wrong_state", "The password was changed just now.", "Try again with the new one.")
    await passwords.put(session, actor.user_id, hashed)
    await tokens.remove_of_kinds(session, actor.user_id, TokenKind.SESSION, TokenKind.INVITE, but=actor.token_id)
    await audit.append(session, actor, "password.changed", f"user:{actor.user_id}")


async def record_wrong_old(session: WriteSession, user_id: str) -> None:
    """The old password was wrong: it counts as when signing in."""
    await passwords.record_failure(session, user_id)


# --- invitations -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Invite:
    """An invitation to make."""

    user: str
    life: timedelta | None = None
    reset: bool = False
    """What the user has now, password, sessions and tokens, ends at once."""


async def make_invite(actor: Actor, session: WriteSession, settings: Settings, wanted: Invite) -> tuple[str, timedelta]:
    """A link with which a person chooses a password, once; an earlier one is over. And how long it works.

    Raises:
        Problem: `not_found`, `not_allowed`, `bad_value`, `wrong_state` (disabled, a service account).
    """
    demand_passwords(settings)
    user = await people.manageable(actor, session, wanted.user)
    if user.kind is not UserKind.PERSON:
        hint = f"`carrel user token create {user.name}` makes its token."
        raise Problem("wrong_state", f"{user.name} is a service account: nobody signs in as it.", hint)
    if user.disabled_at is not None:
        raise Problem("wrong_state", f"{user.name} is disabled.", f"`carrel user enable {user.name}` first.")
    life = wanted.life or INVITE_LIFE
    if not timedelta(minutes=1) <= life <= LONGEST_INVITE:
        raise Problem("bad_value", "An invitation works from a minute to two weeks.")
    await tokens.remove_of_kinds(session, user.id, TokenKind.INVITE)
    if wanted.reset:
        await passwords.remove(session, user.id)
        await tokens.remove_of_kinds(session, user.id, TokenKind.SESSION, TokenKind.PERSONAL, TokenKind.LOGIN)
    code, token = await tokens.make(session, NewToken(user.id, TokenKind.INVITE, "invitation", life=life))
    detail = {"user": user.name, "reset": wanted.reset}
    await audit.append(session, actor, "invite.made", f"token:{token.id}", detail)
    return f"{settings.public_url}/invite#{code.reveal()}", life


async def invited(session: ReadSession, settings: Settings, code: Secret) -> User:
    """Whose invitation this is. Raises `not_authenticated`, in the same words whatever is wrong."""
    demand_passwords(settings)
    found = await tokens.find(session, code, TokenKind.INVITE)
    if found is None:
        raise Problem("not_authenticated", "The invitation is over, or was used.", "Ask for a fresh one.")
    return found[1]


async def accept_invite(
    session: WriteSession, settings: Settings, code: Secret, hashed: str, request: login.Request
) -> tuple[Secret, Actor]:
    """Use the invitation up: its user has this password now, and a session; earlier sessions are over."""
    found = await tokens.take(session, code, TokenKind.INVITE)
    if found is None:
        raise Problem("not_authenticated", "The invitation is over, or was used.", "Ask for a fresh one.")
    user = found[1]
    await passwords.put(session, user.id, hashed)
    await tokens.remove_of_kinds(session, user.id, TokenKind.SESSION, TokenKind.INVITE)
    cookie, actor = await login.begin_session(session, settings, user, request, "invite")
    await audit.append(session, actor, "password.changed", f"user:{user.id}", {"with": "invite"})
    return cookie, actor


def checked(user: User, text: str) -> Secret:
    """A password that this user may choose. Raises `bad_value`."""
    return check_password(text, user.name, user.full_name, user.email.partition("@")[0])
