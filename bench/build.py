"""Builds: cold, unchanged, one line of a Dockerfile changed, one feature added; and starts of an unchanged environment.

Each beside the reference devcontainer CLI with a folder of the same content. A word of chance in the Dockerfile and in each feature makes a build
cold without touching the engine's cache; each candidate has its own, because BuildKit would share the layers between them.
"""

from __future__ import annotations

import json
import re
import secrets
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from bench.report import Row
from bench.start import DOCKER, Ours, Peer
from tests.contract.docker_bench import base_image
from tests.e2e.installation import BIN, Installation, docker
from tests.reference_cli import ReferenceAbsentError, reference_argv

FEATURES = ("shell", "tools")
"""In every configuration; a third one is added."""
ADDED = "more"


class Project:
    """A folder with a Dockerfile and local features."""

    def __init__(self, folder: Path, image: str) -> None:
        self.folder = folder
        self.image = image
        self.word = ""
        self.built: set[str] = set()

    def renew(self) -> None:
        """Content that nobody has built."""
        self.word = secrets.token_hex(8)
        for name in (*FEATURES, ADDED):
            metadata = {"id": name, "version": "1.0.0", "options": {"level": {"type": "string", "default": "1"}}}
            self._write(f".devcontainer/{name}/devcontainer-feature.json", json.dumps(metadata))
            script = f"#!/bin/sh\nset -e\necho {self.word} $LEVEL > /usr/local/share/{name}\n"
            self._write(f".devcontainer/{name}/install.sh", script)
        self.configure(FEATURES)
        self.dockerfile("first")

    def configure(self, features: tuple[str, ...]) -> None:
        """The devcontainer.json with these features."""
        values = {
            "build": {"dockerfile": "Dockerfile"},
            "features": {f"./{name}": {} for name in features},
            "overrideFeatureInstallOrder": [f"./{name}" for name in features],
            "remoteUser": "root",
        }
        self._write(".devcontainer/devcontainer.json", json.dumps(values))

    def dockerfile(self, line: str) -> None:
        """The Dockerfile; only its last line says `line`."""
        text = f"FROM {self.image}\nRUN echo {self.word} > /first\nRUN echo {self.word} > /second\nRUN echo {line} > /last\n"
        self._write(".devcontainer/Dockerfile", text)

    def _write(self, path: str, text: str) -> None:
        place = self.folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)


def build_ours(project: Project, environment: Mapping[str, str]) -> None:
    """`carrel devcontainer build`."""
    argv = [str(BIN / "carrel"), "devcontainer", "build", str(project.folder)]
    done = subprocess.run(argv, env=environment, check=True, capture_output=True, text=True)
    project.built |= {*done.stdout.split(), *re.findall(r"carrel-env/default:[0-9a-f]{24}", done.stderr)}


def build_peer(project: Project, peer: Peer) -> None:
    """`devcontainer build`."""
    argv = [*peer.program, "build", "--workspace-folder", str(project.folder), "--docker-path", DOCKER]
    done = subprocess.run(argv, check=True, capture_output=True, text=True)
    named = json.loads(done.stdout)["imageName"]
    project.built |= {named} if isinstance(named, str) else set(named)


def measure(runs: int) -> list[Row]:
    """All measurements of builds."""
    with tempfile.TemporaryDirectory() as temporary:
        base = Path(temporary)
        installation = Installation(base / "data")
        installation.start()
        image = base_image()
        ours, theirs = Project(base / "ours" / "project", image), Project(base / "theirs" / "project", image)
        try:
            return _measure(runs, installation, ours, theirs)
        finally:
            installation.destroy()
            for project in (ours, theirs):
                for name in project.built:
                    subprocess.run([DOCKER, "rmi", "-f", name], check=False, capture_output=True)


def _measure(runs: int, installation: Installation, ours: Project, theirs: Project) -> list[Row]:
    try:
        peer = Peer(theirs.folder, reference_argv())
    except ReferenceAbsentError:
        peer = None
    kinds = {
        "cold": "cold: Dockerfile and two features",
        "same": "unchanged second build",
        "line": "one line of Dockerfile changed",
        "feature": "one feature added",
        "fresh": "unchanged: a fresh container, to a terminal",
        "again": "unchanged: a stopped one, to a terminal",
    }
    names = {"carrel": "carrel", "reference CLI": "reference"}
    rows = {
        (kind, who): Row(f"{names[who]}: {what}") for kind, what in kinds.items() for who in ("carrel", "reference CLI")
    }
    for number in range(runs + 1):  # the first round warms up and is not counted
        counted = rows if number else {key: Row(row.what) for key, row in rows.items()}
        runner = Ours(installation, ours.folder)
        _round(counted, "carrel", ours, lambda: build_ours(ours, installation.environment))
        _starts(counted, "carrel", _OurStarts(runner))
        if peer is not None:
            _round(counted, "reference CLI", theirs, lambda: build_peer(theirs, peer))
            _starts(counted, "reference CLI", _PeerStarts(peer, theirs))
    return list(rows.values())


def _round(rows: dict[tuple[str, str], Row], who: str, project: Project, build: Callable[[], None]) -> None:
    project.renew()
    rows["cold", who].time(build)
    rows["same", who].time(build)
    project.dockerfile("second")
    rows["line", who].time(build)
    project.configure((*FEATURES, ADDED))
    rows["feature", who].time(build)


class _OurStarts:
    """`carrel up` of the folder whose image is built."""

    def __init__(self, ours: Ours) -> None:
        self._ours = ours

    def up(self) -> None:
        """Make a workspace."""
        self._ours.up()

    def again(self) -> None:
        """Start the stopped one."""
        self._ours.start()

    def stop(self) -> None:
        """Stop it."""
        self._ours.stop()

    def remove(self) -> None:
        """Leave nothing of it."""
        self._ours.purge()


class _PeerStarts:
    """The same with the reference CLI."""

    def __init__(self, peer: Peer, project: Project) -> None:
        self._peer = peer
        self._project = project

    def up(self) -> None:
        """Make a container."""
        self._peer.start()

    def again(self) -> None:
        """Start the stopped one."""
        self._peer.start()

    def stop(self) -> None:
        """Stop it."""
        self._peer.stop()

    def remove(self) -> None:
        """Remove it, and note its image."""
        self._project.built |= set(docker("inspect", "--format", "{{.Config.Image}}", *self._peer.containers()))
        self._peer.remove()


def _starts(rows: dict[tuple[str, str], Row], who: str, candidate: _OurStarts | _PeerStarts) -> None:
    candidate.up()  # what has to be built for a start is built
    candidate.remove()
    rows["fresh", who].time(candidate.up)
    candidate.stop()
    rows["again", who].time(candidate.again)
    candidate.remove()
