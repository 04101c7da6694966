"""`exec` and `ssh` are typed all day: what they import, and what that costs."""

from __future__ import annotations

import json
from subprocess import DEVNULL

import pytest
from tests.integration.cli.conftest import Carrel
from tests.integration.cli.session_server import Conversation, SessionServer

HEAVY = {"rich", "pydantic", "pydantic_core", "httpx", "httpcore", "typer", "click", "asyncio", "carrel.client"}
MOST_CPU_SECONDS = 0.25
"""Of the whole process, Python's own start included; measured 0.09 on the reference machine."""
PROBE = """
import json, sys, time
from carrel.cli.main import main
try:
    main()
except SystemExit as end:
    print(json.dumps({"status": end.code, "seconds": time.process_time(), "modules": sorted(sys.modules)}))
"""


@pytest.mark.parametrize("words", [("exec", "blog", "true"), ("ssh", "blog"), ("ssh", "ana/blog", "true")])
async def test_a_session_imports_neither_rich_nor_pydantic_nor_httpx(
    server: SessionServer, carrel: Carrel, words: tuple[str, ...]
) -> None:
    async def script(session: Conversation) -> None:
        await session.tell(exit={"status": 0})

    server.script = script
    server.workspaces["/api/v1/workspaces/blog?owner=ana"] = "abc123"
    process = await carrel("-c", PROBE, *words, module="", stdin=DEVNULL)
    out, err = await process.communicate()
    assert err == b""
    report = json.loads(out)
    assert report["status"] == 0
    assert not HEAVY & set(report["modules"])
    assert report["seconds"] < MOST_CPU_SECONDS


async def test_attach_imports_as_little(server: SessionServer, carrel: Carrel) -> None:
    server.refusal = (404, {"kind": "not_found", "title": "There is no such thing", "status": 404})
    process = await carrel("-c", PROBE, "attach", "blog", module="", stdin=DEVNULL)
    out, err = await process.communicate()
    assert err == b"carrel attach: There is no such thing\n"
    report = json.loads(out)
    assert report["status"] == 255
    assert not (HEAVY | {"websockets", "ssl", "http.client"}) & set(report["modules"])
    assert report["seconds"] < MOST_CPU_SECONDS
