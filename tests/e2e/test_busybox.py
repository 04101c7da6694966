"""An image that has only busybox: nothing of what the platform needs has to be in an image (Show 7 of the main job)."""

from __future__ import annotations

import os
import pty
import re
import select
import subprocess
import time

import pytest
from tests.e2e.browsing import TERMINAL_AS_TEXT, chromium, type_into_terminal
from tests.e2e.installation import BIN, Installation
from tests.e2e.repositories import Repositories


@pytest.fixture(scope="module")
def busybox(shared: Installation, repositories: Repositories) -> Installation:
    """An installation with a running workspace `tiny`, whose image has nothing but busybox."""
    settings = {"customizations": {"vscode": {"settings": TERMINAL_AS_TEXT}}}
    workspace = shared.create(repositories.tiny("tiny", settings), name="tiny")["id"]
    shared.until_phase(workspace, "running")
    return shared


def test_there_is_nothing_but_busybox(busybox: Installation) -> None:
    assert busybox.sh("tiny", "ls /bin | wc -l; find /bin -type f") == f"{len(applets())}\n/bin/busybox"
    assert busybox.sh("tiny", "ls -d /lib /lib64 /usr /opt/* 2>/dev/null || true") == "/opt/carrel"


def applets() -> list[str]:
    listed = subprocess.run(["busybox", "--list"], capture_output=True, check=True, text=True)
    return sorted({*listed.stdout.split(), "busybox"})


def test_exec_has_stdin_stdout_stderr_and_status(busybox: Installation) -> None:
    script = "cat; echo err >&2; exit 7"
    done = busybox.carrel("exec", "-T", "tiny", "sh", "-c", script, stdin=b"in\n", check=False)
    assert (done.stdout, done.stderr, done.returncode) == (b"in\n", b"err\n", 7)


def test_a_terminal_is_one(busybox: Installation) -> None:
    said = in_terminal(busybox, ["ssh", "tiny"], b"tty; stty size; echo $((6*7)); exit 3\r")
    lines = said.decode().splitlines()
    assert any(line.startswith("/dev/pts/") for line in lines)
    assert "24 80" in lines
    assert "42" in lines


def in_terminal(installation: Installation, words: list[str], typed: bytes) -> bytes:
    """What a terminal shows in which `carrel` runs and somebody types, once there is a prompt, until it ends."""
    ours, theirs = pty.openpty()
    os.system(f"stty rows 24 cols 80 <{os.ttyname(theirs)}")
    with subprocess.Popen(
        [BIN / "carrel", *words], stdin=theirs, stdout=theirs, stderr=theirs, env=installation.environment
    ) as process:
        os.close(theirs)
        said, until = b"", time.monotonic() + 120
        while process.poll() is None or select.select([ours], [], [], 0)[0]:
            assert time.monotonic() < until, said
            if not select.select([ours], [], [], 0.05)[0]:
                continue
            try:
                said += os.read(ours, 65536)
            except OSError:
                break
            if typed and b"#" in said:
                os.write(ours, typed)
                typed = b""
    os.close(ours)
    assert process.returncode == 3
    return said


def test_vs_code_and_the_terminals_of_its_page_and_of_ours_work(busybox: Installation) -> None:
    link = busybox.api("POST", "/login-links", {})["url"]
    with chromium() as browser:
        page = browser.new_page()
        page.goto(link)
        page.get_by_role("link", name=re.compile("^tiny")).click()
        with browser.expect_page() as opened:
            page.get_by_role("link", name="Open VS Code of tiny in a new tab").click()
        code = opened.value
        code.get_by_role("treeitem", name=".devcontainer.json").wait_for()
        type_into_terminal(code, "echo $((6*7)) | tee from-vs-code")
        code.locator(".xterm-rows > div").get_by_text("42", exact=True).wait_for()
        code.get_by_role("treeitem", name="from-vs-code").wait_for()

        page.get_by_role("link", name="Terminal", exact=True).first.click()
        terminal = page.get_by_role("group", name="Terminal main of tiny").get_by_role("textbox")
        page.locator(".xterm-rows", has_text="#").wait_for()
        terminal.press_sequentially("cat from-vs-code")
        terminal.press("Enter")
        page.locator(".xterm-rows > div").get_by_text("42", exact=True).wait_for()
