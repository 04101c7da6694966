"""Signing in through the identity provider: who it is, an account for who has none, what his groups give."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import structlog

from carrel.core.access import Action, Actor, Resource, Role, demand
from carrel.core.problems import Problem
from carrel.core.secret import Secret
from carrel.server.actions import login
from carrel.server.oidc.groups import Standing, parse_rules, standing
from carrel.server.oidc.person import Person, numbered
from carrel.server.settings import Settings
from carrel.server.store import audit, identities, projects, users
from carrel.server.store.identities import Identity
from carrel.server.store.sessions import ReadSession, WriteSession
from carrel.server.store.users import User, UserKind

log = structlog.get_logger(__name__)
HOW = "oidc"
MOST_NUMBERED = 1000
ASK = "Ask an administrator of this server."


@dataclass(frozen=True)
class Return:
    """Somebody who came back from the provider."""

    person: Person
    state: str
    """Of the sign-in that is finished by this."""


async def sign_in(
    session: WriteSession, settings: Settings, back: Return, request: login.Request
) -> tuple[Secret, Actor]:
    """A browser session for whoever the provider says it is; the identity is issuer and subject, and nothing else.

    Raises:
        Problem: `identity_refused`: finished already, not in a required group, disabled, no account and none is made.
    """
    await identities.finish(session, back.state)
    _check_groups(settings, back.person)
    identity = await identities.find(session, back.person.issuer, back.person.subject)
    user = await users.get(session, identity.user_id) if identity is not None else None
    if identity is None or user is None:
        user = await _new_user(session, settings, back.person, request)
    else:
        await identities.touch(session, identity, back.person.email)
    if user.disabled_at is not None:
        raise Problem("identity_refused", f"The account {user.name} is disabled.", ASK)
    user = await _apply(session, settings, user, back.person, request)
    return await login.begin_session(session, settings, user, request, HOW)


def _check_groups(settings: Settings, person: Person) -> None:
    if settings.oidc_required_groups and not person.groups & set(settings.oidc_required_groups):
        raise Problem("identity_refused", "You are in none of the groups that may use this server.", ASK)


async def _new_user(session: WriteSession, settings: Settings, person: Person, request: login.Request) -> User:
    if not settings.oidc_create_users:
        why = f"No account here is linked to your identity{f' ({person.email})' if person.email else ''}."
        raise Problem("identity_refused", why, f"{ASK} Who has an account signs in with it, and links the identity.")
    name = await _free_name(session, person.wished_name)
    made = await users.insert(session, name, Role(settings.oidc_role))
    user = replace(made, full_name=person.full_name, email=person.email)
    await users.change(session, user)
    new = Identity(person.issuer, person.subject, user.id, person.email, session.now, session.now)
    await identities.link(session, new)
    actor = _as_actor(user, request)
    detail = {"name": user.name, "role": user.role, "kind": user.kind, "with": HOW}
    await audit.append(session, actor, "user.added", f"user:{user.id}", detail)
    return user


async def _free_name(session: ReadSession, wished: str) -> str:
    """The wished name or that with a number: a name that is taken is somebody else's, whatever the provider says."""
    for name in (wished, *(numbered(wished, n) for n in range(2, MOST_NUMBERED))):
        if await users.by_name(session, name) is None:
            return name
    raise Problem("identity_refused", f"No name like {wished!r} is free.", ASK)


async def _apply(session: WriteSession, settings: Settings, user: User, person: Person, request: login.Request) -> User:
    """What the groups give now. An owner stays one: else a mistake in the provider would leave nobody to mend it."""
    now = standing(parse_rules(settings.oidc_groups), person.groups, Role(settings.oidc_role))
    actor = _as_actor(user, request)
    if now.role is not None and now.role is not user.role and user.role is not Role.OWNER:
        user = replace(user, role=now.role)
        await users.change(session, user)
        detail = {"role": user.role, "disabled": False, "with": "groups"}
        await audit.append(session, actor, "user.changed", f"user:{user.id}", detail)
    await _apply_memberships(session, user, now, actor)
    return user


async def _apply_memberships(session: WriteSession, user: User, now: Standing, actor: Actor) -> None:
    wanted: dict[tuple[str, str], Role] = {}
    for (project, domain), role in (now.memberships or {}).items():
        if await projects.get(session, project) is None:
            log.warning("group_names_unknown_project", project=project)
            continue
        await projects.ensure(session, project)
        wanted[project, domain] = role
    changed = await identities.set_group_memberships(session, user.id, wanted)
    for (project, domain), given in changed.items():
        detail = {"user": user.name, "domain": domain, "with": "groups"}
        if given is None:
            await projects.close_what_he_opened(session, project, domain, user.id)
            await audit.append(session, actor, "member.removed", f"project:{project}", detail)
        else:
            await audit.append(session, actor, "member.put", f"project:{project}", detail | {"role": given})


def _as_actor(user: User, request: login.Request) -> Actor:
    return Actor(user.id, user.name, user.role, request_id=request.request_id, address=request.address)


# --- one's own identities ------------------------------------------------------------------------------------------------


async def may_link(actor: Actor, session: ReadSession) -> None:
    """Raise `not_allowed` unless the actor is a person who may do everything that he may."""
    demand(actor, Action.TOKEN_MANAGE, Resource(actor.user_id))
    user = await users.get(session, actor.user_id)
    if user is None or user.kind is not UserKind.PERSON or actor.scopes:
        raise Problem("not_allowed", "Only a person who is signed in links an identity.", "Sign in in a browser.")


async def link(actor: Actor, session: WriteSession, back: Return) -> None:
    """Let the actor sign in through the provider from now on: he began this himself, signed in.

    Raises:
        Problem: `not_allowed`; `identity_refused`: it is an account's already, or this was finished before.
    """
    await may_link(actor, session)
    await identities.finish(session, back.state)
    person = back.person
    new = Identity(person.issuer, person.subject, actor.user_id, person.email, session.now)
    await identities.link(session, new)
    await audit.append(
        session, actor, "identity.linked", f"user:{actor.user_id}", {"issuer": person.issuer, "id": new.id}
    )


async def own(actor: Actor, session: ReadSession) -> Sequence[Identity]:
    """The actor's."""
    return await identities.of_user(session, actor.user_id)


async def unlink(actor: Actor, session: WriteSession, identity_id: str) -> None:
    """Nobody signs in with it any more. Raises `not_found`."""
    await may_link(actor, session)
    found = next((one for one in await identities.of_user(session, actor.user_id) if one.id == identity_id), None)
    if found is None:
        raise Problem("not_found", "You have no such identity.", hint="")
    await identities.unlink(session, found)
    detail = {"issuer": found.issuer, "id": found.id}
    await audit.append(session, actor, "identity.unlinked", f"user:{actor.user_id}", detail)
