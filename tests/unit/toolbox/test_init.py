"""The init as PID 1: the agent, orphans, the end."""

from __future__ import annotations

import signal
import time
from itertools import pairwise
from pathlib import Path

import pytest
from tests.unit.toolbox.running_init import StartInit, StartPid1

WAITS = "sleep 60 & trap 'exit 0' TERM; echo agent; wait"


async def test_an_agent_that_dies_is_started_again_after_growing_delays(start_init: StartInit) -> None:
    init = await start_init("date +%s.%N; exit 3")
    times = [float(await init.line()) for _ in range(4)]
    delays = [later - earlier for earlier, later in pairwise(times)]
    assert all(delay > 0.9 * least for delay, least in zip(delays, [0.1, 0.2, 0.4], strict=True))
    assert delays == sorted(delays)
    assert await init.complaint() == "carrel-init: the agent ended with status 3, starting it again in 100 ms"


async def test_an_agent_that_does_not_exist_is_said_so_and_costs_nothing_else(start_init: StartInit) -> None:
    init = await start_init("exec /nowhere/agent", "arg=/bin/echo", "arg=the command runs")
    assert await init.line() == "the command runs"
    init.signal(signal.SIGTERM)
    assert await init.status() == 0


async def test_what_the_agent_started_outlives_it(start_init: StartInit, tmp_path: Path) -> None:
    noted = tmp_path / "survivor"
    first = f"sleep 60 & echo $! >{noted}; kill -9 $$"
    second = f"read -r pid <{noted}; kill -0 $pid && echo alive; exec sleep 60"
    init = await start_init(f"if [ -e {noted} ]; then {second}; else {first}; fi")
    assert await init.line() == "alive"
    assert await init.complaint() == "carrel-init: the agent ended with status 137, starting it again in 100 ms"


async def test_orphans_are_reaped(start_init: StartInit) -> None:
    init = await start_init(
        "for i in 1 2 3 4 5 6 7 8; do (sh -c 'exit 0' &) ; done;"
        " while grep -qs '^PPid:.1$' $(ls -d /proc/[0-9]*/status | grep -v -e /1/ -e /$$/); do :; done; echo none; sleep 60"
    )
    assert await init.line() == "none"


@pytest.mark.conformance("C171")
async def test_term_ends_everything_at_once_when_everything_obeys(start_init: StartInit) -> None:
    init = await start_init("(sleep 60 &) ; (sleep 60 &) ; " + WAITS)
    assert await init.line() == "agent"
    began = time.monotonic()
    init.signal(signal.SIGTERM)
    assert await init.status() == 0
    assert time.monotonic() - began < 5


async def test_an_agent_that_is_told_to_end_is_not_started_again(start_init: StartInit) -> None:
    init = await start_init("sleep 60 & trap 'echo ending; exit 1' TERM; echo agent; wait")
    assert await init.line() == "agent"
    init.signal(signal.SIGTERM)
    assert await init.line() == "ending"
    assert await init.line() == ""
    assert await init.status() == 0


async def test_what_does_not_obey_within_the_grace_is_killed(start_init: StartInit) -> None:
    init = await start_init("trap '' TERM; echo agent; while :; do sleep 60; done", "grace-ms=150")
    assert await init.line() == "agent"
    began = time.monotonic()
    init.signal(signal.SIGTERM)
    assert await init.status() == 0
    assert 0.15 <= time.monotonic() - began < 10
    assert await init.complaint() == "carrel-init: killing what did not end within 150 ms"


async def test_a_stopped_process_ends_too(start_init: StartInit) -> None:
    stopped = "sh -c 'kill -STOP $$' & until grep -q ') T' /proc/$!/stat; do :; done; "
    init = await start_init(stopped + WAITS)
    assert await init.line() == "agent"
    began = time.monotonic()
    init.signal(signal.SIGTERM)
    assert await init.status() == 0
    assert time.monotonic() - began < 5


async def test_the_stop_signals_of_images_mean_the_same(start_init: StartInit) -> None:
    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGPWR, signal.SIGRTMIN + 3):
        init = await start_init(WAITS)
        assert await init.line() == "agent"
        init.signal(number)
        assert await init.status() == 0


async def test_signals_that_the_engine_ignores_are_heard(start_init: StartInit) -> None:
    ignored = [signal.SIGINT, signal.SIGQUIT, signal.SIGHUP]
    before = [signal.signal(number, signal.SIG_IGN) for number in ignored]
    try:
        init = await start_init("exec grep SigIgn /proc/self/status")
    finally:
        for number, handler in zip(ignored, before, strict=True):
            signal.signal(number, handler)
    mask = int((await init.line()).removeprefix("SigIgn:\t"), 16)
    assert not any(mask & 1 << (number - 1) for number in ignored)


async def test_a_record_that_cannot_be_understood_costs_only_its_entries(start_init: StartInit) -> None:
    init = await start_init(WAITS, "no key", "from-the-future=1", "arg=/bin/echo", "arg=the command runs")
    assert {await init.line(), await init.line()} == {"agent", "the command runs"}
    assert await init.complaint() == "carrel-init: record: no key in: no key"
    assert await init.complaint() == "carrel-init: record: unknown key, ignored: from-the-future"


async def test_a_record_that_is_not_there_costs_only_the_command(start_pid_1: StartPid1) -> None:
    init = await start_pid_1("--record", "/nowhere", "--", "/bin/sh", "-c", WAITS)
    assert await init.line() == "agent"
    init.signal(signal.SIGTERM)
    assert await init.status() == 0
    assert await init.complaint() == "carrel-init: record: /nowhere: No such file or directory"


async def test_without_an_agent_it_says_how_it_is_used(start_pid_1: StartPid1) -> None:
    init = await start_pid_1("--")
    assert await init.status() == 64
    assert await init.complaint() == "carrel-init: usage: init [--record FILE] -- AGENT [ARGUMENT...]"
