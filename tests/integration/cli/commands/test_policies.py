"""`schedule`, `project policy`, and the lines that tell of what is about to happen."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

from tests.integration.api.conftest import Running
from tests.integration.cli.commands.conftest import BLOG, Carrel
from tests.integration.conftest import add_workspace

from carrel.core.access import Actor
from carrel.core.workspace import Goal, Phase, PolicyMemory, Remembered


async def test_a_schedule_is_set_shown_and_taken_away(carrel: Carrel) -> None:
    await carrel("up", BLOG)
    assert (await carrel("schedule", "blog")).err == "blog: no schedule.\n"
    words = ("--start", "8:30", "--stop", "19:00", "--days", "mon-fri", "--zone", "europe/berlin")
    ended = await carrel("schedule", "blog", *words)
    assert ended.status == 0
    assert ended.err.startswith("blog: 08:30 to 19:00, mon-fri, Europe/Berlin (set by the workspace); next in ")
    why = await carrel("why", "blog")
    assert "08:30 to 19:00, mon-fri, Europe/Berlin" in why.out
    assert (await carrel("schedule", "blog", "--unset")).err == "blog: no schedule.\n"
    await carrel("project", "policy", "default", "--schedule", "08:00-18:00,mon-fri,UTC")
    assert "(set by the project)" in (await carrel("schedule", "blog")).err
    assert (await carrel("schedule", "blog", "--off")).err == "blog: no schedule, whatever its project says.\n"
    assert "08:00" not in (await carrel("why", "blog")).out
    assert "(set by the project)" in (await carrel("schedule", "blog", "--unset")).err


async def test_a_typo_in_a_schedule_is_named(carrel: Carrel) -> None:
    await carrel("up", BLOG)
    for words, said in (
        (("--start", "8h30"), "'8h30' is no time of the day"),
        (("--start", "08:30", "--days", "mon-fry"), "Did you mean 'fri'?"),
        (("--start", "08:30", "--zone", "Europe/Berln"), "Did you mean 'Europe/Berlin'?"),
        (("--off", "--stop", "19:00"), "--off and --unset go with nothing else"),
        (("--off", "--unset"), "--off and --unset go with nothing else"),
        (("--days", "mon"), "neither a start nor a stop"),
    ):
        ended = await carrel("schedule", "blog", *words)
        assert ended.status != 0
        assert said in ended.err


async def test_what_a_policy_refuses_of_a_file_is_told_with_its_place(carrel: Carrel, tmp_path: Path) -> None:
    file = tmp_path / "workspace.yaml"
    file.write_text("name: paper\nttl_seconds: 1200\n", encoding="utf-8")
    made = await carrel("create", "workspace", str(file), "--detach")
    assert made.status == 0, made.err
    for line, said in (
        ("ttl_seconds: 30", "column 14: ttl_seconds: 30 is too short; the installation's floor is 60."),
        ("accelerator: nvidia-tesla-t5", "column 14: accelerator: there is no 'nvidia-tesla-t5'."),
    ):
        for verb, name in (("create", "other"), ("update", "paper")):
            file.write_text(f"name: {name}\n{line}\n", encoding="utf-8")
            ended = await carrel(verb, "workspace", str(file))
            assert ended.status == 1, ended.out
            assert f"{file}, line 2, {said}" in ended.err


async def test_a_projects_policy_is_shown_and_changed(carrel: Carrel) -> None:
    await carrel("up", BLOG)
    shown = await carrel("project", "policy", "default")
    assert "Idle TTL" in shown.out
    changed = await carrel("project", "policy", "default", "--ttl", "2h", "--delete-after", "60", "--trash", "2w")
    assert changed.status == 0, changed.err
    assert "it applies now" in changed.err
    lines = [line.split() for line in changed.out.splitlines()]
    assert ["Idle", "TTL", "2", "h", "project"] in lines
    assert ["To", "the", "trash", "after", "60", "days", "project"] in lines
    assert ["Days", "in", "the", "trash", "14", "days", "project"] in lines
    assert "2 h" in (await carrel("why", "blog")).out
    again = await carrel("project", "policy", "default", "--unset", "ttl", "--schedule", "08:00-18:00,mon-fri,UTC")
    assert ["Idle", "TTL", "30", "min", "installation"] in [line.split() for line in again.out.splitlines()]
    assert "08:00 to 18:00, mon-fri, UTC" in again.out
    for words in (("--unset", "nothing"), ("--schedule", "morning"), ("--ttl", "30s"), ("--trash", "1h")):
        assert (await carrel("project", "policy", "default", *words)).status != 0


async def test_what_is_about_to_happen_is_told_beside_the_result(
    carrel: Carrel, running: Running, owner: Actor
) -> None:
    await carrel("project", "policy", "default", "--archive-after", "14")
    now = running.parts.store.clock()
    rests = now - timedelta(days=12, hours=1)
    memory = Remembered(
        policy=PolicyMemory(retiring="archive", resting_since=rests, noticed=(now - timedelta(hours=1),))
    )
    members: dict[str, Any] = {"goal": Goal.STOP, "phase": Phase.STOPPED, "stopped_at": rests}
    await add_workspace(running.parts.store, owner, name="old", remembered=memory, **members)
    for words in (("ls",), ("show", "old"), ("why", "old")):
        told = [line for line in (await carrel(*words)).err.splitlines() if line.startswith("notice: ")]
        assert len(told) == 1, words
        assert "It will be put aside (archived). `carrel start old` keeps it." in told[0]
    assert (await carrel("ls", "-o", "json")).err == ""
