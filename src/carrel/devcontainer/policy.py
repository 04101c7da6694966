"""The policy for what a repository asks of the machine: one table, checked after configuration, features, image and Compose are merged.

A repository is untrusted input. What is refused is named in a notice with who can allow it; the rest still starts.
`docs/reference/devcontainer.md` is printed from RULES and FLAGS.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from carrel.devcontainer.notices import Notice

ADMINISTRATOR = "a project administrator or the template"


@dataclass(frozen=True)
class Rule:
    """One row: a kind of wish, what happens by default, and the grant that changes it."""

    key: str
    default: Literal["allowed", "limited", "refused", "ignored"]
    grant: str
    """Name of the grant (`up --allow NAME`); empty: nobody can grant it."""
    note: str

    @property
    def who(self) -> str:
        """Who can allow it, for a notice."""
        return f"{ADMINISTRATOR}, with the grant {self.grant!r}," if self.grant else ""


def _table(*rows: tuple[str, Literal["allowed", "limited", "refused", "ignored"], str, str]) -> dict[str, Rule]:
    return {row[0]: Rule(*row) for row in rows}


# fmt: off
RULES = _table(
    ("privileged", "refused", "privileged", "The container would have the whole machine."),
    ("capAdd", "refused", "capabilities", "Kernel capabilities beyond the default set; `capabilities:NAME` grants one."),
    ("securityOpt", "refused", "security-options", "Weakens seccomp, AppArmor or SELinux; `no-new-privileges` is always allowed."),
    ("device", "refused", "devices", "Devices of the machine."),
    ("volume", "allowed", "shared-volumes", "A volume of this workspace; shared by name within the project only with the grant."),
    ("tmpfs", "limited", "", "Memory counts against the workspace's limit."),
    ("bind", "limited", "", "Only folders of the repository; never `/`, `/proc`, `/sys`, `/var/run` or an engine socket."),
    ("initializeCommand", "ignored", "", "Would run where the source is; it never runs on a host."),
    ("localEnv", "limited", "", "Reads the workspace's own map, never the server's environment."),
    ("shm", "limited", "", "Capped at half of the workspace's memory, or 2 GiB."),
    ("ulimit", "limited", "", "Capped."),
    ("gpus", "limited", "", "Within the workspace's size."),
    ("hostRequirements", "limited", "", "Clamped to the workspace's size."),
    ("appPort", "limited", "", "Forwarded privately; never published on the host."),
    ("build.options", "limited", "", "A known subset."),
)

FLAGS: dict[str, str] = {
    "add-host": "allowed",
    "env": "allowed",
    "hostname": "allowed",
    "label": "allowed, but for Carrel's and the engine's own",
    "shm-size": "capped",
    "ulimit": "capped",
    "gpus": "within the workspace's size",
    "init": "always on",
    "user": "like containerUser",
    "workdir": "allowed",
    "cap-add": "like capAdd",
    "security-opt": "like securityOpt",
    "privileged": "like privileged",
    "device": "refused unless granted",
    "mount": "like mounts",
    "volume": "like mounts",
    "tmpfs": "like mounts",
    "name": "ignored: workspaces have their own names",
    "rm": "ignored: it would delete the container on stop",
    "restart": "ignored: Carrel decides when a workspace runs",
    "detach": "ignored",
    "interactive": "ignored",
    "tty": "ignored",
    "attach": "ignored",
    "sig-proxy": "ignored",
    "quiet": "ignored",
    "pull": "ignored",
}
"""Flags of runArgs that are known; every other one is refused by its name."""
# fmt: on


@dataclass(frozen=True)
class Policy:
    """The policy as it stands for one workspace: what was granted, and the ceilings."""

    granted: frozenset[str] = field(default_factory=frozenset)
    """Names of grants, e.g. `privileged`, `capabilities:SYS_PTRACE`."""
    max_shm_bytes: int = 2 * 2**30
    max_tmpfs_bytes: int = 2 * 2**30
    max_nofile: int = 1_048_576
    max_ulimit: int = 2**62
    """Of other limits that are no privilege (core, memlock within the memory limit ...)."""
    max_gpus: int = 0
    tarball_hosts: frozenset[str] = field(default_factory=frozenset)
    """Hosts from which https tarballs of features may come; `*` is any."""

    def allows(self, grant: str, name: str = "") -> bool:
        """Whether a grant is given, as a whole or for one name."""
        return bool(grant) and (grant in self.granted or bool(name and f"{grant}:{name}" in self.granted))


def refusal(rule: str, key: str, message: str, origin: str) -> Notice:
    """The notice of a refusal under a rule."""
    return Notice("refused", key, message, RULES[rule].who, origin)
