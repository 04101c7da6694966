"""Services as containers of the workspace: what the specs have that only Compose can say. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, cast

from carrel.core.spec import ContainerSpec, Dependency, HealthCheck, Limits, VolumeSpec
from carrel.devcontainer.allowance import Allowance
from carrel.devcontainer.compose.policy import judge_service, limits_of
from carrel.devcontainer.compose.project import CONDITIONS, Project, Service
from carrel.devcontainer.compose.volumes import mount_service
from carrel.devcontainer.notices import Notice, info, warning
from carrel.devcontainer.policy import refusal
from carrel.devcontainer.users import checked_user
from carrel.devcontainer.variable_names import usable
from carrel.devcontainer.volumes import MountTable

_DURATION = re.compile(r"(?P<number>\d+(?:\.\d+)?)(?P<unit>h|ms|m|us|µs|ns|s)")
_DRIVERS = (None, "", "bridge", "default")
RESTARTS: Mapping[str, Literal["no", "failure", "always"]] = {
    **dict.fromkeys(("", "no", "none", "false", "False"), "no"),
    "on-failure": "failure",
    **dict.fromkeys(("always", "unless-stopped", "any"), "always"),
}
_SECONDS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9}


@dataclass(frozen=True)
class Neighbours:
    """The containers beside the primary one."""

    containers: tuple[ContainerSpec, ...] = ()
    volumes: Mapping[str, VolumeSpec] = field(default_factory=dict)
    notices: tuple[Notice, ...] = ()


def neighbours(
    project: Project, services: Sequence[Service], images: Mapping[str, str], table: MountTable, limits: Limits
) -> Neighbours:
    """The containers of all services but the first.

    Args:
        project: what the files say.
        services: those that run, the primary one first.
        images: service -> what it runs.
        table: an empty table of the workspace, under whose policy they are.
        limits: the workspace's size, which each of them is within.
    """
    containers: list[ContainerSpec] = []
    volumes: dict[str, VolumeSpec] = {}
    notices: list[Notice] = []
    for service in services[1:]:
        allowance = Allowance(table.policy)
        mounts = replace(table, mounts=[], volumes={}, notices=[])
        sysctls = judge_service(allowance, service)
        mount_service(mounts, project, service)
        env, refused = usable(service.environment, "environment", f"service {service.name}")
        spec = ContainerSpec(
            name=service.name,
            image=images[service.name],
            user=checked_user(allowance.user, f"services.{service.name}.user"),
            working_dir=allowance.working_dir,
            env=env,
            mounts=tuple(mounts.mounts),
            limits=replace(limits_of(service, limits), shm_bytes=allowance.shm_bytes, gpus=allowance.gpus),
            grants=allowance.grants(),
            hostname=allowance.hostname,
            labels=dict(allowance.labels),
        )
        containers.append(of_service(spec, service, services, allowance, sysctls))
        volumes |= mounts.volumes
        notices += [*allowance.notices, *mounts.notices, *refused]
    return Neighbours(tuple(containers), volumes, tuple(notices))


def of_service(
    spec: ContainerSpec, service: Service, services: Sequence[Service], allowance: Allowance, sysctls: Mapping[str, str]
) -> ContainerSpec:
    """`spec` with process, network, dependencies and health of a service."""
    mode = service.text("network_mode")
    return replace(
        spec,
        entrypoint=_words(service, "entrypoint"),
        command=_words(service, "command"),
        extra_hosts=tuple(allowance.extra_hosts),
        ulimits=dict(allowance.ulimits),
        sysctls=dict(sysctls),
        dependencies=dependencies(service, services),
        health=health_check(service),
        shares_network_with=mode.removeprefix("service:") if mode.startswith("service:") else "",
        aliases=aliases(service, services),
        **restart(service),
    )


def restart(service: Service) -> dict[str, Any]:
    """`restart` and `restart_attempts` of a spec; `deploy.restart_policy` counts before `restart`, as in the Compose CLI.

    Raises:
        Problem: `bad_configuration`, there is no such policy.
    """
    policy = service.mapping("deploy").get("restart_policy")
    if isinstance(policy, Mapping):
        written, attempts = str(policy.get("condition") or "any"), str(policy.get("max_attempts") or "")
    else:
        written, _, attempts = service.text("restart").partition(":")
    if written not in RESTARTS or not (attempts == "" or attempts.isdecimal()):
        raise service.problem("restart", f"there is no restart policy {written!r}")
    kind = RESTARTS[written]
    return {"restart": kind, "restart_attempts": int(attempts or 0) if kind == "failure" else 0}


def _words(service: Service, key: str) -> tuple[str, ...] | None:
    """None: the image's own. An empty list clears it."""
    return None if service.get(key) is None else tuple(str(word) for word in service.list(key))


def aliases(service: Service, services: Sequence[Service]) -> tuple[str, ...]:
    """Further names: of its networks, `container_name`, and what others' `links` call it."""
    names = [str(one) for network in service.mapping("networks").values() if isinstance(network, Mapping)
             for one in network.get("aliases") or ()]  # fmt: skip
    if service.get("container_name"):
        names.append(service.text("container_name"))
    for other in services:
        for link in other.list("links"):
            target, _, alias = str(link).partition(":")
            if target == service.name and alias:
                names.append(alias)
    return tuple(dict.fromkeys(name for name in names if name != service.name))


def dependencies(service: Service, services: Sequence[Service]) -> tuple[Dependency, ...]:
    """`depends_on`, links and the like, as far as those services run.

    Raises:
        Problem: `bad_configuration`, an unknown condition.
    """
    running = {one.name for one in services}
    found: dict[str, str] = {name: "started" for name in service.needs() if name in running}
    for name, value in service.mapping("depends_on").items():
        written = str(value.get("condition")) if isinstance(value, Mapping) else "service_started"
        if written not in CONDITIONS:
            raise service.problem("depends_on", f"{name}: the condition {written!r} is not known")
        if name in running:
            found[name] = CONDITIONS[written]
    return tuple(Dependency(name, cast("Any", condition)) for name, condition in found.items())


def health_check(service: Service) -> HealthCheck | None:
    """The health check; None: the image's own.

    Raises:
        Problem: `bad_configuration`, a duration cannot be read.
    """
    check = service.mapping("healthcheck")
    if not check:
        return None
    test = check.get("test") or []
    if check.get("disable") in {True, "true"} or test == ["NONE"]:
        return HealthCheck(("NONE",))
    if not test:
        return None
    default = HealthCheck(tuple(str(word) for word in test))
    try:
        return replace(
            default,
            interval_seconds=_seconds(check.get("interval"), default.interval_seconds),
            timeout_seconds=_seconds(check.get("timeout"), default.timeout_seconds),
            start_period_seconds=_seconds(check.get("start_period"), default.start_period_seconds),
            retries=int(check.get("retries") or default.retries),
        )
    except ValueError as error:
        raise service.problem("healthcheck", str(error)) from error


def _seconds(value: Any, default: float) -> float:
    """`1m30s`, `500ms`; a plain number is taken as nanoseconds, as Go does."""
    if value is None:
        return default
    if isinstance(value, int):
        return value * 1e-9
    text = str(value)
    parts = list(_DURATION.finditer(text))
    if not parts or "".join(part[0] for part in parts) != text:
        message = f"{value!r} is no duration"
        raise ValueError(message)
    return sum(float(part["number"]) * _SECONDS[part["unit"]] for part in parts)


def network_notices(project: Project, services: Sequence[Service]) -> tuple[Notice, ...]:
    """What the one network of the workspace does not do."""
    notices: list[Notice] = []
    used = {name for service in services for name in service.mapping("networks")}
    for service in services:
        for name in service.mapping("networks"):
            if name != "default" and name not in project.networks:
                raise service.problem(
                    "networks", f"the network {name!r} is not declared under the top-level `networks`"
                )
        if any(
            isinstance(one, Mapping) and set(one) - {"aliases", "priority"}
            for one in service.mapping("networks").values()
        ):
            notices.append(
                warning("networks", "addresses are not kept; use the service's name", f"service {service.name}")
            )
    if len(used) > 1:
        text = f"{', '.join(sorted(used))} are one network here: every service reaches every other"
        notices.append(info("networks", text, "Compose"))
    for name, declared in project.networks.items():
        if isinstance(declared, Mapping) and declared.get("external"):
            text = "a network outside the workspace is not joined; the workspace's own takes its place"
            notices.append(refusal("namespace", f"networks.{name}", text, "Compose"))
        if isinstance(declared, Mapping) and (declared.get("driver_opts") or declared.get("driver") not in _DRIVERS):
            text = "another driver can join networks of the host; the workspace's own network takes its place"
            notices.append(refusal("namespace", f"networks.{name}.driver", text, "Compose"))
        if isinstance(declared, Mapping) and declared.get("internal"):
            notices.append(
                warning(f"networks.{name}.internal", "what it reaches is the workspace's egress setting", "Compose")
            )
    return tuple(notices)


def primary_ports(service: Service) -> tuple[int, ...]:
    """TCP ports that the service would publish; they are forwarded privately."""
    return tuple(port["target"] for port in service.list("ports") if port.get("protocol") == "tcp")
