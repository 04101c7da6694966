"""The local server in the background: started once when it is needed, found by later commands, stopped on request.

Standard library only: `exec` and `ssh` use it where no server runs.
"""

from __future__ import annotations

import fcntl
import http.client
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from carrel.cli.server_address import ServerAddress, is_alive, running_local
from carrel.core.problems import Problem

START_SECONDS = 60.0
"""How long a server may take from its start to its first answer."""
READY_SECONDS = 3.0
"""How long an answering server may take to be ready before the commands go on without."""
STOP_SECONDS = 30.0
POLL_SECONDS = 0.05
LARGEST_LOG_BYTES = 10 * 1024 * 1024
NOT_INHERITED = frozenset({"CARREL_URL", "CARREL_TOKEN"})
Say = Callable[[str], None]


def command() -> list[str]:
    """The argv of a server in the foreground, to which options may be added."""
    return [sys.executable, "-P", "-m", "carrel.serve"]


def log_file(folder: Path) -> Path:
    """Where the background server writes."""
    return folder / "server.log"


def ensure_running(folder: Path, say: Say) -> ServerAddress:
    """The local server of this data folder, started in the background unless it answers.

    Args:
        folder: the data folder; made where it is not there.
        say: takes lines for people.

    Raises:
        Problem: `unavailable`, with the end of the server's log.
    """
    if (found := answering(folder)) is not None:
        return found
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _one_at_a_time(folder):
        if (found := answering(folder)) is not None:  # another command was faster
            return found
        log = log_file(folder)
        say(f"Starting the Carrel server in the background; its log is {log}")
        server = _spawn(folder, log)
        return _await_answer(folder, server, say)


def answering(folder: Path) -> ServerAddress | None:
    """The local server if it runs and answers as one of ours does."""
    found = running_local(folder)
    if found is None:
        return None
    status, answer = _get(found.url, "/healthz")
    return found if status == 200 and answer.get("status") == "alive" else None


def stop(folder: Path) -> bool:
    """End the local server and wait until it is gone; whether there was one. Workspaces go on.

    Raises:
        Problem: `unavailable` where it does not end.
    """
    found = running_local(folder)
    if found is None:
        return False
    pid = int((folder / "pid").read_text(encoding="ascii"))
    if answering(folder) is None and "carrel.serve" not in _command_line(pid):
        return False  # the process id belongs to another program by now
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS
    while is_alive(pid):
        if time.monotonic() > deadline:
            hint = f"Look at {log_file(folder)}; `kill -9 {pid}` ends it at once and loses nothing."
            raise Problem("unavailable", f"The server (process {pid}) does not end.", hint=hint)
        time.sleep(POLL_SECONDS)
    return True


def readiness(url: str) -> list[str]:
    """Why an answering server is not ready; empty: it is."""
    status, answer = _get(url, "/readyz")
    if status == 200:
        return []
    return [str(problem) for problem in answer.get("problems", [])] or ["It does not say why."]


def log_tail(folder: Path, lines: int = 15) -> str:
    """The end of the background server's log."""
    try:
        with log_file(folder).open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - 16 * 1024))
            return "\n".join(file.read().decode(errors="replace").splitlines()[-lines:])
    except OSError:
        return ""


@contextmanager
def _one_at_a_time(folder: Path) -> Iterator[None]:
    """Only one command starts a server; the system releases the lock of one that dies."""
    with (folder / "start.lock").open("a", encoding="ascii") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _spawn(folder: Path, log: Path) -> subprocess.Popen[bytes]:
    if log.exists() and log.stat().st_size > LARGEST_LOG_BYTES:
        log.replace(log.with_suffix(".log.1"))
    environment = {name: value for name, value in os.environ.items() if name not in NOT_INHERITED}
    environment["CARREL_DATA_DIR"] = str(folder)
    descriptor = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    with os.fdopen(descriptor, "ab") as file:
        # A session of its own: neither Ctrl-C nor the end of this terminal reaches it.
        return subprocess.Popen(
            command(),
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=file,
            start_new_session=True,
        )


def _await_answer(folder: Path, server: subprocess.Popen[bytes], say: Say) -> ServerAddress:
    began = time.monotonic()
    while (found := answering(folder)) is None:
        if server.poll() is not None and answering(folder) is None:
            raise _did_not_start(folder, f"The server ended with status {server.returncode}.")
        if time.monotonic() - began > START_SECONDS:
            raise _did_not_start(folder, f"The server does not answer after {START_SECONDS:.0f} s.")
        time.sleep(POLL_SECONDS)
    server.returncode = server.returncode or 0  # it lives on; no warning about a process that was not waited for
    began = time.monotonic()
    while problems := readiness(found.url):
        if time.monotonic() - began > READY_SECONDS:
            say("warning: " + " ".join(problems))
            break
        time.sleep(POLL_SECONDS)
    return found


def _did_not_start(folder: Path, what: str) -> Problem:
    tail = log_tail(folder)
    detail = f"{what} The end of its log:\n{tail}" if tail else what
    return Problem("unavailable", detail, hint=f"The whole log is {log_file(folder)}; `carrel doctor` helps.")


def _get(url: str, path: str) -> tuple[int, dict[str, Any]]:
    """Status and JSON object of a GET; status 0 where nothing of the kind answers."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=5)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        answer = json.loads(response.read(64 * 1024))
    except (OSError, ValueError, http.client.HTTPException):
        return 0, {}
    finally:
        connection.close()
    return response.status, answer if isinstance(answer, dict) else {}


def _command_line(pid: int) -> str:
    shown = subprocess.run(["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return shown.stdout
