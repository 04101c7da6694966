"""`carrel git-credential` and what `carrel preferences` says of git."""

from __future__ import annotations

import io
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import structlog
from tests.integration.api.conftest import Running, serving
from tests.integration.cli.commands.conftest import Carrel
from tests.oauth_server import AuthorizationServer, authorization_server

from carrel.core.secret import Secret
from carrel.server.settings import Settings, load_settings
from carrel.server.store.engine import Store, utc_now
from carrel.server.store.keys import KeyRing


@pytest.fixture
def forge() -> Iterator[AuthorizationServer]:
    with authorization_server() as server:
        server.interval = 1
        yield server


@pytest.fixture
async def running(
    sqlite_url: Secret, keys: KeyRing, tmp_path: Path, forge: AuthorizationServer
) -> AsyncIterator[Running]:
    """A server that is a client of the forge."""
    store = await Store.open(sqlite_url, keys, utc_now)

    def settings(port: int) -> Settings:
        entry = f"{forge.address}={forge.client_id};generic"
        wanted = {"git_oauth": (entry,), "allow_git_schemes": ("https", "http"), "data_dir": tmp_path / "data"}
        return load_settings({}, overrides={**wanted, "port": port})

    with structlog.testing.capture_logs():  # the server's log is not the command's output
        async with serving(store, settings) as server:
            yield server
    await store.close()


async def test_credentials_come_by_typing_or_by_a_login_in_a_browser(
    carrel: Carrel, forge: AuthorizationServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    host = forge.address.removeprefix("http://")
    forge.decision = "approve"
    done = await carrel("git-credential", "login", host)
    assert done.status == 0, done.err
    assert re.search(rf"Open {re.escape(forge.address)}/type-it and type the code [0-9A-F]{{8}}\n", done.err), done.err
    assert f"Logged in at {host}." in done.err
    monkeypatch.setattr("sys.stdin", io.StringIO("token\n"))
    assert (await carrel("git-credential", "add", "git.example")).status == 0
    listed = (await carrel("git-credential", "ls", "-o", "json")).json
    assert {one["host"]: one["kind"] for one in listed} == {host: "login", "git.example": "token"}
    forge.decision = "deny"
    refused = await carrel("git-credential", "login", host)
    assert refused.status != 0
    assert "denied" in refused.err
    assert not any(token in done.out + done.err + refused.err for token in forge.issued)


async def test_name_address_and_signing_are_preferences(carrel: Carrel) -> None:
    assert "none: `carrel preferences --email ADDRESS`" in (await carrel("preferences")).out
    changed = await carrel("preferences", "--full-name", "Ana L", "--email", "a@b.org", "--sign-commits")
    assert all(words in changed.out for words in ("Ana L", "a@b.org", "yes: `carrel git-credential signing-key`"))
    shown = (await carrel("preferences", "--no-sign-commits", "-o", "json")).json
    assert (shown["full_name"], shown["email"], shown["sign_commits"]) == ("Ana L", "a@b.org", False)
    key = await carrel("git-credential", "signing-key")
    assert key.out.startswith("ssh-ed25519 ")
    assert (await carrel("git-credential", "signing-key")).out == key.out
    assert (await carrel("git-credential", "signing-key", "--new")).out != key.out
    assert (await carrel("preferences", "--email", "none")).status != 0
