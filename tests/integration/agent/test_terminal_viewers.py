"""Numbered and read-only viewers of terminals, over links to a real agent with real holders."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import asyncssh
import pytest

from carrel.core.terminal import BYE, INPUT, SEEN, frame

if TYPE_CHECKING:
    from tests.integration.agent.conftest import Control, RunningAgent

Reconnect = Callable[[], Awaitable[tuple[Any, "Control"]]]


class Viewer:
    """One channel of a numbered viewer; `seen` is carried to the next."""

    def __init__(self, process: asyncssh.SSHClientProcess[bytes], first: int) -> None:
        self.process = process
        self.shown = b""
        self.said: dict[str, Any] = {}
        self._first = first

    @classmethod
    async def attach(cls, link: Any, viewer: str, name: str = "main", offset: int = -1, **env: str) -> Viewer:
        variables = {"CARREL_TERMINAL_VIEWER": viewer * 16} | {f"CARREL_TERMINAL_{key}": env[key] for key in env}
        if offset >= 0:
            variables["CARREL_TERMINAL_FROM"] = str(offset)
        process = await link.create_process(
            subsystem=f"carrel-terminal {name}", encoding=None, term_type="xterm", term_size=(80, 24), env=variables
        )
        said = json.loads(await asyncio.wait_for(process.stderr.readline(), 60))
        made = cls(process, said.get("offset", 0))
        made.said = said
        return made

    @property
    def seen(self) -> int:
        return self._first + len(self.shown)

    async def until(self, wanted: bytes) -> bytes:
        async with asyncio.timeout(60):
            while wanted not in self.shown:
                data = await self.process.stdout.read(65536)
                assert data, self.shown
                self.shown += data
                self.process.stdin.write(frame(SEEN, json.dumps({"seen": self.seen}).encode()))
        return self.shown

    def type(self, text: str) -> None:
        self.process.stdin.write(frame(INPUT, text.encode()))

    async def rest(self) -> bytes:
        """All that comes until the channel ends."""
        async with asyncio.timeout(60):
            while data := await self.process.stdout.read(65536):
                self.shown += data
                self.process.stdin.write(frame(SEEN, json.dumps({"seen": self.seen}).encode()))
        return self.shown


async def test_a_viewer_goes_on_after_the_death_of_the_agent(
    agent: RunningAgent, link: Any, begun: Control, reconnect: Reconnect
) -> None:
    viewer = await Viewer.attach(link, "a")
    assert (viewer.said["typed"], viewer.said["known"], viewer.said["created"]) == (0, False, True)
    viewer.type("N=7; echo begun-$N; sleep 0.5; echo mean''while\n")
    await viewer.until(b"begun-7\r\n")
    await agent.kill()
    await agent.start()
    link, _ = await reconnect()
    again = await Viewer.attach(link, "a", offset=viewer.seen)
    assert again.said["offset"] == viewer.seen
    assert (again.said["typed"], again.said["known"], again.said["created"]) == (48, True, False)
    again.type("echo again-$N\n")
    shown = await again.until(b"again-7\r\n")
    assert b"begun" not in shown
    assert shown.count(b"meanwhile") == 1


async def test_one_that_ended_meanwhile_tells_its_last_words_and_its_status_to_who_was_there(
    agent: RunningAgent, link: Any, begun: Control
) -> None:
    async with agent.connect() as first:
        viewer = await Viewer.attach(first, "a")
        viewer.type("stty -echo; echo re''ady; sleep 0.3; head -c 5000000 /dev/zero | tr '\\0' x; exit 4\n")
        await viewer.until(b"ready\r\n")
    await begun.status_where(lambda status: not status["terminals"])
    again = await Viewer.attach(link, "a", offset=viewer.seen)
    assert (await again.rest()).count(b"x") == 5_000_000
    assert (await again.process.wait()).exit_status == 4
    late = await Viewer.attach(link, "a", offset=again.seen)
    assert late.said["problem"]["kind"] == "not_found"
    stranger = await Viewer.attach(link, "b", offset=5)
    assert stranger.said["problem"]["kind"] == "not_found"


@pytest.mark.parametrize("leaves", [True, False])
async def test_a_new_one_takes_the_place_of_one_that_has_ended(
    agent: RunningAgent, link: Any, begun: Control, leaves: bool
) -> None:
    async with agent.connect() as first:
        viewer = await Viewer.attach(first, "a")
        viewer.type("echo re''ady; sleep 0.3; exit 4\n")
        await viewer.until(b"ready\r\n")
        if leaves:
            viewer.process.stdin.write(frame(BYE))
            await viewer.rest()
    await begun.status_where(lambda status: not status["terminals"])
    other = await Viewer.attach(link, "b")
    assert other.said["created"] is True
    old = await Viewer.attach(link, "a", offset=viewer.seen)
    assert old.said["known"] is False
    assert old.said["offset"] != viewer.seen


async def test_who_only_looks_on_touches_nothing_by_whatever_channel_he_tries(
    link: Any, begun: Control, project: Path
) -> None:
    nobody = await Viewer.attach(link, "w", "nothing", READ_ONLY="1")
    assert nobody.said["problem"]["kind"] == "not_found"
    writer = await Viewer.attach(link, "a")
    watcher = await Viewer.attach(link, "w", READ_ONLY="1")
    plain = await Viewer.attach(link, "", READ_ONLY="1")
    assert watcher.said["read_only"] is plain.said["read_only"] is True
    watcher.type("touch typed\n")
    plain.process.stdin.write(b"touch typed\n")
    for each in (watcher, plain):
        each.process.change_terminal_size(7, 7)
        each.process.send_signal("KILL")
    writer.type("stty size; ls; echo o''ver\n")
    for each in (writer, watcher):
        assert b"24 80" in await each.until(b"over")
    assert not (project / "typed").exists()


async def test_frames_that_are_none_end_the_channel_and_not_the_terminal(link: Any, begun: Control) -> None:
    viewer = await Viewer.attach(link, "a")
    viewer.type("echo o''ne\n")
    await viewer.until(b"one")
    viewer.process.stdin.write(b"I\xff\xff\xff\xff")
    assert (await viewer.process.wait()).exit_status == 255
    again = await Viewer.attach(link, "a", offset=viewer.seen)
    assert again.said["known"] is True


@pytest.mark.parametrize("viewer", ["short", "x" * 65, "white space 12345678", "../../../../../../etc"])
async def test_an_id_of_another_form_is_none(link: Any, begun: Control, viewer: str) -> None:
    process = await link.create_process(
        subsystem="carrel-terminal main", encoding=None, term_type="xterm", env={"CARREL_TERMINAL_VIEWER": viewer}
    )
    assert "typed" not in json.loads(await process.stderr.readline())
