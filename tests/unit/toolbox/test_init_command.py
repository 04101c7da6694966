"""The image's own command and the feature entrypoints beside the agent."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
from tests.unit.toolbox.running_init import StartInit

QUIET = "sleep 60 & trap 'exit 0' TERM; wait"
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")


def shell(script: str) -> tuple[str, ...]:
    """Record entries of a command."""
    return ("arg=/bin/sh", "arg=-c", f"arg={script}")


@pytest.mark.conformance("C168")
async def test_entrypoints_run_in_order_and_then_the_command(start_init: StartInit) -> None:
    init = await start_init(QUIET, "entrypoint=echo one", "entrypoint=sleep 0.05; echo two", *shell("echo three"))
    assert [await init.line() for _ in range(3)] == ["one", "two", "three"]


@pytest.mark.conformance("C172")
async def test_an_entrypoint_that_fails_is_said_so_and_stops_nothing(start_init: StartInit) -> None:
    init = await start_init(QUIET, "entrypoint=exit 7", "entrypoint=kill -9 $$", *shell("echo command"))
    assert await init.line() == "command"
    assert await init.complaint() == "carrel-init: entrypoint 1 ended with status 7"
    assert await init.complaint() == "carrel-init: entrypoint 2 ended with status 137"


async def test_an_entrypoint_that_hangs_keeps_nobody_from_the_agent(start_init: StartInit) -> None:
    init = await start_init("echo agent; " + QUIET, "entrypoint=sleep 60", *shell("echo command"))
    assert await init.line() == "agent"
    init.signal(signal.SIGTERM)
    assert await init.line() == ""
    assert await init.status() == 0


async def test_the_end_of_the_command_is_only_said(start_init: StartInit) -> None:
    init = await start_init(QUIET, *shell("exit 5"))
    assert await init.complaint() == "carrel-init: the command ended with status 5"
    init.signal(signal.SIGTERM)
    assert await init.status() == 0


async def test_the_end_of_the_command_ends_the_workspace_where_it_is_asked_for(start_init: StartInit) -> None:
    init = await start_init(
        "sleep 60 & trap 'echo ending; exit' TERM; wait", "end-with-command=1", *shell("sleep 0.1; exit 5")
    )
    assert await init.line() == "ending"
    assert await init.status() == 5


@needs_root
async def test_the_command_has_the_user_the_folder_and_the_environment_of_the_record(start_init: StartInit) -> None:
    script = "id -u; id -g; id -G; pwd; echo $HOME; echo $WORD; grep SigBlk /proc/self/status"
    init = await start_init(QUIET, "user=games", "cwd=/usr", "env=WORD=a b", *shell(script))
    lines = [await init.line() for _ in range(7)]
    assert lines == ["5", "60", "60", "/usr", "/usr/games", "a b", "SigBlk:\t0000000000000000"]


@needs_root
@pytest.mark.parametrize(
    ("user", "ids"),
    [
        ("", "0 0"),
        ("0", "0 0"),
        ("games", "5 60"),
        ("5", "5 60"),
        ("5:0", "5 0"),
        ("games:daemon", "5 1"),
        ("4711:12", "4711 12"),
    ],
)
async def test_a_user_is_a_name_or_a_number_with_or_without_a_group(start_init: StartInit, user: str, ids: str) -> None:
    init = await start_init(QUIET, f"user={user}", *shell("echo $(id -u) $(id -g)"))
    assert await init.line() == ids


@needs_root
@pytest.mark.parametrize("user", ["nobody-of-that-name", "games:no-such-group"])
async def test_a_command_whose_user_does_not_exist_does_not_run_as_root(start_init: StartInit, user: str) -> None:
    init = await start_init(QUIET, f"user={user}", *shell("echo I am $(id -u)"))
    assert await init.complaint() == f"carrel-init: no such user or group: {user}"
    assert await init.complaint() == "carrel-init: the command ended with status 126"


async def test_a_command_may_be_pid_1_with_the_agent_beside_it(start_init: StartInit, tmp_path: Path) -> None:
    seen = tmp_path / "seen"
    os.mkfifo(seen)
    command = f"sleep 60 & trap 'echo told to end; exit 4' TERM; read -r parent <{seen}; echo I am $$, the agent belongs to $parent; wait"
    init = await start_init(
        f"echo $PPID >{seen}; exec sleep 60", "exec-command=1", "entrypoint=echo first", *shell(command)
    )
    assert await init.line() == "first"
    assert await init.line() == "I am 1, the agent belongs to 2"
    init.signal(signal.SIGTERM)
    assert await init.line() == "told to end"
    assert await init.status() == 4


async def test_beside_a_pid_1_of_the_image_the_agent_is_started_again_and_orphans_stay_ours(
    start_init: StartInit, tmp_path: Path
) -> None:
    noted = tmp_path / "survivor"
    first = f"sleep 60 & echo $! >{noted}; kill -9 $$"
    second = f"read -r pid <{noted}; grep PPid /proc/$pid/status; exec sleep 60"
    agent = f"if [ -e {noted} ]; then {second}; else {first}; fi"
    init = await start_init(agent, "exec-command=1", "arg=/bin/sleep", "arg=60")
    assert await init.line() == "PPid:\t2"


async def test_a_pid_1_that_cannot_be_run_leaves_the_agent(start_init: StartInit) -> None:
    init = await start_init("echo agent; " + QUIET, "exec-command=1", "arg=/nowhere/init")
    assert await init.line() == "agent"
    assert await init.complaint() == "carrel-init: cannot run /nowhere/init: No such file or directory"
    init.signal(signal.SIGTERM)
    assert await init.status() == 0
