"""A front end on one port calls its back end on another, host to host; in Chromium."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qs, quote

import pytest
from playwright.async_api import Page, async_playwright
from tests.e2e.installation import free_port
from tests.integration.proxy.conftest import PATIENCE, WORKSPACE, AgentProcess, Apps, Rig
from tests.integration.proxy.memory_authority import MemoryAuthority
from tests.integration.proxy.test_access import fields
from tests.integration.proxy.test_requests import echo_head
from websockets.utils import accept_key

from carrel.links.pool import LinkPool
from carrel.proxy.server import ProxyServer, ProxySettings

CALL = """async address => {
  const ask = async (path, more) => {
    try { const a = await fetch(address + path, {credentials: "include", ...more}); return [a.status, await a.text()] }
    catch (error) { return [0, String(error)] }
  };
  const socket = await new Promise(done => {
    const s = new WebSocket(address.replace("http", "ws") + "/socket");
    s.onopen = () => done("open"); s.onerror = () => done("refused");
  });
  const put = {method: "PUT", headers: {"Content-Type": "application/json", "X-Mine": "1"}, body: '{"a": 1}'};
  return {get: await ask("/data"), put: await ask("/data", put), socket};
}"""


@pytest.fixture
async def pair(rig: Rig, apps: Apps) -> tuple[str, str]:
    """Hosts of a page and of a back end."""
    return rig.app(await apps.serve(echo_head)), rig.app(await apps.serve(echo_head))


async def test_a_preflight_is_answered_without_a_ticket_and_without_the_app(rig: Rig, pair: tuple[str, str]) -> None:
    page, back = pair
    asked = ("Access-Control-Request-Method: PUT", "Access-Control-Request-Headers: content-type,x-mine")
    answer = await rig.send(rig.request(back, "OPTIONS /data HTTP/1.1", f"Origin: http://{page}", *asked, ticket=False))
    assert answer.startswith(b"HTTP/1.1 204 ")
    said = fields(answer)
    assert said["access-control-allow-origin"] == f"http://{page}"
    assert said["access-control-allow-credentials"] == "true"
    assert said["access-control-allow-methods"] == "PUT"
    assert said["access-control-allow-headers"] == "content-type,x-mine"
    assert rig.authority.asked == []


@pytest.mark.parametrize("line", ["GET / HTTP/1.1", "DELETE / HTTP/1.1"])
async def test_the_page_may_read_the_answer_whatever_the_app_says(rig: Rig, apps: Apps, line: str) -> None:
    async def app(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: *\r\nContent-Length: 2\r\n\r\nok")

    page, back = rig.app(3000), rig.app(await apps.serve(app))
    answer = await rig.send(rig.request(back, line, f"Origin: http://{page}", "Sec-Fetch-Site: cross-site"))
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert answer.count(b"Access-Control-Allow-Origin") == 1
    assert fields(answer)["access-control-allow-origin"] == f"http://{page}"


async def test_without_a_ticket_the_page_can_read_why(rig: Rig, pair: tuple[str, str]) -> None:
    page, back = pair
    answer = await rig.send(rig.request(back, "GET / HTTP/1.1", f"Origin: http://{page}", ticket=False))
    assert answer.startswith(b"HTTP/1.1 401 ")
    assert fields(answer)["access-control-allow-origin"] == f"http://{page}"
    assert "/.carrel/port/PORT/" in json.loads(answer.partition(b"\r\n\r\n")[2])["hint"]


async def test_a_page_of_another_workspace_is_refused_as_before(rig: Rig, pair: tuple[str, str]) -> None:
    answer = await rig.send(
        rig.request(
            pair[1], "GET / HTTP/1.1", "Origin: http://3000--blog--ben.localhost:1", "Sec-Fetch-Site: same-site"
        )
    )
    assert answer.startswith(b"HTTP/1.1 403 ")
    assert "access-control-allow-origin" not in fields(answer)


class SignIn:
    """The dashboard's part: whoever asks is ana."""

    def __init__(self, authority: MemoryAuthority) -> None:
        self._authority = authority

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            while True:
                message = await receive()
                await send({"type": message["type"] + ".complete"})
                if message["type"] == "lifespan.shutdown":
                    return
        query = {name: values[0] for name, values in parse_qs(scope["query_string"].decode()).items()}
        code = self._authority.code(query["host"], WORKSPACE)
        onward = f"http://{query['host']}/.carrel/ticket?code={code}&next={quote(query['path'], safe='')}"
        await send({"type": "http.response.start", "status": 303, "headers": [(b"location", onward.encode())]})
        await send({"type": "http.response.body"})


class NamedRig(Rig):
    """Below a domain of its own: browsers take its hosts for one site."""

    domain = "apps.test"

    def app(self, port: int | str) -> str:
        return super().app(port).replace(".localhost:", f".{self.domain}:")


@pytest.fixture
async def browsed(agent_process: AgentProcess) -> AsyncIterator[Rig]:
    """A proxy whose dashboard signs in, at the address that browsers know."""
    authority = MemoryAuthority()
    authority.targets[WORKSPACE] = agent_process.target
    links, port = LinkPool(agent_process.authority), free_port()
    settings = ProxySettings(
        port=port, public_url=f"http://localhost:{port}", apps_domain=NamedRig.domain, patience=PATIENCE
    )
    server = ProxyServer(settings, authority, links, SignIn(authority))
    await server.start()
    yield NamedRig(server, authority)
    await server.close(grace_seconds=1)
    await links.close()


@pytest.fixture
async def tab() -> AsyncIterator[Page]:
    async with async_playwright() as playwright:
        arguments = ["--no-sandbox", f"--host-resolver-rules=MAP *.{NamedRig.domain} 127.0.0.1"]
        browser = await playwright.chromium.launch(executable_path=shutil.which("chromium"), args=arguments)
        yield await browser.new_page()
        await browser.close()


async def front(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    page = b"<h1>Front</h1>"
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n%b" % (len(page), page))


async def back(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    head = await reader.readuntil(b"\r\n\r\n")
    if b"Upgrade: websocket" in head:
        key = next(line[19:] for line in head.split(b"\r\n") if line.lower().startswith(b"sec-websocket-key: "))
        accept = accept_key(key.decode()).encode()
        writer.write(b"HTTP/1.1 101 x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " + accept)
        writer.write(b"\r\n\r\n")
        await reader.read()
        return
    method = head.partition(b" ")[0]
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%b" % (len(method), method))


async def test_a_page_that_was_loaded_again_calls_its_back_end_with_credentials(
    browsed: Rig, apps: Apps, tab: Page
) -> None:
    page, address = browsed.app(await apps.serve(front)), f"http://{browsed.app(await apps.serve(back))}"
    await tab.goto(f"http://{page}/index?a=b")
    first = await tab.evaluate(CALL, address)
    assert first["get"][0] == 401
    await tab.reload()
    assert tab.url == f"http://{page}/index?a=b"
    assert await tab.inner_text("h1") == "Front"
    second = await tab.evaluate(CALL, address)
    assert second == {"get": [200, "GET"], "put": [200, "PUT"], "socket": "open"}
