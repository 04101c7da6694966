"""Who comes by SSH with a key or a certificate, and where a login name leads him."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from carrel.core.access import Action, Actor, Resource, Role, Share, allows
from carrel.core.names import MAX_NAME_LENGTH
from carrel.core.problems import Problem
from carrel.core.workspace import Goal, Workspace
from carrel.links.visits import Destination, Visit
from carrel.server.actions.public_keys import fingerprint_of, is_certificate
from carrel.server.actions.ssh_certificates import as_token, is_ours
from carrel.server.store import audit, shares, ssh_keys, tokens, users, workspaces
from carrel.server.store.projects import memberships
from carrel.server.store.sessions import ReadSession, WriteSession
from carrel.server.store.tokens import TokenKind
from carrel.server.store.users import User

JUMP: Final = "carrel"
"""The login name of the gateway itself; no workspace can have it (core.names)."""
MAX_LOGIN: Final = 2 * MAX_NAME_LENGTH + 2


@dataclass(frozen=True)
class Comer:
    """Who shows a key."""

    user: User
    actor: Actor
    """With what others gave him, and the restrictions of the certificate's token."""


async def comers(session: ReadSession, lines: Sequence[str], authority: str) -> dict[str, Comer]:
    """For each key or certificate whose holder may come in, who that is: a few queries for many.

    Args:
        session: one view of the database.
        lines: OpenSSH lines, as clients show them.
        authority: the public key of the installation's user CA.
    """
    certificates = [line for line in lines if is_certificate(line) and is_ours(line, authority)]
    found: dict[str, tuple[User, frozenset[object]]] = {}
    rows = await tokens.find_all(session, [as_token(line) for line in certificates], TokenKind.CERTIFICATE)
    parents = await tokens.alive(session, (row[0].parent_id for row in rows if row))
    for line, row in zip(certificates, rows, strict=True):
        if row is not None and row[0].parent_id in parents:
            found[line] = (row[1], row[0].scopes)
    fingerprints = {line: fingerprint_of(line) for line in lines if not is_certificate(line)}
    held = await ssh_keys.holders(session, filter(None, fingerprints.values()))
    found |= {line: (held[one][1], frozenset()) for line, one in fingerprints.items() if one in held}
    ids = {user.id for user, _ in found.values()}
    given, projects = await shares.of_users(session, ids), await memberships(session, ids)
    return {
        line: Comer(user, _actor(user, scopes, given.get(user.id, {}), projects.get(user.id, {})))
        for line, (user, scopes) in found.items()
    }


def _actor(
    user: User, scopes: frozenset[object], given: Mapping[str, Share], projects: Mapping[tuple[str, str], Role]
) -> Actor:
    return Actor(user.id, user.name, user.role, projects, given, scopes)  # type: ignore[arg-type]


async def visit(session: ReadSession, login: str, key: str, authority: str) -> Visit | None:
    """Who shows this key and where he goes; None: nobody who may come in."""
    found = (await comers(session, [key], authority)).get(key)
    if found is None:
        return None
    return await destined(session, found, login, key)


async def came_in(session: WriteSession, visit: Visit, address: str) -> None:
    """Somebody proved who he is: the audit has it, and his key was used."""
    actor = Actor(visit.user, visit.name, Role.DEVELOPER, address=address[:64])
    how = "certificate" if is_certificate(visit.key) else "key"
    fingerprint = fingerprint_of(visit.key)
    detail = {"destination": visit.destination.value, "with": how, "fingerprint": fingerprint}
    subject = f"workspace:{visit.workspace}" if visit.workspace else f"user:{visit.user}"
    outcome = audit.Outcome.REFUSED if visit.destination is Destination.UNKNOWN else audit.Outcome.DONE
    await audit.append(session, actor, "ssh.entered", subject, detail, outcome)
    if fingerprint:
        await ssh_keys.touch(session, fingerprint)


async def record_entry(actor: Actor, session: WriteSession, workspace: Workspace, how: str) -> None:
    """Somebody came in by the API: `terminal main`, `command`, `ssh`, `port-forward`, `files`."""
    await audit.append(session, actor, "workspace.entered", f"workspace:{workspace.id}", {"how": how})


async def destined(session: ReadSession, comer: Comer, login: str, key: str) -> Visit:
    """Where a login name leads somebody: a workspace that does not exist and one that is not his are alike."""
    user = comer.user
    workspace = await _workspace(session, comer.actor, login)
    if workspace is not None:
        may_start = allows(comer.actor, Action.WORKSPACE_START, Resource.of(workspace))
        starts = may_start and (await users.preferences(session, user.id)).start_on_connect
        return Visit(login, key, user.id, user.name, Destination.WORKSPACE, workspace.id, workspace.name, starts)
    is_jump = login.casefold() in {JUMP, user.name}
    return Visit(login, key, user.id, user.name, Destination.JUMP if is_jump else Destination.UNKNOWN)


async def _workspace(session: ReadSession, actor: Actor, login: str) -> Workspace | None:
    name, dashes, owner = login.partition("--")
    if len(login) > MAX_LOGIN or not login.isascii() or (dashes and not owner):
        return None
    try:
        found = await workspaces.get(session, actor, name, owner or actor.name)
    except Problem:
        return None
    return found if _leads(actor, found, login) else None


def _leads(actor: Actor, workspace: Workspace, login: str) -> bool:
    """Whether the login name means this workspace, and the actor may be in it."""
    name, _, owner = login.casefold().partition("--")
    if name != workspace.name or (owner or actor.name) != workspace.owner or workspace.goal is Goal.DELETE:
        return False
    return allows(actor, Action.WORKSPACE_USE, Resource.of(workspace))


async def still_let_in(session: ReadSession, visits: Sequence[Visit], authority: str) -> list[bool]:
    """For each, whether it would lead the same person to the same place now."""
    coming = await comers(session, list({one.key for one in visits}), authority)
    entered = await workspaces.find_all(session, (one.workspace for one in visits if one.workspace))

    def check(one: Visit) -> bool:
        comer = coming.get(one.key)
        if comer is None or comer.user.id != one.user:
            return False
        if one.destination is not Destination.WORKSPACE:
            return True
        workspace = entered.get(one.workspace)
        return workspace is not None and _leads(comer.actor, workspace, one.login)

    return [check(one) for one in visits]
