"""What creating, starting and stopping containers does to the fake engine's state."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from carrel.core.problems import Problem
from carrel.core.spec import ContainerSpec, WorkspaceSpec
from carrel.runtimes.contract import ContainerFact, ContainerState
from carrel.runtimes.fake.engine import FakeContainer, FakeState

_JOBS = {"fetch_source": "source", "build_image": "build"}


def key(installation: str, workspace: str, name: str) -> str:
    """The deterministic name of a container."""
    return f"{installation}/{workspace}/{name}"


def of_workspace(state: FakeState, installation: str, workspace: str) -> dict[str, FakeContainer]:
    """Our containers of a workspace."""
    return {k: c for k, c in state.containers.items() if c.installation == installation and c.workspace == workspace}


def primary_key(state: FakeState, installation: str, workspace: str) -> str:
    """The key of the primary container, or an empty text."""
    return next((k for k, c in of_workspace(state, installation, workspace).items() if c.primary), "")


def facts(state: FakeState, installation: str, workspace: str) -> tuple[ContainerFact, ...]:
    """The facts of a workspace's containers, by name."""
    found = of_workspace(state, installation, workspace).values()
    return tuple(
        ContainerFact(
            name=c.name,
            state=c.state,
            spec_digest=c.spec_digest,
            creation=c.creation,
            started_at=c.started_at,
            exit_code=c.exit_code,
            out_of_memory=c.out_of_memory,
            throw_away=c.throw_away,
        )
        for c in sorted(found, key=lambda c: c.name)
    )


def create(state: FakeState, spec: WorkspaceSpec, installation: str) -> None:
    """Network and containers, unless they are there."""
    digest, present = spec.digest(), of_workspace(state, installation, spec.ref.id)
    if any(c.spec_digest != digest for c in present.values() if not c.throw_away):
        raise Problem("engine_error", "Containers of another spec exist; remove them first.")
    for container in spec.containers:
        if container.image not in state.images:
            raise Problem("image_missing", f"There is no image {container.image!r}.")
    _ensure_network(state, spec, installation)
    for container in spec.containers:
        name = key(installation, spec.ref.id, container.name)
        if name not in state.containers:
            state.containers[name] = _new(state, spec, container, installation)


def _ensure_network(state: FakeState, spec: WorkspaceSpec, installation: str) -> None:
    network = f"{installation}/{spec.ref.id}"
    if network not in state.networks and len(state.networks) >= state.network_capacity:
        raise Problem("no_subnet", "The pool is used up.")
    state.networks[network] = spec.egress.value


def _new(state: FakeState, spec: WorkspaceSpec, container: ContainerSpec, installation: str) -> FakeContainer:
    state.ticks += 1
    return FakeContainer(
        installation=installation,
        workspace=spec.ref.id,
        name=container.name,
        spec_digest=spec.digest(),
        creation=f"creation-{state.ticks}",
        image=container.image,
        command=(container.entrypoint or ()) + (container.command or ()),
        dependencies=container.dependencies,
        primary=container.name == spec.primary,
        toolbox=spec.toolbox,
        volumes=tuple(m.source for m in container.mounts),
    )


def start(state: FakeState, spec: WorkspaceSpec, boot: Mapping[str, bytes], now: datetime) -> None:
    """Start what does not run, dependencies first."""
    installation = next((c.installation for c in state.containers.values() if c.workspace == spec.ref.id), "")
    ours = {c.name: c for c in of_workspace(state, installation, spec.ref.id).values() if not c.throw_away}
    if any(c.name not in ours for c in spec.containers):
        raise Problem("engine_error", "Create the containers first.")
    _ensure_network(state, spec, installation)
    waiting = [c.name for c in spec.containers]
    while waiting:
        ready = [n for n in waiting if not any(d.container in waiting for d in ours[n].dependencies)]
        if not ready:
            raise Problem("bad_configuration", "The dependencies of the containers are a circle.")
        for name in ready:
            _check_dependencies(ours, ours[name])
            _run(ours[name], boot, now)
            waiting.remove(name)


def _check_dependencies(ours: Mapping[str, FakeContainer], container: FakeContainer) -> None:
    for dependency in container.dependencies:
        other = ours[dependency.container]
        ended_well = other.state is ContainerState.EXITED and other.exit_code == 0
        running = other.state is ContainerState.RUNNING
        if not (ended_well if dependency.condition == "completed" else running or ended_well):
            raise Problem(
                "container_failed",
                f"{other.name!r} ended with {other.exit_code}, and {container.name!r} depends on it.",
            )


def _run(container: FakeContainer, boot: Mapping[str, bytes], now: datetime) -> None:
    if container.state is ContainerState.RUNNING:
        return
    container.state, container.started_at, container.exit_code = ContainerState.RUNNING, now, None
    container.out_of_memory = False
    if container.primary:
        container.boot = dict(boot)
        return
    word = container.command[0].rsplit("/", 1)[-1] if container.command else ""
    if word in ("true", "false", "echo"):
        container.state, container.exit_code = ContainerState.EXITED, int(word == "false")
    if word == "echo":
        container.log.append(" ".join(container.command[1:]))


def stop(state: FakeState, installation: str, workspace: str) -> None:
    """End everything that runs and release the network; throw-away containers go."""
    for name, container in of_workspace(state, installation, workspace).items():
        if container.throw_away:
            del state.containers[name]
        elif container.state is ContainerState.RUNNING:
            container.state, container.exit_code = ContainerState.EXITED, 143
    state.networks.pop(f"{installation}/{workspace}", None)


def remove(state: FakeState, installation: str, workspace: str) -> None:
    """Remove containers and network."""
    for name in of_workspace(state, installation, workspace):
        del state.containers[name]
    state.networks.pop(f"{installation}/{workspace}", None)


def begin_job(state: FakeState, installation: str, workspace: str, job: str) -> bool:
    """Start the throw-away container of a long job, unless it is found."""
    name = key(installation, workspace, _JOBS[job])
    if name in state.containers:
        return False
    state.ticks += 1
    state.containers[name] = FakeContainer(
        installation=installation,
        workspace=workspace,
        name=_JOBS[job],
        spec_digest="",
        creation=f"creation-{state.ticks}",
        image="",
        state=ContainerState.RUNNING,
        throw_away=True,
    )
    return True


def end_job(state: FakeState, installation: str, workspace: str, job: str) -> None:
    """Remove the throw-away container of a job that is done."""
    state.containers.pop(key(installation, workspace, _JOBS[job]), None)
