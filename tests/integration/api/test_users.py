"""People with an account: made, let in by a link, disabled; there is always an owner."""

from __future__ import annotations

import asyncio

import httpx
from tests.integration.api.conftest import Client, Running, signed_in
from tests.integration.conftest import add_user

from carrel.core.access import Actor, Role
from carrel.server.store import users


async def test_an_account_is_made_let_in_and_disabled(running: Running, client: Client, bens: Client) -> None:
    made = await client.post("/api/v1/users", json={"name": "Cleo", "role": "developer"})
    assert (made.status_code, made.json()["name"], made.json()["disabled"]) == (201, "cleo", False)
    assert (await client.post("/api/v1/users", json={"name": "cleo"})).json()["kind"] == "name_taken"
    assert (await client.post("/api/v1/users", json={"name": "Guest"})).json()["kind"] == "bad_name"
    link = (await client.post("/api/v1/users/cleo/login-links", json={"expires_in_seconds": 3600})).json()
    assert link["expires_in_seconds"] == 3600
    code = link["url"].partition("code=")[2]
    async with httpx.AsyncClient(base_url=running.url, headers={"Origin": running.url}, trust_env=False) as cleo:
        assert (await cleo.post("/api/v1/session", json={"token": code})).json()["user"] == "cleo"
        names = [user["name"] for user in (await cleo.get("/api/v1/users")).json()["items"]]
        assert {"ben", "cleo"} <= set(names)
        assert (await client.patch("/api/v1/users/cleo", json={"disabled": True})).json()["disabled"]
        assert (await cleo.get("/api/v1/session")).status_code == 401
        assert (await client.post("/api/v1/users/cleo/login-links")).json()["kind"] == "wrong_state"
        shown = (await client.get("/api/v1/users")).json()["items"]
        assert [user["disabled"] for user in shown if user["name"] == "cleo"] == [True]
        assert "cleo" not in [user["name"] for user in (await bens.get("/api/v1/users")).json()["items"]]
        assert not (await client.patch("/api/v1/users/cleo", json={"disabled": False})).json()["disabled"]
        assert (await cleo.get("/api/v1/session")).status_code == 401


async def test_there_is_always_an_owner_and_only_owners_have_to_do_with_owners(
    running: Running, client: Client, owner: Actor, bens: Client
) -> None:
    mine = f"/api/v1/users/{owner.user_id}"
    assert (await client.patch(mine, json={"role": "admin"})).json()["kind"] == "wrong_state"
    assert (await client.patch(mine, json={"disabled": True})).json()["kind"] == "bad_value"
    admin = await add_user(running.parts.store, "chief", Role.ADMIN)
    async with signed_in(running, admin) as chiefs:
        for method, path, body in (
            ("PATCH", mine, {"disabled": True}),
            ("POST", f"{mine}/login-links", None),
            ("POST", "/api/v1/users", {"name": "second", "role": "owner"}),
            ("PATCH", "/api/v1/users/ben", {"role": "owner"}),
        ):
            assert (await chiefs.request(method, path, json=body)).json()["kind"] == "not_allowed", path
        assert (await chiefs.post("/api/v1/users", json={"name": "g", "role": "guest"})).json()["kind"] == "bad_value"
        assert (await chiefs.patch("/api/v1/users/nobody", json={})).json()["kind"] == "not_found"
    assert (await client.patch("/api/v1/users/ben", json={"role": "owner"})).json()["role"] == "owner"
    assert (await client.patch(mine, json={"role": "admin"})).json()["role"] == "admin"
    dora = await add_user(running.parts.store, "dora")
    async with signed_in(running, dora) as doras:
        for method, path, body in (
            ("POST", "/api/v1/users", {"name": "x"}),
            ("PATCH", mine, {"disabled": True}),
            ("POST", f"{mine}/login-links", None),
        ):
            answer = await doras.request(method, path, json=body)
            assert (answer.status_code, answer.json()["kind"]) == (403, "not_allowed"), path


async def test_two_owners_who_demote_each_other_at_once_leave_one(running: Running, client: Client) -> None:
    for name in ("first", "second"):
        assert (await client.post("/api/v1/users", json={"name": name, "role": "owner"})).status_code == 201
    owner = (await client.get("/api/v1/session")).json()["user"]
    actors = {}
    async with running.parts.store.reading() as session:
        for name in ("first", "second"):
            found = await users.by_name(session, name)
            assert found is not None
            actors[name] = Actor(found.id, found.name, found.role)
    assert (await client.patch(f"/api/v1/users/{owner}", json={"role": "admin"})).status_code == 200
    async with signed_in(running, actors["first"]) as first, signed_in(running, actors["second"]) as second:
        answers = await asyncio.gather(
            first.patch("/api/v1/users/second", json={"role": "admin"}),
            second.patch("/api/v1/users/first", json={"role": "admin"}),
        )
    assert sorted(answer.status_code for answer in answers) in ([200, 403], [200, 409])
    async with running.parts.store.reading() as session:
        assert len([user for user in await users.all_users(session) if user.role is Role.OWNER]) == 1
