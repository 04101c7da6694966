"""The real thing: a server process, a Docker Engine, the toolbox, git over HTTP. Nothing is skipped where it should run."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from examples.git_server import git_server
from tests.e2e.installation import Installation

DOCKER = "/usr/bin/docker"


@pytest.fixture(scope="session")
def git_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of the bare repositories that the git server serves."""
    return tmp_path_factory.mktemp("git")


@pytest.fixture(scope="session")
def git_url(git_root: Path) -> Iterator[str]:
    """Address of a real git server on loopback."""
    with git_server(git_root) as address:
        yield address


@pytest.fixture(scope="session", autouse=True)
def toolbox() -> None:
    """The toolbox is built once for all; `make test` has done so already."""
    subprocess.run([str(Path(sys.executable).with_name("carrel")), "toolbox", "build"], check=True, env=os.environ)


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    """A fresh installation with its server running; afterwards nothing of it is left in the engine."""
    own = Installation(tmp_path / "data")
    own.start()
    yield own
    own.destroy()


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """One installation for the tests of a module that do not disturb each other."""
    own = Installation(tmp_path_factory.mktemp("shared") / "data")
    own.start()
    yield own
    own.destroy()
