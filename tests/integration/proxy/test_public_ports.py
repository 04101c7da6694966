"""What anybody may have: a public port without a ticket, and nothing else of its workspace."""

from __future__ import annotations

import asyncio

import pytest
from tests.integration.proxy.conftest import WORKSPACE, Apps, Rig
from tests.integration.proxy.test_access import HTML, NAVIGATE, fields
from tests.integration.proxy.test_requests import echo_head
from tests.integration.proxy.test_websockets import Echo, echo, open_websocket
from websockets.exceptions import ConnectionClosed

from carrel.core.workspace import Phase
from carrel.links.access import NotRunning

__all__ = ["echo"]

ELSEWHERE = ("Origin: https://elsewhere.example", "Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: cors")


def open_to_anybody(rig: Rig, port: int) -> str:
    host = rig.app(port)
    rig.authority.public.add(rig.authority.places[host.partition(".")[0]])
    return host


@pytest.fixture
async def host(rig: Rig, apps: Apps) -> str:
    return open_to_anybody(rig, await apps.serve(echo_head))


@pytest.mark.parametrize("extra", [(), (HTML, *NAVIGATE), ELSEWHERE, ("Cookie: carrel_ticket=forged",)])
@pytest.mark.parametrize("line", ["GET /a HTTP/1.1", "POST /a HTTP/1.1"])
async def test_anybody_gets_in_without_a_ticket_from_wherever_he_comes(
    rig: Rig, host: str, line: str, extra: tuple[str, ...]
) -> None:
    for _ in range(2):  # the second time it is remembered
        answer = await rig.send(rig.request(host, line, *extra, ticket=False))
        assert answer.startswith(b"HTTP/1.1 200 ")
        assert "set-cookie" not in fields(answer)
        assert b"carrel_" not in answer
    assert rig.authority.activities == []
    assert rig.authority.people == []


async def test_a_person_with_a_ticket_is_known_on_a_public_port(rig: Rig, host: str) -> None:
    assert (await rig.send(rig.request(host))).startswith(b"HTTP/1.1 200 ")
    port = host.partition("--")[0]
    assert [(identity.user, how) for identity, how in rig.authority.people] == [("ana", f"port {port}")]


async def test_a_page_from_elsewhere_is_anybody_whose_ever_ticket_it_carries(rig: Rig, host: str) -> None:
    answer = await rig.send(rig.request(host, "POST / HTTP/1.1", *ELSEWHERE))
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert rig.authority.people == []


async def test_another_port_of_the_workspace_stays_closed(rig: Rig, host: str, apps: Apps) -> None:
    private = rig.app(await apps.serve(echo_head))
    assert (await rig.send(rig.request(host, ticket=False))).startswith(b"HTTP/1.1 200 ")
    assert (await rig.send(rig.request(private, ticket=False))).startswith(b"HTTP/1.1 401 ")


@pytest.mark.parametrize("line", ["GET /.carrel/state HTTP/1.1", "POST /.carrel/start HTTP/1.1"])
async def test_anybody_neither_sees_the_workspace_nor_starts_it(rig: Rig, host: str, line: str) -> None:
    assert (await rig.send(rig.request(host, line, ticket=False))).startswith(b"HTTP/1.1 404 ")
    assert rig.authority.started == []


@pytest.mark.parametrize("will_run", [True, False])
async def test_anybody_learns_nothing_of_a_workspace_that_does_not_run(rig: Rig, host: str, will_run: bool) -> None:
    rig.authority.targets[WORKSPACE] = NotRunning(Phase.STOPPED, "secret-title", "because", will_run=will_run)
    page = await rig.send(rig.request(host, "GET / HTTP/1.1", HTML, *NAVIGATE, ticket=False))
    document = await rig.send(rig.request(host, ticket=False))
    for answer in (page, document):
        assert answer.startswith(b"HTTP/1.1 503 ")
        assert b"secret-title" not in answer
        assert b"because" not in answer
        assert b".carrel/start" not in answer


async def test_a_port_that_is_closed_again_loses_anybodys_sockets_and_keeps_those_with_a_ticket(
    rig: Rig, echo: Echo
) -> None:
    host = open_to_anybody(rig, echo.port)
    known = await open_websocket(rig, host)
    anybody = await open_websocket(rig, host, ticket=False)
    await anybody.send("x")
    await anybody.recv()
    rig.authority.close_to_anybody(rig.authority.places[host.partition(".")[0]])
    with pytest.raises(ConnectionClosed):
        async with asyncio.timeout(5):
            await anybody.recv()
    await known.send("still")
    assert await known.recv() == "still"
    assert (await rig.send(rig.request(host, ticket=False))).startswith(b"HTTP/1.1 401 ")
