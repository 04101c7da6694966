"""Services that end while the primary container runs: each end is told once, and a broken one is a reason to look."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta

from carrel.core.events import Event
from carrel.runtimes.contract import ContainerFact, ContainerState
from carrel.server.reconcile.observe import Observation

OFTEN = 3
"""A service that was started again so often ..."""
LATELY = timedelta(minutes=5)
"""... and came up no longer ago than this, ends again and again."""


def ends_of_services(seen: Observation, told: Collection[str]) -> tuple[list[Event], tuple[str, ...]]:
    """The events of ends that were not told yet, and all that is told now.

    Of one that its restart policy starts again and again the first, second, fourth, eighth ... time is told.
    """
    now = {_end(one): one for one in _services(seen) if _end(one)}
    events = [_event(one) for end, one in now.items() if end not in told]
    return events, tuple(sorted(now))


def trouble_with_services(seen: Observation, now: datetime) -> str:
    """Sentences about services that failed and do not run, or do not stay up; empty: all is well."""
    return " ".join(_trouble(one, now) for one in _services(seen) if _trouble(one, now))


def _services(seen: Observation) -> Iterator[ContainerFact]:
    """All but the primary container and jobs that are done."""
    if seen.spec is None:
        return
    jobs = {d.container for c in seen.spec.containers for d in c.dependencies if d.condition == "completed"}
    for one in seen.runtime.containers:
        is_done = one.name in jobs and one.state is ContainerState.EXITED and one.exit_code == 0
        if one.name != seen.spec.primary and not one.throw_away and not is_done:
            yield one


def _end(one: ContainerFact) -> str:
    """Names the last end of a service; empty: it did not end in this start."""
    if one.state is ContainerState.EXITED:
        return f"{one.creation} {one.started_at} ended"
    return f"{one.creation} again {one.restarts.bit_length()}" if one.restarts else ""


def _event(one: ContainerFact) -> Event:
    data = {"container": one.name, "exit_code": one.exit_code, "out_of_memory": one.out_of_memory}
    return Event("service_ended", data | {"restarts": one.restarts, "runs": one.state is ContainerState.RUNNING})


def _trouble(one: ContainerFact, now: datetime) -> str:
    if one.state is ContainerState.EXITED and (one.exit_code != 0 or one.out_of_memory):
        why = " (out of memory)" if one.out_of_memory else ""
        return f"The service {one.name} ended with status {one.exit_code}{why}."
    came_up = one.started_at
    if one.restarts >= OFTEN and came_up is not None and now - came_up < LATELY:
        return f"The service {one.name} ends again and again; it was started {one.restarts} times more."
    return ""
