"""One installation under test: its own data folder, port and server process, and what the engine has of it."""

from __future__ import annotations

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
LABEL = "dev.carrel.installation"
WORKSPACE_LABEL = "dev.carrel.workspace"
DOCKER = "/usr/bin/docker"
KEPT_IMAGES = ("carrel/",)
"""Images that all installations on an engine have in common: they stay."""


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def docker(*words: str, environment: Mapping[str, str] | None = None) -> list[str]:
    """Lines that the engine's own command line prints."""
    done = subprocess.run([DOCKER, *words], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"docker {' '.join(words)}: {done.stderr}"
    return [line for line in done.stdout.splitlines() if line]


class Installation:
    """Starts, kills and asks a server; speaks to it as a program does (API) or as a person does (`carrel`)."""

    def __init__(self, data: Path, **settings: str) -> None:
        self.data = data
        self.port = free_port()
        self.environment = os.environ | {
            "CARREL_DATA_DIR": str(data),
            "CARREL_PORT": str(self.port),
            "CARREL_GATEWAY_PORT": "0",
            "CARREL_ALLOW_GIT_SCHEMES": "https,ssh,http",
            "CARREL_LEASE_SECONDS": "5",
            "NO_COLOR": "1",
            **settings,
        }
        self.process: subprocess.Popen[bytes] | None = None

    # --- the process -------------------------------------------------------------------------------------------------

    def spawn(self, *words: str) -> None:
        """Start the server (or what `words` name in its place)."""
        self.data.mkdir(parents=True, exist_ok=True)
        command = words or (sys.executable, "-m", "carrel.serve")
        with (self.data / "server.log").open("ab") as log:
            self.process = subprocess.Popen(command, env=self.environment, stdout=log, stderr=log, cwd=ROOT)

    def start(self, *words: str, until: str = "readyz") -> None:
        """Start it and wait until it is ready (or `until="healthz"`)."""
        self.spawn(*words)
        self.wait_for(until)

    def wait_for(self, path: str, seconds: float = 120) -> None:
        """Until the server answers well at a path."""
        until = time.monotonic() + seconds
        while True:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/{path}", timeout=2):
                    return
            except OSError:
                assert self.process is not None
                assert self.process.poll() is None, self.log()
                assert time.monotonic() < until, self.log()
                time.sleep(0.05)

    def kill(self) -> None:
        """`kill -9`."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        """An orderly stop."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(timeout=120)

    def log(self) -> str:
        """The server's log."""
        return (self.data / "server.log").read_text(errors="replace")[-8000:]

    def destroy(self) -> None:
        """Purge all workspaces through the server, stop it, and leave nothing in the engine."""
        if self.process is None or self.process.poll() is not None:
            self.start()
        found = [workspace["id"] for trash in ("false", "true") for workspace in self.listed(deleted=trash)]
        for workspace in found:
            self.api("DELETE", f"/workspaces/{workspace}?purge=true")
        for workspace in found:
            self.until_gone(workspace)
        left = self.left_over()
        self.stop()
        self.remove_images()
        assert not left, f"left after a purge: {left}"

    # --- the API -----------------------------------------------------------------------------------------------------

    @property
    def token(self) -> str:
        """The owner's token."""
        return (self.data / "token").read_text().strip()

    def api(self, method: str, path: str, body: Any = None, key: str = "", token: str = "") -> Any:
        """Call the API, with the owner's token unless another is given; a problem is raised as ApiProblem."""
        headers = {"Authorization": f"Bearer {token or self.token}", "Content-Type": "application/json"}
        if key:
            headers["Idempotency-Key"] = key
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/api/v1{path}", data=data, headers=headers, method=method
        )
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                text = answer.read()
        except urllib.error.HTTPError as error:
            raise ApiProblem(json.loads(error.read())) from None
        return json.loads(text) if text else None

    def create(self, url: str, key: str = "", **members: Any) -> dict[str, Any]:
        """Ask for a workspace from a git URL."""
        created: dict[str, Any] = self.api(
            "POST", "/workspaces", {"source": {"kind": "git", "url": url}, **members}, key
        )
        return created

    def listed(self, **query: str) -> list[dict[str, Any]]:
        """The workspaces that the API lists."""
        found: list[dict[str, Any]] = self.api("GET", f"/workspaces?{urlencode(query | {'limit': '1000'})}")["items"]
        return found

    def workspace(self, id_or_name: str) -> dict[str, Any]:
        """A workspace as the API shows it."""
        shown: dict[str, Any] = self.api("GET", f"/workspaces/{id_or_name}")
        return shown

    def until(self, workspace: str, wanted: Callable[[dict[str, Any]], bool], seconds: float = 120) -> dict[str, Any]:
        """The workspace once it is as wanted."""
        until = time.monotonic() + seconds
        while not wanted(now := self.workspace(workspace)):
            assert time.monotonic() < until, f"{json.dumps(now, indent=1)}\n{self.log()}"
            time.sleep(0.1)
        return now

    def until_phase(self, workspace: str, phase: str, seconds: float = 120) -> dict[str, Any]:
        """The workspace once it is in a phase; a failure that was not asked for ends the waiting."""

        def wanted(now: dict[str, Any]) -> bool:
            is_failure = now["phase"] == "failed" and now["problem"] is not None
            assert phase == "failed" or not is_failure, f"{now}\n{self.log()}"
            return bool(now["phase"] == phase)

        return self.until(workspace, wanted, seconds)

    def until_gone(self, workspace: str, seconds: float = 60) -> None:
        """Until the API knows the workspace no more."""
        until = time.monotonic() + seconds
        while True:
            try:
                now = self.workspace(workspace)
            except ApiProblem as problem:
                if problem.kind == "not_found":
                    return
                raise
            assert time.monotonic() < until, f"{now}\n{self.log()}"
            time.sleep(0.1)

    def events(self, workspace: str, kind: str = "") -> list[dict[str, Any]]:
        """All events of a workspace, or those of a kind."""
        found = self.api("GET", f"/workspaces/{workspace}/events?limit=1000")["items"]
        return [event for event in found if kind in {"", event["kind"]}]

    # --- the command line --------------------------------------------------------------------------------------------

    def carrel(self, *words: str, stdin: bytes = b"", check: bool = True) -> subprocess.CompletedProcess[bytes]:
        """Run `carrel` as a person would."""
        done = subprocess.run(
            [BIN / "carrel", *words], env=self.environment, input=stdin, capture_output=True, check=False
        )
        assert not check or done.returncode == 0, f"{words}: {done}\n{self.log()}"
        return done

    def sh(self, workspace: str, script: str) -> str:
        """What a shell script prints in a workspace."""
        return self.carrel("exec", "-T", workspace, "sh", "-c", script).stdout.decode().strip()

    # --- the engine --------------------------------------------------------------------------------------------------

    @property
    def id(self) -> str:
        """The installation's id, read from its database."""
        with sqlite3.connect(f"file:{self.data / 'carrel.sqlite'}?mode=ro", uri=True) as database:
            return str(database.execute("SELECT id FROM installation").fetchone()[0])

    def docker(self, *words: str) -> list[str]:
        """Lines that the engine's own command line prints, on this installation's engine."""
        return docker(*words, environment=self.environment)

    def containers(self, *filters: str) -> list[str]:
        """Names of this installation's containers, stopped ones too."""
        return sorted(self.docker("ps", "-a", *self._filters(filters), "--format", "{{.Names}}"))

    def volumes(self, *filters: str) -> list[str]:
        """Names of this installation's volumes, the toolbox left out."""
        filters = (*filters, WORKSPACE_LABEL)
        return sorted(self.docker("volume", "ls", *self._filters(filters), "-q"))

    def networks(self, *filters: str) -> list[str]:
        """Names of this installation's networks."""
        return sorted(self.docker("network", "ls", *self._filters(filters), "--format", "{{.Name}}"))

    def containers_of(self, workspace: str) -> list[str]:
        """Names of a workspace's containers."""
        return self.containers(f"{WORKSPACE_LABEL}={workspace}")

    def container_ids(self, workspace: str) -> list[str]:
        """Ids of a workspace's containers: another one is another id."""
        return sorted(self.docker("ps", "-aq", "--no-trunc", *self._filters((f"{WORKSPACE_LABEL}={workspace}",))))

    def volumes_of(self, workspace: str) -> list[str]:
        """Names of a workspace's volumes."""
        return self.volumes(f"{WORKSPACE_LABEL}={workspace}")

    def networks_of(self, workspace: str) -> list[str]:
        """Names of a workspace's networks."""
        return self.networks(f"{WORKSPACE_LABEL}={workspace}")

    def left_over(self) -> list[str]:
        """Everything that the engine has of workspaces of this installation."""
        return [*self.containers(), *self.volumes(), *self.networks()]

    def remove_images(self) -> None:
        """Remove what this installation built."""
        built = self.docker("images", *self._filters(()), "--format", "{{.Repository}}:{{.Tag}}")
        if mine := [name for name in built if not name.startswith(KEPT_IMAGES)]:
            self.docker("rmi", *mine)

    def _filters(self, filters: Sequence[str]) -> list[str]:
        named = (f"{LABEL}={self.id}", *filters)
        return [word for text in named for word in ("--filter", f"label={text}")]


class ApiProblem(Exception):  # noqa: N818  the field's word is "problem"
    """A problem document that the API answered with."""

    def __init__(self, document: dict[str, Any]) -> None:
        super().__init__(json.dumps(document))
        self.document = document
        self.kind = str(document.get("kind"))
        self.status = int(document.get("status", 0))
