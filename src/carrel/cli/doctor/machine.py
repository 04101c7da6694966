"""The machine itself: Python, disk, the data folder, the port, git."""

from __future__ import annotations

import os
import platform
import shutil
import socket
import stat
import subprocess
import sys
from pathlib import Path

from carrel.cli.doctor.check import Check, fail, ok, warn
from carrel.cli.quantities import format_size
from carrel.cli.server_address import DEFAULT_PORT

OLDEST_PYTHON = (3, 11)
SCARCE_BYTES = 10 * 2**30
TOO_LITTLE_BYTES = 2**30


def check_python(version: tuple[int, ...] = sys.version_info[:3]) -> Check:
    """Whether Python is new enough."""
    shown = f"{platform.python_version()} at {sys.executable}"
    if version[:2] < OLDEST_PYTHON:
        return fail("Python", shown, "Carrel needs Python 3.11 or newer (Debian: `apt install python3 python3-venv`).")
    return ok("Python", shown)


def check_disk(name: str, folder: Path) -> Check:
    """Whether there is room where this folder is, or will be."""
    place = next(path for path in (folder, *folder.parents) if path.exists())
    try:
        free = shutil.disk_usage(place).free
    except OSError as error:
        return warn(name, f"{place}: {error.strerror}", "Nobody can say whether there is room.")
    detail = f"{format_size(free)} free at {place}"
    if free < TOO_LITTLE_BYTES:
        return fail(name, detail, "Free some space: `docker system df` shows what the engine holds.")
    if free < SCARCE_BYTES:
        return warn(name, detail, "Images and the toolbox take several gigabytes; `docker system df` shows them.")
    return ok(name, detail)


def check_data_dir(folder: Path) -> Check:
    """Whether the data folder can be used, by its owner only."""
    if not folder.exists():
        parent = next(path for path in folder.parents if path.exists())
        if os.access(parent, os.W_OK):
            return ok("Data folder", f"{folder} (made when the server starts)")
        return fail("Data folder", f"{parent} is not writable", "Choose another folder with CARREL_DATA_DIR.")
    if not os.access(folder, os.W_OK | os.X_OK):
        return fail("Data folder", f"{folder} is not writable", "Choose another folder with CARREL_DATA_DIR.")
    if stat.S_IMODE(folder.stat().st_mode) & 0o022:
        return warn("Data folder", f"Others may write to {folder}", f"`chmod 700 {folder}`")
    return ok("Data folder", str(folder))


def check_token(folder: Path) -> Check:
    """Whether the owner's token is there, and only theirs."""
    path = folder / "token"
    if not path.exists():
        return ok("Token", "made when the server starts for the first time")
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        return warn("Token", f"Others may read {path}", f"`chmod 600 {path}`; the server does it at its next start.")
    return ok("Token", str(path))


def check_port(*, is_ours: bool) -> Check:
    """Whether the server's port is free, or ours."""
    if is_ours:
        return ok("Port", "in use by our server")
    text = os.environ.get("CARREL_PORT") or str(DEFAULT_PORT)
    if not text.isdecimal() or int(text) > 65535:
        return fail("Port", f"CARREL_PORT is {text!r}", "Set it to a number from 1 to 65535.")
    port = int(text)
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            hint = "Stop the other program, or choose a port: CARREL_PORT=7071."
            return fail("Port", f"127.0.0.1:{port}: {error.strerror}", hint)
    return ok("Port", f"127.0.0.1:{port} is free")


def check_git() -> Check:
    """Whether git is here; workspaces bring their own."""
    path = shutil.which("git")
    if path is None:
        return warn("git", "not found", "Workspaces have their own; for work on this machine: `apt install git`.")
    shown = subprocess.run([path, "--version"], capture_output=True, text=True, check=False).stdout.strip()
    return ok("git", shown.removeprefix("git version ") or path)
