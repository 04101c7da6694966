"""The control plane as proxy and gateway know it, in the same process (links/access.py has the interface)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from carrel.core.access import Action, Actor, Resource, Visibility, allows
from carrel.core.agent import Progress, SignalKind
from carrel.core.problems import Problem
from carrel.core.secret import Secret
from carrel.core.urls import AppAddress as AppName
from carrel.core.urls import app_label, app_of, label_of_host
from carrel.core.workspace import Workspace
from carrel.devcontainer.ports import attributes_of
from carrel.links.access import AppAddress, Held, Identity, IssuedTicket, NotRunning, Place, Revocation
from carrel.links.target import Target
from carrel.server.actions import goals, login
from carrel.server.actions.first_bytes import record_first_byte
from carrel.server.actions.openings import visibility_of
from carrel.server.live.presence import Presence
from carrel.server.live.targets import Targets
from carrel.server.settings import Settings
from carrel.server.store import environments, openings, shares, users, workspaces
from carrel.server.store.engine import Store
from carrel.server.store.projects import memberships
from carrel.server.store.sessions import ReadSession
from carrel.server.store.wakeups import ACCESS, WORKSPACES

APP_SECONDS = 30.0
"""How long a request waits for an app that is being started, before it is told how far it is."""


@dataclass(frozen=True)
class ServerAuthority:
    """Answers from the store, and from agents over links."""

    store: Store
    settings: Settings
    targets: Targets

    async def resolve(self, label: str) -> Place | None:
        """Which app a host label means."""
        async with self.store.reading() as session:
            found = await workspaces.find_by_label(session, label)
        return None if found is None else Place(found[0].id, found[1], found[0].name)

    async def authorise(self, ticket: str, host: str) -> Identity | None:
        """Who holds this ticket for this host."""
        async with self.store.reading() as session:
            if not ticket:
                return await self._anybody(session, host)
            found = await login.check_ticket(session, self.settings, Secret(ticket), self._name(host))
        return None if found is None else _identity(found)

    async def _anybody(self, session: ReadSession, host: str) -> Identity | None:
        """Who comes without a ticket: let in where the port, or the app, is public."""
        label = label_of_host(host, self.settings.apps_domain) or ""
        app = app_of(label)
        opened = {(one.workspace_id, one.app): one for one in await openings.public(session, app)}
        for workspace in (await workspaces.find_all(session, (one for one, _ in opened))).values():
            if app_label(AppName(app, workspace.name, workspace.owner)) != label:
                continue
            if visibility_of(self.settings, workspace, app, opened) is Visibility.PUBLIC:
                return _anybody_in(workspace.id)
        return None

    async def still_held(self, held: Sequence[Held]) -> list[bool]:
        """Whether each ticket is still good, for the same person; whether what is open to anybody still is."""
        with_ticket = [one for one in held if one.ticket]
        shown = [(Secret(one.ticket), self._name(one.host)) for one in with_ticket]
        async with self.store.reading() as session:
            tickets = await login.check_tickets(session, self.settings, shown)
            public = await self._public(session, {one.identity.workspace for one in held if not one.ticket})
        good = {
            one
            for one, ticket in zip(with_ticket, tickets, strict=True)
            if ticket and _identity(ticket) == one.identity
        }
        return [one in good if one.ticket else (one.identity.workspace, app_of(one.host)) in public for one in held]

    async def _public(self, session: ReadSession, workspace_ids: set[str]) -> set[tuple[str, str]]:
        """What of these workspaces is public, by workspace and app."""
        opened = await openings.of_workspaces(session, workspace_ids)
        found = await workspaces.find_all(session, workspace_ids)
        return {
            (workspace, app)
            for workspace, app in opened
            if workspace in found and visibility_of(self.settings, found[workspace], app, opened) is Visibility.PUBLIC
        }

    async def redeem(self, code: str, host: str) -> IssuedTicket | None:
        """Exchange a one-time code for a ticket."""
        try:
            async with self.store.writing() as session:
                value, _ = await login.redeem_app_code(
                    session, self.settings, Secret(code), self._name(host), login.Request()
                )
        except Problem as problem:
            if problem.kind == "not_authenticated":
                return None
            raise
        return IssuedTicket(value.reveal(), int(login.TICKET_LIFE.total_seconds()))

    async def target(self, workspace: str) -> Target | NotRunning:
        """Where the workspace's agent is, or why there is none."""
        return await self.targets.target(await self._find(workspace))

    async def start_app(self, workspace: str, app: str) -> AppAddress:
        """The address of an app that answers."""
        found = await self._find(workspace)
        if app.isdigit() and 0 < int(app) < 65536:
            return AppAddress(int(app), await self._speaks_tls(found, app))
        link = await self.targets.link(found)
        answer = await link.control.request("app.start", timeout_seconds=90, name=app, wait_seconds=APP_SECONDS)
        if answer["app"]["state"] == Progress.RUNNING:
            raise Problem("app_starting", answer["app"]["detail"])
        return AppAddress(int(answer["app"]["port"] if "app" in answer else answer["port"]))

    async def _speaks_tls(self, workspace: Workspace, port: str) -> bool:
        """Whether the configuration says so of the port's number, or else the agent, who has asked the program itself."""
        async with self.store.reading() as session:
            stored = await environments.get(session, workspace.id, workspace.remembered.resolved)
        attributes = dict(stored.plan["agent"]["ports"]) if stored is not None else {}
        others = attributes.pop("*", None)
        named = attributes_of(port, attributes, others).get("protocol")
        return named == "https" if named else await self._is_seen_to_speak_tls(workspace, int(port))

    async def _is_seen_to_speak_tls(self, workspace: Workspace, port: int) -> bool:
        try:
            status = await (await self.targets.link(workspace)).control.status()
        except Problem:
            return False  # who connects is told why
        return any(one.port == port and one.protocol == "https" for one in status.ports)

    async def start(self, workspace: str, identity: Identity) -> None:
        """Ask for the goal `run`, because this person pressed the button."""
        async with self.store.writing() as session:
            user = await users.get(session, identity.user)
            if user is None or user.disabled_at is not None or not identity.may_start:
                raise Problem("not_allowed", "You may not start this workspace.", "Ask its owner.")
            given, projects = await shares.of_users(session, [user.id]), await memberships(session, [user.id])
            actor = Actor(user.id, user.name, user.role, projects.get(user.id, {}), given.get(user.id, {}))
            await goals.start(actor, session, self.settings, workspace)

    async def revocations(self) -> AsyncIterator[Revocation]:
        """Workspaces that stopped running, or run as another start, under another name or owner; what was taken away."""
        wakeups = self.store.wakeups
        async with wakeups.listen(WORKSPACES, ACCESS) as bell, wakeups.listen(ACCESS) as taken:
            known = await self._running()
            yield Revocation(is_unnamed=True)
            while True:
                await bell.wait()
                if taken.rung:
                    await taken.wait()
                    yield Revocation(is_unnamed=True)
                now = await self._running()
                for workspace, state in known.items():
                    if now.get(workspace) != state:
                        yield Revocation(workspace=workspace)
                known = now

    async def present(self, identity: Identity, how: str) -> None:
        """Tell the agent, and the workspace's people where somebody came in."""
        if identity.user:
            presence = Presence(self.store, self.targets)
            await presence.tell(await self._find(identity.workspace), identity.user, identity.name, how)

    async def activity(self, workspace: str, kind: SignalKind, detail: str) -> None:
        """Hand the evidence to the agent, which keeps the ledger."""
        link = await self.targets.link(await self._find(workspace))
        await link.control.request("signal", kind=kind, detail=detail)

    async def first_byte(self, workspace: str, app: str, asked: datetime, answered: datetime) -> None:
        """Add it to the timeline."""
        async with self.store.writing() as session:
            await record_first_byte(session, workspace, app, asked, answered)

    def _name(self, host: str) -> str:
        """The host name that codes and tickets are bound to: without port, case-folded."""
        label = label_of_host(host, self.settings.apps_domain)
        return f"{label}.{self.settings.apps_domain}" if label else ""

    async def _find(self, workspace: str) -> Workspace:
        async with self.store.reading() as session:
            found = await workspaces.find(session, workspace)
        if found is None:
            raise Problem("not_found", "The workspace is gone.")
        return found

    async def _running(self) -> dict[str, tuple[object, ...]]:
        async with self.store.reading() as session:
            return await workspaces.running(session)


def _identity(ticket: login.Ticket) -> Identity:
    may = [
        allows(ticket.actor, action, Resource.of(ticket.workspace))
        for action in (Action.WORKSPACE_USE, Action.WORKSPACE_START)
    ]
    return Identity(ticket.actor.user_id, ticket.workspace.id, ticket.actor.name, *may)


def _anybody_in(workspace_id: str) -> Identity:
    return Identity("", workspace_id, may_use=False, may_start=False)
