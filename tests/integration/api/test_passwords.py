"""Local accounts: invitations, signing in with a password, changing it, lock-out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest
from argon2 import PasswordHasher
from tests.integration.api.conftest import Client, Running, serving, signed_in
from tests.integration.conftest import Clock, add_user

from carrel.core.access import Actor, Role
from carrel.core.passwords import FREE_FAILURES
from carrel.core.secret import Secret
from carrel.server.settings import Settings, load_settings
from carrel.server.store import audit, passwords, tokens, users
from carrel.server.store.engine import Store
from carrel.server.store.tokens import TokenKind

GOOD, OTHER, THIRD = "purple walrus on a bicycle", "green herons in the rain", "three blue tea kettles"


@pytest.fixture
def database_url(sqlite_url: Secret) -> Secret:
    """One is enough: tests/integration/store/test_passwords.py tries the statements themselves on both."""
    return sqlite_url


async def sign_in(nobody: Client, name: str, password: str) -> httpx.Response:
    nobody.cookies.clear()
    origin = {"Origin": str(nobody.base_url).rstrip("/")}
    return await nobody.post("/api/v1/session/password", json={"name": name, "password": password}, headers=origin)


async def accept(nobody: Client, url: str, password: str) -> httpx.Response:
    origin = {"Origin": str(nobody.base_url).rstrip("/")}
    body = {"code": url.partition("#")[2], "password": password}
    return await nobody.post("/api/v1/session/invite", json=body, headers=origin)


async def invited(client: Client, user: str, **more: Any) -> str:
    made = await client.post(f"/api/v1/users/{user}/invites", json=more)
    assert made.status_code == 201, made.text
    return str(made.json()["url"])


@pytest.fixture
async def with_password(client: Client, nobody: Client, ben: Actor) -> Actor:
    """ben, who has chosen a password."""
    assert (await accept(nobody, await invited(client, ben.name), GOOD)).status_code == 201
    nobody.cookies.clear()
    return ben


def kind(response: httpx.Response) -> str:
    return str(response.json()["kind"])


async def test_who_is_invited_chooses_a_password_once_and_is_signed_in(
    client: Client, nobody: Client, ben: Actor
) -> None:
    first = await invited(client, "ben")
    url = await invited(client, "ben")
    assert kind(await accept(nobody, first, GOOD)) == "not_authenticated"  # the later one is the one
    assert kind(await accept(nobody, url, "short")) == "bad_value"  # and is not used up
    assert (await accept(nobody, url, GOOD)).json()["user"] == "ben"
    assert (await nobody.get("/api/v1/session")).json()["user"] == "ben"
    assert kind(await accept(nobody, url, OTHER)) == "not_authenticated"
    assert (await sign_in(nobody, "BEN", GOOD)).json()["user_id"] == ben.user_id


async def test_an_invitation_ends_and_an_account_that_is_none_is_not_invited(
    running: Running, client: Client, nobody: Client, ben: Actor, clock: Clock
) -> None:
    url = await invited(client, "ben", expires_in_seconds=60)
    clock.move(seconds=61)
    assert kind(await accept(nobody, url, GOOD)) == "not_authenticated"
    made = await client.post("/api/v1/users", json={"name": "robot", "kind": "service"})
    assert made.json()["kind"] == "service"
    assert kind(await client.post("/api/v1/users/robot/invites", json={})) == "wrong_state"
    assert kind(await client.post("/api/v1/users/robot/login-links", json={})) == "wrong_state"
    async with signed_in(running, ben) as bens:
        assert kind(await bens.post("/api/v1/users/ben/invites", json={})) == "not_allowed"


async def test_whatever_is_wrong_the_answer_is_the_same(
    running: Running, client: Client, nobody: Client, with_password: Actor
) -> None:
    await add_user(running.parts.store, "without")
    answers = [await sign_in(nobody, name, OTHER) for name in ("ben", "nobody", "without", "", "ben--x")]
    answers.append(await sign_in(nobody, "nobody", "nobody's password"))
    await client.patch(f"/api/v1/users/{with_password.name}", json={"disabled": True})
    answers.append(await sign_in(nobody, "ben", GOOD))
    shown = [{k: v for k, v in one.json().items() if k != "request_id"} for one in answers]
    assert shown == [shown[0]] * len(answers)
    assert answers[0].status_code == 401


async def test_after_wrong_passwords_none_is_taken_for_a_while_and_never_for_ever(
    running: Running, nobody: Client, with_password: Actor, clock: Clock
) -> None:
    store = running.parts.store
    async with store.writing() as session:
        await tokens.remove_of_kinds(session, with_password.user_id, TokenKind.SESSION)
    for _ in range(FREE_FAILURES):
        await sign_in(nobody, "ben", OTHER)
    assert (await sign_in(nobody, "ben", GOOD)).status_code == 401
    async with store.reading() as reading:
        stored = await passwords.get(reading, with_password.user_id)
    assert stored is not None
    assert stored.failures == FREE_FAILURES  # what is not tried does not prolong it
    clock.move(seconds=2)
    assert (await sign_in(nobody, "ben", GOOD)).status_code == 201
    async with store.reading() as reading:
        stored = await passwords.get(reading, with_password.user_id)
    assert stored is not None
    assert (stored.failures, stored.locked_until) == (0, None)


async def test_from_where_one_is_signed_in_a_stranger_keeps_nobody_out(
    running: Running, nobody: Client, with_password: Actor
) -> None:
    async with running.parts.store.writing() as session:
        for _ in range(FREE_FAILURES + 3):
            await passwords.record_failure(session, with_password.user_id)
    assert (await sign_in(nobody, "ben", GOOD)).status_code == 201


async def test_a_password_is_changed_with_the_old_one_and_other_browsers_are_signed_out(
    running: Running, nobody: Client, with_password: Actor
) -> None:
    origin = {"Origin": running.url}
    async with httpx.AsyncClient(base_url=running.url, trust_env=False) as second:
        assert (await sign_in(second, "ben", GOOD)).status_code == 201
        assert (await sign_in(nobody, "ben", GOOD)).status_code == 201
        for old, new, expected in ((OTHER, THIRD, "not_allowed"), (GOOD, "ben ben ben ben", "bad_value")):
            answer = await nobody.put("/api/v1/me/password", json={"old": old, "new": new}, headers=origin)
            assert kind(answer) == expected
        body = {"old": GOOD, "new": OTHER}
        assert (await nobody.put("/api/v1/me/password", json=body, headers=origin)).status_code == 204
        assert (await nobody.get("/api/v1/session")).status_code == 200
        assert (await second.get("/api/v1/session")).status_code == 401
    assert (await sign_in(nobody, "ben", GOOD)).status_code == 401
    assert (await sign_in(nobody, "ben", OTHER)).status_code == 201


async def test_a_reset_ends_what_there_was(
    running: Running, client: Client, nobody: Client, with_password: Actor
) -> None:
    assert (await sign_in(nobody, "ben", GOOD)).status_code == 201
    cookies = dict(nobody.cookies)
    async with signed_in(running, with_password) as bens:
        url = await invited(client, "ben", reset=True)
        assert (await bens.get("/api/v1/session")).status_code == 401
    nobody.cookies.update(cookies)
    assert (await nobody.get("/api/v1/session")).status_code == 401
    assert (await sign_in(nobody, "ben", GOOD)).status_code == 401
    assert (await accept(nobody, url, OTHER)).status_code == 201


async def test_an_administrator_resets_no_owner(running: Running, owner: Actor) -> None:
    admin = await add_user(running.parts.store, "admin", Role.ADMIN)
    async with signed_in(running, admin) as admins:
        refused = await admins.post(f"/api/v1/users/{owner.name}/invites", json={"reset": True})
    assert kind(refused) == "not_allowed"


async def test_the_audit_has_it_and_no_password(running: Running, nobody: Client, with_password: Actor) -> None:
    await sign_in(nobody, "ben", OTHER)
    await sign_in(nobody, "ben", GOOD)
    async with running.parts.store.reading() as session:
        rows = await audit.newest(session)
        row = await passwords.get(session, with_password.user_id)
        user = await users.get(session, with_password.user_id)
    assert {"invite.made", "password.changed", "session.begun"} <= {one.action for one in rows}
    assert user is not None
    assert row is not None
    everything = repr((rows, user, row))
    assert GOOD not in everything
    assert OTHER not in everything


async def test_another_sites_page_signs_nobody_in(nobody: Client, with_password: Actor) -> None:
    body = {"name": with_password.name, "password": GOOD}
    answer = await nobody.post("/api/v1/session/password", json=body, headers={"Origin": "https://evil.example.org"})
    assert kind(answer) == "bad_origin"


async def test_a_hash_with_old_parameters_is_made_anew_when_it_is_used(
    running: Running, nobody: Client, ben: Actor
) -> None:
    old = PasswordHasher(time_cost=2, memory_cost=8, parallelism=1).hash(GOOD)
    async with running.parts.store.writing() as session:
        await passwords.put(session, ben.user_id, old)
    assert (await sign_in(nobody, "ben", GOOD)).status_code == 201
    async with running.parts.store.reading() as reading:
        stored = await passwords.get(reading, ben.user_id)
    assert stored is not None
    assert (stored.hash == old, running.parts.hashes.is_old(stored.hash)) == (False, False)
    assert (await sign_in(nobody, "ben", GOOD)).status_code == 201


async def test_one_sees_where_one_is_signed_in_and_ends_what_one_likes(
    running: Running, nobody: Client, with_password: Actor
) -> None:
    origin = {"Origin": running.url}
    store, ways = running.parts.store, "/api/v1/session/ways"
    assert (await nobody.get(ways)).json()["password"] is True  # somebody has one
    async with httpx.AsyncClient(base_url=running.url, trust_env=False, headers={"User-Agent": "Old One"}) as old:
        assert (await sign_in(old, "ben", GOOD)).status_code == 201
        nobody.headers["User-Agent"] = "New One"
        assert (await sign_in(nobody, "ben", GOOD)).status_code == 201
        listed = (await nobody.get("/api/v1/sessions")).json()["items"]
        shown = {one["agent"]: (one["address"], one["current"]) for one in listed}
        assert (shown["Old One"], shown["New One"]) == (("127.0.0.1", False), ("127.0.0.1", True))
        theirs = next(one["id"] for one in listed if one["agent"] == "Old One")
        other = await add_user(store, "other")
        async with signed_in(running, other) as others:
            assert (await others.delete(f"/api/v1/sessions/{theirs}")).status_code == 404
        assert (await nobody.delete(f"/api/v1/sessions/{theirs}", headers=origin)).status_code == 204
        assert (await old.get("/api/v1/session")).status_code == 401
    async with signed_in(running, with_password) as program:
        kept = {"keep_this": True}
        assert (await nobody.delete("/api/v1/sessions", params=kept, headers=origin)).json() == {"ended": 1}
        assert (await nobody.delete("/api/v1/sessions", headers=origin)).json() == {"ended": 1}
        assert (await nobody.get("/api/v1/session")).status_code == 401
        assert (await program.get("/api/v1/session")).status_code == 200


async def test_no_password_is_taken_where_they_are_turned_off_and_no_token_lives_longer_than_it_may(
    store: Store, tmp_path: Path, ben: Actor
) -> None:
    def settings(port: int) -> Settings:
        changed = {"password_sign_in": False, "token_max_days": 30, "mode": "team"}
        return load_settings({}, overrides={"data_dir": tmp_path / "data", "port": port, **changed})

    admin = await add_user(store, "admin", Role.ADMIN)
    async with (
        serving(store, settings) as running,
        signed_in(running, admin) as admins,
        signed_in(running, ben) as bens,
        httpx.AsyncClient(base_url=running.url, trust_env=False) as nobody,
    ):
        assert (await nobody.get("/api/v1/session/ways")).json()["password"] is False
        assert kind(await sign_in(nobody, "ben", GOOD)) == "not_allowed"
        assert kind(await bens.put("/api/v1/me/password", json={"new": GOOD})) == "not_allowed"
        assert kind(await admins.post("/api/v1/users/ben/invites", json={})) == "not_allowed"
        too_long = await bens.post("/api/v1/tokens", json={"life_seconds": 31 * 86400})
        assert (kind(too_long), "30 days" in too_long.json()["detail"]) == ("bad_value", True)
        assert (await bens.post("/api/v1/tokens", json={})).json()["expires_at"] is not None


async def test_a_profile_is_ones_own_to_change(bens: Client) -> None:
    body = {"full_name": " Ben Beispiel ", "email": "ben@example.org"}
    assert (await bens.patch("/api/v1/me", json=body)).json()["full_name"] == "Ben Beispiel"
    me = (await bens.get("/api/v1/me")).json()
    assert (me["email"], me["kind"], me["has_password"]) == ("ben@example.org", "person", False)
    for wrong in ({"email": "nobody"}, {"email": "a@b@c"}, {"full_name": "x" * 201}, {"full_name": "a\nb"}):
        assert kind(await bens.patch("/api/v1/me", json=wrong)) == "bad_value"
