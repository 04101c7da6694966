"""Policies in the API: what a project chooses, what applies to a workspace, what its people are told."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.integration.api.conftest import Client, Running, agent_status, serving
from tests.integration.conftest import Clock, add_workspace

from carrel.core.access import Actor
from carrel.core.agent import Signal, SignalKind
from carrel.core.definition import Definition
from carrel.core.schedule import Schedule
from carrel.core.workspace import AskedRetention, Goal, Phase, PolicyMemory, Remembered
from carrel.server.settings import Settings, load_settings
from carrel.server.store import audit, workspaces
from carrel.server.store.engine import Store

DEFAULT = "/api/v1/projects/default/policy"


@pytest.fixture
async def running(store: Store, tmp_path: Path) -> AsyncIterator[Running]:
    """A team's server, with the defaults of one."""

    def settings(port: int) -> Settings:
        overrides = {"data_dir": tmp_path / "data", "port": port, "mode": "team", "hard_life_seconds": 172800}
        return load_settings({}, overrides=overrides)

    async with serving(store, settings) as server:
        yield server


async def test_a_project_chooses_and_everybody_in_it_reads(client: Client, bens: Client, store: Store) -> None:
    before = (await client.get(DEFAULT)).json()
    assert set(before["chosen"].values()) == {None}
    kept = {"ttl_seconds": 1800, "ttl_min_seconds": 300, "ttl_max_seconds": 86400, "max_life_seconds": 86400}
    kept |= {"archive_after_days": 14, "delete_after_days": 30, "trash_days": 7, "warning_seconds": 900}
    assert {name: before["in_force"][name] for name in kept} == kept
    schedule = {"start": "8:30", "stop": "19:00", "days": ["fri", "mon"], "time_zone": "europe/berlin"}
    answer = await client.put(DEFAULT, json={"ttl_seconds": 3600, "trash_days": 3, "schedule": schedule})
    assert answer.status_code == 200
    seen = (await bens.get(DEFAULT)).json()
    assert seen == answer.json()
    assert (seen["in_force"]["ttl_seconds"], seen["in_force"]["trash_days"]) == (3600, 3)
    assert seen["in_force"]["schedule"] == {
        "start": "08:30",
        "stop": "19:00",
        "days": ["mon", "fri"],
        "time_zone": "Europe/Berlin",
    }
    assert seen["in_force"]["set_by"] == {"schedule": "project", "trash_days": "project", "ttl_seconds": "project"}
    assert (await bens.put(DEFAULT, json={"trash_days": 30})).status_code == 403
    assert (await client.get("/api/v1/projects/nowhere/policy")).status_code == 404
    async with store.reading() as session:
        newest = await audit.newest(session, "project:default")
    assert [row.action for row in newest].count("project.policy") == 1


async def test_a_policy_that_cannot_be_is_refused(client: Client) -> None:
    cases: list[tuple[dict[str, Any], int, str]] = [
        ({"ttl_seconds": 60}, 400, "the installation's floor is 300"),
        ({"ttl_max_seconds": 100000}, 400, "above the installation's ceiling, 86400"),
        ({"schedule": {"start": "8h30"}}, 400, "'8h30' is no time of the day"),
        ({"schedule": {"start": "08:30", "time_zone": "Europe/Berln"}}, 400, "is no time zone"),
        ({"ttl": 60}, 422, ""),
        ({"trash_days": "many"}, 422, ""),
    ]
    for body, status, words in cases:
        answer = await client.put(DEFAULT, json=body)
        assert answer.status_code == status, body
        assert words in answer.json().get("detail", "")


async def test_a_wish_out_of_bounds_is_refused_with_the_bounds(bens: Client, ben: Actor, store: Store) -> None:
    there = await add_workspace(store, ben)
    for retention, words in (
        ({"ttl_seconds": 299}, "299 is too short; the installation's floor is 300"),
        ({"ttl_seconds": 86401}, "86401 is too long; the installation's ceiling is 86400"),
        ({"ttl_seconds": 0}, "0 (never) is not possible here"),
        ({"max_life_seconds": 200000}, "the installation's ceiling is 172800"),
    ):
        made = await bens.post("/api/v1/workspaces", json={"retention": retention, "start": False})
        changed = await bens.patch(f"/api/v1/workspaces/{there.id}", json={"retention": retention})
        for answer in (made, changed):
            assert (answer.status_code, answer.json()["kind"]) == (400, "bad_value")
            assert words in answer.json()["detail"]


async def test_what_is_in_force_follows_an_edit_and_the_wish_stays(client: Client, bens: Client) -> None:
    made = (await bens.post("/api/v1/workspaces", json={"retention": {"ttl_seconds": 7200}, "start": False})).json()
    plain = (await bens.post("/api/v1/workspaces", json={"start": False})).json()
    assert (made["retention"]["ttl_seconds"], made["asked_retention"]["ttl_seconds"]) == (7200, 7200)
    assert (plain["retention"]["ttl_seconds"], plain["asked_retention"]["ttl_seconds"]) == (1800, None)
    await client.put(DEFAULT, json={"ttl_seconds": 900, "ttl_max_seconds": 3600})
    listed = {one["id"]: one for one in (await bens.get("/api/v1/workspaces")).json()["items"]}
    assert listed[made["id"]]["retention"]["ttl_seconds"] == 3600
    assert listed[made["id"]]["asked_retention"]["ttl_seconds"] == 7200
    assert listed[plain["id"]]["retention"]["ttl_seconds"] == 900


async def test_notices_and_the_next_step_are_answered(bens: Client, ben: Actor, store: Store, clock: Clock) -> None:
    rests = clock() - timedelta(days=12)
    memory = Remembered(policy=PolicyMemory(retiring="archive", resting_since=rests, noticed=(clock(),)))
    members: dict[str, Any] = {"goal": Goal.STOP, "phase": Phase.STOPPED, "stopped_at": rests}
    told = await add_workspace(store, ben, name="told", remembered=memory, **members)
    quiet = await add_workspace(store, ben, goal=Goal.STOP, phase=Phase.STOPPED, stopped_at=clock())
    document = (await bens.get(f"/api/v1/workspaces/{told.id}")).json()
    assert document["next_step"] == "archive"
    (notice,) = document["notices"]
    assert (notice["kind"], notice["at"]) == ("archive", document["next_step_at"])
    assert notice["text"] == "It will be put aside (archived). `carrel start told` keeps it."
    document = (await bens.get(f"/api/v1/workspaces/{quiet.id}")).json()
    assert (document["next_step"], document["notices"]) == ("archive", [])
    why = (await bens.get(f"/api/v1/workspaces/{told.id}/why")).json()
    rules = {rule["name"]: (rule["value"], rule["set_by"], rule["next_at"]) for rule in why["rules"]}
    assert rules == {
        "archive": ("after 14 days at rest", "installation", notice["at"]),
        "trash": ("after 30 days at rest", "installation", None),
        "purge": ("after 7 days in the trash", "installation", None),
    }
    assert why["notices"] == [notice]


async def test_why_names_the_rules_and_who_set_them(
    running: Running, client: Client, bens: Client, ben: Actor, store: Store, clock: Clock
) -> None:
    await client.put(DEFAULT, json={"max_life_seconds": 7200})
    made = await add_workspace(
        store,
        ben,
        phase=Phase.RUNNING,
        running_since=clock(),
        retention=AskedRetention(ttl_seconds=600),
        definition=Definition(schedule=Schedule("08:00", "18:00", ("mon",), "UTC")),
    )
    signal = Signal(SignalKind.INPUT, clock(), "terminal main")
    running.live.statuses[made.id] = agent_status(made, signals=(signal,))
    why = (await bens.get(f"/api/v1/workspaces/{made.id}/why")).json()
    assert (why["alive"], why["waits"]) == (True, "")
    rules = {rule["name"]: (rule["value"], rule["set_by"]) for rule in why["rules"]}
    assert rules == {
        "idle": ("stop after 10 min", "workspace"),
        "life": ("stop after 2 h", "project"),
        "ceiling": ("2 days", "installation"),
        "schedule": ("08:00 to 18:00, mon, UTC", "workspace"),
    }


async def test_a_wish_is_given_back_to_the_policy(client: Client, bens: Client) -> None:
    wish = {"ttl_seconds": 600, "max_life_seconds": 7200, "on_idle": "delete"}
    made = (await bens.post("/api/v1/workspaces", json={"retention": wish, "start": False})).json()
    place = f"/api/v1/workspaces/{made['id']}"
    kept = (await bens.patch(place, json={"retention": {"on_idle": None}})).json()
    assert kept["asked_retention"] == wish | {"on_deadline": "stop"}
    one = (await bens.patch(place, json={"retention": {"ttl_seconds": None}})).json()
    assert (one["asked_retention"]["ttl_seconds"], one["asked_retention"]["max_life_seconds"]) == (None, 7200)
    assert (one["retention"]["ttl_seconds"], one["retention"]["on_idle"]) == (1800, "delete")
    both = (await bens.patch(place, json={"retention": {"max_life_seconds": None}})).json()
    assert both["retention"]["max_life_seconds"] == 86400
    await client.put(DEFAULT, json={"ttl_seconds": 3600})
    assert (await bens.get(place)).json()["retention"]["ttl_seconds"] == 3600


async def test_a_projects_schedule_is_turned_off_and_on_again(client: Client, bens: Client) -> None:
    assert (await client.put(DEFAULT, json={"schedule": {"start": "08:00", "stop": "18:00"}})).status_code == 200
    made = (await bens.post("/api/v1/workspaces", json={"schedule": {"off": True}, "start": False})).json()
    place = f"/api/v1/workspaces/{made['id']}"
    assert made["definition"]["schedule"]["off"] is True

    async def rules() -> list[str]:
        return [rule["name"] for rule in (await bens.get(f"{place}/why")).json()["rules"]]

    assert "schedule" not in await rules()
    again = (await bens.patch(place, json={"schedule": {"start": "", "stop": ""}})).json()
    assert again["definition"] is None
    assert "schedule" in await rules()
    answer = await bens.patch(place, json={"schedule": {"off": True, "start": "08:00"}})
    assert (answer.status_code, answer.json()["kind"]) == (400, "bad_value")
    assert (await client.put(DEFAULT, json={"schedule": {"off": True}})).status_code == 422


async def test_time_at_rest_begins_anew_with_unarchive(bens: Client, ben: Actor, store: Store, clock: Clock) -> None:
    rests = clock() - timedelta(days=20)
    members: dict[str, Any] = {"goal": Goal.STOP, "phase": Phase.STOPPED, "stopped_at": rests}
    made = await add_workspace(store, ben, archived=True, archived_at=rests, **members)
    assert (await bens.get(f"/api/v1/workspaces/{made.id}")).json()["next_step"] == "trash"
    document = (await bens.post(f"/api/v1/workspaces/{made.id}/unarchive")).json()
    assert (document["archived"], document["archived_at"], document["next_step"]) == (False, None, "archive")
    async with store.reading() as session:
        found = await workspaces.find(session, made.id)
    assert found is not None
    assert found.stopped_at == clock()


async def test_no_extension_passes_the_ceiling(bens: Client, ben: Actor, store: Store, clock: Clock) -> None:
    members: dict[str, Any] = {
        "phase": Phase.RUNNING,
        "running_since": clock(),
        "deadline": clock() + timedelta(days=1),
    }
    made = await add_workspace(store, ben, **members)
    path = f"/api/v1/workspaces/{made.id}/extend"
    document = (await bens.post(path, json={"seconds": 30 * 86400})).json()
    assert document["deadline"] is not None
    refused = await bens.post(path, json={"seconds": 3600})
    assert (refused.status_code, refused.json()["kind"]) == (409, "wrong_state")
    assert "the installation's ceiling" in refused.json()["detail"]
