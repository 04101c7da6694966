"""Holders alone, without an agent."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from carrel.agent import frames
from carrel.agent.capped_log import read_log
from carrel.agent.holding import Connection, Holder, Holders, Manner
from carrel.agent.process import Command
from carrel.agent.users import current_user

TERMINAL = Manner(terminal=True, cols=80, rows=24)
JOB = Manner(tty=True)


@pytest.fixture
async def holders(folder: Path) -> AsyncIterator[Holders]:
    holders = Holders(folder)
    yield holders
    for holder in holders.all():
        await holder.terminate(0.1)


def shell(line: str) -> Command:
    return Command(("/bin/sh", "-c", line), dict(os.environ), "/", current_user(os.environ))


def log_of(holder: Holder) -> str:
    return read_log(holder.log, 0, 1 << 22)[0].decode()


async def attach(holder: Holder, offset: int = -1) -> Connection:
    connection = await holder.connect()
    connection.send(frames.ATTACH, json.dumps({"cols": 80, "rows": 24, "from": offset}).encode())
    return connection


async def read_until(connection: Connection, wanted: bytes) -> bytes:
    seen = b""
    async with asyncio.timeout(60):
        async for kind, content in connection.frames():
            if kind in {frames.REPLAY, frames.OUTPUT}:
                seen += content
            if wanted in seen:
                return seen
    raise AssertionError(seen)


async def test_a_job_leaves_its_output_and_its_exit_status(holders: Holders) -> None:
    holder = await holders.start("job", shell("echo out; echo err >&2; exit 3"), JOB)
    ended = await holder.ended()
    assert ended is not None
    assert ended.code == 3
    assert log_of(holder) == "out\nerr\n"


async def test_a_job_prints_to_a_terminal_but_can_ask_nobody(holders: Holders) -> None:
    line = "test -t 1 && echo tty; cat; (exec </dev/tty) 2>/dev/null || echo alone"
    holder = await holders.start("job", shell(line), JOB)
    await holder.ended()
    assert log_of(holder) == "tty\nalone\n"


async def test_a_command_that_cannot_be_executed_is_told_at_once(holders: Holders) -> None:
    command = replace(shell(""), argv=("/no/such/program",))
    with pytest.raises(FileNotFoundError):
        await holders.start("job", command, JOB)


async def test_secrets_do_not_reach_the_log(holders: Holders) -> None:
    line = "printf 'key is hun'; sleep 0.1; printf 'ter2-hunter2\\n'"
    holder = await holders.start("job", shell(line), replace(JOB, masked=("hunter2",)))
    await holder.ended()
    assert log_of(holder) == "key is ********-********\n"


async def test_a_job_that_prints_much_costs_little(holders: Holders) -> None:
    began = time.monotonic()
    holder = await holders.start("job", shell("head -c 200000000 /dev/zero | tr '\\0' x; echo; echo last"), JOB)
    while not (record := holder.record()):
        await asyncio.sleep(0.01)
    ended = await holder.ended()
    assert ended is not None
    assert ended.code == 0
    assert (holder.folder / "log").stat().st_size < 2_200_000
    assert read_log(holder.log, -6, 100)[0] == b"\nlast\n"
    assert record["pid"]
    assert time.monotonic() - began < 30


async def test_what_a_job_leaves_running_may_go_on_printing(holders: Holders) -> None:
    holder = await holders.start("job", shell("(sleep 0.4; echo late) & echo early"), JOB)
    ended = await holder.ended()
    assert ended is not None
    assert log_of(holder) == "early\n"
    async with asyncio.timeout(60):
        while await holder.is_alive():
            await asyncio.sleep(0.05)
    assert log_of(holder) == "early\nlate\n"


async def test_terminate_ends_the_whole_session(holders: Holders, folder: Path) -> None:
    holder = await holders.start("job", shell(f"trap '' TERM; sleep 1000 & echo $! > {folder}/pid; wait; wait"), JOB)
    while not (folder / "pid").exists() or not (pid := (folder / "pid").read_text().strip()):
        await asyncio.sleep(0.01)
    await holder.terminate(0.3)
    ended = holder.exit()
    assert ended is not None
    assert ended.code == -signal.SIGKILL
    assert not Path(f"/proc/{pid}").exists() or "Z" in Path(f"/proc/{pid}/stat").read_text()


async def test_a_terminal_replays_to_who_comes_later(holders: Holders) -> None:
    holder = await holders.start("t", shell("echo hello; exec cat"), TERMINAL)
    first = await attach(holder)
    await read_until(first, b"hello\r\n")
    first.send(frames.INPUT, b"typed\n")
    await read_until(first, b"typed\r\ntyped\r\n")
    await first.close()
    second = await attach(holder)
    assert await read_until(second, b"typed\r\ntyped\r\n") == b"hello\r\ntyped\r\ntyped\r\n"
    third = await attach(holder, 7)
    assert await read_until(third, b"typed\r\ntyped\r\n") == b"typed\r\ntyped\r\n"
    await second.close()
    await third.close()


async def test_several_viewers_see_the_same(holders: Holders) -> None:
    holder = await holders.start("t", shell("exec cat"), TERMINAL)
    viewers = [await attach(holder) for _ in range(3)]
    viewers[0].send(frames.INPUT, b"x\n")
    for viewer in viewers:
        await read_until(viewer, b"x\r\nx\r\n")
    facts = await holder.facts()
    assert facts is not None
    assert facts["attached"] == 3
    for viewer in viewers:
        await viewer.close()


async def test_a_terminal_knows_its_title_and_size(holders: Holders) -> None:
    holder = await holders.start("t", shell("printf '\\033]0;my title\\007ready'; exec cat"), TERMINAL)
    viewer = await attach(holder)
    await read_until(viewer, b"ready")
    viewer.send(frames.RESIZE, b'{"cols": 100, "rows": 30}')
    viewer.send(frames.INPUT, b"\n")
    await read_until(viewer, b"\r\n\r\n")
    facts = await holder.facts()
    assert facts is not None
    assert (facts["title"], facts["cols"], facts["rows"]) == ("my title", 100, 30)
    await viewer.close()


async def test_a_viewer_that_never_reads_does_not_stop_the_terminal_for_ever(holders: Holders) -> None:
    line = "head -c 30000000 /dev/zero | tr '\\0' x; echo done; exec cat"
    holder = await holders.start("t", shell(line), replace(TERMINAL, patience_seconds=0.3))
    frozen = await attach(holder)
    async with asyncio.timeout(60):
        while True:
            facts = await holder.facts()
            assert facts is not None
            if facts["total"] > 30_000_000:
                break
            await asyncio.sleep(0.1)
    viewer = await attach(holder)
    await read_until(viewer, b"done")
    await viewer.close()
    await frozen.close()


async def test_who_types_more_than_the_command_reads_keeps_nobody_else_from_the_terminal(holders: Holders) -> None:
    line = "stty raw -echo; echo ready; sleep 0.5; for n in 1 2 3; do echo tick; done; sleep 1000"
    holder = await holders.start("t", shell(line), TERMINAL)
    typing, looking = await attach(holder), await attach(holder)
    await read_until(typing, b"ready")
    for _ in range(40):
        typing.send(frames.INPUT, b"x" * 65536)
    later = await attach(holder)
    for viewer in (looking, later):
        await read_until(viewer, b"tick")
    facts = await holder.facts()
    assert facts is not None
    assert facts["attached"] == 3
    await holder.terminate(0.2)
    assert holder.exit() is not None
    for viewer in (typing, looking, later):
        viewer.abort()


async def test_what_an_absent_viewer_is_owed_costs_no_memory(holders: Holders, folder: Path) -> None:
    line = "stty -opost; head -c 60000000 /dev/zero | tr '\\0' x; sleep 1000"
    holder = await holders.start("t", shell(line), TERMINAL)
    first = await holder.connect()
    wish = {"cols": 80, "rows": 24, "from": -1, "viewer": "v" * 16, "keep": 600}
    first.send(frames.ATTACH, json.dumps(wish).encode())
    await read_until(first, b"x")
    first.abort()
    async with asyncio.timeout(60):
        while (facts := await holder.facts()) and facts["total"] < 60_000_000:
            await asyncio.sleep(0.05)
    text = Path(f"/proc/{holder.record()['pid']}/smaps_rollup").read_text()
    kilobytes = sum(int(line.split()[1]) for line in text.splitlines() if line.startswith("Private_"))
    assert kilobytes < 12_000
    assert {path.name for path in holder.folder.iterdir()} == {"note.json", "record.json", "socket"}
    again, seen = await holder.connect(), 0
    again.send(frames.ATTACH, json.dumps(wish | {"from": 0}).encode())
    async for kind, content in again.frames():
        if kind == frames.OUTPUT:
            assert content == b"x" * len(content)
            seen += len(content)
            again.send(frames.SEEN, json.dumps({"seen": seen}).encode())
            if seen == 60_000_000:
                break
    await again.close()


async def test_the_end_of_a_terminal_is_told_to_its_viewers(holders: Holders) -> None:
    holder = await holders.start("t", shell("read x; exit 4"), TERMINAL)
    viewer = await attach(holder)
    viewer.send(frames.INPUT, b"\n")
    codes = [json.loads(content)["code"] async for kind, content in viewer.frames() if kind == frames.EXIT]
    assert codes == [4]
    await viewer.close()


async def test_a_holder_is_small(holders: Holders) -> None:
    holder = await holders.start("t", shell("exec cat"), TERMINAL)
    text = Path(f"/proc/{holder.record()['pid']}/smaps_rollup").read_text()
    kilobytes = sum(int(line.split()[1]) for line in text.splitlines() if line.startswith("Private_"))
    assert kilobytes < 8000
