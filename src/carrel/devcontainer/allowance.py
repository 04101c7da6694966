"""What remains of an environment's wishes after the policy: privileges and run options as plain settings, with notices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from carrel.core.spec import Grants
from carrel.devcontainer.metadata import Entry
from carrel.devcontainer.mounts import MountRequest
from carrel.devcontainer.notices import Notice, warning
from carrel.devcontainer.policy import Policy, refusal

_STRICTER = frozenset({"no-new-privileges", "no-new-privileges=true", "no-new-privileges:true"})


@dataclass
class Allowance:
    """Filled wish by wish; `notices` say what was not allowed."""

    policy: Policy
    local_env: Mapping[str, str] = field(default_factory=dict)
    privileged: bool = False
    capabilities: list[str] = field(default_factory=list)
    security_options: list[str] = field(default_factory=list)
    devices: list[str] = field(default_factory=list)
    env: dict[str, str] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    extra_hosts: list[str] = field(default_factory=list)
    ulimits: dict[str, tuple[int, int]] = field(default_factory=dict)
    hostname: str = ""
    shm_bytes: int | None = None
    user: str = ""
    working_dir: str = ""
    gpus: int = 0
    mounts: list[tuple[MountRequest, str, str]] = field(default_factory=list)
    """(mount, key for notices, origin), still to be judged by `volumes`."""
    notices: list[Notice] = field(default_factory=list)

    def grants(self) -> Grants:
        """The privileges that were allowed."""
        return Grants(self.privileged, tuple(self.capabilities), tuple(self.security_options), tuple(self.devices))

    # --- privileges, wherever they come from ---

    def want_privileged(self, key: str, origin: str) -> None:
        """`privileged: true`."""
        if self.policy.allows("privileged"):
            self.privileged = True
        else:
            self._refuse("privileged", key, "the container runs without it", origin)

    def want_capability(self, name: str, key: str, origin: str) -> None:
        """One capability, with or without `CAP_`."""
        name = name.upper().removeprefix("CAP_")
        if not self.policy.allows("capabilities", name):
            self._refuse("capAdd", f"{key} {name}", "the capability is not added", origin)
        elif name not in self.capabilities:
            self.capabilities.append(name)

    def want_security_option(self, option: str, key: str, origin: str) -> None:
        """One security option; a stricter one is always allowed."""
        strict = option in _STRICTER
        if not strict and not self.policy.allows("security-options", option):
            self._refuse("securityOpt", f"{key} {option}", "the option is not set", origin)
        elif option not in self.security_options:
            self.security_options.append(option)

    def want_device(self, device: str, key: str, origin: str) -> None:
        """One device of the machine."""
        if self.policy.allows("devices", device.partition(":")[0]):
            self.devices.append(device)
        else:
            self._refuse("device", f"{key} {device}", "the device is not added", origin)

    def _refuse(self, rule: str, key: str, message: str, origin: str) -> None:
        notice = refusal(rule, key, message, origin)
        if notice not in self.notices:
            self.notices.append(notice)

    # --- metadata entries ---

    def judge_entries(self, entries: Sequence[Entry]) -> None:
        """Privileges and mounts that image, features and configuration ask for."""
        for entry in entries:
            if entry.values.get("privileged"):
                self.want_privileged("privileged", entry.origin)
            for name in _strings(entry.values.get("capAdd")):
                self.want_capability(name, "capAdd", entry.origin)
            for option in _strings(entry.values.get("securityOpt")):
                self.want_security_option(option, "securityOpt", entry.origin)

    # --- what has a ceiling, not a grant ---

    def want_gpus(self, count: int, key: str, origin: str, *, optional: bool = False) -> None:
        """GPUs, as many as the workspace's size has."""
        self.gpus = max(self.gpus, min(count, self.policy.max_gpus))
        if count > self.policy.max_gpus and not optional:
            self.notices.append(
                warning(key, f"asks for {count} GPU, the workspace's size has {self.policy.max_gpus}", origin)
            )

    def want_mount(self, request: MountRequest, key: str, origin: str) -> None:
        """A mount; `volumes` judges it, this only that it has a target."""
        if request.target.startswith("/"):
            self.mounts.append((request, key, origin))
        else:
            self.notices.append(warning(key, f"the target {request.target!r} is not absolute", origin))


def _strings(value: Any) -> list[str]:
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []
