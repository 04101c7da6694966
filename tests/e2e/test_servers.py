"""Several servers, several wishes: two processes on one PostgreSQL, and a delete during a build (Show 4 of the main job)."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.contract.images import busybox_image
from tests.e2e.dying_server import SERVER, Journal
from tests.e2e.installation import Installation
from tests.e2e.repositories import Repositories
from tests.integration.postgresql import binaries, postgresql

LEASE_SECONDS = 3


class OnPostgresql(Installation):
    """One of the servers of an installation; the data folder (keys, token) is the same for all."""

    def __init__(self, data: Path, socket: str, **settings: str) -> None:
        super().__init__(
            data,
            CARREL_DATABASE_URL=f"postgresql://carrel@/postgres?host={socket}",
            CARREL_LEASE_SECONDS=str(LEASE_SECONDS),
            CARREL_WORKERS="2",
            DYING_JOURNAL=str(data / "journal"),
            **settings,
        )
        self.socket = socket

    @property
    def id(self) -> str:
        """The installation's id, read from its database."""
        options = ["-h", self.socket, "-U", "carrel", "-d", "postgres", "-At", "-c", "SELECT id FROM installation"]
        done = subprocess.run([str(binaries() / "psql"), *options], capture_output=True, check=True)
        return done.stdout.decode().strip()

    def signal(self, name: signal.Signals) -> None:
        """Send the server a signal."""
        assert self.process is not None
        self.process.send_signal(name)


@pytest.fixture
def socket() -> Iterator[str]:
    """The socket of an empty PostgreSQL."""
    with postgresql() as folder:
        yield folder


@pytest.fixture
def pair(tmp_path: Path, socket: str) -> Iterator[tuple[OnPostgresql, OnPostgresql]]:
    """Two servers of one installation, not yet started."""
    data = tmp_path / "data"
    one, other = OnPostgresql(data, socket), OnPostgresql(data, socket)
    yield one, other
    one.stop()
    other.destroy()


def performed(journal: Journal, moment: str = "before") -> Counter[tuple[Any, ...]]:
    """How often each step was performed for each wish of each workspace."""
    entries = [entry for entry in journal.entries() if entry["moment"] == moment]
    return Counter((entry["workspace"], entry["wish"], entry["step"]) for entry in entries)


def test_two_servers_perform_each_step_once(
    pair: tuple[OnPostgresql, OnPostgresql], repositories: Repositories
) -> None:
    one, other = pair
    one.start(*SERVER)
    other.start(*SERVER)
    url = repositories.tiny("pair")
    made = [pair[at % 2].create(url, name=f"w{at}")["id"] for at in range(6)]
    for workspace in made:
        other.until_phase(workspace, "running")
    for at, workspace in enumerate(made):
        pair[at % 2].api("POST", f"/workspaces/{workspace}/stop")
    for workspace in made:
        one.until_phase(workspace, "stopped")
    for at, workspace in enumerate(made):
        pair[at % 2].api("DELETE", f"/workspaces/{workspace}?purge=true")
    for workspace in made:
        one.until_gone(workspace)
    journal = Journal(one.data / "journal")
    assert set(performed(journal).values()) == {1}
    assert performed(journal) == performed(journal, "after")
    assert len({entry["pid"] for entry in journal.entries()}) == 2
    assert one.left_over() == []


@pytest.mark.parametrize("boundary", ["fetch_source:before", "create_containers:before", "start_containers:after"])
def test_a_server_that_was_frozen_for_two_lease_times_changes_nothing(
    pair: tuple[OnPostgresql, OnPostgresql], repositories: Repositories, boundary: str
) -> None:
    frozen, other = pair
    frozen.environment["DYING_AT"] = boundary
    frozen.start(*SERVER)
    workspace = frozen.create(repositories.tiny("frozen"), name="w")["id"]
    assert frozen.process is not None
    os.waitid(os.P_PID, frozen.process.pid, os.WSTOPPED)
    time.sleep(2 * LEASE_SECONDS)
    other.start(*SERVER)
    other.until_phase(workspace, "running")
    before = (other.workspace(workspace), other.events(workspace), other.container_ids(workspace))
    steps = len(list(Journal(other.data / "journal").entries()))

    frozen.signal(signal.SIGCONT)
    until = time.monotonic() + 30
    while "lease_lost" not in frozen.log():
        assert time.monotonic() < until, frozen.log()
        time.sleep(0.05)
    frozen.wait_for("readyz")
    assert (other.workspace(workspace), other.events(workspace), other.container_ids(workspace)) == before
    assert len(other.volumes_of(workspace)) == 2
    after = list(Journal(other.data / "journal").entries())[steps:]
    assert [entry["step"] for entry in after] in (
        [],
        [boundary.partition(":")[0]],
    )  # the step's own wrapper says "after"
    assert other.sh("w", "echo $((6*7))") == "42"


def test_a_delete_during_a_long_build_is_served_at_once(installation: Installation, repositories: Repositories) -> None:
    mark = "61.742"
    dockerfile = f"FROM {busybox_image()}\nRUN sleep {mark}\n"
    workspace = installation.create(repositories.built("long", dockerfile), name="long")["id"]
    until = time.monotonic() + 60
    while not processes_with(mark):
        assert time.monotonic() < until, installation.log()
        time.sleep(0.05)
    began = time.monotonic()
    installation.api("DELETE", f"/workspaces/{workspace}?purge=true")
    installation.until_gone(workspace)
    assert time.monotonic() - began < 20
    assert installation.left_over() == []
    while processes_with(mark):  # the engine's own: it ends the build as soon as it sees that nobody waits for it
        assert time.monotonic() < began + 40
        time.sleep(0.05)


def processes_with(word: str) -> list[str]:
    """Command lines of all processes that have this word as an argument."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes().decode(errors="replace").split("\0")
        except OSError:
            continue
        if word in words:
            found.append(" ".join(words))
    return found
