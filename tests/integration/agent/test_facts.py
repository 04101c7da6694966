"""What the agent reports: users, ports, activity, resources."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import asyncssh
import pytest

from carrel.core.agent import AgentPlan, BusyPolicy

if TYPE_CHECKING:
    from tests.integration.agent.conftest import Control, RunningAgent

IS_ROOT = os.geteuid() == 0
USER = "daemon" if IS_ROOT else ""
"""Any account of every Debian that is not root."""


@pytest.fixture
def users_plan(plan: AgentPlan, folder: Path) -> AgentPlan:
    folder.chmod(0o755)
    return replace(plan, remote_user=USER)


async def begin(control: Control, plan: AgentPlan) -> dict[str, Any]:
    await control.begin(plan)
    return await control.status_where(lambda s: s["state"] == "ready")


async def test_processes_run_as_the_remote_user(link: Any, control: Control, users_plan: AgentPlan) -> None:
    status = await begin(control, users_plan)
    result = await link.run("id -un; id -Gn; echo $USER $LOGNAME")
    name, groups, env = result.stdout.splitlines()
    assert name == status["remote_user"]
    assert "root" not in groups or not IS_ROOT
    assert env == f"{name} {name}"
    on_terminal = await link.run("id -un; stat -c %U $(tty)", term_type="xterm")
    assert on_terminal.stdout.split() == [name, name]
    assert (await control.ask("terminal.create", name="t", command="id -un > who; sleep 9", cwd="/tmp"))["created"]


async def test_persistent_folders_become_the_users(
    link: Any, control: Control, users_plan: AgentPlan, project: Path
) -> None:
    (project / "file").write_text("x")
    status = await begin(control, replace(users_plan, owned_paths=(str(project),)))
    assert status["degraded"] == ""
    result = await link.run("echo more >> file && stat -c %U file .")
    assert result.stdout.split() == [status["remote_user"]] * 2


async def test_an_unknown_user_is_told_and_people_can_work(link: Any, control: Control, plan: AgentPlan) -> None:
    status = await begin(control, replace(plan, remote_user="nobody-of-that-name"))
    assert (await link.run("true")).exit_status == 0
    if IS_ROOT:
        assert status["degraded"] == "The user nobody-of-that-name is not in /etc/passwd; root is used instead."


async def test_the_shells_start_up_files_set_the_environment(
    agent: RunningAgent, link: Any, control: Control, plan: AgentPlan
) -> None:
    (agent.home / ".bashrc").write_text("case $- in *i*) export FROM_BASHRC=yes;; esac\necho noise\n")
    (agent.home / ".profile").write_text("export FROM_PROFILE='two\nlines'\n. ~/.bashrc\n")
    await begin(control, replace(plan, user_env_probe="loginInteractiveShell"))
    result = await link.run('echo "$FROM_BASHRC-$FROM_PROFILE"')
    assert result.stdout == "yes-two\nlines\n"


async def test_start_up_files_that_hang_do_not_keep_people_out(
    agent: RunningAgent, link: Any, control: Control, plan: AgentPlan
) -> None:
    (agent.home / ".bashrc").write_text("read -r x < <(sleep 1000)\n")
    await control.begin(replace(plan, user_env_probe="interactiveShell", probe_timeout_seconds=0.5))
    status = await control.status_where(lambda s: s["state"] == "ready")
    assert "did not end within 0.5 s" in status["degraded"]
    assert (await link.run("true")).exit_status == 0


async def test_listening_ports_come_with_their_process_and_attributes(
    link: Any, control: Control, users_plan: AgentPlan
) -> None:
    plan = replace(users_plan, ports={"nc|python": {"label": "By name", "onAutoForward": "silent"}})
    await begin(control, plan)
    code = 'import socket,time; s=socket.socket(); s.bind(("127.0.0.1",0)); s.listen(); print(s.getsockname()[1],flush=True); time.sleep(60)'
    process = await link.create_process(f"exec python3 -I -S -c '{code}'")
    port = int(await process.stdout.readline())

    def find(status: dict[str, Any]) -> dict[str, Any]:
        return next((p for p in status["ports"] if p["port"] == port), {})

    found = find(await control.status_where(find))
    assert found["process"].startswith("python3")
    assert (found["label"], found["on_auto_forward"], found["loopback_only"]) == ("By name", "silent", True)
    process.terminate()
    await control.status_where(lambda s: not find(s))


async def test_the_agents_own_port_is_not_among_them(agent: RunningAgent, control: Control, begun: Control) -> None:
    assert agent.port not in [port["port"] for port in (await control.status())["ports"]]


async def test_a_busy_process_a_declaration_and_a_told_signal_are_evidence(
    link: Any, control: Control, users_plan: AgentPlan
) -> None:
    await begin(control, replace(users_plan, busy=BusyPolicy(cpu_percent=5, window_seconds=0.2)))
    await control.ask("signal", kind="editor", detail="somebody typed")
    process = await link.create_process('touch "$CARREL_ACTIVITY/ai_agent"; echo; exec sh -c "while :; do :; done"')
    await process.stdout.readline()

    def details(status: dict[str, Any]) -> dict[str, str]:
        return {signal["kind"]: signal["detail"] for signal in status["signals"]}

    await until(control, lambda s: "busy" in details(s))
    found = details(await control.status())
    assert found["editor"] == "somebody typed"
    assert found["ai_agent"] == "declared"
    assert found["busy"].startswith("process ")
    assert found["exec"] == ""
    process.kill()


async def until(control: Control, condition: Callable[[dict[str, Any]], bool]) -> None:
    for _ in range(400):
        if condition(await control.status()):
            return
    raise AssertionError(await control.status())


async def test_signals_outlive_the_agent(agent: RunningAgent, control: Control, begun: Control, reconnect: Any) -> None:
    await control.ask("signal", kind="ai_agent", detail="a turn")
    before = (await control.status())["signals"]
    await agent.kill()
    await agent.start()
    _, control = await reconnect()
    assert [s for s in (await control.status())["signals"] if s["kind"] == "ai_agent"] == before


async def test_resources_are_plausible(control: Control, begun: Control) -> None:
    resources = (await control.status())["resources"]
    assert resources["cpu_seconds"] > 0
    assert resources["memory_bytes"] > 1_000_000
    assert resources["processes"] > 1
    assert resources["disk_free_bytes"] > 0


async def test_quiesce_answers(control: Control) -> None:
    assert await control.ask("quiesce") == {}


async def test_sftp_has_the_rights_of_the_remote_user(
    agent: RunningAgent, link: Any, control: Control, users_plan: AgentPlan, folder: Path, project: Path
) -> None:
    (agent.toolbox / "libexec").mkdir(parents=True)
    (agent.toolbox / "libexec/sftp-server").symlink_to("/usr/lib/openssh/sftp-server")
    await begin(control, replace(users_plan, owned_paths=(str(project),)))
    secret = folder / "secret"
    secret.write_text("x")
    secret.chmod(0o600)
    async with link.start_sftp_client() as sftp:
        async with sftp.open(f"{project}/new", "w") as file:
            await file.write("hello")
        assert (project / "new").read_text() == "hello"
        assert (await sftp.stat(f"{project}/new")).uid == (await sftp.stat(str(project))).uid
        if IS_ROOT:
            with pytest.raises(asyncssh.SFTPPermissionDenied):
                await sftp.open(str(secret))


async def test_sftp_works_without_a_toolbox(link: Any, begun: Control, project: Path) -> None:
    async with link.start_sftp_client() as sftp:
        async with sftp.open(f"{project}/new", "w") as file:
            await file.write("hello" * 100_000)
        assert (project / "new").stat().st_size == 500_000
        await sftp.rename(f"{project}/new", f"{project}/newer")
        assert await sftp.listdir(str(project)) == [".", "..", "newer"]
        async with sftp.open(f"{project}/newer") as file:
            assert len(await file.read()) == 500_000
        with pytest.raises(asyncssh.SFTPNoSuchFile):
            await sftp.stat("none")


async def test_git_knows_the_person_unless_he_said_otherwise(
    agent: RunningAgent, link: Any, control: Control, plan: AgentPlan
) -> None:
    (agent.home / ".gitconfig").write_text("[user]\n\tname = Mine\n")
    await begin(control, replace(plan, git_name="Given", git_email="given@example.com"))
    result = await link.run("git config user.name; git config user.email")
    assert result.stdout == "Mine\ngiven@example.com\n"


@pytest.mark.skipif(not IS_ROOT, reason="only root can make a folder another user's")
async def test_git_works_in_a_project_that_belongs_to_another_user(
    link: Any, control: Control, plan: AgentPlan, project: Path
) -> None:
    await begin(control, plan)
    assert (await link.run("git init -q .")).exit_status == 0
    os.chown(project, 4242, 4242)
    await control.begin(replace(plan, git_name="x"), "again")
    assert (await link.run("until git status; do sleep 0.1; done >/dev/null 2>&1", timeout=20)).exit_status == 0


async def test_without_a_place_on_disk_people_can_work_all_the_same(
    agent: RunningAgent, plan: AgentPlan, folder: Path
) -> None:
    await agent.stop()
    agent.state = Path("/proc/no/such") / folder.name
    await agent.start()
    async with agent.connect() as link, agent.control(link) as control:
        status = await begin(control, plan)
        assert status["degraded"] == ""
        assert (await control.ask("terminal.create", name="t"))["created"]
        assert (await link.run("echo works")).stdout == "works\n"
    assert "state_in_memory" in agent.log.read_text()
