"""Commands and shells over a link."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import asyncssh
import pytest

from carrel.core.agent import AgentPlan
from carrel.core.secret import Secret

if TYPE_CHECKING:
    from tests.integration.agent.conftest import Control, RunningAgent

Link = Any
"""asyncssh.SSHClientConnection, whose results are text or bytes or nothing as far as its types know."""


@pytest.mark.conformance("C074")
async def test_a_command_runs_in_the_workspace_folder(link: Link, begun: Control, project: Path) -> None:
    result = await link.run("pwd")
    assert (result.stdout, result.exit_status) == (f"{project}\n", 0)


@pytest.mark.parametrize("status", [0, 1, 7, 255])
async def test_the_exit_status_is_exact(link: Link, begun: Control, status: int) -> None:
    assert (await link.run(f"exit {status}")).exit_status == status


async def test_death_by_a_signal_is_told_as_such(link: Link, begun: Control) -> None:
    result = await link.run("kill -KILL $$")
    assert result.exit_signal is not None
    assert result.exit_signal[0] == "KILL"


async def test_standard_output_and_error_stay_apart(link: Link, begun: Control) -> None:
    result = await link.run("echo out; echo err >&2")
    assert (result.stdout, result.stderr) == ("out\n", "err\n")


async def test_what_is_sent_before_the_environment_is_known_is_not_lost(
    agent: RunningAgent, link: Link, control: Control, plan: AgentPlan
) -> None:
    process = await link.create_process("cat")
    process.stdin.write("early")
    process.stdin.write_eof()
    await control.begin(plan)
    assert (await process.wait()).stdout == "early"


async def test_ten_megabytes_come_back_unchanged(link: Link, begun: Control) -> None:
    data = bytes(range(256)) * 40960
    result = await link.run("cat", input=data, encoding=None)
    assert result.stdout == data


async def test_a_reader_that_pauses_stops_the_writer_and_loses_nothing(
    link: Link, begun: Control, project: Path
) -> None:
    command = f"yes | head -c 50000000; touch {project}/written"
    process = await link.create_process(command, encoding=None)
    first = await process.stdout.read(1000)
    await asyncio.sleep(0.3)
    assert not (project / "written").exists()
    total = len(first)
    while chunk := await process.stdout.read(65536):
        total += len(chunk)
    assert total == 50_000_000


async def test_a_signal_reaches_the_command(link: Link, begun: Control) -> None:
    process = await link.create_process("trap 'echo caught; exit 3' TERM; echo ready; while :; do sleep 0.05; done")
    assert await process.stdout.readline() == "ready\n"
    process.send_signal("TERM")
    result = await process.wait()
    assert (result.stdout, result.exit_status) == ("caught\n", 3)


async def test_a_command_whose_link_is_gone_is_hung_up_on(
    agent: RunningAgent, begun: Control, project: Path, eventually: Callable[..., Awaitable[None]]
) -> None:
    async with agent.connect() as other:
        process = await other.create_process(
            f"trap 'touch {project}/hup; exit' HUP; echo ready; while :; do sleep 0.05; done"
        )
        await process.stdout.readline()
    await eventually((project / "hup").exists)


async def test_the_environment_has_remote_env_over_the_caller_and_secrets_over_all(
    link: Link, control: Control, plan: AgentPlan
) -> None:
    plan = replace(
        plan, remote_env={"A": "remote", "B": "remote", "GONE": None}, secrets={"B": Secret("secret"), "C": Secret("s")}
    )
    await control.begin(plan)
    result = await link.run("echo $A $B $C $D [$GONE] $HOME", env={"A": "caller", "D": "caller", "GONE": "caller"})
    assert result.stdout.split()[:5] == ["remote", "secret", "s", "caller", "[]"]


async def test_variables_that_steer_the_loader_are_not_taken_over(link: Link, begun: Control) -> None:
    result = await link.run("echo [$LD_PRELOAD][$FINE]", env={"LD_PRELOAD": "/evil.so", "FINE": "yes"})
    assert result.stdout == "[][yes]\n"


async def test_a_terminal_has_the_size_asked_for_and_follows_it(link: Link, begun: Control) -> None:
    process = await link.create_process(
        "trap 'stty size; exit' WINCH; stty size; while :; do sleep 0.05; done",
        term_type="xterm-256color",
        term_size=(100, 40),
    )
    assert (await process.stdout.readline()).strip() == "40 100"
    process.change_terminal_size(120, 50)
    assert (await process.stdout.readline()).strip() == "50 120"
    await process.wait()


async def test_a_log_in_shell_on_a_terminal_is_interactive(link: Link, begun: Control) -> None:
    process = await link.create_process(term_type="xterm", term_size=(80, 24))
    process.stdin.write("echo $((6*7)) $TERM; tty; exit 5\n")
    result = await process.wait()
    assert "42 xterm" in result.stdout
    assert "/dev/pts/" in result.stdout
    assert result.exit_status == 5


async def test_an_interrupt_typed_into_a_terminal_interrupts(link: Link, begun: Control) -> None:
    process = await link.create_process("echo ready; exec sleep 60", term_type="xterm")
    await process.stdout.readline()
    process.stdin.write("\x03")
    result = await process.wait()
    assert result.exit_signal is not None
    assert result.exit_signal[0] == signal.SIGINT.name.removeprefix("SIG")


async def test_an_unknown_subsystem_is_refused(link: Link, begun: Control) -> None:
    with pytest.raises(asyncssh.ChannelOpenError):
        await link.create_process(subsystem="nonsense")
