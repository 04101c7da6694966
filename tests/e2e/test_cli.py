"""The command line alone: a git URL, a folder, a terminal, pipes; the server is started by the way."""

from __future__ import annotations

import hashlib
import json
import os
import pty
import random
import select
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.contract.images import busybox_image
from tests.e2e.installation import BIN, Installation
from tests.e2e.repositories import Repositories

POST_CREATE = "echo from the hook; echo $((6*7)) > /workspaces/answer"


@pytest.fixture(scope="module")
def unstarted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """An installation whose server nobody started."""
    own = Installation(tmp_path_factory.mktemp("cli") / "data")
    yield own
    own.carrel("server", "stop")
    own.destroy()


@pytest.fixture(scope="module")
def blog(unstarted: Installation, repositories: Repositories) -> str:
    """The name of a workspace that `carrel up URL` made."""
    url = repositories.tiny("blog", {"postCreateCommand": POST_CREATE}, **{"README.md": "# Blog\n"})
    ended = unstarted.carrel("up", "--no-open", url)
    assert b"Starting the Carrel server in the background" in ended.stderr
    assert b"VS Code: http://code--blog--" in ended.stdout
    assert b"/login?code=" in ended.stdout
    return "blog"


@pytest.mark.conformance("C428", "C447")
def test_up_again_starts_nothing_twice(unstarted: Installation, blog: str, repositories: Repositories) -> None:
    before = unstarted.containers_of(unstarted.workspace(blog)["id"])
    ended = unstarted.carrel("up", f"{repositories.address}/blog.git")
    assert b"Starting the Carrel server" not in ended.stderr
    as_json = unstarted.carrel("up", "-o", "json", f"{repositories.address}/blog.git")
    answer = json.loads(as_json.stdout)
    assert (answer["name"], answer["phase"]) == (blog, "running")
    assert unstarted.containers_of(unstarted.workspace(blog)["id"]) == before
    assert len(unstarted.listed()) == 1


def test_a_workspace_outlives_the_server_and_exec_brings_it_back(unstarted: Installation, blog: str) -> None:
    started = unstarted.sh(blog, "cut -d' ' -f22 /proc/1/stat")
    unstarted.carrel("server", "stop")
    ended = unstarted.carrel("exec", blog, "cut", "-d", " ", "-f22", "/proc/1/stat")
    assert b"Starting the Carrel server" in ended.stderr
    assert ended.stdout.decode().strip() == started


@pytest.mark.conformance("C449")
def test_statuses_and_streams_are_the_commands_own(unstarted: Installation, blog: str) -> None:
    ended = unstarted.carrel("exec", blog, "sh", "-c", "cat; echo oops >&2; exit 7", stdin=b"in\0put", check=False)
    assert (ended.returncode, ended.stdout, ended.stderr) == (7, b"in\0put", b"oops\n")
    assert unstarted.carrel("ssh", blog, "cat README.md").stdout == b"# Blog\n"
    assert unstarted.carrel("exec", blog, "sh", "-c", "kill -9 $$", check=False).returncode == 137


def test_much_goes_through_both_ways(unstarted: Installation, blog: str) -> None:
    data = random.Random(2).randbytes(50_000_000)
    echoed = unstarted.carrel("exec", blog, "cat", stdin=data).stdout
    assert hashlib.sha256(echoed).digest() == hashlib.sha256(data).digest()


def test_hooks_are_in_the_log(unstarted: Installation, blog: str) -> None:
    assert unstarted.carrel("logs", blog, "--stream", "hook:postCreate").stdout == b"from the hook\n"


def test_a_shell_in_a_terminal(unstarted: Installation, blog: str) -> None:
    pid, terminal = pty.fork()
    if pid == 0:
        os.execve(BIN / "carrel", ["carrel", "ssh", blog], unstarted.environment)
    os.write(terminal, b"echo $((6*7))x; tty && exit 9\n")
    shown = _read_until_closed(terminal)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 9, shown
    assert b"42x" in shown
    assert b"/dev/pts/" in shown


def _read_until_closed(terminal: int, seconds: float = 60) -> bytes:
    shown, until = b"", time.monotonic() + seconds
    while time.monotonic() < until:
        if select.select([terminal], [], [], 1)[0]:
            try:
                shown += os.read(terminal, 65536)
            except OSError:  # the other side is closed
                break
    os.close(terminal)
    return shown


def test_up_of_a_folder_works_in_the_folder(unstarted: Installation, tmp_path: Path) -> None:
    folder = tmp_path / "notes"
    folder.mkdir()
    (folder / ".devcontainer.json").write_text(f'{{"image": "{busybox_image()}"}}')
    unstarted.carrel("up", "--no-open", str(folder))
    unstarted.sh("notes", "echo written inside > note.txt")
    assert (folder / "note.txt").read_text() == "written inside\n"
    unstarted.carrel("rm", "--purge", "--yes", "notes")
    assert (folder / "note.txt").exists()


@pytest.mark.conformance("C447")
def test_an_address_where_nothing_is_ends_with_a_problem(unstarted: Installation, repositories: Repositories) -> None:
    ended = unstarted.carrel("up", f"{repositories.address}/nothing.git", check=False)
    assert ended.returncode == 1
    *_, problem, hint = ended.stderr.decode().splitlines()
    assert problem.startswith("The repository ")
    assert hint.startswith("hint: ")
    unstarted.carrel("rm", "--purge", "--yes", "nothing")


def test_a_build_that_fails_gives_a_workspace_with_the_log(unstarted: Installation, repositories: Repositories) -> None:
    dockerfile = f"FROM {busybox_image()}\nRUN echo this is why && false\n"
    url = repositories.tiny("broken", {"build": {"dockerfile": "Dockerfile"}, "image": None}, Dockerfile=dockerfile)
    ended = unstarted.carrel("up", "--no-open", url)
    assert b"warning: Recovery workspace" in ended.stderr
    assert b"this is why" in unstarted.carrel("logs", "broken", "--stream", "build").stdout
    assert b"degraded" in unstarted.carrel("ls").stdout
    unstarted.carrel("rm", "--purge", "--yes", "broken")


def test_what_is_known_of_it_can_be_read(unstarted: Installation, blog: str) -> None:
    assert b"Reach the agent" in unstarted.carrel("timeline", blog).stdout
    assert b"ready: after" in unstarted.carrel("events", blog, "-n", "1000").stdout
    assert b"Stops" in unstarted.carrel("why", blog).stdout
    assert unstarted.carrel("open", "--print", blog).stdout.startswith(b"http://")


def test_the_doctor_finds_nothing_wrong(unstarted: Installation, blog: str) -> None:
    ended = unstarted.carrel("doctor")
    levels = {line.split()[0] for line in ended.stdout.decode().splitlines() if not line.startswith(" ")}
    assert levels <= {"ok", "warn"}
    assert b"carrel-toolbox-" in ended.stdout
