"""The engine's answers as facts. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from carrel.runtimes.contract import ContainerFact, ContainerState, ImageFact
from carrel.runtimes.docker import names

_STATES = {
    "created": ContainerState.CREATED,
    "running": ContainerState.RUNNING,
    "paused": ContainerState.RUNNING,
    "restarting": ContainerState.RUNNING,
    "removing": ContainerState.EXITED,
    "exited": ContainerState.EXITED,
    "dead": ContainerState.EXITED,
}


def container_fact(inspected: Mapping[str, Any]) -> ContainerFact:
    """A container's inspection as a fact."""
    labels = inspected["Config"].get("Labels") or {}
    state = inspected["State"]
    status = _STATES.get(state["Status"], ContainerState.EXITED)
    helper = labels.get(names.HELPER, "")
    return ContainerFact(
        name=helper or labels.get(names.CONTAINER, ""),
        state=status,
        spec_digest=labels.get(names.SPEC, ""),
        creation=inspected["Id"],
        started_at=_time(state.get("StartedAt")),
        exit_code=state.get("ExitCode") if status is ContainerState.EXITED else None,
        out_of_memory=bool(state.get("OOMKilled")),
        restarts=int(inspected.get("RestartCount") or 0),
        throw_away=bool(helper),
    )


def container_facts(inspected: Iterable[Mapping[str, Any]]) -> tuple[ContainerFact, ...]:
    """All containers of a workspace, by name."""
    return tuple(sorted((container_fact(one) for one in inspected), key=lambda fact: (fact.throw_away, fact.name)))


def running_primary(inspected: Iterable[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """The primary container, if it runs."""
    for one in inspected:
        if (one["Config"].get("Labels") or {}).get(names.PRIMARY) and one["State"]["Status"] == "running":
            return one
    return None


def network_owner(inspected: Mapping[str, Any], all_of_them: Iterable[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """The container whose network `inspected` shares; None: it has its own."""
    kind, _, wanted = str((inspected.get("HostConfig") or {}).get("NetworkMode", "")).partition(":")
    if kind != "container" or not wanted:
        return None
    return next((one for one in all_of_them if wanted in {one["Id"], str(one.get("Name", "")).lstrip("/")}), None)


def address(inspected: Mapping[str, Any]) -> str:
    """A running container's IPv4 address, or an empty text."""
    networks = (inspected.get("NetworkSettings") or {}).get("Networks") or {}
    return next((one["IPAddress"] for one in networks.values() if one.get("IPAddress")), "")


@dataclass(frozen=True)
class Described:
    """A local image: its facts, and what only this runtime asks for."""

    fact: ImageFact
    health: Mapping[str, Any] | None = None
    """The image's own health check, in the engine's words."""
    volumes: tuple[str, ...] = ()
    """Where the image declares volumes."""


def describe(inspected: Mapping[str, Any]) -> Described:
    """An image's inspection."""
    config = inspected.get("Config") or {}
    return Described(image_fact(inspected), config.get("Healthcheck"), tuple(config.get("Volumes") or ()))


def image_fact(inspected: Mapping[str, Any]) -> ImageFact:
    """An image's inspection as a fact."""
    config = inspected.get("Config") or {}
    return ImageFact(
        id=inspected["Id"],
        user=config.get("User") or "",
        env=dict(entry.partition("=")[::2] for entry in config.get("Env") or ()),
        labels=config.get("Labels") or {},
        entrypoint=tuple(config.get("Entrypoint") or ()),
        command=tuple(config.get("Cmd") or ()),
        architecture=inspected.get("Architecture", ""),
        working_dir=config.get("WorkingDir") or "",
        on_build=tuple(config.get("OnBuild") or ()),
    )


@dataclass(frozen=True)
class LogicalVolumes:
    """Logical names of the volumes that a workspace has or sees."""

    own: frozenset[str] = frozenset()
    shared: frozenset[str] = frozenset()
    """Its project's."""

    @property
    def all(self) -> frozenset[str]:
        """Both."""
        return self.own | self.shared


def logical_volumes(volumes: Iterable[Mapping[str, Any]], workspace: str, project: str) -> LogicalVolumes:
    """Logical names of the volumes that belong to a workspace, or are shared in its project."""
    own, shared = set(), set()
    for volume in volumes:
        labels = volume.get("Labels") or {}
        if labels.get(names.SHARED) == "true":
            if labels.get(names.PROJECT) == project:
                shared.add(labels[names.VOLUME])
        elif workspace and labels.get(names.WORKSPACE) == workspace and names.VOLUME in labels:
            own.add(labels[names.VOLUME])
    return LogicalVolumes(frozenset(own), frozenset(shared - own))


def _time(text: str | None) -> datetime | None:
    """RFC 3339 with nanoseconds; the engine's zero time is None."""
    if not text or text.startswith("0001-"):
        return None
    whole, _, rest = text.rstrip("Z").partition(".")
    fraction = "".join(c for c in rest if c.isdigit())[:6].ljust(6, "0")
    return datetime.fromisoformat(f"{whole}.{fraction}").replace(tzinfo=UTC)
