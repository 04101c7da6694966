"""A Compose project as it was read: services with their merged values, and the top level."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from carrel.core.problems import Problem
from carrel.devcontainer.notices import Notice

CONDITIONS: Mapping[str, str] = {
    "service_started": "started",
    "service_healthy": "healthy",
    "service_completed_successfully": "completed",
}


@dataclass(frozen=True)
class Service:
    """One service: canonical values (canonical.py), merged over all files."""

    name: str
    values: Mapping[str, Any]
    environment: Mapping[str, str] = field(default_factory=dict)
    """`env_file` and `environment`, resolved."""
    places: Mapping[str, str] = field(default_factory=dict)
    """Key -> `file:line`, of the last file that says it."""

    def get(self, key: str) -> Any:
        """A value, or None."""
        return self.values.get(key)

    def mapping(self, key: str) -> Mapping[str, Any]:
        """A mapping; empty where it is not given. Raises `bad_configuration`."""
        value = self.values.get(key)
        if value is not None and not isinstance(value, Mapping):
            raise self.problem(key, "must be a mapping")
        return value or {}

    def list(self, key: str) -> list[Any]:
        """A list; empty where it is not given. Raises `bad_configuration`."""
        value = self.values.get(key)
        if value is not None and not isinstance(value, list):
            raise self.problem(key, "must be a list")
        return value or []

    def text(self, key: str) -> str:
        """A text; empty where it is not given. Raises `bad_configuration`."""
        value = self.values.get(key)
        if isinstance(value, (list, Mapping)):
            raise self.problem(key, "must be a text")
        return "" if value is None else str(value)

    def flag(self, key: str) -> bool:
        """A boolean, also as a text that interpolation made."""
        value = self.values.get(key)
        return value.lower() in {"true", "yes", "y", "on", "1"} if isinstance(value, str) else bool(value)

    def problem(self, key: str, message: str) -> Problem:
        """A problem with one of its keys."""
        place = self.places.get(key) or self.places.get("") or "compose"
        name, _, line = place.rpartition(":")
        extra = {"file": name, "line": int(line)} if line.isdigit() else {}
        return Problem("bad_configuration", f"{place}: services.{self.name}.{key}: {message}.", extra=extra)

    def is_scaled_to_nothing(self) -> bool:
        """`scale: 0` or `deploy.replicas: 0`: it is not started by itself."""
        return "0" in {str(self.get("scale")), str(self.mapping("deploy").get("replicas"))}

    def needs(self) -> Iterator[str]:
        """Names of services that have to run with it; optional ones (`required: false`) left out."""
        for name, value in self.mapping("depends_on").items():
            if not isinstance(value, Mapping) or value.get("required") is not False:
                yield name
        mode = self.text("network_mode")
        if mode.startswith("service:"):
            yield mode.removeprefix("service:")
        for link in self.list("links"):
            yield str(link).partition(":")[0]
        for source in self.list("volumes_from"):
            if not str(source).startswith("container:"):
                yield str(source).partition(":")[0]


@dataclass(frozen=True)
class Project:
    """What the files of a project say."""

    name: str
    files: tuple[str, ...]
    folder: str
    """Absolute folder that relative paths start at."""
    services: Mapping[str, Service]
    volumes: Mapping[str, Any] = field(default_factory=dict)
    networks: Mapping[str, Any] = field(default_factory=dict)
    secrets: Mapping[str, Any] = field(default_factory=dict)
    configs: Mapping[str, Any] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    """What interpolation knew."""
    notices: tuple[Notice, ...] = ()

    def service(self, name: str, wanted_by: str) -> Service:
        """A service by its name.

        Raises:
            Problem: `bad_configuration`; it names the service, who wants it, and those there are (C180).
        """
        found = self.services.get(name)
        if found is None:
            listing = ", ".join(sorted(self.services)) or "none"
            raise Problem(
                "bad_configuration",
                f"{wanted_by} names the service {name!r}, which no Compose file has (services: {listing}).",
            )
        return found

    def selected(self, primary: str, run: tuple[str, ...]) -> tuple[Service, ...]:
        """The services that run, the primary one first: all, or `runServices` with what they need (C184).

        Profiles are all enabled (C181).

        Raises:
            Problem: `bad_configuration`, a service that is needed does not exist, or they need each other in a circle.
        """
        self.service(primary, "`service`")
        for name in run:
            self.service(name, "`runServices`")
        waiting = [primary, *(run or (name for name, one in self.services.items() if not one.is_scaled_to_nothing()))]
        names: list[str] = []
        while waiting:
            name = waiting.pop(0)
            if name not in names:
                names.append(name)
                waiting += [self.service(need, f"services.{name}").name for need in self.services[name].needs()]
        services = tuple(self.services[name] for name in names)
        _check_order(services)
        return services


def _check_order(services: tuple[Service, ...]) -> None:
    done: set[str] = set()
    waiting = {service.name: set(service.needs()) for service in services}
    while ready := [name for name, needs in waiting.items() if needs <= done]:
        done |= set(ready)
        for name in ready:
            del waiting[name]
    if waiting:
        raise Problem("bad_configuration", f"The services {', '.join(sorted(waiting))} need each other in a circle.")
