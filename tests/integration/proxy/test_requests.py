"""HTTP requests through the proxy, in every shape."""

from __future__ import annotations

import asyncio
import hashlib
from pathlib import Path

import pytest
from tests.integration.proxy.conftest import WORKSPACE, Apps, Rig
from tests.own_certificate import own_certificate


async def echo_head(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answers each request with its own head."""
    while True:
        head = await reader.readuntil(b"\r\n\r\n")
        body = b"" if head.startswith(b"HEAD") else head
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(head), body))
        await writer.drain()


async def echo_body(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Sends a request's bytes back as they come, after a head."""
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()
        if data.endswith(b"0\r\n\r\n"):
            return


async def read_response(reader: asyncio.StreamReader) -> tuple[bytes, bytes]:
    """Head and body of one response with a Content-Length."""
    head = await reader.readuntil(b"\r\n\r\n")
    length = next(int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:"))
    return head, await reader.readexactly(length)


async def test_a_request_reaches_the_app_and_its_answer_comes_back(rig: Rig, apps: Apps) -> None:
    host = rig.app(await apps.serve(echo_head))
    answer = await rig.send(rig.request(host, "GET /a?b=c HTTP/1.1", "X-Mine: 1"))
    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"GET /a?b=c HTTP/1.1\r\n" in answer
    assert b"X-Mine: 1\r\n" in answer
    assert b"Host: " + host.encode() in answer


async def test_the_ticket_does_not_reach_the_app(rig: Rig, apps: Apps) -> None:
    host = rig.app(await apps.serve(echo_head))
    answer = await rig.send(rig.request(host, "GET / HTTP/1.1", "Authorization: Bearer carrel_token"))
    assert b"200 OK" in answer
    assert b"carrel_" not in answer


async def test_requests_follow_each_other_on_one_connection_each_way(rig: Rig, apps: Apps) -> None:
    connections = 0

    async def count(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        await echo_head(reader, writer)

    host = rig.app(await apps.serve(count))
    reader, writer = await rig.connect()
    for number in range(5):
        writer.write(rig.request(host, f"GET /{number} HTTP/1.1", close=False))
        _, body = await read_response(reader)
        assert body.startswith(b"GET /%d " % number)
    assert connections == 1
    writer.close()


async def test_pipelined_requests_are_answered_in_order(rig: Rig, apps: Apps) -> None:
    host = rig.app(await apps.serve(echo_head))
    reader, writer = await rig.connect()
    writer.write(b"".join(rig.request(host, f"GET /{number} HTTP/1.1", close=False) for number in range(50)))
    for number in range(50):
        _, body = await read_response(reader)
        assert body.startswith(b"GET /%d " % number)
    writer.close()


async def test_a_request_may_come_byte_by_byte(rig: Rig, apps: Apps) -> None:
    host = rig.app(await apps.serve(echo_head))
    reader, writer = await rig.connect()
    for byte in rig.request(host, "GET /slow HTTP/1.1"):
        writer.write(bytes([byte]))
        await writer.drain()
        await asyncio.sleep(0)
    assert b"GET /slow" in await reader.read()
    writer.close()


@pytest.mark.parametrize("size", [0, 1, 70_000, 5_000_000])
async def test_a_body_of_known_length_arrives_whole(rig: Rig, apps: Apps, size: int) -> None:
    async def digest(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        assert b"Content-Length: %d" % size in head
        sum_of_body = hashlib.sha256(await reader.readexactly(size)).hexdigest().encode()
        writer.write(b"HTTP/1.1 201 Created\r\nContent-Length: 64\r\n\r\n" + sum_of_body)
        await writer.drain()

    host = rig.app(await apps.serve(digest))
    body = bytes(range(256)) * (size // 256 + 1)
    answer = await rig.send(rig.request(host, "POST / HTTP/1.1", f"Content-Length: {size}") + body[:size])
    assert answer.startswith(b"HTTP/1.1 201 Created")
    assert answer.endswith(hashlib.sha256(body[:size]).hexdigest().encode())


async def test_a_chunked_body_arrives_as_it_was_sent(rig: Rig, apps: Apps) -> None:
    host = rig.app(await apps.serve(echo_body))
    body = b"5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n"
    answer = await rig.send(rig.request(host, "POST / HTTP/1.1", "Transfer-Encoding: chunked") + body)
    assert answer.endswith(body)


async def test_a_response_streams_before_the_request_is_whole(rig: Rig, apps: Apps) -> None:
    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n")
        writer.write(await reader.readexactly(5))
        await writer.drain()
        writer.write(await reader.readexactly(5))
        await writer.drain()

    host = rig.app(await apps.serve(echo))
    reader, writer = await rig.connect()
    writer.write(rig.request(host, "POST / HTTP/1.1", "Content-Length: 10") + b"first")
    await reader.readuntil(b"\r\n\r\n")
    assert await reader.readexactly(5) == b"first"
    writer.write(b"later")
    assert await reader.read() == b"later"
    writer.close()


async def test_an_event_stream_arrives_event_by_event(rig: Rig, apps: Apps) -> None:
    go_on = asyncio.Event()

    async def events(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")
        writer.write(b"9\r\ndata: 1\n\n\r\n")
        await writer.drain()
        await go_on.wait()
        writer.write(b"9\r\ndata: 2\n\n\r\n0\r\n\r\n")
        await writer.drain()

    host = rig.app(await apps.serve(events))
    reader, writer = await rig.connect()
    writer.write(rig.request(host))
    await reader.readuntil(b"data: 1\n\n\r\n")
    go_on.set()
    assert await reader.read() == b"9\r\ndata: 2\n\n\r\n0\r\n\r\n"
    writer.close()


async def test_a_response_until_close_ends_the_clients_connection(rig: Rig, apps: Apps) -> None:
    async def old(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.0 200 OK\r\n\r\nall of it")

    host = rig.app(await apps.serve(old))
    answer = await rig.send(rig.request(host, close=False))
    assert answer == b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nall of it"


async def test_an_http_1_0_client_gets_no_chunks(rig: Rig, apps: Apps) -> None:
    async def chunks(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")
        await writer.drain()
        writer.write(b"6\r\n world\r\n0\r\n\r\n")

    host = rig.app(await apps.serve(chunks))
    answer = await rig.send(rig.request(host, "GET / HTTP/1.0", close=False))
    assert answer == b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhello world"


@pytest.mark.parametrize("status", [b"204 No Content", b"304 Not Modified"])
async def test_a_response_without_a_body_leaves_the_connection_open(rig: Rig, apps: Apps, status: bytes) -> None:
    async def bodiless(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 " + status + b"\r\nETag: x\r\n\r\n")
            await writer.drain()

    host = rig.app(await apps.serve(bodiless))
    reader, writer = await rig.connect()
    for _ in range(3):
        writer.write(rig.request(host, close=False))
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 " + status)
    writer.close()


async def test_head_has_a_length_and_no_body(rig: Rig, apps: Apps) -> None:
    host = rig.app(await apps.serve(echo_head))
    reader, writer = await rig.connect()
    for _ in range(2):
        writer.write(rig.request(host, "HEAD / HTTP/1.1", close=False))
        assert b"Content-Length" in await reader.readuntil(b"\r\n\r\n")
    writer.write(rig.request(host, "GET /after HTTP/1.1", close=False))
    assert (await read_response(reader))[1].startswith(b"GET /after")
    writer.close()


async def test_a_client_that_expects_a_hundred_gets_it_from_the_app(rig: Rig, apps: Apps) -> None:
    async def careful(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        assert b"Expect: 100-continue" in await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        body = await reader.readexactly(4)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n" + body)
        await writer.drain()

    host = rig.app(await apps.serve(careful))
    reader, writer = await rig.connect()
    writer.write(rig.request(host, "POST / HTTP/1.1", "Content-Length: 4", "Expect: 100-continue"))
    assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
    writer.write(b"body")
    assert (await reader.read()).endswith(b"\r\n\r\nbody")
    writer.close()


async def test_an_early_refusal_reaches_a_client_that_is_still_sending(rig: Rig, apps: Apps) -> None:
    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 413 Content Too Large\r\nContent-Length: 4\r\n\r\nbig!")
        await writer.drain()
        await reader.read()

    host = rig.app(await apps.serve(refuse))
    reader, writer = await rig.connect()
    writer.write(rig.request(host, "POST / HTTP/1.1", "Content-Length: 100000000") + bytes(100_000))
    answer = await reader.read()
    assert answer.startswith(b"HTTP/1.1 413")
    assert answer.endswith(b"big!")
    writer.close()


async def test_a_stale_connection_to_the_app_is_replaced_unseen(rig: Rig, apps: Apps) -> None:
    async def one_answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        await writer.drain()
        await reader.readexactly(1)  # the next request comes, and is cut off

    host = rig.app(await apps.serve(one_answer))
    reader, writer = await rig.connect()
    for _ in range(4):
        writer.write(rig.request(host, close=False))
        assert (await read_response(reader))[1] == b"ok"
    writer.close()


async def test_a_request_that_changes_something_is_never_sent_twice(rig: Rig, apps: Apps) -> None:
    seen = 0

    async def one_answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal seen
        await reader.readuntil(b"\r\n\r\n")
        seen += 1
        if seen > 1:
            return
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        await writer.drain()
        await reader.readuntil(b"\r\n\r\n")
        seen += 1

    host = rig.app(await apps.serve(one_answer))
    reader, writer = await rig.connect()
    writer.write(rig.request(host, close=False))
    await read_response(reader)
    writer.write(rig.request(host, "POST / HTTP/1.1", "Content-Length: 0", close=False))
    head, body = await read_response(reader)
    assert head.startswith(b"HTTP/1.1 502")
    assert b"app_failed" in body
    assert seen == 2
    writer.close()


@pytest.mark.parametrize(
    "answer",
    [
        b"nonsense\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\nhello",
        b"HTTP/1.1 200 OK\nContent-Length: 5\n\nhello",
        b"HTTP/1.1 200 OK\r\nX: 1\r\n folded\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"x" * 70_000 + b"\r\n\r\n",
        b"",
    ],
)
async def test_an_answer_that_is_not_http_is_the_apps_failure(rig: Rig, apps: Apps, answer: bytes) -> None:
    async def odd(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        await writer.drain()

    got = await rig.send(rig.request(rig.app(await apps.serve(odd))))
    assert got.startswith(b"HTTP/1.1 502 Bad Gateway")
    assert b'"kind": "app_failed"' in got


async def test_an_answer_that_breaks_off_is_seen_to_be_broken(rig: Rig, apps: Apps) -> None:
    async def half(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")
        await writer.drain()

    host = rig.app(await apps.serve(half))
    reader, writer = await rig.connect()
    writer.write(rig.request(host))
    await reader.readuntil(b"hello\r\n")
    with pytest.raises(ConnectionResetError):
        await reader.read()
    writer.close()


async def test_bytes_after_an_answer_never_reach_the_next_client(rig: Rig, apps: Apps) -> None:
    async def talkative(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            path = head.split(b" ")[1]
            answer = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(path), path)
            writer.write(answer + b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison")
            await writer.drain()

    host = rig.app(await apps.serve(talkative))
    for number in range(5):
        answer = await rig.send(rig.request(host, f"GET /{number} HTTP/1.1"))
        assert answer.endswith(b"\r\n\r\n/%d" % number)


async def test_a_client_that_goes_away_takes_its_request_with_it(rig: Rig, apps: Apps) -> None:
    ended = asyncio.Event()

    async def endless(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")
        await writer.drain()
        await reader.read()
        ended.set()

    host = rig.app(await apps.serve(endless))
    reader, writer = await rig.connect()
    writer.write(rig.request(host))
    await reader.readuntil(b"hello")
    writer.transport.abort()
    async with asyncio.timeout(5):
        await ended.wait()


async def test_a_client_that_sends_no_more_still_gets_its_answer(rig: Rig, apps: Apps) -> None:
    async def slow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        await asyncio.sleep(0.05)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nlate")

    host = rig.app(await apps.serve(slow))
    assert (await rig.send(rig.request(host, close=False), eof=True)).endswith(b"late")


async def test_a_client_that_does_not_read_holds_the_app_back(rig: Rig, apps: Apps) -> None:
    total, sent = 256 * 1024 * 1024, 0
    stuck = asyncio.Event()

    async def pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % total)
        while sent < total:
            writer.write(bytes(65536))
            try:
                async with asyncio.timeout(0.5):
                    await writer.drain()
            except TimeoutError:
                stuck.set()
                return
            sent += 65536

    host = rig.app(await apps.serve(pour))
    _, writer = await asyncio.open_connection("127.0.0.1", rig.port, limit=1024)
    writer.write(rig.request(host))
    async with asyncio.timeout(20):
        await stuck.wait()
    assert sent < 64 * 1024 * 1024
    writer.close()


async def test_an_app_that_does_not_read_holds_the_client_back(rig: Rig, apps: Apps) -> None:
    async def deaf(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        await asyncio.sleep(30)

    host = rig.app(await apps.serve(deaf))
    _, writer = await rig.connect()
    total, sent = 256 * 1024 * 1024, 0
    writer.write(rig.request(host, "POST / HTTP/1.1", f"Content-Length: {total}"))
    stuck = False
    while sent < total and not stuck:
        writer.write(bytes(65536))
        try:
            async with asyncio.timeout(0.5):
                await writer.drain()
        except TimeoutError:
            stuck = True
        sent += 65536
    assert stuck
    assert sent < 64 * 1024 * 1024
    writer.transport.abort()


async def test_the_first_byte_of_an_app_is_told_once(rig: Rig, apps: Apps) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")
        await writer.drain()

    rig.authority.apps[WORKSPACE, "code"] = await apps.serve(answer)
    host = rig.app("code")
    for _ in range(2):
        assert (await rig.send(rig.request(host))).endswith(b"ok")
    await rig.server.proxy.upstreams.first_bytes.flush()
    [(workspace, app, asked, answered)] = rig.authority.first_bytes
    assert (workspace, app) == (WORKSPACE, "code")
    assert asked < answered


@pytest.mark.conformance("C409")
async def test_a_port_that_speaks_tls_is_spoken_to_in_tls(rig: Rig, apps: Apps, tmp_path: Path) -> None:
    connections = 0

    async def counted(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        await echo_head(reader, writer)

    port = await apps.serve(counted, own_certificate(tmp_path))
    rig.authority.tls_ports.add(port)
    host = rig.app(port)
    reader, writer = await rig.connect()
    for number in range(3):
        writer.write(rig.request(host, f"GET /{number} HTTP/1.1", close=False))
        _, body = await read_response(reader)
        assert body.startswith(b"GET /%d " % number)
    assert connections == 1, "kept alive as any other"
    writer.close()


async def test_large_bodies_go_both_ways_through_tls(rig: Rig, apps: Apps, tmp_path: Path) -> None:
    port = await apps.serve(echo_body, own_certificate(tmp_path))
    rig.authority.tls_ports.add(port)
    body = b"%x\r\n%b\r\n0\r\n\r\n" % (3_000_000, bytes(range(250)) * 12_000)
    head = rig.request(rig.app(port), "POST / HTTP/1.1", "Transfer-Encoding: chunked")
    answer = await rig.send(head + body)
    assert hashlib.sha256(answer.partition(b"\r\n\r\n")[2]).digest() == hashlib.sha256(body).digest()


async def test_a_port_that_does_not_speak_tls_after_all_is_a_clear_page(rig: Rig, apps: Apps) -> None:
    async def plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(10)
        writer.write(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
        await writer.drain()

    port = await apps.serve(plain)
    rig.authority.tls_ports.add(port)
    assert (await rig.send(rig.request(rig.app(port), "GET / HTTP/1.1"))).startswith(b"HTTP/1.1 502 ")
