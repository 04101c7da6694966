"""Commands that show how things are."""

from __future__ import annotations

import asyncio
import json
import re

from tests.integration.api.conftest import Running
from tests.integration.cli.commands.conftest import BLOG, Carrel

from carrel.cli.app import run_app
from carrel.server.store.wakeups import of_workspace


async def test_ls_and_show_say_how_things_are(carrel: Carrel) -> None:
    assert (await carrel("ls")).err == "There is no workspace. `carrel up SOURCE` makes one.\n"
    await carrel("up", BLOG)
    head, row = (await carrel("ls")).out.splitlines()
    assert head.split() == ["NAME", "PHASE", "SOURCE", "RUNS", "FOR", "STOPS"]
    assert row.split()[:3] == ["blog", "running", BLOG]
    assert (await carrel("ls", "--phase", "stopped", "-o", "json")).json == []
    assert [one["name"] for one in (await carrel("ls", "blo", "-o", "json")).json] == ["blog"]
    shown = (await carrel("show", "blog")).out
    assert re.search(r"^Phase +running$", shown, re.MULTILINE)
    assert re.search(r"^code +VS Code +http://code--blog--", shown, re.MULTILINE)


async def test_the_long_list_is_of_a_project_and_a_domain(carrel: Carrel) -> None:
    await carrel("up", BLOG)
    whole = await carrel("get", "workspace", "--project", "Default", "--domain", "Development")
    assert [line.split()[0] for line in whole.out.splitlines()] == ["Workspace", "blog"]
    one = await carrel("get", "workspace", "--name", "Blog", "--project", "DEFAULT")
    assert one.out == whole.out, one.err
    none = await carrel("get", "workspace", "--domain", "staging")
    assert (none.out, none.err) == ("", "There is no workspace there. `carrel create workspace FILE` makes one.\n")
    elsewhere = await carrel("get", "workspace", "--name", "blog", "--domain", "staging")
    assert (elsewhere.status, "it is in default/development" in elsewhere.err) == (3, True)
    typo = await carrel("get", "workspace", "--domain", "prodution")
    assert (typo.status, "There is no domain 'prodution' (did you mean 'production'?)" in typo.err) == (1, True)


async def test_events_are_told(carrel: Carrel) -> None:
    await carrel("up", BLOG)
    told = [line.split("  ", 1)[1] for line in (await carrel("events", "blog")).out.splitlines()]
    assert told[0].startswith("accepted")
    assert told[-1] == "phase running"
    latest = (await carrel("events", "blog", "-n", "2", "-o", "json")).json
    assert [one["data"]["phase"] for one in latest] == ["starting", "running"]


async def test_events_are_followed_until_the_last_one(carrel: Carrel, running: Running) -> None:
    topic = of_workspace((await carrel("up", BLOG, "-o", "json")).json["id"])
    following = asyncio.create_task(carrel("events", "-f", "-n", "1", "blog", "-o", "json"))
    async with asyncio.timeout(60):
        while topic not in running.parts.store.wakeups._bells:  # nobody is told that somebody follows
            await asyncio.sleep(0.01)
    await asyncio.to_thread(run_app, ["rm", "--purge", "--yes", "blog"])
    ended = await following
    kinds = [json.loads(line)["kind"] for line in ended.out.splitlines()]
    assert ended.status == 0
    assert kinds[-1] == "purged"


async def test_logs_are_read_by_stream_and_whole(carrel: Carrel) -> None:
    await carrel("up", BLOG)
    assert (await carrel("logs", "blog")).out == "==> build <==\nbuilding blog\n\x1b[2Jdone\n"
    assert (await carrel("logs", "blog", "--stream", "build")).out == "building blog\n\x1b[2Jdone\n"
    assert (await carrel("logs", "blog", "--list")).out.splitlines()[1].startswith("build")
    absent = await carrel("logs", "blog", "--stream", "nothing")
    assert (absent.out, "build" in absent.err) == ("", True)
    chunk = json.loads((await carrel("logs", "blog", "-o", "json")).out)
    assert (chunk["stream"], chunk["seq"]) == ("build", 1)


async def test_logs_of_an_app_are_asked_of_the_workspace(carrel: Carrel, running: Running) -> None:
    await carrel("up", BLOG)
    lines = [f"line {n} é\n" for n in range(20_000)]
    running.live.app_logs["code"] = "".join(lines).encode() + b"half a li"
    assert (await carrel("logs", "blog", "--app", "code")).out == "".join(lines)
    assert (await carrel("logs", "blog", "--app", "nothing")).status == 3


async def test_timeline_and_why(carrel: Carrel) -> None:
    await carrel("up", BLOG)
    assert "Build the image" in (await carrel("timeline", "blog")).out
    assert (await carrel("timeline", "blog", "-o", "json")).json["start"] == 1
    assert (await carrel("why", "blog")).status == 0
    assert (await carrel("why", "blog", "-o", "json")).json["alive"] is True


async def test_open_prints_a_link_where_there_is_no_browser(carrel: Carrel, running: Running) -> None:
    await carrel("up", BLOG)
    link = (await carrel("open", "blog")).out.strip()
    assert link.startswith(f"{running.parts.settings.public_url}/login?code=carrel_login_")
    assert (await carrel("open", "blog", "--app", "board")).out.strip().endswith("path%3D%252Fruns%253Ftab%253D1")
    terminal = (await carrel("open", "blog", "--app", "terminal")).out.strip()
    assert "next=%2Fworkspaces%2F" in terminal
    assert terminal.endswith("%2Fterminal")
    assert (await carrel("open", "blog", "--app", "nothing")).status == 3
    await carrel("stop", "blog")
    stopped = await carrel("open", "blog")
    assert (stopped.status, "carrel start" in stopped.err) == (1, True)
