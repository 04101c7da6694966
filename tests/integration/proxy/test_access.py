"""Who gets to an app: tickets, codes, origins, revocation."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from tests.integration.proxy.conftest import WORKSPACE, Apps, Rig
from tests.integration.proxy.test_requests import echo_head

from carrel.links.access import Place

HTML = "Accept: text/html,application/xhtml+xml"
NAVIGATE = ("Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: document", "Sec-Fetch-Site: none")


def fields(answer: bytes) -> dict[str, str]:
    lines = answer.partition(b"\r\n\r\n")[0].decode().split("\r\n")[1:]
    return {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}


@pytest.fixture
async def host(rig: Rig, apps: Apps) -> str:
    return rig.app(await apps.serve(echo_head))


async def test_a_page_without_a_ticket_leads_to_the_sign_in(rig: Rig, host: str) -> None:
    answer = await rig.send(rig.request(host, "GET /a?b=c&d HTTP/1.1", HTML, *NAVIGATE, ticket=False))
    assert answer.startswith(b"HTTP/1.1 303 ")
    where = urlsplit(fields(answer)["location"])
    assert f"{where.scheme}://{where.netloc}{where.path}" == "http://localhost:7070/app-login"
    assert parse_qs(where.query) == {"host": [host], "path": ["/a?b=c&d"]}


@pytest.mark.parametrize(
    ("line", "extra"),
    [
        ("GET / HTTP/1.1", ("Accept: application/json",)),
        ("GET / HTTP/1.1", ("Accept: text/html", "Sec-Fetch-Mode: cors", "Sec-Fetch-Site: same-origin")),
        ("POST / HTTP/1.1", ("Accept: text/html", "Content-Length: 0")),
    ],
)
async def test_anything_else_without_a_ticket_is_not_authenticated(
    rig: Rig, host: str, line: str, extra: tuple[str, ...]
) -> None:
    answer = await rig.send(rig.request(host, line, *extra, ticket=False))
    assert answer.startswith(b"HTTP/1.1 401 ")
    assert fields(answer)["content-type"] == "application/problem+json"
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["kind"] == "not_authenticated"


async def test_a_code_becomes_a_ticket_that_opens_the_app(rig: Rig, host: str) -> None:
    code = rig.authority.code(host, WORKSPACE)
    answer = await rig.send(rig.request(host, f"GET /.carrel/ticket?code={code}&next=%2Fa%3Fb HTTP/1.1", ticket=False))
    assert answer.startswith(b"HTTP/1.1 303 ")
    assert fields(answer)["location"] == "/a?b"
    cookie = fields(answer)["set-cookie"]
    assert cookie.endswith("; Path=/; Max-Age=3600; HttpOnly; SameSite=Lax")
    assert "Domain" not in cookie
    opened = await rig.send(rig.request(host, "GET /a?b HTTP/1.1", f"Cookie: {cookie.partition(';')[0]}", ticket=False))
    assert b"GET /a?b HTTP/1.1" in opened


async def test_a_code_works_once(rig: Rig, host: str) -> None:
    request = rig.request(
        host, f"GET /.carrel/ticket?code={rig.authority.code(host, WORKSPACE)} HTTP/1.1", ticket=False
    )
    assert (await rig.send(request)).startswith(b"HTTP/1.1 303 ")
    assert (await rig.send(request)).startswith(b"HTTP/1.1 401 ")


async def test_a_code_is_for_one_host(rig: Rig, host: str) -> None:
    code = rig.authority.code("code--blog--ana.localhost", WORKSPACE)
    answer = await rig.send(rig.request(host, f"GET /.carrel/ticket?code={code} HTTP/1.1", ticket=False))
    assert answer.startswith(b"HTTP/1.1 401 ")
    assert "set-cookie" not in fields(answer)


@pytest.mark.parametrize(
    "onward", ["//evil.example", "/\\evil.example", "http://evil.example", "evil.example", "javascript:1", "/a\r\nX: 1"]
)
async def test_a_code_never_leads_to_another_host(rig: Rig, host: str, onward: str) -> None:
    code = rig.authority.code(host, WORKSPACE)
    line = f"GET /.carrel/ticket?code={code}&next={quote(onward, safe='')} HTTP/1.1"
    answer = await rig.send(rig.request(host, line, ticket=False))
    assert answer.startswith(b"HTTP/1.1 303 ")
    location = fields(answer)["location"]
    assert location in {"/", "/a%0D%0AX:%201"}
    assert "x" not in fields(answer)


async def test_a_ticket_of_another_host_opens_nothing(rig: Rig, host: str) -> None:
    other = f"carrel_ticket={rig.authority.cookie('code--blog--ana.localhost', WORKSPACE)}"
    answer = await rig.send(rig.request(host, "GET / HTTP/1.1", f"Cookie: {other}", ticket=False))
    assert answer.startswith(b"HTTP/1.1 401 ")


async def test_a_ticket_of_another_workspace_opens_nothing(rig: Rig, host: str) -> None:
    other = f"carrel_ticket={rig.authority.cookie(host, 'w000000000002')}"
    answer = await rig.send(rig.request(host, "GET / HTTP/1.1", f"Cookie: {other}", ticket=False))
    assert answer.startswith(b"HTTP/1.1 401 ")


async def test_an_expired_ticket_opens_nothing(rig: Rig, host: str) -> None:
    cookie = f"Cookie: carrel_ticket={rig.authority.cookie(host, WORKSPACE, life=timedelta(seconds=-1))}"
    assert (await rig.send(rig.request(host, "GET / HTTP/1.1", cookie, ticket=False))).startswith(b"HTTP/1.1 401 ")


async def test_a_planted_cookie_beside_the_right_one_does_no_harm(rig: Rig, host: str) -> None:
    cookie = f"Cookie: carrel_ticket=planted; {rig.cookie(host)}"
    assert b"200 OK" in await rig.send(rig.request(host, "GET / HTTP/1.1", cookie, ticket=False))


async def test_the_authority_is_asked_once_for_many_requests(rig: Rig, host: str) -> None:
    cookie = rig.cookie(host)
    for _ in range(5):
        await rig.send(rig.request(host, "GET / HTTP/1.1", f"Cookie: {cookie}", ticket=False))
    assert rig.authority.asked.count("authorise") == 1
    assert rig.authority.asked.count("target") == 1


async def test_a_revoked_ticket_is_refused_at_once(rig: Rig, host: str) -> None:
    request = rig.request(host)
    assert b"200 OK" in await rig.send(request)
    rig.authority.revoke("ana")
    assert (await rig.send(request)).startswith(b"HTTP/1.1 401 ")


async def test_a_revocation_ends_what_is_under_way_for_that_person_alone(rig: Rig, apps: Apps) -> None:
    began = asyncio.Semaphore(0)

    async def endless(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n")
        await writer.drain()
        began.release()
        await asyncio.sleep(30)

    host = rig.app(await apps.serve(endless))
    connections = {}
    for user in ("ana", "ben"):
        reader, writer = connections[user] = await rig.connect()
        cookie = f"Cookie: {rig.cookie(host, user)}"
        writer.write(rig.request(host, "GET / HTTP/1.1", cookie, ticket=False))
        await began.acquire()
        await reader.readuntil(b"1\r\nx\r\n")
    rig.authority.revoke("ana")
    reader, writer = connections["ana"]
    async with asyncio.timeout(5):
        assert await reader.read() == b""
    writer.close()
    reader, writer = connections["ben"]
    assert not reader.at_eof()
    writer.close()


@pytest.mark.parametrize(
    "extra",
    [
        ("Origin: http://3000--evil--eve.localhost:7070", "Sec-Fetch-Site: same-site"),
        ("Origin: null",),
        ("Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: no-cors"),
    ],
)
async def test_a_neighbours_page_cannot_use_a_persons_ticket(rig: Rig, host: str, extra: tuple[str, ...]) -> None:
    answer = await rig.send(rig.request(host, "POST / HTTP/1.1", "Content-Length: 0", *extra))
    assert answer.startswith(b"HTTP/1.1 403 ")
    assert b"bad_origin" in answer


async def test_paths_of_ours_that_are_none_are_not_the_apps(rig: Rig, host: str) -> None:
    assert (await rig.send(rig.request(host, "GET /.carrel/anything HTTP/1.1"))).startswith(b"HTTP/1.1 404 ")
    assert b"200 OK" in await rig.send(rig.request(host, "GET /.carrelx HTTP/1.1"))


async def test_a_reused_name_does_not_inherit_a_ticket(rig: Rig, host: str) -> None:
    request = rig.request(host)
    label = host.partition(".")[0]
    rig.authority.places[label] = Place("w000000000009", label.partition("--")[0])
    assert (await rig.send(request)).startswith(b"HTTP/1.1 401 ")
