"""The docker CLI: which one can drive BuildKit, in a private configuration folder, and never outliving this process."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from carrel.core.secret import Secret

_FOLDER = "carrel-docker-"
_HUB_KEY = "https://index.docker.io/v1/"
_MEMORY = Path("/dev/shm")  # noqa: S108  credentials stay in memory where there is such a place
_DIE_WITH_PARENT = (
    "import ctypes,os,sys;"
    "ctypes.CDLL(None).prctl(1,9);"
    "os.getppid()==int(sys.argv[1]) or sys.exit(1);"
    "os.execv(sys.argv[2],sys.argv[2:])"
)
"""prctl(PR_SET_PDEATHSIG, SIGKILL): a killed server leaves no build client behind."""


def candidates(wanted: str) -> list[str]:
    """Docker CLIs on this machine, the likeliest first."""
    found = [wanted] if wanted else ["/usr/bin/docker", *(shutil.which("docker") or "").split()]
    return [path for path in dict.fromkeys(found) if os.access(path, os.X_OK)]


async def drives_buildkit(command: str) -> bool:
    """Whether `command` can build with BuildKit: it has it built in (20.10), or a buildx plugin."""
    env = {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "HOME": os.environ.get("HOME", "/"), "DOCKER_BUILDKIT": "1"}
    try:
        process = await asyncio.create_subprocess_exec(
            command, "build", "--help", env=env, stdin=-3, stdout=-1, stderr=-2
        )
        async with asyncio.timeout(10):
            text, _ = await process.communicate()
    except (OSError, TimeoutError):
        return False
    return process.returncode == 0 and b"--progress" in text


def dying_with_us(command: str, *words: str) -> list[str]:
    """The argv of a program that is killed when this process dies."""
    return [sys.executable, "-I", "-S", "-c", _DIE_WITH_PARENT, str(os.getpid()), command, *words]


@contextmanager
def private_configuration(credentials: Mapping[str, tuple[str, Secret]]) -> Iterator[str]:
    """A DOCKER_CONFIG folder with these registry credentials and the machine's CLI plugins, removed afterwards."""
    place = _MEMORY if os.access(_MEMORY, os.W_OK) else Path(tempfile.gettempdir())
    sweep(place)
    folder = Path(tempfile.mkdtemp(prefix=f"{_FOLDER}{os.getpid()}-", dir=place))
    try:
        (folder / "config.json").write_text(json.dumps({"auths": _auths(credentials)}))
        plugins = Path.home() / ".docker" / "cli-plugins"
        if plugins.is_dir():
            (folder / "cli-plugins").symlink_to(plugins)
        yield str(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def sweep(place: Path) -> None:
    """Remove the folders of servers that were killed."""
    for folder in place.glob(f"{_FOLDER}*"):
        pid = folder.name.removeprefix(_FOLDER).partition("-")[0]
        with suppress(OSError):
            if pid.isdigit() and not Path(f"/proc/{pid}").exists():
                shutil.rmtree(folder)


def _auths(credentials: Mapping[str, tuple[str, Secret]]) -> dict[str, dict[str, str]]:
    auths = {}
    for host, (user, password) in credentials.items():
        key = _HUB_KEY if host in {"docker.io", "index.docker.io"} else host
        auths[key] = {"auth": base64.b64encode(f"{user}:{password.reveal()}".encode()).decode()}
    return auths
