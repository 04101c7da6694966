"""`login`, `logout`, git credentials, completion."""

from __future__ import annotations

from pathlib import Path

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
