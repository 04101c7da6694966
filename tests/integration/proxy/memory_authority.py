"""The control plane in memory, as the proxy knows it."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from carrel.core.agent import SignalKind
from carrel.core.problems import Problem
from carrel.links.access import AppAddress, Held, Identity, IssuedTicket, NotRunning, Place, Revocation
from carrel.links.target import Target


@dataclass(frozen=True)
class Ticket:
    """Who may reach which host until when."""

    host: str
    user: str
    workspace: str
    expires: datetime


class MemoryAuthority:
    """Knows labels, tickets, codes, targets and apps; records what it is asked."""

    def __init__(self) -> None:
        self.places: dict[str, Place] = {}
        self.public: set[Place] = set()
        self.codes: dict[str, Ticket] = {}
        self.targets: dict[str, Target | NotRunning] = {}
        self.apps: dict[tuple[str, str], int | Problem] = {}
        self.tls_ports: set[int] = set()
        self.tickets: dict[str, Ticket] = {}
        self.activities: list[tuple[str, SignalKind, str]] = []
        self.people: list[tuple[Identity, str]] = []
        self.started: list[tuple[str, str]] = []
        self.first_bytes: list[tuple[str, str, datetime, datetime]] = []
        self.asked: list[str] = []
        self.revoked: asyncio.Queue[Revocation] = asyncio.Queue()
        self.reported = asyncio.Event()

    def cookie(self, host: str, workspace: str, user: str = "ana", life: timedelta = timedelta(hours=1)) -> str:
        value = secrets.token_urlsafe(32)
        self.tickets[value] = Ticket(host, user, workspace, datetime.now(UTC) + life)
        return value

    def code(self, host: str, workspace: str, user: str = "ana") -> str:
        code = secrets.token_urlsafe(16)
        self.codes[code] = Ticket(host, user, workspace, datetime.now(UTC))
        return code

    def close_to_anybody(self, place: Place) -> None:
        self.public.discard(place)
        self.revoked.put_nowait(Revocation(is_unnamed=True))

    def revoke(self, user: str) -> None:
        self.tickets = {value: ticket for value, ticket in self.tickets.items() if ticket.user != user}
        self.revoked.put_nowait(Revocation(user=user))

    async def resolve(self, label: str) -> Place | None:
        return self.places.get(label)

    async def authorise(self, ticket: str, host: str) -> Identity | None:
        self.asked.append("authorise")
        if not ticket:
            place = self.places.get(host.partition(".")[0])
            return Identity("", place.workspace, may_use=False) if place and place in self.public else None
        read = self.tickets.get(ticket)
        if read is None or read.host != host or read.expires < datetime.now(UTC):
            return None
        return Identity(read.user, read.workspace)

    async def still_held(self, held: Sequence[Held]) -> list[bool]:
        return [await self.authorise(one.ticket, one.host) == one.identity for one in held]

    async def redeem(self, code: str, host: str) -> IssuedTicket | None:
        ticket = self.codes.pop(code, None)
        if ticket is None or ticket.host != host:
            return None
        return IssuedTicket(self.cookie(host, ticket.workspace, ticket.user), 3600)

    async def target(self, workspace: str) -> Target | NotRunning:
        self.asked.append("target")
        return self.targets[workspace]

    async def start_app(self, workspace: str, app: str) -> AppAddress:
        self.asked.append("start_app")
        if app.isdigit():
            return AppAddress(int(app), int(app) in self.tls_ports)
        port = self.apps.get((workspace, app))
        if port is None:
            raise Problem("no_such_app", f"There is no app {app}.")
        if isinstance(port, Problem):
            raise port
        return AppAddress(port)

    async def start(self, workspace: str, identity: Identity) -> None:
        self.started.append((workspace, identity.user))

    async def revocations(self) -> AsyncIterator[Revocation]:
        self.revoked.put_nowait(Revocation(is_unnamed=True))
        while True:
            yield await self.revoked.get()

    async def present(self, identity: Identity, how: str) -> None:
        self.people.append((identity, how))

    async def activity(self, workspace: str, kind: SignalKind, detail: str) -> None:
        self.activities.append((workspace, kind, detail))
        self.reported.set()

    async def first_byte(self, workspace: str, app: str, asked: datetime, answered: datetime) -> None:
        self.first_bytes.append((workspace, app, asked, answered))
