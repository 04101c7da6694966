"""The control plane in memory, as the proxy knows it."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

from carrel.core.agent import SignalKind
from carrel.core.problems import Problem
from carrel.core.secret import Secret
from carrel.core.tickets import Ticket, read_ticket, sign_ticket
from carrel.links.access import Identity, IssuedTicket, NotRunning, Place, Revocation
from carrel.links.target import Target


class MemoryAuthority:
    """Knows labels, tickets, codes, targets and apps; records what it is asked."""

    def __init__(self) -> None:
        self.key = Secret(secrets.token_hex(32))
        self.places: dict[str, Place] = {}
        self.codes: dict[str, Ticket] = {}
        self.targets: dict[str, Target | NotRunning] = {}
        self.apps: dict[tuple[str, str], int | Problem] = {}
        self.epochs: dict[str, int] = {}
        self.activities: list[tuple[str, SignalKind, str]] = []
        self.started: list[tuple[str, str]] = []
        self.asked: list[str] = []
        self.revoked: asyncio.Queue[Revocation] = asyncio.Queue()
        self.reported = asyncio.Event()

    def ticket(self, host: str, workspace: str, user: str = "ana", life: timedelta = timedelta(hours=1)) -> Ticket:
        return Ticket(host, user, workspace, datetime.now(UTC) + life, self.epochs.get(user, 0))

    def cookie(self, host: str, workspace: str, user: str = "ana") -> str:
        return sign_ticket(self.ticket(host, workspace, user), self.key)

    def code(self, host: str, workspace: str, user: str = "ana") -> str:
        code = secrets.token_urlsafe(16)
        self.codes[code] = self.ticket(host, workspace, user)
        return code

    def revoke(self, user: str) -> None:
        self.epochs[user] = self.epochs.get(user, 0) + 1
        self.revoked.put_nowait(Revocation(user=user))

    async def resolve(self, label: str) -> Place | None:
        return self.places.get(label)

    async def authorise(self, ticket: str, host: str) -> Identity | None:
        self.asked.append("authorise")
        read = read_ticket(ticket, self.key, datetime.now(UTC))
        if read is None or read.host != host or read.epoch != self.epochs.get(read.user, 0):
            return None
        return Identity(read.user, read.workspace)

    async def redeem(self, code: str, host: str) -> IssuedTicket | None:
        ticket = self.codes.pop(code, None)
        if ticket is None or ticket.host != host:
            return None
        return IssuedTicket(sign_ticket(ticket, self.key), 3600)

    async def target(self, workspace: str) -> Target | NotRunning:
        self.asked.append("target")
        return self.targets[workspace]

    async def start_app(self, workspace: str, app: str) -> int:
        self.asked.append("start_app")
        if app.isdigit():
            return int(app)
        port = self.apps.get((workspace, app))
        if port is None:
            raise Problem("no_such_app", f"There is no app {app}.")
        if isinstance(port, Problem):
            raise port
        return port

    async def start(self, workspace: str, identity: Identity) -> None:
        self.started.append((workspace, identity.user))

    async def revocations(self) -> AsyncIterator[Revocation]:
        while True:
            yield await self.revoked.get()

    async def activity(self, workspace: str, kind: SignalKind, detail: str) -> None:
        self.activities.append((workspace, kind, detail))
        self.reported.set()
