"""Life-cycle hooks in a running agent."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from carrel.core.agent import AgentPlan, CommandLine, Hook
from carrel.core.problems import Problem
from carrel.core.secret import Secret

if TYPE_CHECKING:
    from tests.integration.agent.conftest import Control, RunningAgent

Reconnect = Callable[[], Awaitable[tuple[Any, "Control"]]]
Eventually = Callable[..., Awaitable[None]]


def hook(stage: Any, *commands: CommandLine, **named: CommandLine) -> Hook:
    return Hook(stage, "devcontainer.json", named or {"": commands[0]})


def states(status: dict[str, Any]) -> dict[str, str]:
    return {hook["stage"] + hook["name"]: hook["state"] for hook in status["hooks"]}


async def test_stages_run_in_order_with_output_and_status(control: Control, plan: AgentPlan, project: Path) -> None:
    stages = ("postAttach", "postStart", "dotfiles", "postCreate", "updateContent", "onCreate")
    hooks = tuple(hook(stage, f"echo {stage} >> order; echo said {stage}") for stage in stages)
    await control.begin(replace(plan, hooks=hooks))
    status = await control.settled()
    assert (project / "order").read_text().split() == list(reversed(stages))
    assert {h["state"] for h in status["hooks"]} == {"done"}
    assert status["degraded"] == ""
    assert await control.log(status["hooks"][0]["log"]) == "said onCreate\n"


async def test_the_three_forms_of_a_command(control: Control, plan: AgentPlan, project: Path) -> None:
    hooks = (
        hook("onCreate", "echo $((1+1)) > string"),
        hook("onCreate", ("sh", "-c", 'echo "$0" > array', "$HOME")),
        hook("onCreate", one="echo 1 > one", two=("touch", "two words")),
        hook("onCreate", ""),
        hook("onCreate", ()),
    )
    await control.begin(replace(plan, hooks=hooks))
    status = await control.settled()
    assert (project / "string").read_text() == "2\n"
    assert (project / "array").read_text() == "$HOME\n"
    assert (project / "one").exists()
    assert (project / "two words").exists()
    assert len(status["hooks"]) == 4


async def test_named_commands_run_together_and_all_end_though_one_fails(
    control: Control, plan: AgentPlan, project: Path
) -> None:
    meet = "touch {0}; until [ -e {1} ]; do sleep 0.02; done"
    hooks = (
        hook("onCreate", a=meet.format("a", "b"), b=meet.format("b", "a"), c="exit 2"),
        hook("postCreate", "touch no"),
    )
    await control.begin(replace(plan, hooks=hooks))
    status = await control.settled()
    assert states(status) == {"onCreatea": "done", "onCreateb": "done", "onCreatec": "failed", "postCreate": "skipped"}
    assert not (project / "no").exists()
    assert status["degraded"] == "The hook onCreate 'c' (devcontainer.json) failed with exit code 2."


async def test_after_a_failure_people_can_work_and_the_stage_can_be_run_again(
    link: Any, control: Control, plan: AgentPlan, project: Path
) -> None:
    hooks = (
        hook("onCreate", "test -e mended"),
        hook("postCreate", "touch created"),
        hook("postStart", "touch started"),
    )
    await control.begin(replace(plan, hooks=hooks))
    status = await control.settled()
    assert states(status) == {"onCreate": "failed", "postCreate": "skipped", "postStart": "skipped"}
    assert (await link.run("touch mended")).exit_status == 0
    await control.ask("hook.rerun", stage="onCreate")
    status = await control.status_where(lambda s: s["hooks"][-1]["state"] == "done")
    assert states(status) == {"onCreate": "done", "postCreate": "done", "postStart": "done"}
    assert status["degraded"] == ""
    assert (project / "started").exists()


async def test_ready_comes_with_the_awaited_stage_and_the_rest_goes_on(
    control: Control, plan: AgentPlan, project: Path
) -> None:
    hooks = (hook("updateContent", "touch updated"), hook("postCreate", "until [ -e go ]; do sleep 0.02; done"))
    await control.begin(replace(plan, hooks=hooks))
    status = await control.status_where(lambda s: s["state"] == "ready")
    assert (project / "updated").exists()
    assert states(status)["postCreate"] in {"pending", "running"}
    with pytest.raises(Problem, match="still running"):
        await control.ask("hook.rerun", stage="postCreate")
    (project / "go").touch()
    assert states(await control.settled())["postCreate"] == "done"


async def test_a_hook_that_hangs_is_ended_at_its_limit(control: Control, plan: AgentPlan) -> None:
    await control.begin(replace(plan, hooks=(hook("onCreate", "echo begun; sleep 1000"),), hook_timeout_seconds=0.5))
    status = await control.settled()
    assert states(status) == {"onCreate": "failed"}
    assert "time limit of 0.5 s" in status["degraded"]
    assert await control.log("hook/onCreate-0") == "begun\n"


async def test_a_command_that_does_not_exist_fails_with_a_reason(control: Control, plan: AgentPlan) -> None:
    await control.begin(replace(plan, hooks=(hook("onCreate", ("no-such-program",)),)))
    status = await control.settled()
    assert status["hooks"][0]["exit_code"] == 127
    assert "cannot be executed" in status["degraded"]
    assert "no-such-program" in await control.log("hook/onCreate-0")


async def test_failing_dotfiles_do_not_matter(control: Control, plan: AgentPlan) -> None:
    await control.begin(replace(plan, hooks=(hook("dotfiles", "false"), hook("postStart", "true"))))
    status = await control.settled()
    assert states(status) == {"dotfiles": "failed", "postStart": "done"}
    assert status["degraded"] == ""


async def test_secrets_are_in_the_environment_but_not_in_the_log(control: Control, plan: AgentPlan) -> None:
    plan = replace(
        plan,
        secrets={"TOKEN": Secret("tok-12345")},
        hooks=(hook("onCreate", "echo <$TOKEN>".replace("<", "[").replace(">", "]")),),
    )
    await control.begin(plan)
    await control.settled()
    assert await control.log("hook/onCreate-0") == "[********]\n"


async def test_a_repeated_begin_changes_nothing_and_a_new_one_brings_new_secrets(
    link: Any, control: Control, plan: AgentPlan, project: Path
) -> None:
    plan = replace(plan, hooks=(hook("onCreate", "echo x >> count"),))
    await control.begin(plan, "one")
    await control.settled()
    assert (await control.begin(plan, "one"))["repeated"] is True
    changed = replace(plan, secrets={"TOKEN": Secret("new")})
    assert (await control.begin(changed, "two"))["repeated"] is False
    await control.status_where(lambda s: s["state"] == "ready")
    for _ in range(100):
        if (await link.run("echo $TOKEN")).stdout == "new\n":
            break
    else:
        raise AssertionError("the new secret never came")
    assert (project / "count").read_text() == "x\n"


async def test_a_log_can_be_followed_while_the_hook_runs(control: Control, plan: AgentPlan, project: Path) -> None:
    line = "echo first; until [ -e go ]; do sleep 0.02; done; echo second"
    await control.begin(replace(plan, hooks=(hook("onCreate", line),)))
    first = await control.ask("log.read", name="hook/onCreate-0", wait_seconds=10)
    assert first["next"] == len("first\n")
    (project / "go").touch()
    second = await control.ask("log.read", name="hook/onCreate-0", offset=first["next"], wait_seconds=10)
    assert second["size"] == len("first\nsecond\n")


async def test_logs_that_do_not_exist_are_not_found(control: Control, begun: Control) -> None:
    for name in ("hook/none", "hook/../../etc/passwd", "nothing", "hook/"):
        with pytest.raises(Problem) as caught:
            await control.ask("log.read", name=name)
        assert caught.value.kind == "not_found"


async def test_a_hook_goes_on_through_the_death_of_the_agent(
    agent: RunningAgent, control: Control, plan: AgentPlan, project: Path, reconnect: Reconnect, eventually: Eventually
) -> None:
    line = "echo x >> count; until [ -e go ]; do sleep 0.02; done; echo survived; exit 3"
    hooks = (hook("onCreate", line), hook("postCreate", "touch never"))
    await control.begin(replace(plan, hooks=hooks))
    await eventually((project / "count").exists)
    await agent.kill()
    await agent.start()
    _, control = await reconnect()
    status = await control.status()
    assert (status["state"], states(status)["onCreate"]) == ("preparing", "running")
    (project / "go").touch()
    status = await control.settled()
    assert states(status) == {"onCreate": "failed", "postCreate": "skipped"}
    assert status["hooks"][0]["exit_code"] == 3
    assert (project / "count").read_text() == "x\n"
    assert await control.log("hook/onCreate-0") == "survived\n"


async def test_a_hook_that_ended_while_the_agent_was_dead_is_known(
    agent: RunningAgent, control: Control, plan: AgentPlan, project: Path, reconnect: Reconnect, eventually: Eventually
) -> None:
    line = "touch begun; until [ -e go ]; do sleep 0.02; done"
    await control.begin(replace(plan, hooks=(hook("onCreate", line), hook("postCreate", "touch after"))))
    await eventually((project / "begun").exists)
    await agent.kill()
    (project / "go").touch()
    await eventually((agent.state / "agent/hooks/onCreate-0/exit.json").exists)
    await agent.start()
    _, control = await reconnect()
    assert states(await control.settled()) == {"onCreate": "done", "postCreate": "done"}


@pytest.mark.conformance("C387", "C388")
async def test_hooks_run_once_for_a_creation_and_again_for_another(
    agent: RunningAgent, control: Control, plan: AgentPlan, project: Path, reconnect: Reconnect
) -> None:
    plan = replace(plan, hooks=(hook("onCreate", "echo x >> created"),))
    await control.begin(plan)
    await control.settled()
    for creation, expected in (("c1", "x\n"), ("c2", "x\nx\n")):
        await agent.stop()
        agent.creation = creation
        await agent.start()
        _, control = await reconnect()
        await control.begin(plan, f"again-{creation}")
        await control.settled()
        assert (project / "created").read_text() == expected


@pytest.mark.conformance("C392")
async def test_post_attach_runs_with_the_start_and_again_for_each_who_comes_later(
    link: Any, control: Control, plan: AgentPlan, project: Path, eventually: Eventually
) -> None:
    plan = replace(plan, hooks=(hook("postStart", "echo x >> started"), hook("postAttach", "echo x >> attached")))
    await control.begin(plan)
    await control.settled()
    assert (project / "attached").read_text() == "x\n"
    assert (await link.run("true")).exit_status == 0  # a command is nobody who comes
    async with link.create_process(term_type="xterm") as first:
        first.stdin.write("exit\n")
        await first.wait()
    assert (project / "attached").read_text() == "x\n"  # the start did so for the first one
    assert (project / "started").read_text() == "x\n"


async def test_secrets_of_one_hook_are_its_own(control: Control, plan: AgentPlan) -> None:
    show = "echo [${OWN:-none}]"
    private = replace(hook("dotfiles", show), secrets={"OWN": Secret("own-12345")})
    await control.begin(replace(plan, hooks=(private, hook("postStart", show))))
    await control.settled()
    assert await control.log("hook/dotfiles-0") == "[********]\n"
    assert await control.log("hook/postStart-0") == "[none]\n"


async def test_other_dotfiles_run_in_the_same_container(
    agent: RunningAgent, control: Control, plan: AgentPlan, project: Path, reconnect: Reconnect
) -> None:
    for number, name in enumerate(("ana/one", "ana/one", "ana/two")):
        dotfiles = hook("dotfiles", **{name: f"echo {name} >> ran"})
        await control.begin(replace(plan, hooks=(dotfiles,)), f"begin-{number}")
        await control.status_where(lambda status, name=name: [h["name"] for h in status["hooks"]] == [name])
        await control.settled()  # of this plan, not of the earlier one that a restarted agent goes on with
        await agent.stop()
        await agent.start()
        _, control = await reconnect()
    assert (project / "ran").read_text() == "ana/one\nana/two\n"
