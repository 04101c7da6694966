"""Limits over HTTP: refused with the limit's name, what counts and the way out, also when all come at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.integration.api.conftest import Client, Running, serving, signed_in
from tests.integration.conftest import add_user, add_workspace

from carrel.core.accelerators import Machine
from carrel.core.access import Actor, Role
from carrel.core.quota import Ceilings
from carrel.core.spec import Limits
from carrel.core.workspace import Goal, Phase, Workspace
from carrel.server.actions.installation import ensure_installation
from carrel.server.settings import Settings, load_settings
from carrel.server.store import projects, quota, workspaces
from carrel.server.store.engine import Store

W = "/api/v1/workspaces"
ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""What the other tests show of PostgreSQL is enough."""
GIB = 2**30


@asynccontextmanager
async def limited(store: Store, folder: Path, **limits: Any) -> AsyncIterator[Running]:
    """A server with these settings."""

    def settings(port: int) -> Settings:
        return load_settings({}, overrides={"data_dir": folder / "data", "port": port, **limits})

    await ensure_installation(store)
    async with serving(store, settings) as server:
        yield server


@pytest.fixture
async def running(store: Store, tmp_path: Path) -> AsyncIterator[Running]:
    sizes = {"max_cpus": 4, "max_memory_bytes": 2**33, "default_cpus": 1, "default_memory_bytes": GIB}
    async with limited(store, tmp_path, max_workspaces=12, max_running=10, **sizes) as server:
        yield server


async def stopped(store: Store, owner: Actor, number: int, **members: Any) -> list[Workspace]:
    return [
        await add_workspace(store, owner, **{"goal": Goal.STOP, "phase": Phase.STOPPED, **members})
        for _ in range(number)
    ]


async def all_at_once(client: Client, paths: Sequence[str]) -> tuple[int, list[dict[str, Any]]]:
    """How many were accepted, and the refusals of the others."""
    responses = await asyncio.gather(*(client.post(path, timeout=60) for path in paths))
    assert {r.status_code for r in responses} <= {200, 201, 202, 409}, {r.text for r in responses}
    return sum(r.status_code < 300 for r in responses), [r.json() for r in responses if r.status_code == 409]


async def goals(store: Store, actor: Actor) -> list[Goal]:
    async with store.reading() as session:
        return [one.goal for one in await workspaces.list_page(session, actor, workspaces.Filter(), 1000)]


async def test_fifty_parallel_starts_against_a_limit_of_ten(running: Running, ben: Actor) -> None:
    store = running.parts.store
    made = await stopped(store, ben, 50)
    async with signed_in(running, ben) as client:
        accepted, refused = await all_at_once(client, [f"{W}/{workspace.id}/start" for workspace in made])
        assert (accepted, len(refused)) == (10, 40)
        assert (await goals(store, ben)).count(Goal.RUN) == 10
        assert {(problem["limit"], problem["level"]) for problem in refused} == {("running", "user")}
        told = refused[0]
        assert "10 of 10" in told["detail"]
        assert (told["used"], told["asked"], told["ceiling"]) == (10, 1, 10)
        # The hint is a command that does free a place.
        assert told["hint"].startswith("`carrel stop w")
        name = told["hint"].split("`")[1].removeprefix("carrel stop ")
        assert (await client.post(f"{W}/{name}/stop")).status_code == 202
        accepted, _ = await all_at_once(client, [f"{W}/{workspace.id}/restart" for workspace in made[:5]])
        assert accepted >= 1
    assert (await goals(store, ben)).count(Goal.RUN) == 10


async def test_every_way_to_start_counts(store: Store, tmp_path: Path, ben: Actor) -> None:
    """Starts, restarts, rebuilds and creations at once against one place that is left."""
    async with limited(store, tmp_path, max_running=1) as running, signed_in(running, ben) as client:
        made = await stopped(store, ben, 9)
        verbs = ("start", "restart", "rebuild")
        paths = [f"{W}/{one.id}/{verbs[number % 3]}" for number, one in enumerate(made)]
        creations = [client.post(W, json={"name": f"new-{number}"}, timeout=60) for number in range(3)]
        (accepted, refused), *created = await asyncio.gather(all_at_once(client, paths), *creations)
        statuses = [r.status_code for r in created]
        assert set(statuses) <= {201, 409}
        assert accepted + statuses.count(201) == 1
        assert {problem["limit"] for problem in refused} <= {"running"}
        assert (await goals(store, ben)).count(Goal.RUN) == 1


async def test_many_people_race_for_the_place_of_a_project_and_of_the_installation(
    store: Store, tmp_path: Path, ana: Actor, ben: Actor
) -> None:
    people = [ana, ben, await add_user(store, "eva")]
    async with store.writing() as session:
        await projects.ensure(session, "web")
        for who in people:
            await projects.put_member(session, "web", "", who.user_id, Role.DEVELOPER)
    async with limited(store, tmp_path, project_running=5, installation_running=7) as running:
        for project, more in (("default", 5), ("web", 2)):
            made = {who.user_id: await stopped(store, who, 6, project=project) for who in people}
            async with AsyncExitStack() as stack:
                clients = [await stack.enter_async_context(signed_in(running, who)) for who in people]
                found = await asyncio.gather(
                    *(
                        all_at_once(client, [f"{W}/{one.id}/start" for one in made[who.user_id]])
                        for client, who in zip(clients, people, strict=True)
                    )
                )
            assert sum(accepted for accepted, _ in found) == more
            level = "project" if project == "default" else "installation"
            assert {problem["level"] for _, refused in found for problem in refused} == {level}


@ON_SQLITE
async def test_one_workspace_too_many_is_refused(running: Running, ben: Actor) -> None:
    async with signed_in(running, ben) as client:
        calls = [client.post(W, json={"start": False}) for _ in range(15)]
        responses = await asyncio.gather(*calls)
    assert sorted(r.status_code for r in responses) == [201] * 12 + [409] * 3
    assert {r.json()["limit"] for r in responses if r.status_code == 409} == {"workspaces"}


BAD_SIZES: tuple[tuple[dict[str, Any], int, str, str | None], ...] = (
    ({"cpus": 8}, 409, "over_quota", "cpus"),
    ({"memory_bytes": 2**34}, 409, "over_quota", "memory"),
    ({"gpus": 1}, 409, "over_quota", "gpus"),
    ({"cpus": 0}, 400, "bad_value", None),
    ({"cpus": -1}, 400, "bad_value", None),
    ({"gpus": -1}, 400, "bad_value", None),
    ({"memory_bytes": -1}, 400, "bad_value", None),
    ({"memory_bytes": 10**30}, 400, "bad_value", None),
    ({"cpus": 1e308}, 400, "bad_value", None),
    ({"cpus": "many"}, 422, "malformed_request", None),
)


@ON_SQLITE
async def test_a_size_that_cannot_be_is_refused(running: Running, ben: Actor) -> None:
    async with signed_in(running, ben) as client:
        for limits, status, kind, name in BAD_SIZES:
            response = await client.post(W, json={"limits": limits, "start": False})
            told = response.json()
            assert (response.status_code, told["kind"], told.get("limit")) == (status, kind, name), limits
            assert told["hint"]
        assert (await client.get(W)).json()["items"] == []


@ON_SQLITE
async def test_what_runs_grows_only_within_the_limits_and_shrinks_always(
    store: Store, tmp_path: Path, ben: Actor
) -> None:
    async with limited(store, tmp_path, user_cpus=4) as running, signed_in(running, ben) as client:
        one = (await client.post(W, json={"name": "one", "limits": {"cpus": 3}})).json()
        refused = await client.post(W, json={"name": "two", "limits": {"cpus": 2}})
        assert (refused.json()["limit"], refused.json()["ceiling"]) == ("cpus", 4)
        assert refused.json()["hint"] == "`carrel stop one` frees 3 or ask for less; an administrator can allow more."
        assert (await client.post(W, json={"name": "two", "limits": {"cpus": 1}})).status_code == 201
        grown = await client.patch(f"{W}/one", json={"limits": {"cpus": 3.5}})
        assert (grown.status_code, grown.json()["limit"], grown.json()["used"]) == (409, "cpus", 1)
        async with store.writing() as session:  # an administrator allows less than what runs
            await quota.set_user_limits(session, ben.user_id, Ceilings(cpus=1))
        assert (await client.patch(f"{W}/one", json={"limits": {"cpus": 2}})).status_code == 200
        # What takes all that it can get cannot be counted, so it says a size.
        unsized = await client.patch(f"{W}/two", json={"limits": {"cpus": None}})
        assert (unsized.status_code, "says no size" in unsized.json()["detail"]) == (409, True)
        assert (await client.post(f"{W}/{one['id']}/restart")).status_code == 202  # it counts already


@ON_SQLITE
async def test_over_the_disk_limit_nothing_starts_and_the_trash_is_named(
    store: Store, tmp_path: Path, ben: Actor
) -> None:
    async with limited(store, tmp_path, user_disk_bytes=2 * GIB) as running, signed_in(running, ben) as client:
        await stopped(store, ben, 1, name="big", disk_bytes=GIB)
        gone = {"goal": Goal.DELETE, "phase": Phase.DELETED}
        await stopped(store, ben, 1, name="old", disk_bytes=GIB + 1, **gone)
        refused = (await client.post(f"{W}/big/start")).json()
        assert (refused["limit"], refused["level"]) == ("disk", "user")
        assert refused["hint"] == "`carrel rm --purge old` frees 1 GiB; it is in the trash."
        assert "old (1 GiB, in the trash)" in refused["detail"]
        assert (await client.post(W, json={"name": "new"})).json()["limit"] == "disk"
        assert (await client.delete(f"{W}/old?purge=true")).status_code == 202
        async with store.writing() as session:  # what the loop does then
            row = await workspaces.lock(session, ben, "old")
            await workspaces.change(session, row.id, {"disk_bytes": 0})
        assert (await client.post(f"{W}/big/start")).status_code == 202


@ON_SQLITE
async def test_nobody_is_named_to_who_may_not_see_him(store: Store, tmp_path: Path, ana: Actor, ben: Actor) -> None:
    async with limited(store, tmp_path, installation_running=1) as running:
        await add_workspace(store, ana, name="secret-plan")
        async with signed_in(running, ben) as client:
            told = (await client.post(W, json={"name": "mine"})).json()
            view = (await client.get("/api/v1/quota")).text
    assert told["level"] == "installation"
    assert "secret-plan" not in str(told) + view
    assert "1 workspace" in told["detail"]


async def test_a_gpu_that_is_not_there_or_not_free_is_refused_before_the_start(
    store: Store, tmp_path: Path, ben: Actor
) -> None:
    async with limited(store, tmp_path, max_gpus=2) as running, signed_in(running, ben) as client:

        async def asked(**body: Any) -> httpx.Response:
            return await client.post(W, json=body, timeout=60)

        typo = (await asked(accelerator="nvidia-telsa-t4")).json()
        assert (typo["kind"], "'nvidia-tesla-t4'" in typo["hint"]) == ("bad_value", True)
        async with store.writing() as session:
            await quota.set_machine(session, Machine())
        assert (await asked(limits={"gpus": 1})).json()["kind"] == "no_accelerator"
        async with store.writing() as session:
            await quota.set_machine(session, Machine(2, is_counted=True, accelerator="nvidia-l4"))
        assert (await asked(accelerator="nvidia-tesla-t4")).json()["detail"].endswith("this server has nvidia-l4.")
        responses = await asyncio.gather(*(asked(name=f"gpu-{n}", accelerator="nvidia-l4") for n in range(5)))
        assert sorted(r.status_code for r in responses) == [201, 201, 409, 409, 409]
        told = next(r.json() for r in responses if r.status_code == 409)
        assert told["detail"] == "It asks for 1 x nvidia-l4, and none of 2 is free."
        made = next(r.json() for r in responses if r.status_code == 201)
        assert made["limits"]["gpus"] == 1
        view = (await client.get("/api/v1/quota")).json()
        assert (view["machine"]["gpus_used"], view["most"]["gpus"]) == (2, 0)


# --- what is asked before, and what administrators say --------------------------------------------------------------


@ON_SQLITE
async def test_what_may_still_be_asked_for_is_known_before(store: Store, tmp_path: Path, ben: Actor) -> None:
    limits = {"max_running": 2, "max_cpus": 4, "user_memory_bytes": 8 * GIB, "default_cpus": 1}
    async with limited(store, tmp_path, **limits) as running, signed_in(running, ben) as client:
        await add_workspace(store, ben, limits=Limits(cpus=1, memory_bytes=6 * GIB))
        view = (await client.get("/api/v1/quota")).json()
        assert (view["running_left"], view["workspaces_left"], view["start_problem"]) == (1, None, None)
        assert view["most"] == {
            "workspaces": None,
            "running": None,
            "cpus": 4,
            "memory_bytes": 2 * GIB,
            "gpus": 0,
            "disk_bytes": None,
        }
        assert [tier["level"] for tier in view["tiers"]] == ["user", "project", "installation"]
        assert view["tiers"][0]["used"]["memory_bytes"] == 6 * GIB
        # What it says can be asked for can be had; more cannot.
        more = {"limits": {"cpus": 4, "memory_bytes": 2 * GIB + 1}}
        assert (await client.post(W, json=more)).status_code == 409
        assert (await client.post(W, json={"limits": {"cpus": 4, "memory_bytes": 2 * GIB}})).status_code == 201
        view = (await client.get("/api/v1/quota")).json()
        assert (view["running_left"], view["start_problem"]["kind"]) == (0, "over_quota")
        assert view["start_problem"]["limit"] == "running"
        assert (await client.get("/api/v1/quota?domain=dev")).json()["kind"] == "bad_value"


@ON_SQLITE
async def test_administrators_limit_one_project_and_one_user(store: Store, tmp_path: Path, ben: Actor) -> None:
    admin = await add_user(store, "admin", Role.ADMIN)
    async with (
        limited(store, tmp_path, max_running=3) as running,
        signed_in(running, ben) as client,
        signed_in(running, admin) as admins,
    ):
        for path in ("/api/v1/projects/default/limits", "/api/v1/users/ben/limits"):
            assert (await client.put(path, json={"running": 100})).json()["kind"] == "not_allowed"
            assert (await client.get(path)).status_code == 200
            for bad in ({"running": -1}, {"cpus": "Infinity"}, {"memory_bytes": 10**40}, {"runing": 1}):
                assert (await admins.put(path, json=bad)).status_code == 422, bad
        assert (await client.get("/api/v1/users/admin/limits")).json()["kind"] == "not_found"
        said = (await admins.put("/api/v1/users/ben/limits", json={"running": 1, "cpus": 2.5})).json()
        assert (said["own"]["running"], said["ceilings"]["running"], said["ceilings"]["workspaces"]) == (1, 1, None)
        made = await stopped(store, ben, 3, limits=Limits(cpus=1))
        accepted, refused = await all_at_once(client, [f"{W}/{one.id}/start" for one in made])
        assert (accepted, {one["level"] for one in refused}) == (1, {"user"})
        # Nothing more is said: as the settings say. None at all is said of the project: what runs goes on running.
        assert (await admins.put("/api/v1/users/ben/limits", json={})).json()["ceilings"]["running"] == 3
        frozen = (await admins.put("/api/v1/projects/default/limits", json={"running": 0})).json()
        assert (frozen["ceilings"]["running"], frozen["used"]["running"]) == (0, 1)
        told = (await client.post(W, json={})).json()
        assert (told["level"], told["detail"].startswith("The limit 'running' of the project default: 1 of 0")) == (
            "project",
            True,
        )
        assert (await goals(store, ben)).count(Goal.RUN) == 1
