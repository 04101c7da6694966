"""`carrel up`."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import pytest
from tests.integration.api.conftest import Running
from tests.integration.cli.commands.conftest import BLOG, Carrel
from tests.integration.cli.loop_play import LoopPlay

from carrel.core.problems import PROBLEMS
from carrel.core.workspace import Failure


async def test_up_makes_a_workspace_and_ends_with_the_way_to_the_editor(running: Running, carrel: Carrel) -> None:
    ended = await carrel("up", BLOG)
    assert ended.status == 0, ended.err
    lines = ended.out.splitlines()
    assert re.fullmatch(r"VS Code: http://code--blog--\w+\.localhost:\d+/", lines[0])
    assert lines[-1].startswith(f"{running.parts.settings.public_url}/login?code=carrel_login_")
    assert "next=%2Fapp-login%3Fhost%3Dcode--blog--" in lines[-1]
    labels = [line.partition("] ")[2] for line in ended.err.splitlines() if line.startswith("[")]
    assert labels == ["Prepare", "Fetch the source", "Build the environment", "Start", "Ready"]
    assert "blog is running" in ended.err


async def test_up_again_is_the_same_workspace(carrel: Carrel) -> None:
    first = await carrel("up", BLOG, "-o", "json")
    again = await carrel("up", BLOG, "-o", "json")
    await carrel("stop", "blog")
    after_stop = await carrel("up", "git@git.example.org:ana/blog.git", "-o", "json")
    by_name = await carrel("up", "blog", "-o", "json")
    assert first.json["id"] == again.json["id"] == by_name.json["id"]
    assert after_stop.json["id"] != first.json["id"], "another address is another source"
    assert after_stop.json["name"] == "blog-2"
    assert (await carrel("up", "ssh://git@git.example.org/ana/blog.git", "-o", "json")).json["name"] == "blog-2"
    assert len((await carrel("ls", "-o", "json")).json) == 2


async def test_ups_at_the_same_time_make_one_workspace(carrel: Carrel) -> None:
    ended = await asyncio.gather(*(carrel("up", BLOG, "--detach") for _ in range(4)))
    assert [one.status for one in ended] == [0] * 4
    assert [one["name"] for one in (await carrel("ls", "-o", "json")).json] == ["blog"]


async def test_a_name_that_another_source_has_is_refused(carrel: Carrel) -> None:
    await carrel("up", BLOG)
    ended = await carrel("up", "https://git.example.org/ana/other.git", "--name", "blog")
    assert ended.status == 1
    assert ended.err.startswith("The name is taken: blog is a workspace of https://git.example.org/ana/blog.git.")


async def test_up_of_a_folder(carrel: Carrel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "my project"
    folder.mkdir()
    monkeypatch.chdir(folder)
    made = (await carrel("up", ".", "-o", "json")).json
    assert (made["name"], made["source"]["path"]) == ("my-project", str(folder))
    assert (await carrel("up", str(folder), "-o", "json")).json["id"] == made["id"]


async def test_what_up_is_told_reaches_the_workspace_now_and_later(carrel: Carrel) -> None:
    words = ("--cpus", "1.5", "--memory", "2g", "--ttl", "2h", "--on-idle", "delete", "--egress", "none")
    made = (await carrel("up", BLOG, *words, "--allow", "privileged", "-o", "json")).json
    assert (made["limits"]["cpus"], made["limits"]["memory_bytes"]) == (1.5, 2 * 2**30)
    assert (made["retention"]["ttl_seconds"], made["retention"]["on_idle"]) == (7200, "delete")
    assert (made["egress"], made["allow"]) == ("none", ["privileged"])
    same = (await carrel("up", BLOG, *words, "--allow", "privileged", "-o", "json")).json
    assert (same["revision"], same["start"]) == (made["revision"], made["start"])
    changed = (await carrel("up", BLOG, "--memory", "4g", "--ttl", "never", "-o", "json")).json
    assert (changed["limits"]["cpus"], changed["limits"]["memory_bytes"]) == (1.5, 4 * 2**30)
    assert (changed["retention"]["ttl_seconds"], changed["phase"]) == (0, "running")
    assert changed["revision"] == made["revision"] + 1


async def test_a_start_that_fails_is_told_with_its_hint(carrel: Carrel, loop: LoopPlay) -> None:
    loop.failures["blog"] = Failure("fetch_source", "source_denied", "git.example.org said 403.")
    ended = await carrel("up", BLOG)
    assert ended.status == 1
    assert ended.err.splitlines()[-2:] == [
        "The repository refuses access: git.example.org said 403.",
        f"hint: {PROBLEMS['source_denied'].hint}",
    ]
    shown = await carrel("show", "blog")
    assert "The repository refuses access" in shown.err
    del loop.failures["blog"]
    assert (await carrel("up", BLOG)).status == 0


async def test_a_recovery_workspace_runs_and_is_marked(carrel: Carrel, loop: LoopPlay) -> None:
    loop.degraded["blog"] = "Recovery workspace: The image build failed"
    ended = await carrel("up", BLOG)
    assert ended.status == 0
    assert "warning: Recovery workspace: The image build failed" in ended.err
    assert "VS Code: " in ended.out
    assert "running (degraded)" in (await carrel("ls")).out


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (("up", "ftp://x/y"), 1),
        (("up", "nothing-of-this-name"), 1),
        (("up", BLOG, "--memory", "much"), 2),
        (("up", BLOG, "--ttl", "soon"), 2),
        (("up", BLOG, "--name", "-x"), 1),
        (("up",), 2),
        (("nonsense",), 2),
        (("show", "nothing"), 3),
        (("logs", "nothing", "-f"), 3),
        (("events",), 2),
        (("rm", "nothing"), 3),
    ],
)
async def test_what_is_wrong_is_said_and_has_its_status(carrel: Carrel, words: tuple[str, ...], status: int) -> None:
    ended = await carrel(*words)
    assert (ended.status, ended.out) == (status, "")
    assert ended.err


async def test_a_wrong_token_and_an_absent_server_have_their_status(
    carrel: Carrel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CARREL_TOKEN", "carrel_personal_wrong")
    assert (await carrel("ls")).status == 4
    monkeypatch.setenv("CARREL_URL", "http://127.0.0.1:9")
    assert (await carrel("ls")).status == 5
