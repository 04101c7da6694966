"""Goals and facts in, phase and next step out: one pure function over one table (ADR 0002).

For each goal there is a ladder of rungs. The first rung that the facts do not meet decides: its phase is shown, its
step is taken. Every step is idempotent, so there is no undo; facts are relative to the *wanted* revision and start, so
rebuild, resize and restart need no states of their own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from carrel.core.workspace import Failure, Goal, Phase

LOOK_AGAIN = timedelta(seconds=60)
"""How soon a workspace at rest is looked at again without a wake-up."""


class Volumes(StrEnum):
    """The workspace's own volumes."""

    ABSENT = "absent"
    """At least one was never created."""
    PRESENT = "present"
    LOST = "lost"
    """One that was created is gone: never replaced in silence (promise 1)."""


class Containers(StrEnum):
    """The containers, against the wanted spec and start."""

    ABSENT = "absent"
    """At least one is missing, none is of another spec."""
    OUTDATED = "outdated"
    """At least one was made from another spec."""
    STOPPED = "stopped"
    """All are there; at least one that should run does not."""
    STALE = "stale"
    """All run, but for an earlier start than the wanted one."""
    RUNNING = "running"


class Agent(StrEnum):
    """How far the agent of the wanted start is."""

    UNREACHABLE = "unreachable"
    BUSY = "busy"
    """It answers; hooks before `waitFor` have not ended, or it was not told to begin."""
    READY = "ready"


@dataclass(frozen=True)
class Facts:
    """What is the case now, relative to the wanted revision and start."""

    toolbox: bool = False
    volumes: Volumes = Volumes.ABSENT
    """Project and home."""
    extra_volumes: bool = False
    """The named volumes of the resolved environment exist."""
    source: bool = False
    """The source is in the project volume (or needs no fetching)."""
    environment: bool = False
    """The configuration of the wanted revision is resolved."""
    image: bool = False
    """All images of the resolved environment are present."""
    home_seeded: bool = False
    """The home volume has what the wanted image has under the home folder."""
    containers: Containers = Containers.ABSENT
    any_running: bool = False
    """Any container of the workspace runs, also an outdated or a throw-away one."""
    any_container: bool = False
    network: bool = False
    agent: Agent = Agent.UNREACHABLE
    any_volume: bool = False
    purge_due: bool = False
    """Delete is to leave nothing, or the date in the trash has passed."""


class Step(StrEnum):
    """All that the loop ever does to a workspace; every step is idempotent."""

    ENSURE_TOOLBOX = "ensure_toolbox"
    CREATE_VOLUMES = "create_volumes"
    FETCH_SOURCE = "fetch_source"
    RESOLVE_ENVIRONMENT = "resolve_environment"
    PREPARE_IMAGE = "prepare_image"
    REMOVE_CONTAINERS = "remove_containers"
    STOP_CONTAINERS = "stop_containers"
    SEED_HOME = "seed_home"
    CREATE_CONTAINERS = "create_containers"
    START_CONTAINERS = "start_containers"
    AWAIT_AGENT = "await_agent"
    REMOVE_VOLUMES = "remove_volumes"
    FORGET = "forget"


@dataclass(frozen=True)
class Decision:
    """What to show, what to do now, and when to look again."""

    phase: Phase
    step: Step | None
    look_again_at: datetime | None
    problem: str = ""
    """Kind of a problem that the facts themselves show."""


@dataclass(frozen=True)
class Rung:
    """One rung of a ladder."""

    met: Callable[[Facts], bool]
    phase: Phase
    step: Step | None
    problem: str = ""


RUN_LADDER: tuple[Rung, ...] = (
    Rung(lambda f: f.volumes is not Volumes.LOST, Phase.FAILED, None, "volume_missing"),
    Rung(lambda f: f.toolbox, Phase.PENDING, Step.ENSURE_TOOLBOX),
    Rung(lambda f: f.volumes is Volumes.PRESENT, Phase.PENDING, Step.CREATE_VOLUMES),
    Rung(lambda f: f.source, Phase.CLONING, Step.FETCH_SOURCE),
    Rung(lambda f: f.environment, Phase.BUILDING, Step.RESOLVE_ENVIRONMENT),
    Rung(lambda f: f.image, Phase.BUILDING, Step.PREPARE_IMAGE),
    Rung(lambda f: f.extra_volumes, Phase.STARTING, Step.CREATE_VOLUMES),
    Rung(lambda f: f.containers is not Containers.OUTDATED, Phase.STARTING, Step.REMOVE_CONTAINERS),
    Rung(lambda f: f.containers is not Containers.STALE, Phase.STARTING, Step.STOP_CONTAINERS),
    Rung(lambda f: f.home_seeded, Phase.STARTING, Step.SEED_HOME),
    Rung(lambda f: f.containers is not Containers.ABSENT, Phase.STARTING, Step.CREATE_CONTAINERS),
    Rung(lambda f: f.containers is Containers.RUNNING, Phase.STARTING, Step.START_CONTAINERS),
    Rung(lambda f: f.agent is Agent.READY, Phase.STARTING, Step.AWAIT_AGENT),
)

STOP_LADDER: tuple[Rung, ...] = (
    Rung(lambda f: not f.any_running and not f.network, Phase.STOPPING, Step.STOP_CONTAINERS),
)

DELETE_LADDER: tuple[Rung, ...] = (
    Rung(lambda f: not f.any_container and not f.network, Phase.DELETING, Step.REMOVE_CONTAINERS),
    Rung(lambda f: not (f.purge_due and f.any_volume), Phase.DELETING, Step.REMOVE_VOLUMES),
    Rung(lambda f: not f.purge_due, Phase.DELETED, Step.FORGET),
)

LADDERS: dict[Goal, tuple[tuple[Rung, ...], Phase]] = {
    Goal.RUN: (RUN_LADDER, Phase.RUNNING),
    Goal.STOP: (STOP_LADDER, Phase.STOPPED),
    Goal.DELETE: (DELETE_LADDER, Phase.DELETED),
}
"""For each goal its rungs, and the phase when all are met."""


def decide(goal: Goal, facts: Facts, failure: Failure | None, now: datetime) -> Decision:
    """The phase to show and the one step to take.

    Args:
        goal: what was asked for.
        facts: what is the case, relative to the wanted revision and start.
        failure: of the last step; holds back that same step until `retry_at`, for ever where that is None. The step
            of another rung is taken all the same: facts have moved on.
        now: timezone-aware UTC.
    """
    rungs, final = LADDERS[goal]
    for rung in rungs:
        if rung.met(facts):
            continue
        if rung.step is None:
            return Decision(rung.phase, None, now + LOOK_AGAIN, rung.problem)
        return _held_back(rung, failure, now) or Decision(rung.phase, rung.step, None)
    return Decision(final, None, now + LOOK_AGAIN)


def _held_back(rung: Rung, failure: Failure | None, now: datetime) -> Decision | None:
    if failure is None or failure.step != rung.step:
        return None
    if failure.retry_at is None:
        return Decision(Phase.FAILED, None, now + LOOK_AGAIN, failure.kind)
    if failure.retry_at > now:
        return Decision(rung.phase, None, failure.retry_at)
    return None
