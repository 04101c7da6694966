"""Projects x domains: who sees and does what in them, what is left to a former member, what ends with a membership."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, cast

import pytest
from tests.integration.api.conftest import Client, Running, signed_in
from tests.integration.conftest import add_user, add_workspace

from carrel.core.access import Action, Actor, Level, Resource, Role, allows
from carrel.core.problems import Problem
from carrel.core.secret import Secret
from carrel.core.workspace import Phase
from carrel.links.access import Held, Identity, Revocation
from carrel.server.actions import login, shares
from carrel.server.actions.projects import usable
from carrel.server.actions.shares import Gift
from carrel.server.live.authority import ServerAuthority
from carrel.server.settings import Settings, load_settings
from carrel.server.store import projects, tokens, workspaces
from carrel.server.store.engine import Store
from carrel.server.store.tokens import NewToken, TokenKind
from carrel.server.store.workspaces import Filter

if TYPE_CHECKING:
    from pathlib import Path

    from carrel.server.live.targets import Targets

API = "/api/v1"
WHERE = [("web", "staging"), ("web", "production"), ("lab", "staging"), ("default", "development")]


async def member(store: Store, user: Actor, project: str, domain: str, role: Role) -> Actor:
    """The user with this membership, too."""
    async with store.writing() as session:
        await projects.ensure(session, project)
        await projects.put_member(session, project, domain, user.user_id, role)
        return replace(user, projects=(await projects.memberships(session, [user.user_id]))[user.user_id])


SIGHT: dict[tuple[str, str, Role], set[int]] = {
    ("web", "", Role.VIEWER): {0, 1},
    ("web", "staging", Role.DEVELOPER): {0},
    ("lab", "", Role.MAINTAINER): {2},
    ("default", "", Role.VIEWER): {3},
    ("default", "staging", Role.MAINTAINER): set(),
}
"""By membership, which of WHERE."""


async def test_a_member_sees_what_is_in_his_project_and_domain(store: Store, ana: Actor) -> None:
    made = [await add_workspace(store, ana, project=one, domain=of) for one, of in WHERE]
    for n, ((project, domain, role), sees) in enumerate(SIGHT.items()):
        asking = await member(store, await add_user(store, f"user{n}"), project, domain, role)
        async with store.reading() as session:
            found = await workspaces.list_page(session, asking, Filter(), 100)
        assert {one.id for one in found} == {made[n].id for n in sees}
        # The query and the pure decision agree.
        allowed = {one.id for one in made if allows(asking, Action.WORKSPACE_READ, Resource.of(one))}
        assert allowed == {made[n].id for n in sees}


async def test_a_workspace_is_made_where_one_may_work_and_a_refusal_names_where_that_is(
    running: Running, bens: Client, ben: Actor, client: Client
) -> None:
    store = running.parts.store
    await client.post(f"{API}/projects", json={"name": "website"})
    await client.post(f"{API}/projects", json={"name": "hidden"})
    await member(store, ben, "web", "staging", Role.DEVELOPER)
    await member(store, ben, "website", "", Role.VIEWER)

    async def answer(**where: str) -> tuple[int, str]:
        response = await bens.post(f"{API}/workspaces", json={"name": f"n{len(where)}", "start": False, **where})
        body = response.json()
        return response.status_code, "" if response.is_success else f"{body['kind']}: {body['detail']} {body['hint']}"

    assert await answer(project="WEB", domain="staging") == (201, "")
    assert (await answer(project="web", domain="production"))[0] == 403
    assert (await answer(project="website"))[0] == 403
    for unknown in ("wbe", "hidden"):
        status, text = await answer(project=unknown)
        assert (status, f"There is no project '{unknown}'" in text) == (404, True), text
        assert "website" not in text
        assert "web, default" in text or "default, web" in text
    assert "You may use: web, default." in (await answer(project="wbe"))[1]
    status, text = await answer(domain="prod")
    assert (status, "development, staging, production" in text) == (400, True), text


async def test_the_owner_of_a_local_server_needs_to_make_no_project(running: Running, client: Client) -> None:
    made = await client.post(f"{API}/workspaces", json={"name": "a", "project": "Fresh", "start": False})
    assert (made.status_code, made.json()["project"]) == (201, "fresh")
    assert [one["name"] for one in (await client.get(f"{API}/projects")).json()["items"]] == ["default", "fresh"]
    refused = await client.delete(f"{API}/projects/fresh")
    assert (refused.status_code, "1 workspace" in refused.json()["detail"]) == (409, True)
    assert (await client.delete(f"{API}/projects/default")).status_code == 409


async def test_an_administrator_of_a_team_makes_projects_on_purpose(store: Store, tmp_path: Path) -> None:
    owner = await add_user(store, "chief", Role.OWNER)
    settings = load_settings({}, overrides={"data_dir": tmp_path, "mode": "team"})
    with pytest.raises(Problem, match="no project 'fresh'"):
        async with store.writing() as session:
            await usable(owner, session, settings, "fresh", "staging")
    async with store.writing() as session:
        assert await usable(owner, session, settings, "Default", "staging") == "default"


async def test_names_are_one_in_every_letter_case_and_look_alikes_are_none(client: Client) -> None:
    assert (await client.post(f"{API}/projects", json={"name": "Web"})).json()["name"] == "web"
    for name, kind in (
        ("WEB", "name_taken"),
        ("w\u0435b", "bad_name"),  # a Cyrillic e
        ("\uff57\uff45\uff42", "bad_name"),  # full width
        ("we\u200bb", "bad_name"),
        ("web--a", "bad_name"),
        ("api", "bad_name"),
    ):
        for noun in ("projects", "users"):
            if (noun, kind) != ("users", "name_taken"):
                answer = await client.post(f"{API}/{noun}", json={"name": name})
                assert answer.json()["kind"] == kind, (noun, name)


async def test_maintainers_say_who_is_a_member_where_they_are_maintainers(running: Running, ben: Actor) -> None:
    store = running.parts.store
    await add_user(store, "cleo")
    await member(store, ben, "web", "staging", Role.MAINTAINER)
    async with signed_in(running, ben) as bens:

        async def put(domain: str, role: str = "developer", user: str = "cleo") -> str:
            body = {"role": role, "domain": domain}
            answer = await bens.put(f"{API}/projects/web/members/{user}", json=body)
            return "" if answer.is_success else str(answer.json()["kind"])

        assert [await put(one) for one in ("staging", "production", "", "nowhere")] == [
            "",
            "not_allowed",
            "not_allowed",
            "bad_value",
        ]
        assert await put("staging", "admin") == "bad_value"
        assert await put("staging", user="nobody") == "not_found"
        # Who maintains may step down, and then says nothing any more.
        assert (await bens.delete(f"{API}/projects/web/members/ben", params={"domain": "staging"})).status_code == 204
        assert await put("staging") == "not_found"


async def test_a_former_member_sees_what_is_his_and_may_not_start_or_enter_it(running: Running, ben: Actor) -> None:
    store = running.parts.store
    asking = await member(store, ben, "web", "", Role.DEVELOPER)
    made = await add_workspace(store, ben, name="blog", project="web", domain="staging", phase=Phase.RUNNING)
    async with store.writing() as session:
        _, url = await shares.share(asking, session, Settings(), made.id, Gift(Level.EDIT))
    guest = url.partition("#")[2]
    cleo = await add_user(store, "cleo")
    await member(store, cleo, "web", "", Role.MAINTAINER)
    async with signed_in(running, ben) as bens, signed_in(running, cleo) as cleos:
        assert "use" in (await bens.get(f"{API}/workspaces/{made.id}")).json()["may"]
        assert (await cleos.delete(f"{API}/projects/web/members/ben")).status_code == 204
        assert (await bens.get(f"{API}/workspaces/{made.id}")).json()["may"] == ["read"]
        for verb in ("start", "stop", "restart"):
            assert (await bens.post(f"{API}/workspaces/{made.id}/{verb}")).status_code == 403
        assert (await bens.delete(f"{API}/workspaces/{made.id}")).status_code == 403
        assert (await cleos.post(f"{API}/workspaces/{made.id}/stop")).status_code == 202
    async with store.reading() as session:  # what he could have left himself a way in with
        assert await login.authenticate(session, Secret(guest), TokenKind.GUEST, login.Request()) is None


async def test_what_is_open_by_a_membership_ends_with_it(store: Store, ben: Actor) -> None:
    asking = await member(store, ben, "web", "staging", Role.DEVELOPER)
    made = await add_workspace(store, ben, name="blog", project="web", domain="staging", phase=Phase.RUNNING)
    host = "code--blog--ben.localhost"
    async with store.writing() as session:
        _, token = await tokens.make(session, NewToken(ben.user_id, TokenKind.SESSION))
        browser = replace(asking, token_id=token.id)
        code = await login.make_app_code(browser, session, Settings(), "code--blog--ben", host)
        ticket, _ = await login.redeem_app_code(session, Settings(), code, host, login.Request())
    authority = ServerAuthority(store, Settings(), cast("Targets", None))
    held = Held(ticket.reveal(), host, Identity(ben.user_id, made.id))
    assert await authority.still_held([held]) == [True]
    async with store.reading() as session:
        assert await login.still_valid(session, browser)
    revocations = authority.revocations()
    assert await anext(revocations) == Revocation(is_unnamed=True)  # it listens
    async with store.writing() as session:
        await projects.put_member(session, "web", "staging", ben.user_id, Role.VIEWER)
    async with asyncio.timeout(60):
        assert await anext(revocations) == Revocation(is_unnamed=True)
    assert await authority.still_held([held]) == [False]
    async with store.reading() as session:
        assert not await login.still_valid(session, browser)
