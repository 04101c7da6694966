"""Services that end beside the primary container: what is told, how often, and when a person should look."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from carrel.core.lifecycle import Facts
from carrel.core.spec import ContainerSpec, Dependency, WorkspaceRef, WorkspaceSpec
from carrel.runtimes.contract import ContainerFact, ContainerState, RuntimeFacts
from carrel.server.reconcile.observe import Observation
from carrel.server.reconcile.services import ends_of_services, trouble_with_services

NOW = datetime(2026, 1, 1, tzinfo=UTC)
MAIN = ContainerSpec("main", "image", dependencies=(Dependency("job", "completed"),))
SPEC = WorkspaceSpec(WorkspaceRef("aaaaaaaaaaaa"), (MAIN, ContainerSpec("db", "d"), ContainerSpec("job", "j")), ())


def fact(
    name: str, code: int | None = None, *, restarts: int = 0, up: timedelta = timedelta(), throw_away: bool = False
) -> ContainerFact:
    state = ContainerState.RUNNING if code is None else ContainerState.EXITED
    return ContainerFact(
        name, state, "digest", f"c-{name}", NOW - up, code, code == 137, restarts=restarts, throw_away=throw_away
    )


def seen(*containers: ContainerFact) -> Observation:
    return Observation(Facts(), RuntimeFacts(containers=containers), spec=SPEC)


def test_only_services_are_told_of_and_a_job_that_is_done_is_as_it_should_be() -> None:
    observation = seen(fact("main", 1), fact("db", 0), fact("job", 0), fact("source", 1, throw_away=True))
    events, told = ends_of_services(observation, ())
    assert [e.data["container"] for e in events] == ["db"]
    assert ends_of_services(observation, told)[0] == []
    assert trouble_with_services(observation, NOW) == ""
    failed = seen(fact("main"), fact("db", 137), fact("job", 2))
    assert [e.data["container"] for e in ends_of_services(failed, ())[0]] == ["db", "job"]
    assert trouble_with_services(failed, NOW) == (
        "The service db ended with status 137 (out of memory). The service job ended with status 2."
    )


def test_of_a_service_that_is_started_again_and_again_ever_fewer_ends_are_told() -> None:
    told: tuple[str, ...] = ()
    numbers = []
    for restarts in range(20):
        events, told = ends_of_services(seen(fact("main"), fact("db", restarts=restarts)), told)
        numbers += [(e.data["restarts"], e.data["runs"]) for e in events]
    assert numbers == [(1, True), (2, True), (4, True), (8, True), (16, True)]


@pytest.mark.parametrize(
    ("restarts", "up_minutes", "is_trouble"), [(2, 0, False), (3, 0, True), (9, 4, True), (9, 6, False)]
)
def test_a_service_that_stays_up_is_no_trouble_any_more(restarts: int, up_minutes: int, is_trouble: bool) -> None:
    observation = seen(fact("main"), fact("db", restarts=restarts, up=timedelta(minutes=up_minutes)))
    assert ("again and again" in trouble_with_services(observation, NOW)) is is_trouble


def test_before_anything_is_resolved_there_are_no_services() -> None:
    assert ends_of_services(Observation(Facts(), RuntimeFacts(containers=(fact("db", 1),))), ()) == ([], ())
