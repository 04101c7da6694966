"""Which server the command line talks to, and with which token. Standard library only: `exec` and `ssh` use it."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

DEFAULT_PORT = 7070


class NotConfiguredError(Exception):
    """No server is known; the text says what to do."""


@dataclass(frozen=True)
class ServerAddress:
    """A server and the token to show it."""

    url: str
    """`http://host:port` without a trailing slash."""
    token: str
    local: bool
    """It is the local-mode server of this user's own data folder."""

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
        NotConfiguredError: none of them is there.
    """
    if url := os.environ.get("CARREL_URL"):
        token = os.environ.get("CARREL_TOKEN") or _read_token(data_dir() / "token")
        if not token:
            raise NotConfiguredError("CARREL_URL is set but no token: set CARREL_TOKEN, or run `carrel login`.")
        return ServerAddress(url.rstrip("/"), token, local=False)
    if not os.environ.get("CARREL_DATA_DIR") and (stored := _read_config(config_file())) is not None:
        return stored
    folder = data_dir()
    token = _read_token(folder / "token")
    if not token:
        raise NotConfiguredError(
            "No server is configured: `carrel up` starts a local one, `carrel login URL` uses another."
        )
    return ServerAddress(local_url(folder), token, local=True)


def local_url(folder: Path) -> str:
    """Address of the local server: as it wrote it down when it started, else the default port."""
    try:
        return (folder / "url").read_text(encoding="utf-8").strip()
    except OSError:
        return f"http://127.0.0.1:{os.environ.get('CARREL_PORT') or DEFAULT_PORT}"


def _read_token(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except OSError:
        return ""


def _read_config(path: Path) -> ServerAddress | None:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        return ServerAddress(str(data["url"]).rstrip("/"), str(data["token"]), local=False)
    except (OSError, ValueError, KeyError, TypeError):
        return None
