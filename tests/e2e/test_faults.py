"""Hooks that fail, hang or never stop talking; containers, agents and servers that die: nothing is lost, all converges."""

from __future__ import annotations

import os
import re
import signal
import time
from pathlib import Path

import pytest
from tests.contract.images import busybox_image
from tests.e2e.installation import Installation
from tests.e2e.repositories import Repositories
from tests.e2e.terminal import attached

MIB = 1 << 20


def test_a_hook_that_fails_is_told_and_the_workspace_is_usable(
    shared: Installation, repositories: Repositories
) -> None:
    url = repositories.tiny(
        "failing", {"postCreateCommand": "echo the reason; exit 3", "postStartCommand": "touch ran"}
    )
    workspace = shared.create(url, name="failing")["id"]
    shown = shared.until(workspace, lambda w: w["phase"] == "running" and w["degraded"] != "")
    assert "postCreate" in shown["degraded"]
    [event] = shared.events(workspace, "hook_failed")
    assert (event["data"]["stage"], event["data"]["exit_code"]) == ("postCreate", 3)
    assert "the reason" in shared.carrel("logs", "failing").stdout.decode()
    assert shared.sh("failing", "ls ran 2>/dev/null || echo not run") == "not run"  # as the specification has it


def test_a_hook_that_hangs_holds_up_neither_stop_nor_delete(shared: Installation, repositories: Repositories) -> None:
    url = repositories.tiny(
        "hanging", {"onCreateCommand": "trap '' TERM; sleep 2; echo it hangs; sleep 1000; sleep 1000"}
    )
    workspace = shared.create(url, name="hanging")["id"]
    until_logged(shared, "hanging", "it hangs")
    assert shared.workspace(workspace)["phase"] == "starting"
    began = time.monotonic()
    shared.api("POST", f"/workspaces/{workspace}/stop")
    shared.until_phase(workspace, "stopped")
    assert time.monotonic() - began < 40
    shared.api("POST", f"/workspaces/{workspace}/start")
    shared.until_phase(workspace, "starting")
    began = time.monotonic()
    shared.api("DELETE", f"/workspaces/{workspace}?purge=true")
    shared.until_gone(workspace)
    assert time.monotonic() - began < 40


def until_logged(installation: Installation, name: str, words: str) -> None:
    until = time.monotonic() + 60
    while words not in installation.carrel("logs", name, check=False).stdout.decode():
        assert time.monotonic() < until, installation.log()
        time.sleep(0.2)


@pytest.mark.conformance("C255")
def test_a_hook_or_a_build_that_says_nothing_for_too_long_is_a_problem_and_one_that_speaks_is_not(
    tmp_path: Path, repositories: Repositories
) -> None:
    installation = Installation(tmp_path / "data", CARREL_STEP_IDLE_SECONDS="6")
    installation.start()
    hook = "for i in 1 2 3 4 5 6 7 8 9; do echo $i; sleep 1; done"
    speaking = installation.create(repositories.tiny("speaking", {"onCreateCommand": hook}), name="speaking")["id"]
    silent = installation.create(repositories.tiny("silent", {"onCreateCommand": "sleep 1000"}), name="silent")["id"]
    dockerfile = f"FROM {busybox_image()}\nRUN echo begun && sleep 1000\n"
    build = installation.create(repositories.built("silent-build", dockerfile), name="silent-build")["id"]
    installation.until_phase(speaking, "running")
    assert installation.events(speaking, "step_failed") == []
    problem = installation.until_phase(build, "failed")["problem"]
    assert (problem["kind"], problem["step"]) == ("no_progress", "prepare_image")
    assert "begun" in installation.carrel("logs", "silent-build", "--stream", "build").stdout.decode()
    problem = installation.until_phase(silent, "failed")["problem"]
    assert (problem["kind"], problem["step"]) == ("no_progress", "await_agent")
    assert problem["hint"]
    installation.destroy()


def test_a_hook_that_prints_a_gigabyte_costs_neither_disk_nor_memory(
    installation: Installation, repositories: Repositories
) -> None:
    """The workspace may use 192 MiB and is not killed; what is kept is measured where it lies, in MiB."""
    megabyte = "yes 0123456789012345678901234567890 | head -c 1000000 >/dev/shm/text"
    talk = f"echo first line; {megabyte}; for i in $(seq 1000); do cat /dev/shm/text; done; echo last line"
    url = repositories.tiny("talking", {"onCreateCommand": talk})
    assert installation.process is not None
    memory_before = peak_memory(installation.process.pid)
    workspace = installation.create(url, name="talking", limits={"memory_bytes": 192 * MIB})["id"]
    installation.until_phase(workspace, "running")
    installation.until(workspace, lambda w: bool(installation.events(workspace, "hook_finished")))
    [event] = installation.events(workspace, "hook_finished")
    assert event["data"]["exit_code"] == 0
    assert installation.events(workspace, "container_ended") == []
    assert peak_memory(installation.process.pid) - memory_before < 64 * MIB
    assert folder_size(installation.data) < 32 * MIB
    [container] = installation.containers_of(workspace)
    written = int(installation.docker("inspect", "--size", "--format", "{{.SizeRw}}", container)[0])
    kept = [folder_size(volume_folder(installation, name)) for name in installation.volumes_of(workspace)]
    assert written + sum(kept) < 32 * MIB
    log = installation.carrel("logs", "talking").stdout.decode()
    assert "first line" in log
    assert "last line" in log


def peak_memory(pid: int) -> int:
    """The most memory that a process ever had, in bytes (VmHWM in proc(5))."""
    found = re.search(r"^VmHWM:\s+(\d+) kB$", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
    assert found
    return int(found[1]) * 1024


def folder_size(folder: Path) -> int:
    """Bytes on disk of all files below a folder."""
    return sum(path.lstat().st_blocks * 512 for path in folder.rglob("*"))


def volume_folder(installation: Installation, volume: str) -> Path:
    return Path(installation.docker("volume", "inspect", "--format", "{{.Mountpoint}}", volume)[0])


def test_a_container_that_was_removed_by_hand_is_made_again_with_all_files(
    shared: Installation, repositories: Repositories
) -> None:
    workspace = shared.create(repositories.tiny("removed"), name="removed")["id"]
    shared.until_phase(workspace, "running")
    shared.sh("removed", "echo project >notes; echo home >~/notes; sync")
    before = shared.container_ids(workspace)
    shared.docker("rm", "-f", *before)
    shared.until(workspace, lambda w: w["phase"] == "running" and shared.container_ids(workspace) not in ([], before))
    shared.until_phase(workspace, "running")
    assert shared.sh("removed", "cat notes ~/notes") == "project\nhome"


def test_a_container_that_ends_by_itself_is_started_again(shared: Installation, repositories: Repositories) -> None:
    workspace = shared.create(repositories.tiny("ending"), name="ending")["id"]
    shared.until_phase(workspace, "running")
    shared.sh("ending", "echo home >~/notes; sync")
    shared.docker("kill", *shared.containers_of(workspace))
    shared.until(workspace, lambda w: bool(shared.events(workspace, "container_ended")))
    shared.until_phase(workspace, "running")
    assert shared.sh("ending", "cat ~/notes") == "home"


def test_workspace_and_terminals_outlive_agent_and_server(shared: Installation, repositories: Repositories) -> None:
    workspace = shared.create(repositories.tiny("outliving"), name="outliving")["id"]
    shared.until_phase(workspace, "running")
    before = shared.container_ids(workspace)
    with attached(shared, workspace) as terminal:
        terminal.type("number=40; echo before-$((1+1))")
        terminal.read_until("before-2")

    os.kill(agent_of(shared, workspace), signal.SIGKILL)
    with attached(shared, workspace) as terminal:
        terminal.read_until("before-2")
        terminal.type("number=$((number+1)); echo between-$number")
        terminal.read_until("between-41")

    shared.kill()
    shared.start()
    with attached(shared, workspace) as terminal:
        shown = terminal.read_until("between-41")
        assert "before-2" in shown
        terminal.type("echo after-$((number+1))")
        terminal.read_until("after-42")
    assert shared.container_ids(workspace) == before
    assert shared.sh("outliving", "echo $((6*7))") == "42"
    assert shared.events(workspace, "container_ended") == []


def agent_of(installation: Installation, workspace: str) -> int:
    """The process id of a workspace's agent, as this machine knows it."""
    [container] = installation.containers_of(workspace)
    listed = [line.split(maxsplit=1) for line in installation.docker("top", container, "-eo", "pid,args")[1:]]
    [agent] = [int(pid) for pid, words in listed if "python3" in words.split()[0] and words.endswith("-m carrel.agent")]
    return agent
