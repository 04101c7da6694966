"""The engine that the fake runtime talks to: it outlives the runtime, as dockerd outlives a killed server."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import json
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path

from carrel.core.problems import Problem
from carrel.core.records import dump, load
from carrel.core.spec import Dependency, Endpoint
from carrel.runtimes.contract import ContainerState, ImageFact

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


class Moment(StrEnum):
    """When a hook is awaited in a call."""

    BEFORE = "before"
    """Nothing is done yet."""
    DURING = "during"
    """Long calls only (source, build): the job runs in the engine and would be found again."""
    AFTER = "after"
    """All is done, but the caller does not know it."""


@dataclass(frozen=True)
class Call:
    """What a hook is told: raise in it to inject a fault, wait in it to delay, end the process in it to crash."""

    name: str
    """The contract's function."""
    workspace: str
    moment: Moment


@dataclass
class FakeVolume:
    """A volume with its files."""

    installation: str
    workspace: str
    project: str
    name: str
    shared: bool = False
    files: dict[str, bytes] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)
    commit: str = ""
    branch: str = ""
    seeded: dict[str, bytes] = field(default_factory=dict)
    fresh: bool = True
    """Nothing was put in yet, neither by a source nor by a first mount."""


@dataclass
class FakeContainer:
    """A container; programs are not run, but `true`, `false`, `echo` and `exit N` end as they would."""

    installation: str
    workspace: str
    name: str
    spec_digest: str
    creation: str
    image: str
    command: tuple[str, ...] = ()
    dependencies: tuple[Dependency, ...] = ()
    primary: bool = False
    toolbox: str = ""
    volumes: tuple[str, ...] = ()
    state: ContainerState = ContainerState.CREATED
    started_at: datetime | None = None
    exit_code: int | None = None
    out_of_memory: bool = False
    throw_away: bool = False
    boot: dict[str, bytes] = field(default_factory=dict)
    log: list[str] = field(default_factory=list)


@dataclass
class FakeImage:
    """An image: its facts and its files by absolute path."""

    fact: ImageFact
    files: dict[str, bytes] = field(default_factory=dict)
    installation: str = ""
    """Empty: not ours."""


@dataclass
class FakeRepository:
    """A repository on a git server."""

    refs: dict[str, str]
    """Full ref name to commit; `HEAD` names a ref."""
    commits: dict[str, dict[str, bytes]]
    links: dict[str, str] = field(default_factory=dict)
    token: str = ""
    unreachable: bool = False


@dataclass
class FakeState:
    """All that the engine has; JSON-ready."""

    volumes: dict[str, FakeVolume] = field(default_factory=dict)
    networks: dict[str, str] = field(default_factory=dict)
    """`<installation>/<workspace>` to open or none."""
    containers: dict[str, FakeContainer] = field(default_factory=dict)
    images: dict[str, FakeImage] = field(default_factory=dict)
    toolboxes: dict[str, str] = field(default_factory=dict)
    """Name to installation."""
    repositories: dict[str, FakeRepository] = field(default_factory=dict)
    registry: dict[str, FakeImage] = field(default_factory=dict)
    registry_passwords: dict[str, str] = field(default_factory=dict)
    """Registry host to the password it wants."""
    jobs: dict[str, int] = field(default_factory=dict)
    """How often each long job was begun in the engine: a found job is not begun again."""
    network_capacity: int = 4096
    available: bool = True
    full: bool = False
    ticks: int = 0


class FakeEngine:
    """Holds a FakeState, in memory or in a JSON file that several processes may share.

    Args:
        path: where the state is kept; None: in memory only.
        endpoints: by workspace id, what `observe` reports instead of the made-up endpoint.
    """

    def __init__(self, path: Path | None = None, endpoints: Mapping[str, Endpoint] | None = None) -> None:
        """An empty engine, or what the file holds."""
        self.path = path
        self.endpoints = dict(endpoints or {})
        self._state = FakeState()
        self._watchers: set[asyncio.Queue[str | None]] = set()

    @contextlib.contextmanager
    def reading(self) -> Iterator[FakeState]:
        """The state as it is now. Raises `no_engine` while the engine is down."""
        with self._locked():
            state = self._load()
            if not state.available:
                raise Problem("no_engine", "The fake engine is down.")
            yield state

    @contextlib.contextmanager
    def changing(self, *wake: str) -> Iterator[FakeState]:
        """As `reading`; what was changed is kept when no error comes out, and the watchers are told of `wake`."""
        with self._locked():
            state = self._load()
            if not state.available:
                raise Problem("no_engine", "The fake engine is down.")
            yield state
            state.ticks += 1
            self._save(state)
        for workspace in wake:
            self._tell(workspace)

    @contextlib.contextmanager
    def by_hand(self, *wake: str) -> Iterator[FakeState]:
        """As `changing`, also while the engine is down: what somebody does behind Carrel's back."""
        with self._locked():
            state = self._load()
            yield state
            self._save(state)
        for workspace in wake:
            self._tell(workspace)

    def now(self, state: FakeState) -> datetime:
        """The engine's clock: a second passes with each change."""
        return EPOCH + timedelta(seconds=state.ticks)

    def restart(self) -> None:
        """As a restart of dockerd: everything that ran has ended, and every watch ends."""
        with self.by_hand() as state:
            state.available = True
            for container in state.containers.values():
                if container.state is ContainerState.RUNNING:
                    container.state, container.exit_code = ContainerState.EXITED, 137
        for queue in self._watchers:
            queue.put_nowait(None)

    def end_container(self, workspace: str, name: str, exit_code: int = 1, *, out_of_memory: bool = False) -> None:
        """Let a running container end."""
        with self.by_hand(workspace) as state:
            container = next(c for c in state.containers.values() if (c.workspace, c.name) == (workspace, name))
            container.state, container.exit_code = ContainerState.EXITED, exit_code
            container.out_of_memory = out_of_memory

    async def watch(self) -> AsyncIterator[str]:
        """Workspace ids as they change; ends at a restart."""
        queue: asyncio.Queue[str | None] = asyncio.Queue()
        self._watchers.add(queue)
        try:
            while (workspace := await queue.get()) is not None:
                yield workspace
        finally:
            self._watchers.discard(queue)

    def _tell(self, workspace: str) -> None:
        for queue in self._watchers:
            queue.put_nowait(workspace)

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        if self.path is None:
            yield
            return
        with self.path.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _load(self) -> FakeState:
        if self.path is not None and self.path.exists():
            self._state = load(FakeState, json.loads(self.path.read_text()))
        return self._state

    def _save(self, state: FakeState) -> None:
        if self.path is not None:
            temporary = self.path.with_suffix(".new")
            temporary.write_text(json.dumps(dump(state)))
            temporary.replace(self.path)
