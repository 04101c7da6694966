"""People with an account: made, given a role, disabled, let in by a link. There is always an owner left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from carrel.core.access import Action, Actor, Resource, Role, demand
from carrel.core.problems import Problem
from carrel.server.settings import Settings
from carrel.server.store import audit, openings, shares, tokens, users
from carrel.server.store.sessions import ReadSession, WriteSession
from carrel.server.store.tokens import NewToken, TokenKind
from carrel.server.store.users import User

INSTALLATION = Resource("")
LONGEST_LINK = timedelta(days=3)


async def list_users(actor: Actor, session: ReadSession) -> Sequence[User]:
    """Everybody for those who manage people; others see who has an account now, to share with them.

    Raises:
        Problem: `not_allowed` for guests.
    """
    demand(actor, Action.TOKEN_MANAGE, Resource(actor.user_id))
    found = await users.all_users(session)
    return found if _manages(actor) else [user for user in found if user.disabled_at is None]


def _manages(actor: Actor) -> bool:
    try:
        demand(actor, Action.USER_MANAGE, INSTALLATION)
    except Problem:
        return False
    return True


def _demand_manage(actor: Actor) -> None:
    if not _manages(actor):
        raise Problem("not_allowed", f"{actor.name} does not manage people.", "Ask an administrator.")


async def add_user(actor: Actor, session: WriteSession, name: str, role: Role) -> User:
    """Make an account; nobody can sign in with it before `make_login_link`.

    Raises:
        Problem: `not_allowed`, `bad_name`, `name_taken`, `bad_value`.
    """
    _demand_manage(actor)
    _check_role(actor, role)
    if name.casefold() == Role.GUEST:
        raise Problem("bad_name", "Guests are called `guest`; a user would be taken for one.", "Choose another name.")
    user = await users.insert(session, name, role)
    await audit.append(session, actor, "user.added", f"user:{user.id}", {"name": user.name, "role": role})
    return user


async def change_user(
    actor: Actor, session: WriteSession, id_or_name: str, *, role: Role | None = None, disabled: bool | None = None
) -> User:
    """Give another role, disable, or enable again. What a disabled user has open ends within seconds.

    Raises:
        Problem: `not_found`, `not_allowed`, `bad_value`, `wrong_state` (the last owner).
    """
    _demand_manage(actor)
    await users.lock_all(session)  # the last owner is counted, one change after the other
    user = await _found(session, id_or_name)
    if user.role is Role.OWNER:
        _check_role(actor, Role.OWNER)
    wanted = user
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
    detail = {"role": wanted.role, "disabled": wanted.disabled_at is not None}
    await audit.append(session, actor, "user.changed", f"user:{user.id}", detail)
    return wanted


async def make_login_link(
    actor: Actor, session: WriteSession, settings: Settings, id_or_name: str, life: timedelta | None = None
) -> tuple[str, timedelta]:
    """A link that signs a browser in as this user, once; and how long it works.

    Raises:
        Problem: `not_found`, `not_allowed`, `bad_value`, `wrong_state` (disabled).
    """
    _demand_manage(actor)
    user = await _found(session, id_or_name)
    if user.role is Role.OWNER:
        _check_role(actor, Role.OWNER)
    if user.disabled_at is not None:
        raise Problem("wrong_state", f"{user.name} is disabled.", f"`carrel user enable {user.name}` first.")
    life = life or timedelta(seconds=settings.login_link_seconds)
    if not timedelta(minutes=1) <= life <= LONGEST_LINK:
        raise Problem("bad_value", "A login link works from a minute to three days.")
    code, token = await tokens.make(session, NewToken(user.id, TokenKind.LOGIN, "login link", life=life))
    await audit.append(session, actor, "login_link.made", f"token:{token.id}", {"user": user.name})
    return f"{settings.public_url}/login?code={code.reveal()}", life


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
