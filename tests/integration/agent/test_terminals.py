"""Named terminals over links."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

import asyncssh
import pytest

from carrel.core.agent import AgentPlan
from carrel.core.problems import Problem

if TYPE_CHECKING:
    from tests.integration.agent.conftest import Control, RunningAgent

Reconnect = Callable[[], Awaitable[tuple[Any, "Control"]]]


class Viewer:
    """One viewer of a terminal."""

    def __init__(self, process: asyncssh.SSHClientProcess[bytes]) -> None:
        self.process = process
        self.seen = b""
        self.greeting: dict[str, Any] = {}

    @classmethod
    async def attach(cls, link: Any, name: str = "main", offset: int | None = None) -> Viewer:
        env = {} if offset is None else {"CARREL_TERMINAL_FROM": str(offset)}
        process = await link.create_process(
            subsystem=f"carrel-terminal {name}", encoding=None, term_type="xterm-256color", term_size=(80, 24), env=env
        )
        viewer = cls(process)
        viewer.greeting = json.loads(await asyncio.wait_for(process.stderr.readline(), 60))
        return viewer

    async def until(self, wanted: bytes) -> bytes:
        async with asyncio.timeout(60):
            while wanted not in self.seen:
                data = await self.process.stdout.read(65536)
                assert data, self.seen
                self.seen += data
        return self.seen

    def type(self, text: str) -> None:
        self.process.stdin.write(text.encode())


async def test_a_terminal_outlives_its_link_and_replays(agent: RunningAgent, link: Any, begun: Control) -> None:
    async with agent.connect() as first:
        viewer = await Viewer.attach(first)
        assert viewer.greeting["created"] is True
        viewer.type("X=41; echo one-$((X+1))\n")
        await viewer.until(b"one-42")
    viewer = await Viewer.attach(link)
    assert viewer.greeting == {"terminal": "main", "offset": 0, "created": False}
    await viewer.until(b"one-42")
    viewer.type("echo two-$((X+2))\n")
    await viewer.until(b"two-43")


async def test_a_terminal_outlives_the_agent_and_is_resumed_without_a_gap(
    agent: RunningAgent, link: Any, begun: Control, reconnect: Reconnect
) -> None:
    viewer = await Viewer.attach(link)
    viewer.type("N=7; echo begun-$N\n")
    seen = await viewer.until(b"begun-7\r\n")
    await agent.kill()
    await agent.start()
    link, control = await reconnect()
    assert [t["name"] for t in (await control.ask("terminal.list"))["terminals"]] == ["main"]
    assert (await control.status())["state"] in {"preparing", "ready"}
    offset = viewer.greeting["offset"] + len(seen)
    viewer = await Viewer.attach(link, offset=offset)
    assert viewer.greeting == {"terminal": "main", "offset": offset, "created": False}
    viewer.type("echo again-$N\n")
    assert b"begun" not in await viewer.until(b"again-7\r\n")


async def test_control_makes_lists_and_ends_terminals(control: Control, begun: Control) -> None:
    made = await control.ask("terminal.create", name="build", command="exec sleep 1000", cols=100, rows=30)
    assert made["created"] is True
    assert (made["terminal"]["command"], made["terminal"]["cols"], made["terminal"]["rows"]) == (
        "exec sleep 1000",
        100,
        30,
    )
    assert (await control.ask("terminal.create", name="build"))["created"] is False
    assert len((await control.status())["terminals"]) == 1
    await control.ask("terminal.close", name="build")
    status = await control.status_where(lambda s: not s["terminals"])
    assert status["terminals"] == []
    with pytest.raises(Problem, match="no terminal 'build'"):
        await control.ask("terminal.close", name="build")


async def test_a_terminal_ends_with_its_shell(link: Any, begun: Control) -> None:
    viewer = await Viewer.attach(link)
    viewer.type("exit 4\n")
    result = await viewer.process.wait()
    assert result.exit_status == 4
    assert (await begun.status())["terminals"] == []
    again = await Viewer.attach(link)
    assert again.greeting["created"] is True


@pytest.mark.parametrize("name", ["", "../etc", "a b", "x" * 65])
async def test_impossible_names_are_refused(link: Any, begun: Control, name: str) -> None:
    viewer = await Viewer.attach(link, name)
    assert "error" in viewer.greeting
    assert (await viewer.process.wait()).exit_status == 255


async def test_a_large_paste_arrives_whole(link: Any, begun: Control, project: Any) -> None:
    viewer = await Viewer.attach(link)
    viewer.type("stty raw -echo; head -c 3000000 > pasted; stty sane; echo pas''ted\n")
    await viewer.until(b"pas''ted")
    await asyncio.sleep(0.3)  # the paste must come after the terminal is raw, which nothing announces
    viewer.process.stdin.write(b"x" * 3_000_000)
    await viewer.until(b"pasted\r\n")
    assert (project / "pasted").stat().st_size == 3_000_000


async def test_typing_and_printing_are_signals(link: Any, begun: Control) -> None:
    viewer = await Viewer.attach(link)
    viewer.type("echo sig''nal\n")
    await viewer.until(b"signal")
    signals = {signal["kind"]: signal["detail"] for signal in (await begun.status())["signals"]}
    assert signals["input"] == signals["output"] == "terminal main"


async def test_before_begin_a_terminal_waits(link: Any, control: Control, plan: AgentPlan) -> None:
    attaching = asyncio.create_task(Viewer.attach(link))
    await control.ask("hello")
    assert not attaching.done()
    await control.begin(plan)
    assert (await attaching).greeting["created"] is True
