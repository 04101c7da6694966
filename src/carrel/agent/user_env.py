"""The environment of people's processes: container, probe of the user's shell, remoteEnv, secrets (C357-C373)."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from carrel.agent.process import Command, capture
from carrel.agent.users import FALLBACK_SHELL, RemoteUser
from carrel.core.agent import AgentPlan
from carrel.core.secret import Secret
from carrel.core.spec import TOOLBOX_PATH

DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
"""What container engines give a process whose image sets no PATH."""
WRAPPERS = f"{TOOLBOX_PATH}/libexec/wrappers"
TOOLBOX_SHELL = f"{TOOLBOX_PATH}/libexec/sh"
"""busybox: the last resort."""
_SHELLS_OWN = frozenset({"PWD", "OLDPWD", "SHLVL", "_"})
_FLAGS = {"loginShell": "-lc", "interactiveShell": "-ic", "loginInteractiveShell": "-lic"}
_POWERSHELL_FLAGS = {
    "loginShell": ("-Login", "-Command"),
    "interactiveShell": ("-Command",),
    "loginInteractiveShell": ("-Login", "-Command"),
}


@dataclass(frozen=True)
class Environment:
    """What every process of the remote user starts with."""

    user: RemoteUser
    folder: str
    """The workspace folder."""
    base: Mapping[str, str]
    """Container environment, the user's identity and the probe."""
    remote_env: Mapping[str, str | None] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)
    secret_files: Mapping[str, str] = field(default_factory=dict)
    """Known here so that they are masked in logs."""
    is_probed: bool = False
    """The base has what the shell's start-up files set; a terminal need not read a log-in's again, which often reset PATH."""

    def variables(self, caller: Mapping[str, str] | None = None) -> dict[str, str]:
        """The process environment in the order of C363: probe, the caller's own, remoteEnv, secrets."""
        merged = dict(self.base) | dict(caller or {})
        for name, value in self.remote_env.items():
            if value is None:
                merged.pop(name, None)
            else:
                merged[name] = value
        merged.update(self.secrets)
        merged["PATH"] = with_wrappers(with_toolbox(merged.get("PATH", "")))
        return merged

    @property
    def masked(self) -> tuple[str, ...]:
        """What no log may hold."""
        return (*self.secrets.values(), *self.secret_files.values())

    def with_secrets(self, plan: AgentPlan) -> Environment:
        """The same with the secrets of `plan`: for processes from now on."""
        return replace(self, secrets=_revealed(plan.secrets), secret_files=_revealed(plan.secret_files))

    def command(self, *argv: str, caller: Mapping[str, str] | None = None, cwd: str = "") -> Command:
        """`argv` to be run by the remote user, in the workspace folder unless `cwd` says otherwise."""
        return Command(argv, self.variables(caller), cwd or self.folder, self.user)

    def terminal(self) -> tuple[tuple[str, ...], str]:
        """An interactive shell: its argv, and its argv[0] where that makes it a log-in shell."""
        shell = self.shell()
        return (shell,), "" if self.is_probed else "-" + shell.rsplit("/", 1)[-1]

    def shell(self) -> str:
        """The user's shell, or /bin/sh where it is absent or refuses log-ins, or the toolbox's where that is absent too."""
        shell = self.user.shell
        refuses = shell.endswith(("/nologin", "/false"))
        return shell if not refuses and os.access(shell, os.X_OK) else system_shell()


def system_shell() -> str:
    """/bin/sh, or the toolbox's own where the image has no shell at all."""
    missing = not os.access(FALLBACK_SHELL, os.X_OK) and os.access(TOOLBOX_SHELL, os.X_OK)
    return TOOLBOX_SHELL if missing else FALLBACK_SHELL


def with_toolbox(path: str) -> str:
    """PATH with the toolbox's programs last: the image's own always win."""
    folder = f"{TOOLBOX_PATH}/bin"
    entries = (path or DEFAULT_PATH).split(":")
    return ":".join([*(entry for entry in entries if entry != folder), folder])


def with_wrappers(path: str, folder: str = WRAPPERS) -> str:
    """PATH with the wrappers of `folder` first where it has what they wrap: `gh`, which needs a token (ADR 0032)."""
    others = ":".join(entry for entry in path.split(":") if entry != folder)
    try:
        names = os.listdir(folder)  # noqa: PTH208  for every process: no objects
    except OSError:
        return others
    return f"{folder}:{others}" if any(shutil.which(name, path=others) for name in names) else others


def merge_path(shell: str, container: str, *, is_root: bool) -> str:
    """The shell's PATH with what the container's has besides, at its place; `sbin` folders only for root (C367).

    Start-up files such as Debian's /etc/profile set PATH anew and would lose what the image put there.
    """
    merged = shell.split(":") if shell else []
    position = 0
    for entry in container.split(":"):
        if entry in merged:
            position = merged.index(entry) + 1
        elif is_root or "sbin" not in entry.split("/"):
            merged.insert(position, entry)
            position += 1
    return ":".join(merged)


def identity(container_env: Mapping[str, str], user: RemoteUser) -> dict[str, str]:
    """The container's environment with what a log-in as `user` sets."""
    return dict(container_env) | {
        "HOME": user.home,
        "USER": user.name,
        "LOGNAME": user.name,
        "SHELL": user.shell,
        "PATH": container_env.get("PATH") or DEFAULT_PATH,
    }


async def probe(kind: str, command: Command, seconds: float) -> dict[str, str]:
    """The variables that the user's shell sets when it starts as `kind` says; empty when it fails (C359-C361).

    Args:
        kind: `userEnvProbe` of the configuration.
        command: the shell, as the remote user in the workspace folder.
        seconds: how long it may take.

    Raises:
        TimeoutError: it took longer.
        OSError: the shell cannot be executed.
    """
    if kind == "none":
        return {}
    mark = secrets.token_hex(16)
    script = f"printf %s {mark}; cat /proc/self/environ 2>/dev/null || printenv; printf %s {mark}"
    shell = command.argv[0]
    if shell.rsplit("/", 1)[-1] in {"pwsh", "pwsh-preview"}:
        argv = (shell, *_POWERSHELL_FLAGS[kind], script.replace("printf %s", "Write-Host -NoNewline"))
    else:
        argv = (shell, _FLAGS[kind], script)
    code, output = await capture(replace(command, argv=argv), seconds)
    if code != 0 and mark.encode() not in output:
        return {}
    return parse_probe(output, mark)


def parse_probe(output: bytes, mark: str) -> dict[str, str]:
    """The variables between the two marks, NUL or line separated; what start-up files printed around them is ignored."""
    parts = output.split(mark.encode())
    if len(parts) < 3:
        return {}
    body = parts[1]
    separator = b"\0" if b"\0" in body else b"\n"
    found: dict[str, str] = {}
    for entry in body.split(separator):
        name, equals, value = entry.partition(b"=")
        if name and equals:
            found[os.fsdecode(name)] = os.fsdecode(value)
    return {name: value for name, value in found.items() if name not in _SHELLS_OWN}


def environment(
    plan: AgentPlan, user: RemoteUser, container_env: Mapping[str, str], probed: Mapping[str, str]
) -> Environment:
    """The environment of this plan, with what the probe found."""
    base = identity(container_env, user)
    path = merge_path(probed.get("PATH", ""), base["PATH"], is_root=user.uid == 0)
    return Environment(
        user=user,
        folder=plan.workspace_folder,
        base=base | dict(probed) | {"PATH": path},
        is_probed=bool(probed),
        remote_env=plan.remote_env,
    ).with_secrets(plan)


def _revealed(given: Mapping[str, Secret]) -> dict[str, str]:
    return {name: secret.reveal() for name, secret in given.items()}
