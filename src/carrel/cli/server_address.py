"""Which server the command line talks to, and with which token. Standard library only: `exec` and `ssh` use it."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

DEFAULT_PORT = 7070
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


class NotConfiguredError(Exception):
    """No server is known; the text says what to do."""


class LocalServerDownError(NotConfiguredError):
    """The user's own local server is to be used, and does not run: `local_server.ensure_running` starts it."""


@dataclass(frozen=True)
class ServerAddress:
    """A server and the token to show it."""

    url: str
    """`http://host:port` without a trailing slash."""
    token: str
    local: bool
    """It is the local-mode server of this user's own data folder."""
    own_token: bool = False
    """`carrel login` had the token made for this machine: `carrel logout` revokes it."""

    def __repr__(self) -> str:
        """Without the token."""
        return f"ServerAddress(url={self.url!r})"


def data_dir() -> Path:
    """The data folder of the local server: CARREL_DATA_DIR, else the user's data folder."""
    if explicit := os.environ.get("CARREL_DATA_DIR"):
        return Path(explicit).expanduser().absolute()
    base = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local/share")
    return Path(base) / "carrel"


def config_file() -> Path:
    """Where `carrel login` keeps the address of a remote server and its token (0600)."""
    base = os.environ.get("XDG_CONFIG_HOME") or str(Path.home() / ".config")
    return Path(base) / "carrel" / "client.json"


def find_server() -> ServerAddress:
    """The server to use, strongest first: CARREL_URL with CARREL_TOKEN, `carrel login`, the local server's files.

    Raises:
        LocalServerDownError: it is the local one, and that does not run.
        NotConfiguredError: what is configured lacks a token.
    """
    if url := os.environ.get("CARREL_URL"):
        return _from_environment(url.rstrip("/"))
    if not os.environ.get("CARREL_DATA_DIR") and (stored := read_config(config_file())) is not None:
        return stored
    found = running_local(data_dir())
    if found is None:
        raise LocalServerDownError("The local server does not run: `carrel up` or `carrel server start` starts it.")
    return found


def _from_environment(url: str) -> ServerAddress:
    token = os.environ.get("CARREL_TOKEN", "")
    if not token and urlsplit(url).hostname in LOOPBACK:  # the owner's token goes to no other machine
        token = _read(data_dir() / "token")
    if not token:
        raise NotConfiguredError("CARREL_URL is set but no token: set CARREL_TOKEN, or run `carrel login URL`.")
    return ServerAddress(url, token, local=False)


def running_local(folder: Path) -> ServerAddress | None:
    """The local server of this data folder, by the files that it wrote when it began to listen: url, pid, token.

    A server that was killed leaves its files behind. They do not count when its process is gone: another program may
    listen on that port now, and must not be shown the token.
    """
    url, token, pid = (_read(folder / name) for name in ("url", "token", "pid"))
    if not url or not token or not pid.isdecimal() or not is_alive(int(pid)):
        return None
    return ServerAddress(url, token, local=True)


def is_alive(pid: int) -> bool:
    """Whether this is a running process of ours."""
    try:
        os.kill(pid, 0)
    except OSError:
        return False
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[0]
    except (OSError, IndexError):
        return True
    return state != "Z"  # ended, but its parent never asked


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return ""


def read_config(path: Path) -> ServerAddress | None:
    """What `carrel login` stored, or None."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        url, token = str(data["url"]).rstrip("/"), str(data["token"])
        return ServerAddress(url, token, local=False, own_token=data.get("own_token") is True)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def write_config(path: Path, server: ServerAddress) -> None:
    """Store a remote server's address and token, readable by the user only."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    fresh.unlink(missing_ok=True)
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump({"url": server.url, "token": server.token, "own_token": server.own_token}, file)
    fresh.replace(path)
