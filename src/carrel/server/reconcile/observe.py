"""What is the case now: facts of runtime, store and agent, made relative to the wanted revision and start."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime

from carrel.core.agent import AgentState, AgentStatus
from carrel.core.lifecycle import Agent, Containers, Facts, Volumes
from carrel.core.policy import PLAIN, Policy, of_workspace
from carrel.core.problems import Problem
from carrel.core.retirement import is_purge_due
from carrel.core.spec import HOME_VOLUME, PROJECT_VOLUME, FolderSource, VolumeSpec, WorkspaceSpec
from carrel.core.workspace import Goal, Workspace
from carrel.runtimes.contract import ContainerState, Runtime, RuntimeFacts
from carrel.server.reconcile.agents import Agents
from carrel.server.reconcile.environment import Environment
from carrel.server.reconcile.environments import Environments


@dataclass(frozen=True)
class Observation:
    """The facts, and what they were made from."""

    facts: Facts
    runtime: RuntimeFacts
    environment: Environment | None = None
    spec: WorkspaceSpec | None = None
    status: AgentStatus | None = None


def own_volumes(workspace: Workspace) -> tuple[VolumeSpec, ...]:
    """Project and home; a local folder needs no project volume."""
    home = VolumeSpec(HOME_VOLUME)
    return (home,) if isinstance(workspace.source, FolderSource) else (VolumeSpec(PROJECT_VOLUME), home)


class Observer:
    """Looks at one workspace."""

    def __init__(
        self, runtime: Runtime, environments: Environments, agents: Agents, defaults: Policy = PLAIN
    ) -> None:  # fmt: skip
        """Look through these; `defaults` is the installation's policy."""
        self._defaults = defaults
        self._runtime = runtime
        self._environments = environments
        self._agents = agents

    async def observe(self, workspace: Workspace, now: datetime) -> Observation:
        """The facts of `workspace`. Raises Problem where the runtime cannot be asked."""
        seen = await self._runtime.observe(workspace.ref())
        facts = Facts(
            volumes=_volumes(workspace, seen),
            any_running=any(c.state is ContainerState.RUNNING for c in seen.containers),
            any_container=bool(seen.containers),
            network=seen.network,
            any_volume=bool(seen.volumes - seen.shared),
            purge_due=is_purge_due(workspace, of_workspace(self._defaults, workspace), now),
        )
        if workspace.goal is not Goal.RUN:
            return Observation(facts, seen)
        return await self._towards_running(workspace, seen, facts)

    async def _towards_running(self, workspace: Workspace, seen: RuntimeFacts, facts: Facts) -> Observation:
        memory = workspace.remembered
        resolved = memory.resolved == workspace.revision and bool(memory.environment)
        environment = await self._environments.stored(workspace) if resolved else None
        facts = replace(
            facts,
            toolbox=await self._has_toolbox(workspace, seen),
            source=memory.fetched and workspace.has_template_files,
        )
        if environment is None:
            ours = any(not c.throw_away for c in seen.containers)
            outdated = Containers.OUTDATED if ours else Containers.ABSENT
            return Observation(replace(facts, containers=outdated), seen)
        spec = environment.spec(workspace)
        containers = containers_fact(workspace, spec, seen)
        image = containers not in {Containers.ABSENT, Containers.OUTDATED} or await self._images_present(environment)
        seeded = containers not in {Containers.ABSENT, Containers.OUTDATED} or await self._is_seeded(workspace, spec)
        extra = {volume.name for volume in spec.volumes}
        status = None
        if containers is Containers.RUNNING:
            status = await self._agents.status(workspace, seen.endpoint)
        facts = replace(
            facts,
            environment=True,
            image=image,
            home_seeded=seeded,
            containers=containers,
            extra_volumes=extra <= seen.volumes,
            agent=agent_fact(workspace, status),
        )
        if lost := (extra - seen.volumes) & set(memory.volumes):
            facts = replace(facts, volumes=Volumes.LOST if lost else facts.volumes)
        return Observation(facts, seen, environment, spec, status)

    async def _has_toolbox(self, workspace: Workspace, seen: RuntimeFacts) -> bool:
        """Whether it has a toolbox to start with: its containers' own, or this version's where they are to be made anew.

        Containers keep theirs as long as they live, through stop and start (ADR 0005).
        """
        memory = workspace.remembered
        if not memory.toolbox:
            return False
        if memory.resolved == workspace.revision and any(not c.throw_away for c in seen.containers):
            return True
        return await self._runtime.has_toolbox() == memory.toolbox

    async def _images_present(self, environment: Environment) -> bool:
        images = environment.plan.build.images()
        return all(await asyncio.gather(*(self._present(image) for image in images)))

    async def _present(self, image: str) -> bool:
        return await self._runtime.inspect_image(image) is not None

    async def _is_seeded(self, workspace: Workspace, spec: WorkspaceSpec) -> bool:
        memory = workspace.remembered
        if not memory.seeded_image and self._runtime.fills_new_volumes:
            return True
        image = await self._runtime.inspect_image(spec.primary_container().image)
        return image is not None and image.id == memory.seeded_image


def _volumes(workspace: Workspace, seen: RuntimeFacts) -> Volumes:
    missing = {volume.name for volume in own_volumes(workspace)} - seen.volumes
    if missing & set(workspace.remembered.volumes):
        return Volumes.LOST
    return Volumes.ABSENT if missing else Volumes.PRESENT


def containers_fact(workspace: Workspace, spec: WorkspaceSpec, seen: RuntimeFacts) -> Containers:
    """The containers against the wanted spec and start. Containers that may end (Compose jobs) count as running."""
    digest = spec.digest()
    ours = [c for c in seen.containers if not c.throw_away]
    if any(c.spec_digest != digest for c in ours):
        return Containers.OUTDATED
    states = {c.name: c for c in ours}
    if any(c.name not in states for c in spec.containers):
        return Containers.ABSENT
    primary = states[spec.primary]
    never_started = [c for c in ours if c.state is ContainerState.CREATED]
    if primary.state is not ContainerState.RUNNING or never_started:
        return Containers.STOPPED
    return Containers.RUNNING if workspace.remembered.started == workspace.start else Containers.STALE


def agent_fact(workspace: Workspace, status: AgentStatus | None) -> Agent:
    """How far the agent of the wanted start is."""
    if status is None or status.start != workspace.start:
        return Agent.UNREACHABLE
    return Agent.READY if status.state is AgentState.READY else Agent.BUSY


def ended_by_itself(workspace: Workspace, seen: Observation) -> bool:
    """The containers were started for the wanted start, and do not run although nobody stopped them."""
    return (
        workspace.remembered.started == workspace.start
        and seen.facts.containers is Containers.STOPPED
        and any(c.state is ContainerState.EXITED and not c.throw_away for c in seen.runtime.containers)
    )


def describe_end(seen: Observation) -> Problem:
    """The problem of a container that ended by itself."""
    ended = [c for c in seen.runtime.containers if c.state is ContainerState.EXITED and not c.throw_away]
    words = ", ".join(
        f"{c.name} ended with status {c.exit_code}" + (" (out of memory)" if c.out_of_memory else "") for c in ended
    )
    return Problem("container_failed", f"{words}.")
