"""The policy for what a repository asks of the machine: one table, checked after configuration, features, image and Compose are merged.

A repository is untrusted input. What is refused is named in a notice with who can allow it; the rest still starts.
`docs/reference/devcontainer.md` is printed from RULES and FLAGS.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from carrel.core.problems import Problem
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
    ("device", "refused", "devices", "Devices of the machine; `devices:/dev/NAME` grants one."),
    ("volume", "allowed", "shared-volumes", "A volume of this workspace; shared by name within the project only with the grant. Options of a driver are refused: they can name any folder of the host."),
    ("tmpfs", "limited", "", "Memory counts against the workspace's limit."),
    ("bind", "limited", "", "Only folders of the repository; never `/`, `/proc`, `/sys`, `/var/run` or an engine socket."),
    ("target", "limited", "", "Nothing is mounted over `/`, `/proc`, `/sys`, `/dev`, the toolbox or what is around it; also not the repository or a home folder."),
    ("namespace", "refused", "", "Networks, processes, IPC, users and cgroups of the host, or of containers outside the workspace."),
    ("sysctl", "limited", "", "Compose only: a known subset of the container's own network and IPC settings."),
    ("runArgs", "refused", "", "Flags that are not in the table below, by their name."),
    ("initializeCommand", "ignored", "", "Would run where the source is; it never runs on a host."),
    ("localEnv", "limited", "", "Reads the workspace's own map, never the server's environment."),
    ("shm", "limited", "", "Capped at 2 GiB."),
    ("ulimit", "limited", "", "Known limits that are no privilege; capped."),
    ("gpus", "limited", "", "Within the workspace's size."),
    ("hostRequirements", "limited", "", "Clamped to the workspace's size."),
    ("appPort", "limited", "", "Forwarded privately; never published on the host."),
    ("add-host", "limited", "", "Names for addresses; never for link-local ones, where clouds keep the machine's credentials."),
    ("label", "limited", "", "But for Carrel's, the engine's and the specification's own."),
    ("env", "limited", "", "Names without `=`, spaces and control characters."),
    ("user", "limited", "", "A name or number, perhaps with a group; no spaces and control characters."),
    ("image", "limited", "", "A name; not an image's id, and not an image that Carrel built for a workspace."),
    ("build.files", "limited", "", "Dockerfile and context stay inside the repository after resolving links; the context's size is capped."),
    ("build.options", "limited", "", "A known subset; secrets, SSH agents, outputs and the host's network are refused by name."),
    ("build.args", "limited", "", "But for `BUILDKIT_*`, which instruct the builder."),
    ("build.cacheFrom", "limited", "", "Images in a registry; never files of the server."),
    ("build.frontend", "limited", "build-frontends", "`# syntax=` names Docker's own frontend; another one is a program that the builder runs."),
    ("build.run", "refused", "", "`RUN --security=insecure`, `--network=host`, `--device`."),
    ("build.add", "limited", "", "`ADD` of a URL: the engine itself fetches it, so never from the machine or its network."),
    ("composeFile", "limited", "", "Compose files, `extends`, `include` and `env_file` stay inside the repository."),
    ("features", "limited", "", "OCI by digest; `./local` inside `.devcontainer`; https tarballs only from hosts that the server allows."),
    ("customizations", "limited", "", "Settings that would switch the editor's workspace trust off are left out."),
)

FLAGS: dict[str, str] = {
    "add-host": "allowed, but for link-local addresses",
    "env": "allowed",
    "hostname": "allowed",
    "label": "allowed, but for Carrel's and the engine's own",
    "shm-size": "capped",
    "ulimit": "capped; known limits that are no privilege",
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


RESERVED_LABELS = ("dev.carrel.", "carrel.", "com.docker.", "io.kubernetes.", "devcontainer.")
"""Begins of labels that only Carrel, an engine or the specification set."""
ULIMITS = frozenset(
    ("core", "cpu", "data", "fsize", "locks", "memlock", "msgqueue", "nofile", "nproc", "rss", "sigpending", "stack")
)
"""Limits of a process that are no privilege; `nice`, `rtprio` and `rttime` would take processor time from others."""


GRANTS = frozenset(rule.grant for rule in RULES.values() if rule.grant)
"""Names of the grants; most take a name of one thing after a colon."""


def project_grants(entries: Iterable[str]) -> Mapping[str, frozenset[str]]:
    """What projects may have beyond the policy, from `project=grant` lines; `*` is every project.

    Raises:
        Problem: `bad_value`, a line names no project or no grant.
    """
    found: dict[str, frozenset[str]] = {}
    for entry in entries:
        project, equals, grant = entry.partition("=")
        if not equals or not project or grant.partition(":")[0] not in GRANTS:
            known = ", ".join(sorted(GRANTS))
            raise Problem("bad_value", f"{entry!r} is no `project=grant`.", hint=f"Grants: {known}.")
        found[project] = found.get(project, frozenset()) | {grant}
    return found


def refusal(rule: str, key: str, message: str, origin: str) -> Notice:
    """The notice of a refusal under a rule."""
    return Notice("refused", key, message, RULES[rule].who, origin)
