"""Every key of a Compose file: what Carrel does with it. `docs/reference/devcontainer.md` is printed from KEYS."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal, NamedTuple

from carrel.devcontainer.notices import Notice, warning

Treatment = Literal["supported", "policy", "ignored"]


class Key(NamedTuple):
    """One row."""

    treatment: Treatment
    note: str


# fmt: off
KEYS: Mapping[str, Key] = {
    "annotations": Key("ignored", "Have no effect on a workspace."),
    "attach": Key("ignored", "Is about the output of `docker compose up`."),
    "blkio_config": Key("ignored", "The workspace's size decides."),
    "build": Key("policy", "`context`, `dockerfile`, `dockerfile_inline`, `args`, `target`, `labels`, `cache_from`, `no_cache`, `network` (none, default), `shm_size`, `extra_hosts`; inside the repository."),
    "cap_add": Key("policy", "Like `capAdd`."),
    "cap_drop": Key("ignored", "Containers start with a small set already."),
    "cgroup": Key("policy", "`host` is refused."),
    "cgroup_parent": Key("policy", "Refused."),
    "command": Key("supported", "Runs beside the agent in the main service, unless `overrideCommand` is true."),
    "configs": Key("policy", "Files of the repository, mounted read-only."),
    "container_name": Key("supported", "A further name in the workspace's network."),
    "cpu_count": Key("ignored", "Use `cpus`."),
    "cpu_percent": Key("ignored", "Use `cpus`."),
    "cpu_period": Key("ignored", "Use `cpus`."),
    "cpu_quota": Key("ignored", "Use `cpus`."),
    "cpu_rt_period": Key("ignored", "Use `cpus`."),
    "cpu_rt_runtime": Key("ignored", "Use `cpus`."),
    "cpu_shares": Key("ignored", "The workspace's size decides."),
    "cpus": Key("supported", "Within the workspace's size."),
    "cpuset": Key("ignored", "The workspace's size decides."),
    "credential_spec": Key("ignored", "Windows only."),
    "depends_on": Key("supported", "With `condition` and `required`."),
    "deploy": Key("supported", "`resources.limits`, `restart_policy` and `replicas: 0`; GPU reservations of the main service; the rest is about clusters."),
    "develop": Key("ignored", "Is about `docker compose watch`."),
    "device_cgroup_rules": Key("policy", "Refused."),
    "devices": Key("policy", "Refused unless granted."),
    "dns": Key("ignored", "The workspace's network decides."),
    "dns_opt": Key("ignored", "The workspace's network decides."),
    "dns_search": Key("ignored", "The workspace's network decides."),
    "domainname": Key("ignored", "Has no effect."),
    "entrypoint": Key("supported", "Without `command` beside it the image's own command is not run (C192)."),
    "env_file": Key("supported", "Files of the repository; one that is not there is read as empty, with a warning."),
    "environment": Key("supported", "A name without a value is taken from `.env` or the workspace's own map."),
    "expose": Key("ignored", "Services reach each other at every port."),
    "extends": Key("supported", "From the same file, or another one in the repository."),
    "external_links": Key("policy", "Refused: they lead out of the workspace."),
    "extra_hosts": Key("supported", "Lines of the hosts file."),
    "gpus": Key("supported", "Within the workspace's size."),
    "group_add": Key("ignored", "Not passed on."),
    "healthcheck": Key("supported", "Others wait for it with `condition: service_healthy`."),
    "hostname": Key("supported", "The container's own name."),
    "image": Key("supported", "Pulled where absent."),
    "init": Key("supported", "Always true in effect."),
    "ipc": Key("policy", "`host` is refused."),
    "isolation": Key("ignored", "Windows only."),
    "labels": Key("supported", "But for Carrel's and the engine's own."),
    "links": Key("supported", "The other name reaches the service for all."),
    "logging": Key("ignored", "Logs are kept by Carrel."),
    "mac_address": Key("ignored", "The workspace's network decides."),
    "mem_limit": Key("supported", "Within the workspace's size."),
    "mem_reservation": Key("ignored", "The workspace's size decides."),
    "mem_swappiness": Key("ignored", "The workspace's size decides."),
    "memswap_limit": Key("ignored", "The workspace's size decides."),
    "network_mode": Key("policy", "`service:NAME`; `host` and `container:NAME` are refused."),
    "networks": Key("supported", "One network for the workspace; aliases are kept, addresses are not."),
    "oom_kill_disable": Key("policy", "Refused."),
    "oom_score_adj": Key("policy", "Refused."),
    "pid": Key("policy", "`host` is refused."),
    "pids_limit": Key("supported", "Within the default."),
    "platform": Key("supported", "Of a build; an image is pulled for the machine's architecture."),
    "ports": Key("policy", "Never published on the host; those of the main service are forwarded privately."),
    "post_start": Key("ignored", "Use the life-cycle hooks."),
    "pre_stop": Key("ignored", "Not run."),
    "privileged": Key("policy", "Refused unless granted."),
    "profiles": Key("supported", "All profiles are enabled; `runServices` chooses."),
    "pull_policy": Key("ignored", "An image is pulled where it is absent."),
    "read_only": Key("ignored", "The root file system stays writable."),
    "restart": Key("supported", "While the workspace runs. `always` is as `unless-stopped`. The main service is Carrel's to start again."),
    "runtime": Key("policy", "Refused."),
    "scale": Key("ignored", "One container for each service; 0 means none."),
    "secrets": Key("policy", "Files of the repository, mounted read-only at /run/secrets."),
    "security_opt": Key("policy", "Like `securityOpt`."),
    "shm_size": Key("policy", "Capped."),
    "stdin_open": Key("ignored", "Has no effect."),
    "stop_grace_period": Key("ignored", "A workspace's own is used."),
    "stop_signal": Key("ignored", "TERM is sent."),
    "storage_opt": Key("ignored", "Has no effect."),
    "sysctls": Key("policy", "A known subset of the container's own network and IPC settings."),
    "tmpfs": Key("policy", "Counts against the workspace's memory."),
    "tty": Key("ignored", "Has no effect."),
    "ulimits": Key("policy", "Capped."),
    "user": Key("supported", "The container user, unless `containerUser` is given (C194)."),
    "userns_mode": Key("policy", "`host` is refused."),
    "uts": Key("policy", "`host` is refused."),
    "volumes": Key("policy", "Named volumes of the workspace, tmpfs, and folders of the repository."),
    "volumes_from": Key("policy", "Of another service."),
    "working_dir": Key("supported", "Of the command."),
}
"""Key of a service -> what becomes of it."""
# fmt: on
TOP_LEVEL = frozenset(("version", "name", "services", "volumes", "networks", "secrets", "configs", "include"))
_WORTH_A_WORD = frozenset(
    (
        "cap_drop",
        "dns",
        "dns_search",
        "read_only",
        "group_add",
        "mac_address",
        "post_start",
        "pre_stop",
        "stop_signal",
        "isolation",
    )
)
"""Ignored keys whose absence a service may feel; the others say nothing about how it runs."""


def check_keys(values: Mapping[str, Any]) -> Iterator[Notice]:
    """Warnings about keys that nothing reads; `x-` keys are the author's own."""
    for key in values:
        if key not in TOP_LEVEL and not key.startswith("x-"):
            yield warning(key, "unknown key of a Compose file; kept, but nothing reads it", "Compose")
    for name, service in (values.get("services") or {}).items():
        for key in service or {}:
            if key not in KEYS and not key.startswith("x-"):
                yield warning(key, "unknown key; kept, but nothing reads it", f"service {name}")
            elif key in _WORTH_A_WORD:
                yield Notice("info", key, f"has no effect here: {KEYS[key].note}", origin=f"service {name}")
