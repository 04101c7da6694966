"""People with an account: made, given a role, disabled, let in by a link. There is always an owner left."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from carrel.core.access import Action, Actor, Resource, Role, demand
from carrel.core.problems import Problem
from carrel.server.settings import Settings
from carrel.server.store import audit, openings, passwords, shares, tokens, users
from carrel.server.store.sessions import ReadSession, WriteSession
from carrel.server.store.tokens import NewToken, TokenKind
from carrel.server.store.users import User, UserKind

INSTALLATION = Resource("")
LONGEST_LINK = timedelta(days=3)


async def list_users(actor: Actor, session: ReadSession) -> Sequence[User]:
    """Everybody for those who manage people; others see who has an account now, to share with them.

    Raises:
        Problem: `not_allowed` for guests.
    """
    demand(actor, Action.TOKEN_MANAGE, Resource(actor.user_id))
    found = await users.all_users(session)
    return found if manages(actor) else [user for user in found if user.disabled_at is None]


@dataclass(frozen=True)
class Known:
    """What those who manage people know besides."""

    have_password: frozenset[str]
    """Ids of users."""
    seen: Mapping[str, datetime]
    """By the id of the user."""


async def known_of_users(session: ReadSession) -> Known:
    """Of everybody; for those who manage people."""
    return Known(await passwords.who_have_one(session), await users.last_seen(session))


def manages(actor: Actor) -> bool:
    """Whether the actor manages people."""
    try:
        demand(actor, Action.USER_MANAGE, INSTALLATION)
    except Problem:
        return False
    return True


def _demand_manage(actor: Actor) -> None:
    if not manages(actor):
        raise Problem("not_allowed", f"{actor.name} does not manage people.", "Ask an administrator.")


async def add_user(
    actor: Actor, session: WriteSession, name: str, role: Role, kind: UserKind = UserKind.PERSON
) -> User:
    """Make an account; nobody can come with it before he has a login link, an invitation or (a service) a token.

    Raises:
        Problem: `not_allowed`, `bad_name`, `name_taken`, `bad_value`.
    """
    _demand_manage(actor)
    _check_role(actor, role)
    if name.casefold() == Role.GUEST:
        raise Problem("bad_name", "Guests are called `guest`; a user would be taken for one.", "Choose another name.")
    user = await users.insert(session, name, role, kind)
    await audit.append(session, actor, "user.added", f"user:{user.id}", {"name": user.name, "role": role, "kind": kind})
    return user


async def manageable(actor: Actor, session: ReadSession, id_or_name: str) -> User:
    """Somebody whom the actor manages; owners are managed by owners. Raises `not_found`, `not_allowed`."""
    _demand_manage(actor)
    user = await _found(session, id_or_name)
    if user.role is Role.OWNER:
        _check_role(actor, Role.OWNER)
    return user


async def change_user(
    actor: Actor,
    session: WriteSession,
    id_or_name: str,
    *,
    role: Role | None = None,
    disabled: bool | None = None,
    profile: Mapping[str, str] | None = None,
) -> User:
    """Give another role or profile, disable, or enable again. What a disabled user has open ends within seconds.

    Raises:
        Problem: `not_found`, `not_allowed`, `bad_value`, `wrong_state` (the last owner).
    """
    _demand_manage(actor)
    await users.lock_all(session)  # the last owner is counted, one change after the other
    user = await manageable(actor, session, id_or_name)
    wanted = replace(user, **checked_profile(profile or {}))
    if role is not None and role is not user.role:
        _check_role(actor, role)
        wanted = replace(wanted, role=role)
    if disabled is not None and disabled != (user.disabled_at is not None):
        if user.id == actor.user_id:
            raise Problem("bad_value", "Nobody disables themselves.", "Ask another administrator.")
        wanted = replace(wanted, disabled_at=session.now if disabled else None)
    if wanted == user:
        return user
    await _check_owner_left(session, user, wanted)
    await users.change(session, wanted)
    if wanted.disabled_at is not None:
        await tokens.remove_all(session, user.id)
        await shares.remove_of_user(session, user.id)
        await openings.remove_of_user(session, user.id)
    detail = {"role": wanted.role, "disabled": wanted.disabled_at is not None, "fields": sorted(profile or {})}
    await audit.append(session, actor, "user.changed", f"user:{user.id}", detail)
    return wanted


async def make_login_link(
    actor: Actor, session: WriteSession, settings: Settings, id_or_name: str, life: timedelta | None = None
) -> tuple[str, timedelta]:
    """A link that signs a browser in as this user, once; and how long it works.

    Raises:
        Problem: `not_found`, `not_allowed`, `bad_value`, `wrong_state` (disabled).
    """
    user = await manageable(actor, session, id_or_name)
    if user.kind is not UserKind.PERSON:
        hint = f"`carrel user token create {user.name}` makes its token."
        raise Problem("wrong_state", f"{user.name} is a service account: nobody signs in as it.", hint)
    if user.disabled_at is not None:
        raise Problem("wrong_state", f"{user.name} is disabled.", f"`carrel user enable {user.name}` first.")
    life = life or timedelta(seconds=settings.login_link_seconds)
    if not timedelta(minutes=1) <= life <= LONGEST_LINK:
        raise Problem("bad_value", "A login link works from a minute to three days.")
    code, token = await tokens.make(session, NewToken(user.id, TokenKind.LOGIN, "login link", life=life))
    await audit.append(session, actor, "login_link.made", f"token:{token.id}", {"user": user.name})
    return f"{settings.public_url}/login?code={code.reveal()}", life


# --- profiles --------------------------------------------------------------------------------------------------------


async def me(actor: Actor, session: ReadSession) -> User:
    """The actor's own account. Raises `not_allowed` for guests."""
    demand(actor, Action.TOKEN_MANAGE, Resource(actor.user_id))
    found = await users.get(session, actor.user_id)
    if found is None:
        raise Problem("not_authenticated")
    return found


async def change_me(actor: Actor, session: WriteSession, profile: Mapping[str, str]) -> User:
    """Another full name or e-mail address of one's own. Raises `not_allowed`, `bad_value`."""
    before = await me(actor, session)
    wanted = replace(before, **checked_profile(profile))
    if wanted != before:
        await users.change(session, wanted)
        await audit.append(session, actor, "user.changed", f"user:{before.id}", {"fields": sorted(profile)})
    return wanted


def checked_profile(profile: Mapping[str, str]) -> dict[str, Any]:
    """`full_name` and `email`, as far as they are there and acceptable. Raises `bad_value`."""
    stripped = {name: profile[name].strip() for name in ("full_name", "email") if name in profile}
    for name, most in (("full_name", 200), ("email", 320)):
        text = stripped.get(name, "")
        if len(text) > most or (text and not text.isprintable()):
            raise Problem("bad_value", f"{name}: one line of at most {most} characters.")
    email = stripped.get("email", "")
    if email and (email.count("@") != 1 or " " in email or email[0] == "@" or email[-1] == "@"):
        raise Problem("bad_value", f"email: {email[:80]!r} is no address.", "Write `ana@example.org`, or nothing.")
    return stripped


async def _found(session: ReadSession, id_or_name: str) -> User:
    found = await users.get(session, id_or_name) or await users.by_name(session, id_or_name)
    if found is None:
        raise Problem("not_found", f"There is no user {id_or_name[:80]!r}.", "`carrel user list` shows who there is.")
    return found


def _check_role(actor: Actor, role: Role) -> None:
    if role is Role.GUEST:
        raise Problem("bad_value", "A guest has no account.", "Make a guest link: `carrel guest-link NAME`.")
    if role is Role.OWNER and actor.role is not Role.OWNER:
        raise Problem("not_allowed", "Only an owner has to do with owners.")


async def _check_owner_left(session: ReadSession, user: User, wanted: User) -> None:
    is_owner = user.role is Role.OWNER and user.disabled_at is None
    stays = wanted.role is Role.OWNER and wanted.disabled_at is None
    if not is_owner or stays:
        return
    others = [
        one
        for one in await users.all_users(session)
        if one.role is Role.OWNER and one.disabled_at is None and one.id != user.id
    ]
    if not others:
        raise Problem("wrong_state", f"{user.name} is the last owner.", "Make another owner first.")
