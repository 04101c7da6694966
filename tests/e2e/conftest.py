"""The real thing: a server process, a Docker Engine, the toolbox, git over HTTP. Nothing is skipped where it should run."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from examples.git_server import git_server
from tests.e2e.installation import ROOT, Installation
from tests.e2e.repositories import Repositories


@pytest.fixture(scope="session", autouse=True)
def toolbox(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The name of the toolbox, built once for all; `make test` has done so already."""
    folder = tmp_path_factory.mktemp("toolbox")
    command = [sys.executable, "-m", "carrel.serve", "--toolbox"]
    environment = os.environ | {"CARREL_DATA_DIR": str(folder)}
    built = subprocess.run(command, check=True, env=environment, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    return built.stdout.split()[-1]


@pytest.fixture(scope="session")
def repositories(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Repositories]:
    """Makes repositories and serves them by a real git server on loopback."""
    root = tmp_path_factory.mktemp("git")
    with git_server(root) as address:
        yield Repositories(root, address)


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
