"""Which requests count, and how often they are reported."""

from __future__ import annotations

import pytest
from tests.integration.proxy.memory_authority import MemoryAuthority

from carrel.core.agent import SignalKind
from carrel.core.problems import Problem
from carrel.links.access import Identity, Place
from carrel.proxy.activity import Activity
from carrel.proxy.door import Admitted
from carrel.proxy.head import parse_request

ADMITTED = Admitted(Place("w1", "code"), Identity("ana", "w1"), ticket=b"ticket")
NAVIGATION = ("Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: document")


class Rig:
    def __init__(self) -> None:
        self.now = 0.0
        self.authority = MemoryAuthority()
        self.activity = Activity(self.authority, lambda: self.now)

    async def request(self, line: str, *fields: str, at: float | None = None) -> list[SignalKind]:
        self.now = self.now if at is None else at
        head = "\r\n".join([f"{line} HTTP/1.1", "Host: a", *fields]) + "\r\n\r\n"
        self.activity.on_request(ADMITTED, parse_request(head.encode()))
        await self.activity.flush()
        kinds = [kind for _, kind, _ in self.authority.activities]
        self.authority.activities.clear()
        return kinds


@pytest.mark.parametrize(
    ("line", "fields", "expected"),
    [
        ("GET /", (*NAVIGATION, "Sec-Fetch-User: ?1"), [SignalKind.OPENED]),
        ("GET /", NAVIGATION, [SignalKind.OPENED]),
        ("GET /", ("Accept: text/html",), [SignalKind.OPENED]),
        ("GET /api", ("Accept: application/json",), []),
        ("GET /image", ("Sec-Fetch-Mode: no-cors", "Sec-Fetch-Dest: image"), []),
        ("HEAD /", (), []),
        ("OPTIONS /", (), []),
        ("POST /api", (), [SignalKind.INPUT]),
        ("PUT /file", (), [SignalKind.INPUT]),
        ("DELETE /file", (), [SignalKind.INPUT]),
        ("GET /socket", ("Connection: Upgrade", "Upgrade: websocket", "Accept: text/html"), []),
    ],
)
async def test_opened_pages_and_changes_count(line: str, fields: tuple[str, ...], expected: list[SignalKind]) -> None:
    assert await Rig().request(line, *fields) == expected


async def test_a_report_is_made_at_most_every_thirty_seconds() -> None:
    rig = Rig()
    assert await rig.request("POST /a", at=0.0)
    assert not await rig.request("POST /b", at=29.0)
    assert await rig.request("POST /c", at=31.0)


async def test_kinds_are_reported_each_for_itself() -> None:
    rig = Rig()
    assert await rig.request("POST /a", at=0.0) == [SignalKind.INPUT]
    assert await rig.request("GET /", "Sec-Fetch-User: ?1", at=1.0) == [SignalKind.OPENED]


async def test_a_poll_is_recognised_and_a_person_beside_it_still_counts() -> None:
    rig = Rig()
    reported = [bool(await rig.request("POST /poll", at=40.0 * n)) for n in range(20)]
    assert reported == [True, True, *[False] * 18]
    assert await rig.request("POST /save", at=790.0)


async def test_a_page_that_reloads_itself_is_no_person() -> None:
    rig = Rig()
    reported = [bool(await rig.request("GET /status", *NAVIGATION, at=60.0 * n)) for n in range(10)]
    assert not any(reported[2:])


async def test_a_report_that_failed_is_made_again() -> None:
    class Broken(MemoryAuthority):
        fails = True

        async def activity(self, workspace: str, kind: SignalKind, detail: str) -> None:
            if self.fails:
                raise Problem("agent_unreachable")
            await super().activity(workspace, kind, detail)

    rig = Rig()
    broken = Broken()
    rig.authority = broken
    rig.activity = Activity(broken, lambda: rig.now)
    assert not await rig.request("POST /a", at=0.0)
    broken.fails = False
    assert await rig.request("POST /b", at=1.0)
