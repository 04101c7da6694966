"""Sharing a workspace: with another user, or by a link with whoever has it, for a time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from carrel.core.access import Action, Actor, Level, Resource, Role, allows, demand, may_be_opened
from carrel.core.events import Event
from carrel.core.problems import Problem
from carrel.core.secret import Secret
from carrel.core.workspace import Goal, Workspace
from carrel.server.settings import Settings
from carrel.server.store import audit, events, shares, tokens, users, workspaces
from carrel.server.store.sessions import ReadSession, WriteSession
from carrel.server.store.shares import NewShare, StoredShare
from carrel.server.store.tokens import NewToken, TokenKind

DEFAULT_GUEST = timedelta(hours=2)
SHORTEST = timedelta(minutes=1)
LONGEST = timedelta(days=365)
MOST_PORTS = 32
MOST_SHARES = 100
"""Of one workspace."""
MAX_TITLE = 30


@dataclass(frozen=True)
class Gift:
    """What is to be given of a workspace."""

    level: Level
    user: str = ""
    """The user's name; empty: whoever has the link."""
    ports: frozenset[int] = frozenset()
    title: str = ""
    """Of a guest link: for whom."""
    life: timedelta | None = None
    """None: a guest link as long as is usual, another share until it is taken away."""


async def share(
    actor: Actor, session: WriteSession, settings: Settings, id_or_name: str, gift: Gift
) -> tuple[StoredShare, str]:
    """Give a workspace to a user, in the place of what he was given before, or make a guest link.

    Returns:
        The share, and the address of a guest link, which is shown this once.

    Raises:
        Problem: `not_found` (also: there is no such user), `not_allowed`, `bad_value`, `over_quota`, `wrong_state`.
    """
    workspace = await workspaces.lock(session, actor, id_or_name)
    demand(actor, Action.WORKSPACE_SHARE, Resource.of(workspace))
    if workspace.goal is Goal.DELETE:
        raise Problem("wrong_state", f"{workspace.name} is in the trash.")
    _check(gift)
    before = await shares.of_one(session, workspace.id)
    if len(before) >= MOST_SHARES:
        raise Problem("over_quota", f"{workspace.name} has {MOST_SHARES} shares already.", "Take some away first.")
    if not gift.user:
        return await _guest_link(actor, session, settings, workspace, gift)
    user = await users.by_name(session, gift.user)
    if user is None or user.disabled_at is not None:
        raise Problem("not_found", f"There is no user {gift.user[:80]!r}.", "`carrel user list` shows who there is.")
    if user.id == workspace.owner_id:
        raise Problem("bad_value", f"{workspace.name} is {user.name}'s own.")
    if user.role is Role.AUDITOR:
        raise Problem("not_allowed", f"{user.name} is an auditor, who enters nothing.", "Give another role first.")
    new = NewShare(workspace.id, gift.level, actor.user_id, user.id, gift.ports, "", _end(session.now, gift.life))
    stored = await shares.put(session, new)
    await _record(actor, session, stored, user.name)
    return stored, ""


def _check(gift: Gift) -> None:
    if len(gift.ports) > MOST_PORTS or any(not 0 < port < 65536 for port in gift.ports):
        raise Problem("bad_value", f"ports: at most {MOST_PORTS} numbers from 1 to 65535.")
    closed = sorted(port for port in gift.ports if not may_be_opened(str(port)))
    if closed:
        raise Problem("not_allowed", f"Port {closed[0]} is kept for the platform's own.", "Name another port.")
    if gift.life is not None and not SHORTEST <= gift.life <= LONGEST:
        raise Problem("bad_value", "A share lasts from a minute to a year.", "Give `expires_in_seconds`, or nothing.")
    if len(gift.title) > MAX_TITLE or (gift.title and not gift.title.isprintable()):
        raise Problem("bad_value", f"title: at most {MAX_TITLE} printable characters.")


async def _guest_link(
    actor: Actor, session: WriteSession, settings: Settings, workspace: Workspace, gift: Gift
) -> tuple[StoredShare, str]:
    most = timedelta(hours=settings.guest_link_max_hours)
    if not most:
        hint = "It is the setting `guest_link_max_hours`; ask an administrator."
        raise Problem("not_allowed", "This server makes no guest links.", hint)
    life = gift.life or min(DEFAULT_GUEST, most)
    if life > most:
        hint = "It is the setting `guest_link_max_hours`; ask an administrator."
        raise Problem("not_allowed", f"A guest link lasts at most {settings.guest_link_max_hours} hours.", hint)
    end = session.now + life
    new = NewShare(workspace.id, gift.level, actor.user_id, "", gift.ports, gift.title.strip(), end)
    stored = await shares.put(session, new)
    bound_to = {"share": stored.id}
    token = NewToken(actor.user_id, TokenKind.GUEST, "guest link", bound_to=bound_to, parent_id=stored.id, life=life)
    value, _ = await tokens.make(session, token)
    await _record(actor, session, stored, "")
    return stored, guest_url(settings, value)


def guest_url(settings: Settings, token: Secret) -> str:
    """Where a guest's browser goes: the token is behind `#`, which no browser sends and no log has."""
    return f"{settings.public_url}/guest#{token.reveal()}"


def _end(now: datetime, life: timedelta | None) -> datetime | None:
    return None if life is None else now + life


async def _record(actor: Actor, session: WriteSession, stored: StoredShare, user: str) -> None:
    detail = {
        "share": stored.id,
        "user": user,
        "guest": stored.title if stored.is_guest_link else None,
        "level": stored.level.value,
        "ports": sorted(stored.ports),
        "until": stored.expires_at.isoformat() if stored.expires_at else None,
    }
    await audit.append(session, actor, "workspace.shared", f"workspace:{stored.workspace_id}", detail)
    await events.append(session, stored.workspace_id, [Event("shared", detail | {"by": actor.name})])


async def list_shares(actor: Actor, session: ReadSession, id_or_name: str) -> list[StoredShare]:
    """To whom a workspace is given: for its owner, and those who look after it. Raises `not_found`, `not_allowed`."""
    workspace = await workspaces.get(session, actor, id_or_name)
    _demand_look_after(actor, workspace)
    return await shares.of_one(session, workspace.id)


async def unshare(actor: Actor, session: WriteSession, id_or_name: str, share_id: str) -> None:
    """Take a share away; who was given it may give it back, too. What is open by it ends within seconds.

    Raises:
        Problem: `not_found`, `not_allowed`.
    """
    workspace = await workspaces.lock(session, actor, id_or_name)
    stored = await shares.get(session, workspace.id, share_id)
    if stored is None or stored.user_id != actor.user_id:
        _demand_look_after(actor, workspace)
    if stored is None:
        raise Problem("not_found", "There is no such share.", "`carrel share NAME` lists them.")
    await shares.remove(session, workspace.id, stored.id)
    detail = {"share": stored.id, "user": stored.user, "guest": stored.title if stored.is_guest_link else None}
    await audit.append(session, actor, "workspace.unshared", f"workspace:{workspace.id}", detail)
    await events.append(session, workspace.id, [Event("unshared", detail | {"by": actor.name})])


def _demand_look_after(actor: Actor, workspace: Workspace) -> None:
    resource = Resource.of(workspace)
    if not allows(actor, Action.WORKSPACE_CHANGE, resource):
        demand(actor, Action.WORKSPACE_SHARE, resource)
