"""`carrel quota` and `carrel limits`."""

from __future__ import annotations

import re

from tests.integration.cli.commands.conftest import BLOG, Carrel


async def test_limits_are_shown_said_and_taken_back(carrel: Carrel) -> None:
    said = await carrel(
        "limits", "project", "default", "--running", "1", "--memory", "64g", "--cpus", "8.5", "--disk", "0"
    )
    assert said.status == 0, said.err
    assert re.search(r"default +0 +0 of 1 +0 of 8\.5 +0 B of 64 GiB +0 +0 B of 0 B", said.out)
    assert (await carrel("limits", "project", "default", "--disk", "default")).status == 0
    assert (await carrel("up", BLOG, "--cpus", "2", "--memory", "4g")).status == 0
    own = (await carrel("limits", "project", "default", "-o", "json")).json
    assert own["own"] == {
        "workspaces": None,
        "running": 1,
        "cpus": 8.5,
        "memory_bytes": 64 * 2**30,
        "gpus": None,
        "disk_bytes": None,
    }
    refused = await carrel("up", "https://git.example.org/ana/other", "--cpus", "1", "--memory", "1g")
    assert refused.status != 0
    assert "The limit 'running' of the project default: 1 of 1 used" in refused.err
    assert "What counts: blog" in refused.err
    assert "hint: `carrel stop blog` frees a place" in refused.err
    shown = await carrel("quota")
    assert re.search(r"project default +1 +1 of 1 +2 of 8\.5 +4 GiB of 64 GiB", shown.out)
    assert re.search(r"left for one more +- +0 +6\.5 +60 GiB +0 +-", shown.out)
    assert "hint: `carrel stop blog`" in shown.err
    assert (await carrel("quota", "-o", "json")).json["running_left"] == 0


async def test_limits_that_are_none_are_refused(carrel: Carrel) -> None:
    for words in (
        ("--running", "-1"),
        ("--running", "many"),
        ("--memory", "4XB"),
        ("--cpus", "inf"),
        ("--gpus", "1.5"),
    ):
        assert (await carrel("limits", "project", "default", *words)).status != 0, words
    assert (await carrel("limits", "project", "nothing", "--running", "1")).status == 3
    assert (await carrel("limits", "user", "nobody")).status == 3
    assert (await carrel("quota", "--domain", "dev")).status == 1
