"""What git in the workspace knows by itself: who the person is, whom to ask for a credential or a signature.

They are settings of the system, not the user's: what he says in his own ~/.gitconfig counts before (ADR 0032).
"""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from carrel.agent.process import capture
from carrel.agent.questions.helper import SIGNING_KEY
from carrel.agent.state_folder import ROOT_FOLDER
from carrel.agent.user_env import Environment

log = logging.getLogger("carrel.agent")

SECONDS = 5.0
SYSTEM_FILE = Path("/etc/gitconfig")
"""Where git of nearly every distribution looks, the toolbox's own included."""
SIGNERS = "allowed_signers"


@dataclass(frozen=True)
class GitDefaults:
    """What there is to say of the person."""

    name: str = ""
    email: str = ""
    signing_key: str = ""
    """Public, an OpenSSH line; empty: nothing is signed by default."""


@dataclass(frozen=True)
class GitPlaces:
    """Where it is written, and what it leads to."""

    state: Path
    toolbox: Path

    def write(self, defaults: GitDefaults) -> Mapping[str, str]:
        """Write the settings and have git read them; variables that its processes need for it, mostly none."""
        own = self.state / "gitconfig"
        try:
            _write(own, self.text(defaults, includes_system=False))
            if defaults.signing_key:
                principal = defaults.email or defaults.name or "*"
                _write(self.state / SIGNING_KEY, f"{defaults.signing_key}\n")
                _write(self.state / SIGNERS, f'{principal} namespaces="git" {defaults.signing_key}\n')
            if self.state == Path(ROOT_FOLDER) and _include(SYSTEM_FILE, own):
                return {}
            _write(own, self.text(defaults, includes_system=True))
        except OSError as error:
            log.warning("git_defaults_not_written error=%s", error)
            return {}
        return {"GIT_CONFIG_SYSTEM": str(own)}

    def text(self, defaults: GitDefaults, *, includes_system: bool) -> str:
        """The file, in the form of git-config(1)."""
        lines = ["# Written by Carrel at every start; your own ~/.gitconfig counts before it (docs/guides/git.md)."]
        if includes_system:
            lines += ["[include]", _setting("path", str(SYSTEM_FILE))]
        if defaults.name or defaults.email:
            lines.append("[user]")
            lines += [_setting(k, v) for k, v in (("name", defaults.name), ("email", defaults.email)) if v]
        lines += ["[credential]", _setting("helper", str(self.toolbox / "bin/git-credential-carrel"))]
        if defaults.signing_key:
            lines += ["[gpg]", _setting("format", "ssh"), '[gpg "ssh"]']
            lines += [_setting("program", str(self.toolbox / "bin/git-sign-carrel"))]
            lines += [_setting("allowedSignersFile", str(self.state / SIGNERS))]
            lines += ["[user]", _setting("signingkey", str(self.state / SIGNING_KEY))]
            lines += ["[commit]", _setting("gpgsign", "true"), "[tag]", _setting("gpgsign", "true")]
        return "".join(f"{line}\n" for line in lines)


def _setting(name: str, value: str) -> str:
    """One line; the value quoted, so that no character of it means anything."""
    text = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ").replace("\0", "")
    return f'\t{name} = "{text}"'


def _write(path: Path, text: str) -> None:
    """Whole, and for everybody to read."""
    fresh = path.with_name(f".{path.name}.new")
    fresh.write_text(text, encoding="utf-8")
    fresh.chmod(0o644)
    fresh.replace(path)


def _include(system: Path, own: Path) -> bool:
    """Have the system's configuration include ours; whether it does."""
    line = _setting("path", str(own))
    try:
        known = system.read_text(encoding="utf-8", errors="surrogateescape") if system.exists() else ""
        if line in known.splitlines():
            return True
        gap = "\n" if known and not known.endswith("\n") else ""
        with system.open("a", encoding="utf-8") as file:
            file.write(f"{gap}[include]\n{line}\n")
        system.chmod(system.stat().st_mode | 0o444)
    except OSError as error:
        log.info("git_system_configuration_unwritable error=%s", error)
        return False
    return True


async def trust_project(environment: Environment) -> None:
    """Tell git that the project is the user's, where it belongs to another one, as a mounted local folder may."""
    try:
        if _is_foreign(environment):
            await _trust(environment)
    except (OSError, TimeoutError) as error:
        log.warning("project_not_trusted error=%s", error)


def _is_foreign(environment: Environment) -> bool:
    """Whether the project belongs to another user; git then refuses to work in it."""
    try:
        return os.stat(environment.folder).st_uid != environment.user.uid  # noqa: PTH116
    except OSError:
        return False


async def _trust(environment: Environment) -> None:
    key, folder = "safe.directory", environment.folder
    code, known = await capture(environment.command("git", "config", "--global", "--get-all", key), SECONDS)
    if code in {0, 1} and folder not in os.fsdecode(known).splitlines():
        await capture(environment.command("git", "config", "--global", "--add", key, folder), SECONDS)
