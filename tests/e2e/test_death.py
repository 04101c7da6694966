"""`kill -9` of the server at every boundary of every step, on the real engine (Show 4 of the main job).

No list of boundaries is kept: a server notes each one that it passes and dies there if it is new; the next server dies
at the next one; until one reaches the goal.
"""

from __future__ import annotations

import time
import urllib.error
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from tests.contract.images import busybox_image
from tests.e2e.dying_server import SERVER, Journal
from tests.e2e.installation import ApiProblem, Installation
from tests.e2e.repositories import Repositories

from carrel.server.reconcile.steps import STEPS

Shown = dict[str, Any]


class Mortal:
    """An installation whose servers die at every new boundary, and its one workspace `w`."""

    def __init__(self, installation: Installation) -> None:
        self.installation = installation
        self.journal = Journal(installation.data / "journal")
        installation.environment |= {"DYING_JOURNAL": str(self.journal.path), "DYING_AT": "everywhere"}

    def ask(self, method: str, path: str = "", body: Any = None) -> None:
        """Ask once. The server may die of it before it has answered, but not before it has written it down."""
        until = time.monotonic() + 30
        while True:
            try:
                self.installation.api(method, f"/workspaces{path}", body)
            except urllib.error.URLError:
                assert time.monotonic() < until, self.installation.log()
                continue  # it does not listen yet
            except ConnectionError:
                pass
            return

    def live_through(self, done: Callable[[Shown | None], bool]) -> None:
        """Until the workspace is as wanted (None: it is gone), however many servers it takes."""
        until = time.monotonic() + 180
        while True:
            with suppress(OSError):
                if done(shown := self._shown()):
                    return
                assert shown is None or shown["phase"] != "failed", shown
            assert time.monotonic() < until, self.installation.log()
            time.sleep(0.05)

    def _shown(self) -> Shown | None:
        try:
            return self.installation.workspace("w")
        except ApiProblem as problem:
            if problem.kind != "not_found":
                raise
            return None


@pytest.fixture
def mortal(tmp_path: Path) -> Iterator[Mortal]:
    """Its servers are mortal until the test is over."""
    own = Mortal(Installation(tmp_path / "data"))
    own.installation.start(*SERVER)
    yield own
    own.installation.stop()
    own.installation.destroy()


def is_running(shown: Shown | None) -> bool:
    return shown is not None and shown["phase"] == "running" and shown["running_since"] is not None


def is_in(phase: str) -> Callable[[Shown | None], bool]:
    return lambda shown: shown is not None and shown["phase"] == phase


def one_set(installation: Installation, network: int = 1) -> tuple[list[str], list[str]]:
    """Ids of the containers and names of the volumes; there is exactly one set."""
    workspace = installation.workspace("w")["id"]
    containers, volumes = installation.container_ids(workspace), installation.volumes_of(workspace)
    assert (len(containers), len(volumes), len(installation.networks_of(workspace))) == (1, 2, network)
    return containers, volumes


def test_a_server_may_die_at_every_boundary_of_every_step(mortal: Mortal, repositories: Repositories) -> None:
    own = mortal.installation
    dockerfile = f"FROM {busybox_image()}\nRUN mkdir -p /root/seed && echo 1 >/root/seed/age\n"
    url = repositories.built("mortal", dockerfile)
    mortal.ask("POST", body={"name": "w", "source": {"kind": "git", "url": url}})
    mortal.live_through(is_running)
    created, volumes = one_set(own)
    own.sh("w", "echo project >notes && echo home >~/notes && sync")

    mortal.ask("POST", "/w/stop")
    mortal.live_through(is_in("stopped"))
    assert one_set(own, network=0) == (created, volumes)
    mortal.ask("POST", "/w/start")
    mortal.live_through(is_running)
    assert one_set(own) == (created, volumes)
    mortal.ask("POST", "/w/restart")
    mortal.live_through(is_running)
    assert one_set(own) == (created, volumes)

    own.sh("w", "sed -i 's/echo 1/echo 2/' Dockerfile")
    mortal.ask("POST", "/w/rebuild")
    mortal.live_through(is_running)
    rebuilt, kept = one_set(own)
    assert rebuilt != created
    assert kept == volumes
    assert own.sh("w", "cat notes ~/notes ~/seed/age") == "project\nhome\n2"

    mortal.ask("DELETE", "/w")
    mortal.live_through(is_in("deleted"))
    workspace = own.workspace("w")["id"]
    assert (own.containers_of(workspace), own.volumes_of(workspace)) == ([], volumes)
    mortal.ask("DELETE", "/w?purge=true")
    mortal.live_through(lambda shown: shown is None)
    assert own.left_over() == []

    boundaries = {(step, moment) for step in STEPS for moment in ("before", "after")}
    assert {(entry["step"], entry["moment"]) for entry in mortal.journal.entries()} == boundaries
    assert len({entry["pid"] for entry in mortal.journal.entries()}) > len(boundaries)
