"""A page of one port calls another port of its workspace through its own host."""

from __future__ import annotations

import pytest
from tests.integration.proxy.conftest import Apps, Rig
from tests.integration.proxy.test_requests import echo_head


async def test_a_neighbour_is_called_through_the_own_host(rig: Rig, apps: Apps) -> None:
    front, back = rig.app(await apps.serve(echo_head)), await apps.serve(echo_head)
    line = f"GET /.carrel/port/{back}/hello?a=b HTTP/1.1"
    answer = await rig.send(rig.request(front, line, "X-Forwarded-Prefix: /forged", "Sec-Fetch-Site: same-origin"))
    assert answer.startswith(b"HTTP/1.1 200 ")
    head = answer.partition(b"\r\n\r\n")[2]
    assert head.startswith(b"GET /hello?a=b HTTP/1.1\r\n")
    assert f"X-Forwarded-Prefix: /.carrel/port/{back}\r\n".encode() in head
    assert f"Host: {front}\r\n".encode() in head
    assert b"forged" not in head
    assert b"carrel_ticket" not in head


@pytest.mark.parametrize(("rest", "target"), [("", "/"), ("?a", "/?a"), ("/", "/"), ("//x", "//x")], ids=repr)
async def test_the_rest_of_the_path_is_the_neighbours(rig: Rig, apps: Apps, rest: str, target: str) -> None:
    front, back = rig.app(await apps.serve(echo_head)), await apps.serve(echo_head)
    answer = await rig.send(rig.request(front, f"GET /.carrel/port/{back}{rest} HTTP/1.1"))
    assert answer.partition(b"\r\n\r\n")[2].startswith(f"GET {target} HTTP/1.1\r\n".encode())


@pytest.mark.parametrize(
    "port", ["0", "65536", "99999", "7022", "29500", "080x", "", "-1", "8000.", "code", "07022"], ids=repr
)
async def test_what_is_no_port_of_the_workspace_is_not_found(rig: Rig, apps: Apps, port: str) -> None:
    front = rig.app(await apps.serve(echo_head))
    line = f"GET /.carrel/port/{port}/ HTTP/1.1".encode().decode("latin-1")
    answer = await rig.send(rig.request(front, line))
    assert answer[9:12] in {b"404", b"400"}


async def test_without_a_ticket_or_from_elsewhere_there_is_no_way_to_it(rig: Rig, apps: Apps) -> None:
    front, back = rig.app(await apps.serve(echo_head)), await apps.serve(echo_head)
    line = f"GET /.carrel/port/{back}/ HTTP/1.1"
    assert b" 401 " in (await rig.send(rig.request(front, line, ticket=False)))[:20]
    assert (
        b" 403 "
        in (await rig.send(rig.request(front, line, "Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: cors")))[:20]
    )
