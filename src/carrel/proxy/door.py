"""Who may pass: tickets and labels, looked up at the authority and remembered for a short time."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Final

import structlog

from carrel.core.problems import Problem
from carrel.links.access import Authority, Held, Identity, Place, Revocation
from carrel.proxy.head import RequestHead
from carrel.proxy.rewrite import COOKIE_PREFIX, HOST_COOKIE_PREFIX, cookie_values

REMEMBER_SECONDS: Final = 5.0
MOST_REMEMBERED: Final = 20_000
MOST_COOKIES_TRIED: Final = 4
_LISTEN_AGAIN_SECONDS: Final = 1.0

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Admitted:
    """A person in front of an app that is his to use; or anybody, in front of a public one."""

    place: Place
    identity: Identity
    host: bytes = b""
    ticket: bytes = b""
    """What he was admitted with; empty: nothing, as anybody is."""

    @property
    def is_anybody(self) -> bool:
        """Whether nothing is known of who it is."""
        return not self.ticket


class Door:
    """Admits by ticket, and anybody to what is public. A revocation is effective at once; where revocations cannot be heard, nothing is remembered."""

    def __init__(self, authority: Authority, *, secure: bool) -> None:
        self._authority = authority
        self.cookie = (HOST_COOKIE_PREFIX if secure else COOKIE_PREFIX) + b"ticket"
        self._admitted: dict[tuple[bytes, bytes], tuple[float, Admitted]] = {}
        self._listening = False
        self._on_revocation: list[Callable[[Revocation], None]] = []

    @property
    def hears(self) -> bool:
        """Whether revocations are heard now."""
        return self._listening

    def on_revocation(self, tell: Callable[[Revocation], None]) -> None:
        """Have `tell` called for everything that is revoked."""
        self._on_revocation.append(tell)

    def remembered(self, request: RequestHead) -> Admitted | None:
        """Who was admitted with this request's ticket, or without any, a short time ago."""
        for ticket in self._tickets(request) or (b"",):
            entry = self._admitted.get((request.host, ticket))
            if entry is not None and entry[0] > time.monotonic():
                return entry[1]
        return None

    async def admit(self, request: RequestHead, label: str) -> Admitted | None:
        """Ask the authority; None: there is no valid ticket for this host, nor is it public, or no such app."""
        tickets = self._tickets(request)
        for ticket in tickets:
            admitted = await self._ask(request, label, ticket)
            if admitted is not None:
                return self._remember(ticket, admitted)
        admitted = await self._ask(request, label, b"")
        return None if admitted is None else self._remember(tickets[0] if tickets else b"", admitted)

    async def admit_anybody(self, request: RequestHead, label: str) -> Admitted | None:
        """As one who has no ticket, whatever the request carries; None: it is not public."""
        entry = self._admitted.get((request.host, b""))
        if entry is not None and entry[0] > time.monotonic():
            return entry[1]
        admitted = await self._ask(request, label, b"")
        return None if admitted is None else self._remember(b"", admitted)

    def _tickets(self, request: RequestHead) -> list[bytes]:
        return [value for value in cookie_values(request, self.cookie) if value][:MOST_COOKIES_TRIED]

    async def _ask(self, request: RequestHead, label: str, ticket: bytes) -> Admitted | None:
        identity = await self._authority.authorise(ticket.decode("latin-1"), request.host.decode("latin-1"))
        if identity is None:
            return None
        place = await self._authority.resolve(label)
        if place is None or place.workspace != identity.workspace:
            return None
        return Admitted(place, identity, request.host, ticket)

    def _remember(self, shown: bytes, admitted: Admitted) -> Admitted:
        """Keep for a short time who was let in with what he showed; nothing while revocations are not heard."""
        if self._listening:
            if len(self._admitted) >= MOST_REMEMBERED:
                self._admitted.clear()
            self._admitted[admitted.host, shown] = (time.monotonic() + REMEMBER_SECONDS, admitted)
        return admitted

    async def lost(self, admitted: Collection[Admitted]) -> list[Admitted]:
        """Those whose tickets let them in no longer, who are forgotten; none where that cannot be told now."""
        held = {one: Held(one.ticket.decode("latin-1"), one.host.decode("latin-1"), one.identity) for one in admitted}
        try:
            good = await self._authority.still_held(list(held.values()))
        except Problem:
            return []
        gone = {one for one, is_good in zip(held, good, strict=True) if not is_good}
        for shown in [shown for shown, (_, one) in self._admitted.items() if one in gone]:
            del self._admitted[shown]
        return list(gone)

    async def listen(self) -> None:
        """Follow revocations until cancelled."""
        while True:
            try:
                async for revocation in self._authority.revocations():
                    self._listening = True
                    self._revoke(revocation)
            except Problem as problem:
                log.warning("revocations_lost", detail=problem.detail)
            except Exception:
                log.exception("revocations_lost")
            finally:
                self._listening = False
                self._admitted.clear()
            await asyncio.sleep(_LISTEN_AGAIN_SECONDS)

    def _revoke(self, revocation: Revocation) -> None:
        for key, (_, admitted) in list(self._admitted.items()):
            if revocation.is_unnamed or matches(revocation, admitted):
                del self._admitted[key]
        for tell in self._on_revocation:
            with contextlib.suppress(Exception):
                tell(revocation)


def matches(revocation: Revocation, admitted: Admitted) -> bool:
    """Whether a revocation concerns this person in this workspace."""
    return revocation.user in {"", admitted.identity.user} and revocation.workspace in {"", admitted.place.workspace}
