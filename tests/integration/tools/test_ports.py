"""`carrel ports` and `port-forward --auto`, over a real agent.

The agent shares this machine's network with other tests: only the ports that a test opens itself are looked at.
"""

from __future__ import annotations

import asyncio
import json
import signal
from asyncio.subprocess import Process
from collections.abc import Callable, Mapping

from tests.integration.proxy.conftest import Apps
from tests.integration.tools.conftest import Rig

from carrel.core.agent import AgentPlan


async def hello(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"hello")
    await writer.drain()


async def line_where(process: Process, wanted: Callable[[str], bool]) -> str:
    assert process.stdout is not None
    async with asyncio.timeout(30):
        while True:
            line = (await process.stdout.readline()).decode()
            assert line, (await process.communicate())[1].decode()
            if wanted(line):
                return line.strip()


async def attributes(rig: Rig, ports: dict[str, Mapping[str, object]]) -> None:
    """What the configuration says of ports; it is silent about all others."""
    link = await rig.links.link(rig.target)
    plan = AgentPlan(
        user_env_probe="none",
        workspace_folder=str(rig.folder),
        ports={**ports, "*": {"onAutoForward": "ignore"}},
    )
    await link.control.begin(f"ports-{rig.folder}", plan)


async def test_ports_are_listed_watched_and_forwarded_as_their_attributes_say(rig: Rig, apps: Apps) -> None:
    web, quiet, unheard = await apps.serve(hello), await apps.serve(hello), await apps.serve(hello)
    await attributes(
        rig,
        {
            str(web): {"label": "Web \x1b[31m", "protocol": "http"},
            str(quiet): {"onAutoForward": "silent"},
            str(unheard): {"requireLocalPort": True, "label": "Same"},
        },
    )
    status, out, err = await rig.run("ports", "blog", "-o", "json")
    assert status == 0, err
    found = {port["port"]: port for port in json.loads(out)}
    assert (found[web]["protocol"], found[web]["address"], found[web]["visibility"]) == ("http", "127.0.0.1", "private")
    status, out, err = await rig.run("ports", "blog")
    [row] = [line for line in out.decode().splitlines() if line.startswith(str(web))]
    assert row.split()[1] == "Web"
    assert f"http://{web}--blog--ana.localhost" in row

    forwarding = await rig.carrel("port-forward", "blog", "--auto", "--no-open")
    watching = await rig.carrel("ports", "blog", "--watch", "-o", "json")
    line = await line_where(forwarding, lambda line: f"-> {web} " in line)
    assert '"Web' in line
    assert "\x1b" not in line
    assert forwarding.stderr is not None
    said = (await asyncio.wait_for(forwarding.stderr.readline(), 60)).decode()
    assert said.startswith(f'{unheard} "Same"')
    assert "must be the same port" in said
    reader, writer = await asyncio.open_connection("127.0.0.1", int(line.partition(" ->")[0].rpartition(":")[2]))
    assert await asyncio.wait_for(reader.read(), 60) == b"hello"
    writer.close()
    await line_where(watching, lambda line: json.loads(line)["port"] == web)
    await apps.close()
    assert "listens no more" in await line_where(forwarding, lambda line: line.startswith(f"{web}:"))
    gone = await line_where(watching, lambda line: json.loads(line)["port"] == web)
    assert json.loads(gone)["listening"] is False
    forwarding.send_signal(signal.SIGTERM)
    assert await asyncio.wait_for(forwarding.wait(), 60) == 0
