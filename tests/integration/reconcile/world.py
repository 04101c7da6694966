"""A small world for the loop: a real store, the real environment engine, the fake runtime, agents that are always quick."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, cast

from carrel.core.access import Actor
from carrel.core.agent import (
    BOOT_FILE,
    AgentPlan,
    AgentState,
    AgentStatus,
    AppStatus,
    Boot,
    HookStatus,
    NewSecrets,
    SecretsChange,
    Signal,
    difference,
)
from carrel.core.events import Event
from carrel.core.lifecycle import Step
from carrel.core.policy import PLAIN, Policy
from carrel.core.problems import Problem
from carrel.core.records import dump, load
from carrel.core.secret import Secret
from carrel.core.spec import Endpoint, GitSource
from carrel.core.workspace import Goal, Phase, Remembered, Workspace, new_id
from carrel.runtimes.build_cache import BuildCache
from carrel.runtimes.contract import ContainerState, ImageFact, Log
from carrel.runtimes.fake.engine import Call, FakeEngine, FakeImage, FakeRepository
from carrel.runtimes.fake.runtime import FakeRuntime
from carrel.server.actions.given_secrets import RevealedSecrets
from carrel.server.actions.scheduled import Starts
from carrel.server.reconcile.advance import Advance
from carrel.server.reconcile.agents import Agents
from carrel.server.reconcile.default_image import DefaultImage
from carrel.server.reconcile.environment import Session
from carrel.server.reconcile.environments import Credentials, Environments, Making
from carrel.server.reconcile.loop import Loop
from carrel.server.reconcile.settle import Settle
from carrel.server.reconcile.steps import STEPS, Perform
from carrel.server.store import events, workspaces
from carrel.server.store.engine import Store
from carrel.server.store.leases import Leases

URL = "https://git.example/ana/blog.git"
IMAGE = "registry.example/base:1"
COMMIT = "c" * 40


@dataclass
class FakeAgents:
    """Agents that answer as soon as their container runs; they read the boot file that they were given."""

    engine: FakeEngine
    signals: tuple[Signal, ...] = ()
    hooks: tuple[HookStatus, ...] = ()
    apps: tuple[AppStatus, ...] = ()
    configuration_changed: tuple[str, ...] = ()
    silent: bool = False
    begun: list[tuple[str, str]] = field(default_factory=list)
    """Workspace and operation of every `begin`."""
    plans: dict[str, AgentPlan] = field(default_factory=dict)
    given: list[NewSecrets] = field(default_factory=list)
    """What took the place of the plans' secrets."""
    refusals: int = 0
    """How often they cannot be given."""

    async def boot_files(self, workspace: Workspace, creation: str) -> dict[str, bytes]:
        boot = Boot(workspace.id, workspace.principal(), "", Secret("key"), start=workspace.start, creation=creation)
        return {BOOT_FILE: json.dumps(dump(boot)).encode()}

    async def status(self, workspace: Workspace, endpoint: Endpoint | None) -> AgentStatus | None:
        boot = self._boot(workspace)
        if boot is None or endpoint is None or self.silent:
            return None
        ready = any(name == workspace.id for name, _ in self.begun)
        return AgentStatus(
            protocol=1,
            version="1",
            workspace=boot.workspace,
            start=boot.start,
            boot_id=f"{boot.creation}:{boot.start}",
            now=datetime.now().astimezone(),
            state=AgentState.READY if ready else AgentState.WAITING,
            signals=self.signals,
            hooks=self.hooks,
            apps=self.apps,
            configuration_changed=self.configuration_changed,
            secrets_version=self.plans[workspace.id].secrets_version if workspace.id in self.plans else "",
        )

    async def begin(self, workspace: Workspace, endpoint: Endpoint, operation: str, plan: AgentPlan) -> None:
        if self._boot(workspace) is None or self.silent:
            raise Problem("agent_unreachable", "It does not answer.")
        self.begun.append((workspace.id, operation))
        self.plans[workspace.id] = plan

    async def give_secrets(self, workspace: Workspace, endpoint: Endpoint, new: NewSecrets) -> SecretsChange:
        if self.refusals:
            self.refusals -= 1
            raise Problem("agent_unreachable", "It does not answer.")
        before = self.plans[workspace.id]
        self.given.append(new)
        now = replace(before, secrets=new.secrets, secret_files=new.files, secrets_version=new.version)
        self.plans[workspace.id] = now
        return difference(before, now)

    async def watch(self, workspace: Workspace, endpoint: Endpoint) -> AsyncIterator[AgentStatus]:
        status = await self.status(workspace, endpoint)
        if status is None:
            raise Problem("agent_unreachable", "It does not answer.")
        yield status

    async def copy_logs(
        self, workspace: Workspace, endpoint: Endpoint, status: AgentStatus, log: Callable[[str], Log]
    ) -> Remembered:  # fmt: skip
        return replace(workspace.remembered, boot_id=status.boot_id)

    async def quiesce(self, workspace: Workspace, endpoint: Endpoint | None) -> None:
        """Nothing is held back."""

    async def forget(self, workspace: Workspace) -> None:
        self.begun = [(name, operation) for name, operation in self.begun if name != workspace.id]

    def _boot(self, workspace: Workspace) -> Boot | None:
        with self.engine.reading() as state:
            for container in state.containers.values():
                if container.workspace == workspace.id and container.primary:
                    if container.state is not ContainerState.RUNNING:
                        return None
                    return load(Boot, json.loads(container.boot[BOOT_FILE]))
        return None


class NoCredentials:
    """An owner without any."""

    async def git(self, workspace: Workspace, url: str) -> tuple[str, Secret] | None:
        return None

    async def registries(self, workspace: Workspace) -> Mapping[str, tuple[str, Secret]]:
        return {}

    async def session(self, workspace: Workspace) -> Session:
        return Session()

    async def check_secrets(self, workspace: Workspace) -> None:
        """Nothing is wanted."""

    async def secrets_version(self, workspace: Workspace) -> str:
        return ""

    async def secrets(self, workspace: Workspace) -> RevealedSecrets:
        return RevealedSecrets()


@dataclass
class World:
    """Everything that one or several servers share, and what tests ask of it."""

    store: Store
    owner: Actor
    engine: FakeEngine = field(default_factory=FakeEngine)
    calls: list[Call] = field(default_factory=list)
    performed: list[Step] = field(default_factory=list)
    """Every step that any server began."""
    lease_seconds: float = 30.0
    credentials: Credentials = field(default_factory=NoCredentials)
    defaults: Policy = PLAIN
    """The installation's policy."""
    starts: Starts | None = None
    """Starts what a schedule starts."""
    cache_prefix: str = ""
    """Of the build cache; empty: there is none."""
    on_call: Callable[[Call], Awaitable[None]] | None = None
    """Awaited around every call to the runtime."""

    def __post_init__(self) -> None:
        self.agents = FakeAgents(self.engine)
        self.files: dict[str, bytes] = {".devcontainer.json": json.dumps({"image": IMAGE}).encode()}
        with self.engine.by_hand() as state:
            state.registry[IMAGE] = FakeImage(ImageFact("sha256:base", architecture="amd64"))
            state.registry["default:1"] = FakeImage(ImageFact("sha256:default", architecture="amd64"))
            state.repositories[URL] = FakeRepository(
                {"HEAD": "refs/heads/main", "refs/heads/main": COMMIT}, {COMMIT: self.files}
            )

    def write(self, path: str, content: Any) -> None:
        """Put a file into the repository (before it is cloned)."""
        self.files[path] = content.encode() if isinstance(content, str) else json.dumps(content).encode()
        with self.engine.by_hand() as state:
            state.repositories[URL].commits[COMMIT] = dict(self.files)

    async def create(self, **members: Any) -> Workspace:
        """A workspace that wants to run."""
        id_ = new_id()
        owner = {"owner_id": self.owner.user_id, "owner": self.owner.name}
        workspace = Workspace(**{"id": id_, "name": f"w-{id_[:6]}", "source": GitSource(URL), **owner, **members})
        async with self.store.writing() as session:
            await workspaces.insert(session, workspace)
        return workspace

    async def ask(self, workspace: Workspace, **changes: Any) -> None:
        """Change the intent, as the actions do: generation grows, failure goes, the loop is woken."""
        async with self.store.writing() as session:
            now = await workspaces.lock_id(session, workspace.id)
            values = {"generation": now.generation + 1, "failure": None, **changes}
            await workspaces.change(session, workspace.id, values)

    async def read(self, workspace: Workspace) -> Workspace:
        async with self.store.reading() as session:
            found = await workspaces.find(session, workspace.id)
        assert found is not None
        return found

    async def events(self, workspace: Workspace) -> list[Event]:
        async with self.store.reading() as session:
            return list(await events.of_one(session, workspace.id, after=0, limit=1000))

    async def until(self, workspace: Workspace, wanted: Callable[[Workspace], bool], seconds: float = 60) -> Workspace:
        """The workspace once it is as wanted; woken by the store, not by time."""
        async with self.store.wakeups.listen(f"workspace:{workspace.id}") as bell, asyncio.timeout(seconds):
            while not wanted(now := await self.read(workspace)):
                await bell.wait(0.2)
        return now

    async def until_phase(self, workspace: Workspace, phase: Phase, seconds: float = 60) -> Workspace:
        return await self.until(workspace, lambda w: w.phase is phase, seconds)

    @asynccontextmanager
    async def server(self, wrap: Callable[[Step, Perform], Perform] | None = None) -> AsyncIterator[FakeRuntime]:
        """A server that runs the loop; leaving the block is its death: nothing is tidied up."""
        runtime = FakeRuntime(self.engine, self._hook)
        cache = BuildCache(runtime, self.cache_prefix) if self.cache_prefix else None
        environments = Environments(self.store, self.credentials, Making(DefaultImage("default:1"), cache=cache))
        agents = cast("Agents", self.agents)
        steps = {step: self._noted(step, perform) for step, perform in STEPS.items()}
        if wrap is not None:
            steps = {step: wrap(step, perform) for step, perform in steps.items()}
        async with Leases(self.store) as leases:
            clock = self.store.clock
            advance = Advance(
                leases, runtime, agents, environments, steps, Settle(agents, clock, self.defaults, self.starts), clock
            )
            task = asyncio.create_task(Loop(leases, advance, lease_seconds=self.lease_seconds).run())
            try:
                yield runtime
            finally:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
                if cache is not None:
                    await cache.settled()

    def _noted(self, step: Step, perform: Perform) -> Perform:
        async def noted(context: Any) -> Any:
            self.performed.append(step)
            return await perform(context)

        return noted

    async def _hook(self, call: Call) -> None:
        self.calls.append(call)
        if self.on_call is not None:
            await self.on_call(call)

    def containers(self, workspace: Workspace) -> list[str]:
        with self.engine.reading() as state:
            return [c.name for c in state.containers.values() if c.workspace == workspace.id]

    def volumes(self, workspace: Workspace) -> set[str]:
        with self.engine.reading() as state:
            return {v.name for v in state.volumes.values() if v.workspace == workspace.id}


def is_at_rest(workspace: Workspace) -> bool:
    """Whether the goal is reached."""
    wanted = {Goal.RUN: Phase.RUNNING, Goal.STOP: Phase.STOPPED, Goal.DELETE: Phase.DELETED}
    return workspace.phase is wanted[workspace.goal]
