"""`carrel config-ssh`: `ssh NAME.carrel` works afterwards, and with it every program that uses OpenSSH's client."""

from __future__ import annotations

import difflib
import os
import re
import shlex
import shutil
import sys
from pathlib import Path
from typing import Annotated

import typer

from carrel.cli.calling import call
from carrel.cli.known_hosts import known_hosts_file, remember
from carrel.cli.output import note
from carrel.cli.ssh_setup.device import certificate_file, key_file
from carrel.core.problems import Problem

GATEWAY = "carrel-gateway"
"""The host by which the gateway is known in the configuration."""
BEGIN = "# --- carrel: begin (carrel config-ssh --remove takes these lines out) ---"
END = "# --- carrel: end ---"
_HOST = re.compile(r"[A-Za-z0-9:_][A-Za-z0-9.:_-]*")


def config_ssh(
    remove: Annotated[bool, typer.Option("--remove", help="Take out what was written.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would change, and change nothing.")] = False,
    file: Annotated[Path, typer.Option("--file", help="OpenSSH's configuration.")] = Path("~/.ssh/config"),
) -> None:
    """Make OpenSSH know workspaces: `ssh NAME.carrel`, scp, sftp, rsync, git, VS Code, JetBrains.

    One line in ~/.ssh/config includes a file of ours; your own lines stay as they are.
    """
    target = file.expanduser().absolute()
    ours = own_file()
    if remove:
        changes = {target: without(_text(target)), ours: None}
    else:
        way = call(lambda client: client.ssh.way())
        has_gateway = bool(way.port)
        if has_gateway and not dry_run:
            remember(GATEWAY, way.host_key)
        gateway = (way.host, way.port) if has_gateway else None
        changes = {ours: own_text(carrel_command(), gateway), target: with_include(_text(target), ours)}
    changed = [path for path, text in changes.items() if text != _text(path, missing=None)]
    for path in changed:
        if dry_run:
            _show(path, changes[path])
        else:
            _write(path, changes[path])
    if not changed:
        note("Nothing to change.")
    elif dry_run:
        note("Nothing was written.")
    else:
        note("Taken out." if remove else "Done: `ssh NAME.carrel` enters a workspace, `ssh -J` and editors do, too.")


def own_file() -> Path:
    """The file that is ours alone."""
    return known_hosts_file().with_name("ssh_config")


def carrel_command() -> list[str]:
    """How the running `carrel` is started again: by absolute path."""
    found = shutil.which(sys.argv[0]) if Path(sys.argv[0]).name.startswith("carrel") else None
    return [str(Path(found).absolute())] if found else [sys.executable, "-m", "carrel.cli"]


def own_text(command: list[str], gateway: tuple[str, int] | None) -> str:
    """The content of our file.

    Args:
        command: the argv of `carrel`.
        gateway: host and port; None: the server has none.

    Raises:
        Problem: `bad_value`: the server's word for its host is none; a second line in it would be a command to OpenSSH.
    """
    if gateway is not None and not _HOST.fullmatch(gateway[0]):
        raise Problem("bad_value", f"The server calls its gateway {gateway[0][:80]!r}, which is no host.")
    known = _quoted(known_hosts_file())
    lines = [
        "# Written by `carrel config-ssh`; changes here are lost.",
        "Host *.carrel",
        f"  ProxyCommand {_shell(command)} ssh-proxy %h",
        f"  UserKnownHostsFile {known}",
        "  GlobalKnownHostsFile /dev/null",
        "  StrictHostKeyChecking yes",
        "  CheckHostIP no",
        "  UpdateHostKeys no",
        "  PubkeyAuthentication no",  # the server we are signed in to lets us in
        "  User carrel",
        "  Ciphers ^aes128-gcm@openssh.com",
        "  ServerAliveInterval 0",  # `ssh-proxy` knows better whether the other side is there (ADR 0017)
    ]
    if gateway is not None:
        lines += [
            f'Match originalhost {GATEWAY} exec "{_shell(command)} ssh-certificate"',
            f"  CertificateFile {_quoted(certificate_file())}",
            f"Host {GATEWAY}",
            f"  HostName {gateway[0]}",
            f"  Port {gateway[1]}",
            f"  HostKeyAlias {GATEWAY}",
            f"  UserKnownHostsFile {known}",
            "  GlobalKnownHostsFile /dev/null",
            "  StrictHostKeyChecking yes",
            "  CheckHostIP no",
            "  UpdateHostKeys no",
            f"  IdentityFile {_quoted(key_file())}",
            "  User carrel",
            "  Ciphers ^aes128-gcm@openssh.com",
            "  ServerAliveInterval 15",
        ]
    return "\n".join(lines) + "\n"


def with_include(text: str, ours: Path) -> str:
    """The person's configuration with one line that includes our file, before all else: `Include` in a block is the block's."""
    rest = without(text)
    block = f"{BEGIN}\nInclude {_quoted(ours)}\n{END}\n"
    return block + (f"\n{rest}" if rest else "")


def without(text: str) -> str:
    """The person's configuration without our lines.

    Raises:
        Problem: `bad_value`: somebody has changed the marks.
    """
    lines = text.splitlines(keepends=True)
    stripped = [line.strip() for line in lines]
    if stripped.count(BEGIN) != stripped.count(END):
        hint = "Take out the lines between them, and the marks, by hand."
        raise Problem("bad_value", "The marks of `carrel config-ssh` in the configuration do not match.", hint)
    while BEGIN in stripped:
        first, last = stripped.index(BEGIN), stripped.index(END)
        if last < first:
            raise Problem("bad_value", "The marks of `carrel config-ssh` are in the wrong order.", "Take them out.")
        if last + 1 < len(lines) and not stripped[last + 1] and first == 0:
            last += 1  # the empty line that we put there
        del lines[first : last + 1]
        del stripped[first : last + 1]
    return "".join(lines)


def _shell(command: list[str]) -> str:
    """For a shell, in a configuration where % stands for something."""
    return " ".join(shlex.quote(word).replace("%", "%%") for word in command)


def _quoted(path: Path) -> str:
    text = str(path).replace("%", "%%")
    return f'"{text}"' if " " in text else text


def _text(path: Path, missing: str | None = "") -> str:
    try:
        return path.read_text(encoding="utf-8", errors="surrogateescape")
    except FileNotFoundError:
        return missing  # type: ignore[return-value]  # None only where the caller compares


def _show(path: Path, text: str | None) -> None:
    before, after = _text(path).splitlines(), (text or "").splitlines()
    for line in difflib.unified_diff(before, after, str(path), str(path), lineterm="", n=1):
        print(line)


def _write(path: Path, text: str | None) -> None:
    """Put it there whole, with the mode that the file has; through a link to the file that it means."""
    if text is None:
        path.unlink(missing_ok=True)
        return
    path = path.resolve()
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    mode = path.stat().st_mode & 0o7777 if path.exists() else 0o600
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    fresh.unlink(missing_ok=True)
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    os.fchmod(descriptor, mode)
    with os.fdopen(descriptor, "w", encoding="utf-8", errors="surrogateescape") as file:
        file.write(text)
    fresh.replace(path)
