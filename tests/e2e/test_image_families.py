"""Images of three families, and images that lack what others have: each reaches a terminal and VS Code, or says what is missing.

VS Code on Debian is in test_browser.py, on busybox alone in test_busybox.py.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext
from tests.contract.images import bare_image, busybox_image, compiled, image
from tests.e2e.browsing import TERMINAL_AS_TEXT, chromium, type_into_terminal
from tests.e2e.installation import Installation
from tests.e2e.repositories import Repositories
from tests.e2e.terminal import attached

from carrel.core.workspace import new_id
from carrel.runtimes.docker.runtime import DockerRuntime
from carrel.runtimes.docker.settings import DockerSettings

HELLO = '#include <stdio.h>\nint main(void) { puts("hello"); return 0; }\n'
LOADER = Path("/lib/ld-musl-x86_64.so.1")
NO_SHELL = "The image has no shell"


def musl() -> str:
    """Debian's musl with a program that is linked with it, and Debian's busybox."""
    files = {LOADER.as_posix().lstrip("/"): LOADER.read_bytes(), "bin/hello": compiled(HELLO, "musl-gcc")}
    return image("musl", files)


def distroless(**files: bytes) -> str:
    """One static program, and no shell."""
    return bare_image("distroless", {"hello": compiled(HELLO, "gcc", "-static"), **files}, ['CMD ["/hello"]'])


async def debian() -> str:
    runtime = DockerRuntime(DockerSettings(new_id()))
    try:
        return await runtime.base_image(lambda _: None)
    finally:
        await runtime.close()


def configurations() -> Mapping[str, Mapping[str, Any]]:
    editor = {"customizations": {"vscode": {"settings": TERMINAL_AS_TEXT}}}
    passwd = {"etc/passwd": b"root:x:0:0::/root:/bin/bash\ndev:x:1000:1000::/home/dev:/bin/bash\n"}
    return {
        "debian": {"image": asyncio.run(debian()), "postCreateCommand": "bash -c 'echo $0 > hook'", **editor},
        "musl": {"image": musl(), "remoteUser": "dev", "postCreateCommand": "hello > hook", **editor},
        "distroless": {"image": distroless(), "postCreateCommand": "/hello > hook", **editor},
        "shell-less": {"image": distroless(**passwd), "remoteUser": "dev", "postCreateCommand": ["/hello"]},
        "stranger": {"image": busybox_image(), "remoteUser": "nobody-here"},
        "number": {"image": busybox_image(), "remoteUser": "4711", "postCreateCommand": "echo here > ~/hook"},
        "no-bash": {"image": busybox_image(), "remoteUser": "dev", "postCreateCommand": ["bash", "-c", "true"]},
        "no-command": {"image": image("nologin", {"etc/passwd": b"dev:x:1000:1000::/home/dev:/usr/sbin/nologin\n"}), "remoteUser": "dev"},
    }  # fmt: skip


@pytest.fixture(scope="module")
def families(shared: Installation, repositories: Repositories) -> Installation:
    """One workspace for each image, all started together."""
    made = {
        name: shared.create(repositories.make(name, {".devcontainer.json": configuration}), name=name)["id"]
        for name, configuration in configurations().items()
    }
    for workspace in made.values():
        shared.until(workspace, lambda w: w["phase"] == "running" and w["running_since"] is not None, seconds=300)
    return shared


@pytest.fixture(scope="module")
def browser(families: Installation) -> Iterator[BrowserContext]:
    """Signed in."""
    with chromium() as context:
        page = context.new_page()
        page.goto(families.api("POST", "/login-links", {})["url"])
        page.get_by_role("link", name=re.compile("^musl")).first.wait_for()
        yield context


EXPECTED = [
    ("debian", "root", "", "bash"),
    ("musl", "dev", "", "hello"),
    ("distroless", "0", NO_SHELL, "hello"),
    ("shell-less", "dev", NO_SHELL, ""),
    ("stranger", "root", "The user nobody-here is not in /etc/passwd; root is used instead.", ""),
    ("number", "4711", "The user 4711 is not in /etc/passwd.", ""),
    ("no-bash", "dev", "The hook postCreate (devcontainer.json)", ""),
    ("no-command", "dev", "", ""),
]


@pytest.mark.conformance("C036", "C037", "C352", "C353", "C354", "C355", "C356")
@pytest.mark.parametrize(("name", "user", "mark", "hook"), EXPECTED, ids=[row[0] for row in EXPECTED])
def test_an_image_reaches_exec_and_a_terminal_and_says_what_it_lacks(
    families: Installation, name: str, user: str, mark: str, hook: str
) -> None:
    shown = families.workspace(name)
    assert shown["degraded"].startswith(mark) if mark else shown["degraded"] == ""
    assert re.search(rf"uid=\d*\(?{user}\b", families.sh(name, "id"))
    assert families.sh(name, "cd ~ && echo kept > file && cat file") == "kept"
    if hook:
        assert families.sh(name, "cat hook") == hook
    with attached(families, shown["id"]) as terminal:
        terminal.type("echo $((6*7))-there")
        terminal.read_until("42-there")


@pytest.mark.conformance("C363")
@pytest.mark.parametrize(
    ("name", "command", "said"), [("musl", "hello", b"hello\n"), ("distroless", "/hello", b"hello\n")]
)
def test_programs_of_the_image_run_with_its_own_loader(
    families: Installation, name: str, command: str, said: bytes
) -> None:
    assert families.carrel("exec", "-T", name, command).stdout == said


@pytest.mark.parametrize("name", ["musl", "distroless"])
def test_vs_code_and_its_terminal_work_without_glibc_and_without_a_shell(
    families: Installation, browser: BrowserContext, name: str
) -> None:
    page = browser.pages[0]
    page.goto(f"http://127.0.0.1:{families.port}/")
    page.get_by_role("link", name=re.compile(f"^{name}")).first.click()
    with browser.expect_page() as opened:
        page.get_by_role("link", name=f"Open VS Code of {name} in a new tab").click()
    code = opened.value
    code.get_by_role("treeitem", name=".devcontainer.json").wait_for()
    type_into_terminal(code, "echo $((6*7)) > from-vs-code")
    code.get_by_role("treeitem", name="from-vs-code").wait_for()
    assert families.sh(name, "cat from-vs-code") == "42"
    code.close()
