"""Who asks: tokens and sessions, login links, and how a session is carried over to an app's host."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from carrel.core.access import Action, Actor, Resource, Role, Share, demand, opens
from carrel.core.problems import Problem
from carrel.core.secret import Secret
from carrel.core.urls import app_of
from carrel.core.workspace import Goal, Workspace
from carrel.server.actions.openings import visibility_of
from carrel.server.settings import Settings
from carrel.server.store import audit, openings, tokens, users, workspaces
from carrel.server.store import shares as rows
from carrel.server.store.projects import memberships
from carrel.server.store.sessions import ReadSession, WriteSession
from carrel.server.store.tokens import NewToken, Token, TokenKind
from carrel.server.store.users import User

APP_CODE_LIFE = timedelta(seconds=60)
TICKET_LIFE = timedelta(hours=24)
SHARE = "share"
"""In what a guest's token is bound to: the id of the share."""


@dataclass(frozen=True)
class Request:
    """From where somebody asks, for the audit."""

    request_id: str = ""
    address: str = ""
    agent: str = ""
    """What the browser or program says that it is."""


async def actor_of(session: ReadSession, user: User, token: Token, request: Request = Request()) -> Actor | None:
    """The actor that a token makes of its user, with what others gave him; None: the guest's link is over."""
    return (await actors_of(session, [(user, token)], request))[0]


async def actors_of(
    session: ReadSession, found: Sequence[tuple[User, Token]], request: Request = Request()
) -> list[Actor | None]:
    """For each user and token what `actor_of` says, with three queries for many."""
    projects = await memberships(session, (user.id for user, token in found if SHARE not in token.bound_to))
    shares = await rows.of_users(session, (user.id for user, token in found if SHARE not in token.bound_to))
    links = await rows.guest_links(session, (token.bound_to[SHARE] for _, token in found if SHARE in token.bound_to))
    return [_actor(user, token, request, _Given(projects, shares, links)) for user, token in found]


@dataclass(frozen=True)
class _Given:
    """What some people have besides their roles in the installation."""

    projects: Mapping[str, Mapping[tuple[str, str], Role]]
    shares: Mapping[str, Mapping[str, Share]]
    links: Mapping[str, rows.StoredShare]


def _actor(user: User, token: Token, request: Request, having: _Given) -> Actor | None:
    actor = Actor(
        user_id=user.id,
        name=user.name,
        role=user.role,
        projects=having.projects.get(user.id, {}),
        shares=having.shares.get(user.id, {}),
        scopes=token.scopes,
        token_id=token.id,
        request_id=request.request_id,
        address=request.address,
    )
    if SHARE not in token.bound_to:
        return actor
    link = having.links.get(token.bound_to[SHARE])
    if link is None:
        return None
    given = {link.workspace_id: link.share}
    guest = replace(actor, user_id=link.id, name=guest_name(link), role=Role.GUEST, scopes=frozenset())
    return replace(guest, projects={}, shares=given)


def guest_name(link: rows.StoredShare) -> str:
    """What a guest is called; no user's name has a space."""
    return f"guest {link.title}" if link.title else "guest"


async def authenticate(
    session: ReadSession, value: Secret, kind: TokenKind, request: Request
) -> tuple[Actor, Token] | None:
    """Who shows this token, or None."""
    found = await tokens.find(session, value, kind)
    actor = await actor_of(session, found[1], found[0], request) if found is not None else None
    return None if found is None or actor is None else (actor, found[0])


async def actor_now(session: ReadSession, actor: Actor) -> Actor | None:
    """The actor as his token makes him now; None: it is over, or he is not what he was. Asked of open connections."""
    token = await tokens.get(session, actor.token_id)
    user = await users.get(session, token.user_id) if token is not None else None
    if token is None or user is None:
        return None
    now = await actor_of(session, user, token, Request(actor.request_id, actor.address))
    return now if now is not None and now.role is actor.role else None


# --- sign in, sign out ---------------------------------------------------------------------------------------------


async def make_login_link(actor: Actor, session: WriteSession, settings: Settings) -> str:
    """A link that signs a browser in as the actor, once, within a few minutes."""
    demand(actor, Action.TOKEN_MANAGE, Resource(actor.user_id))
    life = timedelta(seconds=settings.login_link_seconds)
    new = NewToken(actor.user_id, TokenKind.LOGIN, "login link", scopes=actor.scopes, life=life)
    code, token = await tokens.make(session, new)
    await audit.append(session, actor, "login_link.made", f"token:{token.id}")
    return f"{settings.public_url}/login?code={code.reveal()}"


async def sign_in(session: WriteSession, settings: Settings, value: Secret, request: Request) -> tuple[Secret, Actor]:
    """A browser session for a one-time code or a personal token.

    Raises:
        Problem: `not_authenticated`, in the same words whatever is wrong.
    """
    found = await tokens.take(session, value, TokenKind.LOGIN)
    found = found or await tokens.find(session, value, TokenKind.PERSONAL, TokenKind.GUEST)
    if found is None:
        hint = "Run `carrel login` on the server's machine for a fresh link."
        raise Problem("not_authenticated", "The code or token is not valid, or was used already.", hint=hint)
    shown, user = found
    life = timedelta(days=settings.session_days)
    new = NewToken(user.id, TokenKind.SESSION, "browser", shown.scopes, shown.bound_to, life=life)
    if shown.kind is TokenKind.GUEST:  # its sessions live as long as the link, and are the link's
        left = shown.expires_at - session.now if shown.expires_at else life
        new = replace(new, title="guest", parent_id=shown.parent_id, life=min(left, life))
    return await _begin(session, user, new, request, shown.kind)


async def begin_session(
    session: WriteSession, settings: Settings, user: User, request: Request, how: str
) -> tuple[Secret, Actor]:
    """A browser session of somebody who proved who he is.

    Args:
        session: the transaction.
        settings: how long it lasts.
        user: who it is, not disabled.
        request: from where; kept, so that he knows his sessions.
        how: `password`, `invite`, `oidc`: for the audit.
    """
    new = NewToken(user.id, TokenKind.SESSION, "browser", life=timedelta(days=settings.session_days))
    return await _begin(session, user, new, request, how)


async def _begin(session: WriteSession, user: User, new: NewToken, request: Request, how: str) -> tuple[Secret, Actor]:
    where = {"address": request.address, "agent": request.agent[:200]}
    cookie, token = await tokens.make(session, replace(new, bound_to=new.bound_to | where))
    actor = await actor_of(session, user, token, request)
    if actor is None:
        raise Problem("not_authenticated", "The guest link is over.", "Ask for a fresh one.")
    await audit.append(session, actor, "session.begun", f"token:{token.id}", {"with": how})
    return cookie, actor


async def sign_out(actor: Actor, session: WriteSession) -> None:
    """End the session that the actor uses, and all that came from it."""
    token = await tokens.get(session, actor.token_id)
    if token is not None and await tokens.remove(session, token.user_id, token.id):
        await audit.append(session, actor, "session.ended", f"token:{actor.token_id}")


# --- personal tokens -----------------------------------------------------------------------------------------------


async def make_token(actor: Actor, session: WriteSession, new: NewToken) -> tuple[Secret, Token]:
    """A personal token of the actor's; its scopes are never wider than those of the token that asks."""
    demand(actor, Action.TOKEN_MANAGE, Resource(actor.user_id))
    if actor.scopes and not (new.scopes and new.scopes <= actor.scopes):
        raise Problem("not_allowed", "A token cannot make one that may do more than itself.")
    value, token = await tokens.make(session, new)
    await audit.append(session, actor, "token.made", f"token:{token.id}", {"title": token.title})
    return value, token


async def revoke_token(actor: Actor, session: WriteSession, token_id: str) -> None:
    """Revoke one of the actor's own tokens or sessions. Raises `not_found`."""
    demand(actor, Action.TOKEN_MANAGE, Resource(actor.user_id))
    if not await tokens.remove(session, actor.user_id, token_id):
        raise Problem("not_found", "You have no such token.", hint="")
    await audit.append(session, actor, "token.revoked", f"token:{token_id}")


# --- apps ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Ticket:
    """What a ticket on an app's host says."""

    actor: Actor
    workspace: Workspace
    host: str


async def make_app_code(actor: Actor, session: WriteSession, settings: Settings, label: str, host: str) -> Secret:
    """A one-time code with which an app's host lets the actor's browser in.

    Args:
        actor: signed in with a session; the code dies with it.
        session: the transaction.
        settings: the ceiling of what is opened to others.
        label: the host's first label (core.urls).
        host: the whole host name, as the browser has it.

    Raises:
        Problem: `not_found`, also where the actor may not open that app or port.
    """
    found = await workspaces.find_by_label(session, label)
    if found is None or not await _opens(session, settings, actor, found[0], found[1]):
        raise Problem("not_found", "You have no such workspace.")
    session_token = await tokens.get(session, actor.token_id)
    if session_token is None:
        raise Problem("not_authenticated")
    bound_to = session_token.bound_to | {"host": host, "workspace": found[0].id}
    new = NewToken(
        session_token.user_id,
        TokenKind.APP_CODE,
        scopes=actor.scopes,
        bound_to=bound_to,
        parent_id=actor.token_id,
        life=APP_CODE_LIFE,
    )
    code, _ = await tokens.make(session, new)
    return code


async def redeem_app_code(
    session: WriteSession, settings: Settings, code: Secret, host: str, request: Request
) -> tuple[Secret, Ticket]:
    """The ticket (a cookie's value) for a one-time code. Raises `not_authenticated`."""
    found = await tokens.take(session, code, TokenKind.APP_CODE)
    if found is None or found[0].bound_to["host"] != host:
        raise Problem("not_authenticated", "The code is not valid, or was used already.")
    shown, user = found
    workspace = await workspaces.find(session, shown.bound_to["workspace"])
    actor = await actor_of(session, user, shown, request)
    parent = await tokens.get(session, shown.parent_id)
    may_enter = (
        workspace is not None and actor is not None and await _opens(session, settings, actor, workspace, app_of(host))
    )
    if workspace is None or actor is None or parent is None or not may_enter:
        raise Problem("not_authenticated", "The workspace or the session is gone.")
    new = NewToken(
        user.id, TokenKind.TICKET, "app", shown.scopes, shown.bound_to, parent_id=shown.parent_id, life=TICKET_LIFE
    )
    ticket, token = await tokens.make(session, new)
    await audit.append(session, actor, "app.entered", f"workspace:{workspace.id}", {"host": host})
    return ticket, Ticket(replace(actor, token_id=token.id), workspace, host)


async def check_ticket(session: ReadSession, settings: Settings, value: Secret, host: str) -> Ticket | None:
    """What a ticket says on this host, or None where it is not valid there (any more)."""
    return (await check_tickets(session, settings, [(value, host)]))[0]


async def check_tickets(
    session: ReadSession, settings: Settings, shown: Sequence[tuple[Secret, str]]
) -> list[Ticket | None]:
    """For each ticket and host what `check_ticket` says, with seven queries for many."""
    found = await tokens.find_all(session, [value for value, _ in shown], TokenKind.TICKET)
    good = [one for one in found if one is not None]
    parents = await tokens.alive(session, (token.parent_id for token, _ in good))
    entered = await workspaces.find_all(session, (token.bound_to["workspace"] for token, _ in good))
    actors = await actors_of(session, [(user, token) for token, user in good])
    by_token = {token.id: actor for (token, _), actor in zip(good, actors, strict=True)}
    opened = await openings.of_workspaces(session, entered)

    def check(one: tuple[Token, User] | None, host: str) -> Ticket | None:
        if one is None or one[0].bound_to["host"] != host or one[0].parent_id not in parents:
            return None
        actor, workspace = by_token[one[0].id], entered.get(one[0].bound_to["workspace"])
        if actor is None or workspace is None or workspace.goal is Goal.DELETE:
            return None
        visibility = visibility_of(settings, workspace, app_of(host), opened)
        is_open = opens(actor, Resource.of(workspace), app_of(host), visibility)
        return Ticket(actor, workspace, host) if is_open else None

    return [check(one, host) for one, (_, host) in zip(found, shown, strict=True)]


async def _opens(session: ReadSession, settings: Settings, actor: Actor, workspace: Workspace, app: str) -> bool:
    opened = await openings.of_workspaces(session, [workspace.id])
    return opens(actor, Resource.of(workspace), app, visibility_of(settings, workspace, app, opened))


async def still_valid(session: ReadSession, actor: Actor) -> bool:
    """Whether the actor is what he was, with all that was given to him: asked while a stream stays open."""
    now = await actor_now(session, actor)
    return now is not None and now.shares == actor.shares and now.projects == actor.projects
