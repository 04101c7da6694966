"""What was refused is in the audit, too: recorded from where problems are answered, so much and no more.

A stranger must not fill the disk with refusals, nor drown those that matter: of each address and of each user so many
are written a minute, of all strangers so many a minute and a day. What is left out is counted, and the count is a row.
"""

from __future__ import annotations

import ipaddress
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import structlog
from starlette.requests import HTTPConnection

from carrel.core.access import Actor, Role
from carrel.core.problems import Problem
from carrel.server.actions import refusals as actions
from carrel.server.actions.refusals import Refusal

log = structlog.get_logger(__name__)
A_MINUTE: Final = 10
"""Rows of one address or one user."""
STRANGERS_A_MINUTE: Final = 60
STRANGERS_A_DAY: Final = 5_000
ALL_A_MINUTE: Final = 300
MOST_KNOWN: Final = 10_000
MOST_NAMED: Final = 20
"""Who is named in a row about what was left out."""

ALWAYS = frozenset({"not_allowed", "over_quota", "bad_origin", "identity_refused"})
ENTRANCES = frozenset(
    {
        "attach_terminal",
        "download",
        "enter_app",
        "exec_in_workspace",
        "list_folder",
        "ssh_to_workspace",
        "transfer",
        "tunnel_to_port",
        "upload",
    }
)
"""The routes that lead into a workspace: to be told that there is none is a refusal, too."""
SIGN_INS = frozenset(
    {
        "accept_invite",
        "come_back_from_provider",
        "exchange_cli_code",
        "follow_login_link",
        "sign_in",
        "sign_in_with_password",
    }
)
NAMING = ("workspace", "user", "project", "label")
"""Parts of a path that say on what; others may be a secret that somebody took for a name."""


@dataclass(frozen=True)
class LeftOut:
    """Refusals that were not written."""

    count: int
    by: dict[str, int]


class Refusals:
    """What was written in this minute and on this day; in memory: another server counts for itself (ADR 0040)."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Nothing was written."""
        self._clock = clock
        self._minute = self._day = -1
        self._written: Counter[str] = Counter()
        self._left_out: Counter[str] = Counter()
        self._all = self._strangers = self._strangers_today = 0

    def is_due(self, key: str, *, is_stranger: bool) -> bool:
        """Whether a refusal of this user or address is to be written; then it counts as written."""
        self._turn()
        is_full = self._all >= ALL_A_MINUTE or self._written[key] >= A_MINUTE
        if is_stranger:
            is_full |= self._strangers >= STRANGERS_A_MINUTE or self._strangers_today >= STRANGERS_A_DAY
        if is_full or len(self._written) > MOST_KNOWN:
            self._left_out[key if len(self._left_out) < MOST_KNOWN else "others"] += 1
            return False
        self._written[key] += 1
        self._all += 1
        self._strangers += is_stranger
        self._strangers_today += is_stranger
        return True

    def left_out(self) -> LeftOut | None:
        """What was not written in minutes that are over, once; None: nothing, or this minute still runs."""
        before = self._minute
        self._turn()
        if not self._left_out or before == self._minute:
            return None
        return self._take()

    def _take(self) -> LeftOut:
        counted, self._left_out = self._left_out, Counter()
        return LeftOut(counted.total(), dict(counted.most_common(MOST_NAMED)))

    def _turn(self) -> None:
        now = self._clock()
        if int(now // 86400) != self._day:
            self._day, self._strangers_today = int(now // 86400), 0
        if int(now // 60) != self._minute:
            self._minute, self._all, self._strangers = int(now // 60), 0, 0
            self._written.clear()


async def refused(connection: HTTPConnection, problem: Problem) -> None:
    """Record that this was answered, where it is a refusal; what goes wrong then changes no answer."""
    refusal = refusal_of(connection, problem)
    if refusal is None:
        return
    parts = connection.app.state.parts
    actor = refusal.actor
    key = actor.name if actor.user_id else _network(actor.address)
    missed = parts.refusals.left_out()
    is_due = parts.refusals.is_due(key, is_stranger=not actor.user_id)
    if not is_due and missed is None:
        return
    try:
        async with parts.store.writing() as session:
            if missed is not None:
                await actions.record_left_out(session, missed.count, missed.by)
            if is_due:
                await actions.record(session, refusal)
    except Problem as error:
        log.warning("refusal_not_recorded", kind=error.kind, refused=problem.kind)


def refusal_of(connection: HTTPConnection, problem: Problem) -> Refusal | None:
    """What the audit has of a problem that is answered; None: it is no refusal."""
    state = connection.scope.get("state", {})
    operation = getattr(connection.scope.get("endpoint"), "__name__", "")
    actor: Actor | None = state.get("actor")
    is_entrance = operation in ENTRANCES
    match problem.kind:
        case kind if kind in ALWAYS:
            pass
        case "not_found" if is_entrance and actor is not None:
            pass
        case "not_authenticated" | "too_many_requests" if operation in SIGN_INS:
            pass
        case "not_authenticated" if connection.headers.get("authorization"):
            pass
        case _:
            return None
    action = f"request.{operation}"
    if is_entrance:
        action = "app.entered" if operation == "enter_app" else "workspace.entered"
    elif operation in SIGN_INS:
        action = "session.begun"
    address = connection.client.host if connection.client else ""
    actor = actor or Actor("", str(state.get("claimed", ""))[:40], Role.GUEST, request_id=_id(state), address=address)
    detail: dict[str, Any] = {"operation": operation, "kind": problem.kind, "why": problem.detail[:300]}
    return Refusal(actor, action, _on_what(connection), detail)


def _id(state: dict[str, Any]) -> str:
    return str(state.get("request_id", ""))


def _on_what(connection: HTTPConnection) -> tuple[str, str]:
    found = next((name for name in NAMING if name in connection.path_params), "")
    return found, str(connection.path_params[found])[:60] if found else ""


def _network(address: str) -> str:
    """The address, of IPv6 the /64: one customer has as many of them as he likes."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    return address if parsed.version == 4 else str(ipaddress.ip_network((int(parsed) >> 64 << 64, 64)))
