"""What a service asks of the machine, under the policy of every other source (untrusted-input.md: dockerComposeFile)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from carrel.core.spec import Limits
from carrel.devcontainer.allowance import Allowance
from carrel.devcontainer.ceilings import want_host, want_hostname, want_label, want_shm, want_ulimit, want_working_dir
from carrel.devcontainer.compose.project import Service
from carrel.devcontainer.notices import info, warning
from carrel.devcontainer.policy import refusal
from carrel.devcontainer.runargs import size_bytes

_COUNT = re.compile(r"[0-9]{1,4}")
_SYSCTLS = re.compile(
    r"net\.core\.somaxconn|net\.ipv4\.(tcp_\w+|ip_local_port_range|ip_unprivileged_port_start|ping_group_range)"
    r"|net\.ipv6\.conf\.(all|default|lo)\.disable_ipv6|kernel\.(shm\w+|msg\w+|sem)|fs\.mqueue\.\w+"
)
"""Settings of a container's own namespaces that reach nothing else."""
_NAMESPACES = ("pid", "ipc", "uts", "userns_mode", "cgroup")
_NEVER: Mapping[str, str] = {
    "cgroup_parent": "namespace",
    "credential_spec": "runArgs",
    "device_cgroup_rules": "namespace",
    "external_links": "namespace",
    "oom_kill_disable": "runArgs",
    "oom_score_adj": "runArgs",
    "runtime": "runArgs",
}
"""Keys that are always refused, and the rule that says so."""


def judge_service(allowance: Allowance, service: Service) -> dict[str, str]:
    """Fill an allowance with what one service may have; its notices say what it may not.

    Returns:
        The sysctls that are allowed.
    """
    origin = f"service {service.name}"
    for key, judge in _JUDGES.items():
        if service.get(key) is not None:
            judge(allowance, service, origin)
    for key in _NAMESPACES:
        _namespace(allowance, service, key, origin)
    for key, rule in _NEVER.items():
        if service.get(key):
            allowance.notices.append(refusal(rule, key, "the setting is not allowed and was left out", origin))
    _network(allowance, service, origin)
    if isinstance(service.get("init"), str) and not _is_boolean(service.text("init")):
        text = "a program of the host is never mounted; Carrel's init is the first process anyway"
        allowance.notices.append(refusal("bind", f"init: {service.text('init')}", text, origin))
    if service.list("ports"):
        text = "ports are never published on the host; those of the main service are forwarded privately"
        allowance.notices.append(info("ports", text, origin))
    return _sysctls(allowance, service, origin)


def _is_boolean(text: str) -> bool:
    return text.lower() in {"", "true", "false", "yes", "no", "y", "n", "on", "off"}


def _privileged(allowance: Allowance, service: Service, origin: str) -> None:
    if service.flag("privileged"):
        allowance.want_privileged("privileged", origin)


def _capabilities(allowance: Allowance, service: Service, origin: str) -> None:
    for name in service.list("cap_add"):
        allowance.want_capability(str(name), "cap_add", origin)


def _security(allowance: Allowance, service: Service, origin: str) -> None:
    for option in service.list("security_opt"):
        allowance.want_security_option(str(option).replace(":", "=", 1), "security_opt", origin)


def _devices(allowance: Allowance, service: Service, origin: str) -> None:
    for device in service.list("devices"):
        text = str(device)
        if isinstance(device, Mapping):
            if not device.get("source"):
                raise service.problem("devices", "a device needs a source")
            parts = (
                device.get("source"),
                device.get("target") or device.get("source"),
                device.get("permissions") or "rwm",
            )
            text = ":".join(map(str, parts))
        allowance.want_device(text, "devices", origin)


def _namespace(allowance: Allowance, service: Service, key: str, origin: str) -> None:
    mode = service.text(key)
    if mode == "host":
        text = "a namespace of the host is never shared; the service has its own"
        allowance.notices.append(refusal("namespace", f"{key}: host", text, origin))
    elif mode.startswith(("service:", "container:")):
        text = "services do not share this namespace; the service has its own"
        allowance.notices.append(refusal("namespace", f"{key}: {mode}", text, origin))


def _network(allowance: Allowance, service: Service, origin: str) -> None:
    mode = service.text("network_mode")
    if mode == "none":
        allowance.notices.append(warning("network_mode: none", "the service is in the workspace's network", origin))
    elif mode not in {"", "bridge", "default"} and not mode.startswith("service:"):
        text = "the service is in the workspace's network instead"
        allowance.notices.append(refusal("namespace", f"network_mode: {mode}", text, origin))


def _hosts(allowance: Allowance, service: Service, origin: str) -> None:
    for name, addresses in service.mapping("extra_hosts").items():
        for address in addresses if isinstance(addresses, list) else [addresses]:
            want_host(allowance, name, str(address), f"extra_hosts {name}", origin)


def _labels(allowance: Allowance, service: Service, origin: str) -> None:
    for name, value in service.mapping("labels").items():
        want_label(allowance, name, "" if value is None else str(value), "labels", origin)


def _shm(allowance: Allowance, service: Service, origin: str) -> None:
    asked = size_bytes(service.text("shm_size"))
    if asked is None:
        raise service.problem("shm_size", f"{service.text('shm_size')!r} is no size")
    want_shm(allowance, asked, "shm_size", origin)


def _ulimits(allowance: Allowance, service: Service, origin: str) -> None:
    for name, value in service.mapping("ulimits").items():
        pair = (value.get("soft"), value.get("hard")) if isinstance(value, Mapping) else (value, value)
        try:
            asked = [int(str(one)) for one in pair]
        except ValueError as error:
            raise service.problem("ulimits", f"{name}: {value!r} is no limit") from error
        want_ulimit(allowance, name, asked, "ulimits", origin)


def _gpus(allowance: Allowance, service: Service, origin: str) -> None:
    wanted = service.get("gpus")
    devices: list[Any] = [{"count": wanted}] if isinstance(wanted, (str, int)) else service.list("gpus")
    reserved = _at(service.get("deploy"), "resources", "reservations", "devices") or []
    reserved = reserved if isinstance(reserved, list) else []
    devices += [one for one in reserved if isinstance(one, Mapping) and "gpu" in (one.get("capabilities") or ())]
    for device in devices:
        if not isinstance(device, Mapping):
            raise service.problem("gpus", f"{device!r} is no device")
        count = device.get("count", len(device.get("device_ids") or ()) or "all")
        number = int(count) if _COUNT.fullmatch(str(count)) else allowance.policy.max_gpus or 1
        allowance.want_gpus(number, "gpus", origin)


def _sysctls(allowance: Allowance, service: Service, origin: str) -> dict[str, str]:
    allowed = {}
    for name, value in service.mapping("sysctls").items():
        if _SYSCTLS.fullmatch(name):
            allowed[name] = str(value)
        else:
            text = "the setting is not allowed and was left out"
            allowance.notices.append(refusal("sysctl", f"sysctls {name}", text, origin))
    return allowed


def _user(allowance: Allowance, service: Service, _origin: str) -> None:
    allowance.user = service.text("user")


def _hostname(allowance: Allowance, service: Service, origin: str) -> None:
    want_hostname(allowance, service.text("hostname"), "hostname", origin)


def _working_dir(allowance: Allowance, service: Service, origin: str) -> None:
    want_working_dir(allowance, service.text("working_dir"), "working_dir", origin)


_JUDGES: dict[str, Callable[[Allowance, Service, str], None]] = {
    "cap_add": _capabilities,
    "deploy": _gpus,
    "devices": _devices,
    "extra_hosts": _hosts,
    "gpus": _gpus,
    "hostname": _hostname,
    "labels": _labels,
    "privileged": _privileged,
    "security_opt": _security,
    "shm_size": _shm,
    "ulimits": _ulimits,
    "user": _user,
    "working_dir": _working_dir,
}
"""Key -> what judges it."""


def limits_of(service: Service, ceiling: Limits) -> Limits:
    """The limits of a service, within the workspace's size."""
    limits = _at(service.get("deploy"), "resources", "limits")
    limits = limits if isinstance(limits, Mapping) else {}
    cpus = _number(limits.get("cpus", service.get("cpus")))
    memory = size_bytes(str(limits.get("memory") or service.get("mem_limit") or ""))
    pids = _number(limits.get("pids", service.get("pids_limit")))
    return Limits(
        cpus=_least(cpus, ceiling.cpus),
        memory_bytes=_least(memory, ceiling.memory_bytes),
        pids=_least(int(pids) if pids and pids > 0 else None, ceiling.pids),
    )


def _least(asked: Any, ceiling: Any) -> Any:
    return ceiling if not asked else asked if ceiling is None else min(asked, ceiling)


def _number(value: Any) -> float | None:
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def _at(value: Any, *keys: str) -> Any:
    for key in keys:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value
