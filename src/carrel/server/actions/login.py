"""Who asks: tokens and sessions, login links, and how a session is carried over to an app's host."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from carrel.core.access import Action, Actor, Resource, allows, demand
from carrel.core.problems import Problem
from carrel.core.secret import Secret
from carrel.core.workspace import Workspace
from carrel.server.settings import Settings
from carrel.server.store import audit, tokens, users, workspaces
from carrel.server.store.sessions import ReadSession, WriteSession
from carrel.server.store.tokens import NewToken, Token, TokenKind
from carrel.server.store.users import User

APP_CODE_LIFE = timedelta(seconds=60)
TICKET_LIFE = timedelta(hours=24)


@dataclass(frozen=True)
class Request:
    """From where somebody asks, for the audit."""

    request_id: str = ""
    address: str = ""


def actor_of(user: User, token: Token, request: Request = Request()) -> Actor:
    """The actor that a token makes of its user."""
    return Actor(
        user_id=user.id,
        name=user.name,
        role=user.role,
        scopes=token.scopes,
        token_id=token.id,
        request_id=request.request_id,
        address=request.address,
    )


async def authenticate(
    session: ReadSession, value: Secret, kind: TokenKind, request: Request
) -> tuple[Actor, Token] | None:
    """Who shows this token, or None."""
    found = await tokens.find(session, value, kind)
    if found is None:
        return None
    token, user = found
    return actor_of(user, token, request), token


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
    found = found or await tokens.find(session, value, TokenKind.PERSONAL)
    if found is None:
        hint = "Run `carrel login` on the server's machine for a fresh link."
        raise Problem("not_authenticated", "The code or token is not valid, or was used already.", hint=hint)
    shown, user = found
    new = NewToken(
        user.id,
        TokenKind.SESSION,
        title="browser",
        scopes=shown.scopes,
        life=timedelta(days=settings.session_days),
    )
    cookie, token = await tokens.make(session, new)
    actor = actor_of(user, token, request)
    await audit.append(session, actor, "session.begun", f"token:{token.id}", {"with": shown.kind})
    return cookie, actor


async def sign_out(actor: Actor, session: WriteSession) -> None:
    """End the session that the actor uses, and all that came from it."""
    if await tokens.remove(session, actor.user_id, actor.token_id):
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


async def make_app_code(actor: Actor, session: WriteSession, label: str, host: str) -> Secret:
    """A one-time code with which an app's host lets the actor's browser in.

    Args:
        actor: signed in with a session; the code dies with it.
        session: the transaction.
        label: the host's first label (core.urls).
        host: the whole host name, as the browser has it.

    Raises:
        Problem: `not_found`, also where the actor may not enter that workspace.
    """
    found = await workspaces.find_by_label(session, label)
    if found is None or not _may_enter(actor, found[0]):
        raise Problem("not_found", "You have no such workspace.")
    new = NewToken(
        actor.user_id,
        TokenKind.APP_CODE,
        scopes=actor.scopes,
        bound_to={"host": host, "workspace": found[0].id},
        parent_id=actor.token_id,
        life=APP_CODE_LIFE,
    )
    code, _ = await tokens.make(session, new)
    return code


async def redeem_app_code(session: WriteSession, code: Secret, host: str, request: Request) -> tuple[Secret, Ticket]:
    """The ticket (a cookie's value) for a one-time code. Raises `not_authenticated`."""
    found = await tokens.take(session, code, TokenKind.APP_CODE)
    if found is None or found[0].bound_to["host"] != host:
        raise Problem("not_authenticated", "The code is not valid, or was used already.")
    shown, user = found
    workspace = await workspaces.find(session, shown.bound_to["workspace"])
    actor = actor_of(user, shown, request)
    if workspace is None or not _may_enter(actor, workspace) or not await tokens.get(session, shown.parent_id):
        raise Problem("not_authenticated", "The workspace or the session is gone.")
    new = NewToken(
        user.id, TokenKind.TICKET, "app", shown.scopes, shown.bound_to, parent_id=shown.parent_id, life=TICKET_LIFE
    )
    ticket, token = await tokens.make(session, new)
    detail = {"host": host}
    await audit.append(session, actor, "app.entered", f"workspace:{workspace.id}", detail)
    return ticket, Ticket(actor_of(user, token, request), workspace, host)


async def check_ticket(session: ReadSession, value: Secret, host: str) -> Ticket | None:
    """What a ticket says on this host, or None where it is not valid there (any more)."""
    return (await check_tickets(session, [(value, host)]))[0]


async def check_tickets(session: ReadSession, shown: Sequence[tuple[Secret, str]]) -> list[Ticket | None]:
    """For each ticket and host what `check_ticket` says, with three queries for many."""
    found = await tokens.find_all(session, [value for value, _ in shown], TokenKind.TICKET)
    parents = await tokens.alive(session, (one[0].parent_id for one in found if one))
    entered = await workspaces.find_all(session, (one[0].bound_to["workspace"] for one in found if one))

    def check(one: tuple[Token, User] | None, host: str) -> Ticket | None:
        if one is None or one[0].bound_to["host"] != host or one[0].parent_id not in parents:
            return None
        actor, workspace = actor_of(one[1], one[0]), entered.get(one[0].bound_to["workspace"])
        return Ticket(actor, workspace, host) if workspace is not None and _may_enter(actor, workspace) else None

    return [check(one, host) for one, (_, host) in zip(found, shown, strict=True)]


def _may_enter(actor: Actor, workspace: Workspace) -> bool:
    return allows(actor, Action.WORKSPACE_USE, Resource(workspace.owner_id, workspace.project))


async def still_valid(session: ReadSession, actor: Actor) -> bool:
    """Whether the token that the actor came with still is: asked while a connection stays open."""
    if await tokens.get(session, actor.token_id) is None:
        return False
    user = await users.get(session, actor.user_id)
    return user is not None and user.role is actor.role
