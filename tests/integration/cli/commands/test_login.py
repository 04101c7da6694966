"""`login`, `logout`, git credentials, completion."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
from asyncio.subprocess import PIPE
from collections.abc import Awaitable, Callable
from pathlib import Path

import httpx
import pytest
from tests.integration.api.conftest import Running, token_of
from tests.integration.cli.commands.conftest import BLOG, Carrel, answer
from tests.integration.conftest import add_user


async def test_login_keeps_a_server_and_logout_forgets_it(
    carrel: Carrel, running: Running, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    anas = await token_of(running.parts.store, await add_user(running.parts.store, "ana"))
    answer(monkeypatch, anas.reveal())
    ended = await carrel("login", running.url)
    assert ended.err == f"Signed in to {running.url} as ana.\n"
    for name in ("CARREL_URL", "CARREL_TOKEN", "CARREL_DATA_DIR"):
        monkeypatch.delenv(name)
    assert (await carrel("up", BLOG, "-o", "json")).json["owner"] == "ana"
    assert (await carrel("logout", "--revoke")).status == 0
    assert not (tmp_path / ".config/carrel/client.json").exists()
    assert "nothing to forget" in (await carrel("logout")).err


BROWSER = """#!{python}
import sys, httpx
with httpx.Client(trust_env=False, cookies={cookies!r}, headers={{"Origin": {origin!r}, "Accept": "text/html"}}) as client:
    assert "anas" not in client.get(sys.argv[1]).text
    there = client.post(sys.argv[1]).headers["location"]
    assert client.get(there.replace("state=", "state=x")).status_code == 404
    assert "You are signed in" in client.get(there).text
"""
"""Ana's browser, in which she presses the button."""


async def test_a_browser_signs_this_machine_in_with_a_token_of_its_own_and_logout_revokes_it(
    running: Running, tmp_path: Path
) -> None:
    anas = await token_of(running.parts.store, await add_user(running.parts.store, "ana"))
    async with httpx.AsyncClient(base_url=running.url, trust_env=False, headers={"Origin": running.url}) as browser:
        assert (await browser.post("/api/v1/session", json={"token": anas.reveal()})).status_code == 201
        program = tmp_path / "browser"
        cookies = dict(browser.cookies)
        program.write_text(BROWSER.format(python=sys.executable, cookies=cookies, origin=running.url))
        program.chmod(0o700)

        async def titles() -> list[str]:
            found = (await browser.get("/api/v1/tokens")).json()["items"]
            return [one["title"] for one in found if one["kind"] == "personal"]

        async def on_the_machine(*words: str, answer: Callable[[str], Awaitable[str]] | None = None) -> str:
            env = {"HOME": str(tmp_path), "PATH": os.environ["PATH"], "BROWSER": str(program)}
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "carrel.cli", *words), env=env, stdin=PIPE, stderr=PIPE
            )
            assert process.stdin is not None
            assert process.stderr is not None
            said = ""
            if answer is not None:
                said = (await process.stderr.readuntil(b"state=")).decode() + (await process.stderr.readline()).decode()
                process.stdin.write((await answer(said)).encode() + b"\n")
            said += (await process.communicate())[1].decode()
            assert process.returncode == 0, said
            return said

        async def press(said: str) -> str:
            page = next(line for line in said.splitlines() if line.startswith("http"))
            shown = await browser.post(page, headers={"Accept": "text/html"})
            return shown.text.partition("<code>")[2].partition("</code>")[0]

        said = await on_the_machine("login", running.url, "--browser")
        assert said.endswith(f"Signed in to {running.url} as ana.\n")
        assert "carrel_" not in said
        assert await titles() == [socket.gethostname(), ""]
        first = (tmp_path / ".config/carrel/client.json").read_text()
        await on_the_machine("login", running.url, "--no-browser", answer=press)
        assert (tmp_path / ".config/carrel/client.json").read_text() != first
        assert await titles() == [socket.gethostname(), ""]  # the earlier one was revoked
        assert await on_the_machine("logout") == f"Signed out of {running.url}.\n"
        assert await titles() == [""]


async def test_a_wrong_token_is_not_kept(
    carrel: Carrel, running: Running, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    answer(monkeypatch, "carrel_personal_wrong")
    assert (await carrel("login", running.url)).status == 4
    assert not (tmp_path / ".config/carrel/client.json").exists()


async def test_login_without_an_address_is_a_link(carrel: Carrel, running: Running) -> None:
    assert (await carrel("login")).out.startswith(f"{running.parts.settings.public_url}/login?code=")


async def test_git_credentials_come_from_stdin_and_are_never_shown(
    carrel: Carrel, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer(monkeypatch, "ghp_secret")
    assert (await carrel("git-credential", "add", "git.example.org", "--username", "ana")).status == 0
    listed = await carrel("git-credential", "ls")
    assert listed.out.splitlines()[1].split()[:2] == ["git.example.org", "ana"]
    assert "ghp_secret" not in listed.out + (await carrel("git-credential", "ls", "-o", "json")).out
    assert (await carrel("git-credential", "rm", "git.example.org")).status == 0
    assert (await carrel("git-credential", "rm", "git.example.org")).status == 3
    answer(monkeypatch, "")
    assert (await carrel("git-credential", "add", "git.example.org")).status == 1


async def test_version_names_the_server(carrel: Carrel) -> None:
    found = (await carrel("version", "-o", "json")).json
    assert found["carrel"] == found["server"]


async def test_names_are_completed(carrel: Carrel, monkeypatch: pytest.MonkeyPatch) -> None:
    await carrel("up", BLOG)
    await carrel("up", "https://git.example.org/ana/wiki.git")
    for name, value in {"_CARREL_COMPLETE": "complete_bash", "COMP_WORDS": "carrel stop b", "COMP_CWORD": "2"}.items():
        monkeypatch.setenv(name, value)
    assert (await carrel()).out.split() == ["blog"]
