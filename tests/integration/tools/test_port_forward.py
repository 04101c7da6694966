"""`carrel port-forward` and the tunnels of the API, over a real agent."""

from __future__ import annotations

import asyncio
import hashlib
import json
import random
import signal
from asyncio.subprocess import Process
from typing import Any

import pytest
from tests.integration.api.conftest import token_of
from tests.integration.conftest import add_user
from tests.integration.proxy.conftest import Apps
from tests.integration.tools.conftest import Rig
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from carrel.server.store import tokens


async def first_line(process: Process) -> str:
    assert process.stdout is not None
    line = (await asyncio.wait_for(process.stdout.readline(), 60)).decode().strip()
    if not line:
        assert process.stderr is not None
        raise AssertionError((await process.stderr.read()).decode())
    return line


def port_of(line: str) -> int:
    return int(line.partition(" -> ")[0].rpartition(":")[2])


async def exchange(port: int, data: bytes = b"") -> bytes:
    """All that comes back."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 20)
    try:
        if data:
            writer.write(data)
            writer.write_eof()
        return await asyncio.wait_for(reader.read(-1), 30)
    finally:
        writer.close()


async def echo_after_eof(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answers only when the other side has said all: half-closes must come through."""
    data = await reader.read(-1)
    writer.write(hashlib.sha256(data).hexdigest().encode() + b"\n" + data)
    await writer.drain()


async def test_several_ports_carry_bytes_and_half_closes_both_ways(rig: Rig, apps: Apps) -> None:
    async def speaks_first(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 hello\r\n")
        await writer.drain()

    echoing, greeting = await apps.serve(echo_after_eof), await apps.serve(speaks_first)
    process = await rig.carrel("port-forward", "blog", f"0:{echoing}", f"0:{greeting}")
    ports = [port_of(await first_line(process)), port_of(await first_line(process))]
    data = random.Random(4).randbytes(8_000_000)
    assert await exchange(ports[0], data) == hashlib.sha256(data).hexdigest().encode() + b"\n" + data
    assert await exchange(ports[1]) == b"220 hello\r\n"
    process.send_signal(signal.SIGINT)
    assert await asyncio.wait_for(process.wait(), 60) == 0


async def test_what_does_not_listen_is_said_once_and_works_when_it_does(rig: Rig, apps: Apps) -> None:
    port = await apps.serve(echo_after_eof)
    await apps.close()
    process = await rig.carrel("port-forward", "blog", f"0:{port}")
    local = port_of(await first_line(process))
    assert process.stderr is not None
    for _ in range(2):
        with pytest.raises(ConnectionError):
            await exchange(local)
    said = await asyncio.wait_for(process.stderr.readline(), 60)
    assert said.startswith(f"Port {port}: Nothing listens on that port".encode())
    back = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", port)
    assert await exchange(local) == b""
    assert await asyncio.wait_for(process.stderr.readline(), 60) == f"Port {port}: works again.\n".encode()
    back.close()


async def test_a_busy_port_is_said_and_another_taken_on_request(rig: Rig, apps: Apps) -> None:
    port = await apps.serve(echo_after_eof)  # on this machine, too
    status, out, err = await rig.run("port-forward", "blog", str(port))
    assert (status, out) == (1, b"")
    assert f"Another program listens on 127.0.0.1 port {port}." in err
    assert "--any-port" in err
    process = await rig.carrel("port-forward", "blog", str(port), "--any-port")
    assert port_of(await first_line(process)) != port


async def test_nonsense_is_refused_before_anything_is_forwarded(rig: Rig) -> None:
    for words, said in {
        ("70000",): "is no port",
        ("0",): "is no port",
        ("1:2:3:4",): "not of the form",
        ("a b:80",): "is no host name",
        (): "name a port",
    }.items():
        status, _, err = await rig.run("port-forward", "blog", *words)
        assert status == 2, err
        assert said in " ".join(err.replace("│", " ").split())
    status, _, err = await rig.run("port-forward", "blog", "0:80", "--address", "everywhere")
    assert (status, "is no IP address" in err) == (1, True)
    status, _, err = await rig.run("port-forward", "nobodys", "0:80")
    assert status == 3


async def connected(rig: Rig, way: str, token: str = "") -> ClientConnection:
    url = f"{rig.url.replace('http', 'ws', 1)}/api/v1/workspaces/blog/tunnel/{way}"
    headers = {"Authorization": f"Bearer {token or rig.token}"}
    return await connect(url, additional_headers=headers, proxy=None, max_size=None)


async def refusal(rig: Rig, way: str, token: str = "") -> tuple[int, str]:
    with pytest.raises(InvalidStatus) as caught:
        await connected(rig, way, token)
    problem: dict[str, Any] = json.loads(caught.value.response.body or b"")
    return caught.value.response.status_code, str(problem["kind"])


async def test_a_tunnel_leads_to_the_workspace_alone(rig: Rig) -> None:
    for port in ("0", "99999", "-1", "8080x", "٣", "1" * 5000):
        assert await refusal(rig, port) == (400, "bad_value")
    assert await refusal(rig, "1") == (502, "nothing_listens")
    for host in ("192.0.2.1", "169.254.169.254", "0.0.0.0", "::ffff:169.254.169.254"):
        assert await refusal(rig, f"80?host={host}") == (403, "not_allowed"), host
    assert await refusal(rig, "80?host=no-such-neighbour.invalid") == (502, "nothing_listens")
    assert await refusal(rig, f"80?host={'x' * 300}") == (400, "bad_value")


async def test_only_who_may_use_the_workspace_gets_a_tunnel_and_loses_it_with_his_right(rig: Rig, apps: Apps) -> None:
    port = await apps.serve(echo_after_eof)
    assert await refusal(rig, str(port), "carrel_personal_no") == (401, "not_authenticated")
    ben = await add_user(rig.store, "ben")
    bens = (await token_of(rig.store, ben)).reveal()
    with pytest.raises(InvalidStatus) as caught:
        await connect(
            f"{rig.url.replace('http', 'ws', 1)}/api/v1/workspaces/{rig.workspace.id}/tunnel/{port}",
            additional_headers={"Authorization": f"Bearer {bens}"},
            proxy=None,
        )
    assert caught.value.response.status_code == 404
    socket = await connected(rig, str(port))
    async with rig.store.writing() as session:
        [token] = await tokens.of_user(session, rig.ana.user_id, tokens.TokenKind.PERSONAL)
        assert await tokens.remove(session, rig.ana.user_id, token.id)
    async with asyncio.timeout(60):
        assert json.loads(await socket.recv())["problem"]["kind"] == "not_authenticated"
        with pytest.raises(ConnectionClosed):
            await socket.recv()
    assert socket.close_code == 4000


async def test_what_a_server_says_first_always_arrives(rig: Rig, apps: Apps) -> None:
    async def greets(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"hello")
        await writer.drain()

    port = await apps.serve(greets)

    async def first_message() -> bytes | str:
        async with await connected(rig, str(port)) as socket:
            return await socket.recv()

    for _ in range(8):
        assert await asyncio.gather(*(first_message() for _ in range(8))) == [b"hello"] * 8


async def test_a_connection_that_breaks_ends_the_tunnel(rig: Rig, apps: Apps) -> None:
    async def breaks(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readexactly(1)
        writer.get_extra_info("socket").setsockopt(1, 13, b"\1\0\0\0\0\0\0\0")  # SO_LINGER 0: a reset
        writer.transport.abort()

    port = await apps.serve(breaks)
    socket = await connected(rig, str(port))
    await socket.send(b"x")
    async with asyncio.timeout(60):
        await socket.wait_closed()
    assert socket.close_code in {1000, 4001}
