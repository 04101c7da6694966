from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from carrel.runtimes.contract import ContainerState
from carrel.runtimes.docker.facts import (
    LogicalVolumes,
    address,
    container_fact,
    image_fact,
    logical_volumes,
    running_primary,
)

STATE = {"Status": "running", "StartedAt": "2026-01-02T03:04:05.123456789Z", "ExitCode": 0, "OOMKilled": False}


def inspected(state: dict[str, Any], **labels: str) -> dict[str, Any]:
    return {
        "Id": "abc",
        "State": STATE | state,
        "Config": {"Labels": {f"dev.carrel.{name}": value for name, value in labels.items()}},
    }


@pytest.mark.parametrize(
    ("status", "state", "code"),
    [
        ("created", ContainerState.CREATED, None),
        ("running", ContainerState.RUNNING, None),
        ("paused", ContainerState.RUNNING, None),
        ("exited", ContainerState.EXITED, 3),
        ("dead", ContainerState.EXITED, 3),
        ("a state of a newer engine", ContainerState.EXITED, 3),
    ],
)
def test_states(status: str, state: ContainerState, code: int | None) -> None:
    fact = container_fact(inspected({"Status": status, "ExitCode": 3}, container="main", spec="digest"))
    assert (fact.name, fact.state, fact.exit_code, fact.spec_digest, fact.creation) == (
        "main",
        state,
        code,
        "digest",
        "abc",
    )


@pytest.mark.conformance("C078")
def test_a_container_that_is_being_removed_is_not_the_one_that_is_looked_for() -> None:
    going = inspected({"Status": "removing"}, container="main", primary="1")
    stays = inspected({}, container="main", primary="1")
    assert running_primary([going]) is None
    assert running_primary([going, stays]) is stays
    assert container_fact(going).state is ContainerState.EXITED


def test_helpers_are_throw_away() -> None:
    fact = container_fact(inspected({}, helper="source"))
    assert (fact.name, fact.throw_away, fact.spec_digest) == ("source", True, "")


def test_times_have_a_zone_and_the_zero_time_is_none() -> None:
    assert container_fact(inspected({})).started_at == datetime(2026, 1, 2, 3, 4, 5, 123456, UTC)
    assert container_fact(inspected({"StartedAt": "0001-01-01T00:00:00Z"})).started_at is None
    assert container_fact(inspected({"StartedAt": "2026-01-02T03:04:05Z"})).started_at == datetime(
        2026, 1, 2, 3, 4, 5, 0, UTC
    )


def test_addresses() -> None:
    assert (
        address({"NetworkSettings": {"Networks": {"a": {"IPAddress": ""}, "b": {"IPAddress": "10.0.0.2"}}}})
        == "10.0.0.2"
    )
    assert address({"NetworkSettings": {"Networks": None}}) == ""
    assert address({}) == ""


def test_an_image_with_nothing_in_it() -> None:
    fact = image_fact({"Id": "sha256:1", "Config": None})
    assert (fact.id, fact.user, fact.env, fact.entrypoint) == ("sha256:1", "", {}, ())


def test_an_image_with_everything() -> None:
    config = {
        "User": "dev",
        "Env": ["A=1=2", "B="],
        "Entrypoint": ["/e"],
        "Cmd": ["c"],
        "Labels": {"l": "1"},
        "WorkingDir": "/w",
    }
    fact = image_fact({"Id": "sha256:1", "Config": config, "Architecture": "arm64"})
    assert fact.env == {"A": "1=2", "B": ""}
    assert (fact.user, fact.entrypoint, fact.command, fact.working_dir, fact.architecture) == (
        "dev",
        ("/e",),
        ("c",),
        "/w",
        "arm64",
    )


def test_volumes_of_a_workspace_and_of_its_project() -> None:
    def volume(**labels: str) -> dict[str, Any]:
        return {"Labels": {f"dev.carrel.{name}": value for name, value in labels.items()}}

    volumes = [
        volume(workspace="w1", volume="home", project="p"),
        volume(workspace="w2", volume="project", project="p"),
        volume(workspace="", volume="cache", project="p", shared="true"),
        volume(workspace="", volume="other", project="q", shared="true"),
        {"Labels": None},
    ]
    assert logical_volumes(volumes, "w1", "p") == LogicalVolumes(frozenset({"home"}), frozenset({"cache"}))
    assert logical_volumes(volumes, "w3", "r").all == frozenset()
