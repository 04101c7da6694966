"""`carrel hooks`."""

from __future__ import annotations

import re

from tests.integration.api.conftest import Running
from tests.integration.cli.commands.conftest import BLOG, Carrel

from carrel.core.agent import AgentState, AgentStatus, HookStatus, Progress
from carrel.server.store.engine import utc_now


async def test_hooks_are_listed_and_run_again(running: Running, carrel: Carrel) -> None:
    made = await carrel("up", BLOG, "-o", "json")
    assert "no hooks" in (await carrel("hooks", "ls", "blog")).err
    hook = HookStatus("postCreate", "feature x", "", Progress.FAILED, "hook/postCreate-0", 3, utc_now(), utc_now())
    said = AgentStatus(1, "0", made.json["id"], 1, "boot", utc_now(), AgentState.READY, hooks=(hook,))
    running.live.statuses[made.json["id"]] = said
    shown = await carrel("hooks", "ls", "blog")
    assert re.search(r"postCreate +feature x +failed +3 .* hook:postCreate$", shown.out, re.MULTILINE)
    ended = await carrel("hooks", "run", "blog", "postCreateCommand")
    assert ended.status == 0, ended.err
    assert running.live.hooks_run == ["postCreate"]
    [event] = [line for line in (await carrel("events", "blog")).out.splitlines() if "postCreate" in line]
    assert "run again" in event
    refused = await carrel("hooks", "run", "blog", "nonsense")
    assert refused.status == 1
    assert "no stage" in refused.err
    assert (await carrel("hooks", "run", "other", "postCreate")).status == 3
