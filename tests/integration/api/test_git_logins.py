"""Logging in at a git host by OAuth's device flow, held against an authorization server after RFC 8628."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.integration.api.conftest import serving, signed_in
from tests.integration.conftest import Clock
from tests.oauth_server import INTERVAL, TOKEN_LIFE, AuthorizationServer, authorization_server

from carrel.core.access import Actor
from carrel.core.problems import Problem
from carrel.core.secret import Secret
from carrel.server.actions.git_credentials import Found, find_git_credential, list_git_credentials
from carrel.server.actions.git_logins import GitLogins
from carrel.server.device_flow import providers
from carrel.server.settings import Settings, load_settings
from carrel.server.store.engine import Store


@pytest.fixture
def database_url(sqlite_url: Secret) -> Secret:
    """What is tested is not the database's."""
    return sqlite_url


@pytest.fixture
def forge() -> Iterator[AuthorizationServer]:
    with authorization_server() as server:
        yield server


def settings_for(forge: AuthorizationServer, kind: str, **more: object) -> Settings:
    entry = f"{forge.address}={forge.client_id};{kind}"
    return load_settings({}, overrides={"git_oauth": (entry,), "allow_git_schemes": ("https", "http"), **more})


@pytest.fixture
def logins(store: Store, clock: Clock, forge: AuthorizationServer) -> GitLogins:
    return GitLogins(store, settings_for(forge, "generic"), clock)


class Times:
    """Moves both clocks."""

    def __init__(self, clock: Clock, forge: AuthorizationServer) -> None:
        self._clock = clock
        self._forge = forge

    def __call__(self, seconds: float) -> None:
        self._clock.move(seconds=seconds)
        self._forge.now += seconds


@pytest.fixture
def wait(clock: Clock, forge: AuthorizationServer) -> Times:
    return Times(clock, forge)


def host_of(forge: AuthorizationServer) -> str:
    return forge.address.removeprefix("http://")


async def stored(store: Store, actor: Actor, host: str) -> Found:
    async with store.reading() as session:
        found = await find_git_credential(session, store.keys, actor.user_id, host)
    assert found is not None
    return found


async def logged_in(logins: GitLogins, forge: AuthorizationServer, wait: Times, actor: Actor) -> Found:
    begun = await logins.begin(actor, host_of(forge))
    forge.decide(begun.user_code, "approve")
    wait(INTERVAL)
    assert (await logins.look(actor, host_of(forge))).is_done
    return await stored(logins.store, actor, host_of(forge))


@pytest.mark.parametrize("kind", ["github", "gitlab", "generic"])
async def test_a_login_that_is_approved_is_a_credential(
    store: Store, clock: Clock, forge: AuthorizationServer, wait: Times, ana: Actor, kind: str
) -> None:
    logins, host = GitLogins(store, settings_for(forge, kind), clock), host_of(forge)
    begun = await logins.begin(ana, host)
    assert begun.user_code in begun.verification_uri_complete
    assert begun.interval_seconds == INTERVAL
    wait(INTERVAL)
    pending = await logins.look(ana, host)
    assert (pending.is_done, pending.interval_seconds) == (False, INTERVAL)
    forge.decide(begun.user_code, "approve")
    wait(INTERVAL)
    assert (await logins.look(ana, host)).is_done
    found = await stored(store, ana, host)
    assert [found.token.reveal(), found.refresh.reveal()] == forge.issued
    assert found.username == ("x-access-token" if kind == "github" else "oauth2")
    async with store.reading() as session:
        [shown] = await list_git_credentials(ana, session)
    assert shown.shown["kind"] == "oauth"
    assert not any(token in str(shown) for token in forge.issued)
    with pytest.raises(Problem, match="No login"):
        await logins.look(ana, host)


async def test_the_host_is_not_asked_more_often_than_it_wants(
    logins: GitLogins, forge: AuthorizationServer, wait: Times, ana: Actor
) -> None:
    host = host_of(forge)
    begun = await logins.begin(ana, host)
    asked = len(forge.paths)
    assert (await logins.look(ana, host)).interval_seconds == INTERVAL
    assert len(forge.paths) == asked  # too early: we wait, and do not ask
    wait(INTERVAL)
    [device] = forge.devices.values()
    device.asked_at = forge.now - 1  # as if another one of the same code had just asked
    assert (await logins.look(ana, host)).interval_seconds == INTERVAL + 5
    wait(INTERVAL)
    assert (await logins.look(ana, host)).interval_seconds == 5
    forge.decide(begun.user_code, "approve")
    wait(5)
    assert (await logins.look(ana, host)).is_done
    assert len(forge.paths) == asked + 2


@pytest.mark.parametrize(("decision", "seconds", "words"), [("deny", 5, "denied"), ("", 900, "expired")])
async def test_a_login_that_is_denied_or_too_late_ends_and_says_what_to_do(
    logins: GitLogins, forge: AuthorizationServer, wait: Times, ana: Actor, *, decision: str, seconds: int, words: str
) -> None:
    host = host_of(forge)
    begun = await logins.begin(ana, host)
    forge.decide(begun.user_code, decision)
    wait(seconds)
    with pytest.raises(Problem, match=words) as raised:
        await logins.look(ana, host)
    assert raised.value.hint == f"`carrel git-credential login {host}` begins anew."
    with pytest.raises(Problem, match="No login"):
        await logins.look(ana, host)


async def test_a_login_is_renewed_before_it_expires_and_once(
    logins: GitLogins, forge: AuthorizationServer, wait: Times, store: Store, ana: Actor
) -> None:
    first = await logged_in(logins, forge, wait, ana)
    assert await logins.renewed(ana.user_id, first) == first
    wait(TOKEN_LIFE - 60)
    seen = await asyncio.gather(*(logins.renewed(ana.user_id, first) for _ in range(5)))
    assert {one.token.reveal() for one in seen} == {forge.issued[2]}
    assert len(forge.issued) == 4
    assert await stored(store, ana, host_of(forge)) == seen[0]
    other = GitLogins(store, logins.settings, logins.now)  # another server, with what it had read before
    assert (await other.renewed(ana.user_id, first)).token.reveal() == forge.issued[2]


async def test_a_login_that_the_host_has_ended_says_how_to_log_in_again(
    logins: GitLogins, forge: AuthorizationServer, wait: Times, ana: Actor
) -> None:
    found = await logged_in(logins, forge, wait, ana)
    forge.refresh_tokens.clear()
    wait(TOKEN_LIFE)
    with pytest.raises(Problem, match="has ended") as raised:
        await logins.renewed(ana.user_id, found)
    assert raised.value.hint == f"`carrel git-credential login {host_of(forge)}` begins a new one."


async def test_while_the_host_cannot_be_asked_a_token_is_used_to_its_end(
    logins: GitLogins, forge: AuthorizationServer, wait: Times, ana: Actor
) -> None:
    found = await logged_in(logins, forge, wait, ana)
    forge.is_broken = True
    wait(TOKEN_LIFE - 60)
    assert await logins.renewed(ana.user_id, found) == found
    wait(60)
    with pytest.raises(Problem, match="not understood"):
        await logins.renewed(ana.user_id, found)


async def test_hosts_that_nobody_set_up_or_that_answer_nonsense_are_named(
    logins: GitLogins, forge: AuthorizationServer, ana: Actor
) -> None:
    with pytest.raises(Problem, match=r"no login for githib\.com") as raised:
        await logins.begin(ana, "githib.com")
    assert host_of(forge) in raised.value.hint
    forge.client_id = "another"
    with pytest.raises(Problem, match="invalid_client"):
        await logins.begin(ana, host_of(forge))
    forge.is_broken = True
    with pytest.raises(Problem, match="not understood"):
        await GitLogins(logins.store, logins.settings).begin(ana, host_of(forge))


@pytest.mark.parametrize("entry", ["github.com", "github.com=", "git.example=x;gitea", "http://git.example=x", "a b=x"])
def test_a_setting_that_cannot_be_right_is_named(entry: str) -> None:
    with pytest.raises(Problem) as raised:
        providers(load_settings({}, overrides={"git_oauth": (entry,)}))
    assert raised.value.kind == "bad_value"


async def test_by_the_api_a_login_is_a_resource_of_the_credential(
    store: Store, forge: AuthorizationServer, ana: Actor, tmp_path: Path
) -> None:
    def settings(port: int) -> Settings:
        return settings_for(forge, "generic", data_dir=tmp_path / "data", port=port)

    url = f"/api/v1/git-credentials/{host_of(forge)}"
    async with serving(store, settings) as running, signed_in(running, ana) as client:
        assert (await client.get("/api/v1/server")).json()["git_login_hosts"] == [host_of(forge)]
        assert (await client.get(f"{url}/login")).json()["kind"] == "not_found"
        begun = await client.post(f"{url}/login")
        assert begun.status_code == 201
        assert begun.json()["verification_uri"] == f"{forge.address}/type-it"
        assert (await client.get(f"{url}/login")).json() == {"state": "pending", "interval_seconds": INTERVAL}
        assert (await client.get("/api/v1/signing-key")).json() == {"public_key": ""}
        key = (await client.put("/api/v1/signing-key", json={})).json()["public_key"]
        assert key.startswith("ssh-ed25519 ")
        assert (await client.put("/api/v1/signing-key", json={})).json()["public_key"] == key
        assert (await client.put("/api/v1/signing-key", json={"anew": True})).json()["public_key"] != key
