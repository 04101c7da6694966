"""The command line's own WebSocket understands, and is understood by, the websockets package."""

from __future__ import annotations

import os
import select
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.own_certificate import own_certificate
from websockets.frames import Frame, Opcode
from websockets.sync.server import ServerConnection, serve

from carrel.cli import web_socket
from carrel.cli.server_address import ServerAddress
from carrel.cli.web_socket import BINARY, CLOSE, PING, PONG, TEXT, LostError, Message, RefusedError, WebSocket, connect

SECONDS = 5.0
Serve = Callable[[Callable[[ServerConnection], None]], ServerAddress]


@pytest.fixture
def served() -> Iterator[Serve]:
    """Serves a conversation on loopback."""
    servers = []

    def start(talk: Callable[[ServerConnection], None]) -> ServerAddress:
        server = serve(talk, "127.0.0.1", 0, compression=None)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        servers.append((server, thread))
        return ServerAddress(f"http://127.0.0.1:{server.socket.getsockname()[1]}/below", "secret", local=True)

    yield start
    for server, thread in servers:
        server.shutdown()
        thread.join()


def read(opened: WebSocket, count: int) -> list[Message]:
    """So many messages. Raises LostError where the end comes before."""
    found: list[Message] = []
    while len(found) < count:
        ready, _, _ = select.select([opened], [], [], 0 if opened.has_early else SECONDS)
        assert ready or opened.has_early, found
        try:
            for message in opened.receive():
                found.append(message)  # noqa: PERF402  what came before the end counts
        except LostError:
            if len(found) < count:
                raise
    return found


def test_messages_go_both_ways_whatever_their_size(served: Serve) -> None:
    sizes = [0, 1, 125, 126, 65535, 65536, 300_000]

    def echo(connection: ServerConnection) -> None:
        assert connection.request is not None
        connection.send(f"{connection.request.path} {connection.request.headers['Authorization']}")
        for message in connection:
            connection.send(message)

    opened = connect(served(echo), "/path?query", SECONDS)
    assert read(opened, 1) == [Message(TEXT, b"/below/path?query Bearer secret")]
    for size in sizes:
        opened.send(BINARY, bytes(size))
        while opened.backlog:
            opened.flush()
        assert read(opened, 1) == [Message(BINARY, bytes(size))]
    opened.close()


def test_over_tls_no_byte_waits_in_the_cipher(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    context = own_certificate(tmp_path)
    data = os.urandom(1 << 20)

    def echo(connection: ServerConnection) -> None:
        connection.send(b"first")
        for message in connection:
            connection.send(message)

    server = serve(echo, "127.0.0.1", 0, ssl=context, compression=None, max_size=None)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    address = ServerAddress(f"https://localhost:{server.socket.getsockname()[1]}", "secret", local=True)
    try:
        with pytest.raises(ssl.SSLCertVerificationError):
            connect(address, "/", SECONDS)
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "certificate.pem"))
        opened = connect(address, "/", SECONDS)
        opened.send(BINARY, data)
        came = b""
        while len(came) < len(data) + 5:
            writing = [opened] if opened.backlog else []
            ready, room, _ = select.select([opened], writing, [], 0 if opened.has_early else SECONDS)
            assert ready or room or opened.has_early
            opened.flush()
            came += b"".join(message.data for message in opened.receive() if message.kind == BINARY)
        assert came == b"first" + data
        opened.close()
    finally:
        server.shutdown()
        thread.join()


def test_pings_are_answered_and_the_end_comes_after_what_was_said(served: Serve) -> None:
    def talk(connection: ServerConnection) -> None:
        assert connection.ping().wait(SECONDS)
        connection.send([b"in ", b"parts"])
        connection.send(["also ", "text"])
        connection.close(1012, "restart")

    opened = connect(served(talk), "/", SECONDS)
    said: list[Message] = []
    while not said or said[-1].kind != CLOSE:  # how many parts the first message comes in is the server's affair
        said += read(opened, 1)
    *said, last = said
    assert b"".join(message.data for message in said if message.kind == BINARY) == b"in parts"
    assert Message(TEXT, b"also text") in said
    assert (last.kind, int.from_bytes(last.data[:2], "big")) == (CLOSE, 1012)
    with pytest.raises(LostError):
        read(opened, 1)
    opened.close()


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (b"HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\nbody", RefusedError),
        (b"HTTP/1.1 101 Go\r\nSec-WebSocket-Accept: wrong\r\n\r\n", LostError),
        (b"SSH-2.0-OpenSSH_9.2\r\n\r\n", LostError),
        (b"HTTP/1.1 200", LostError),
        (b"", LostError),
    ],
)
def test_what_is_no_websocket_is_told(answer: bytes, error: type[Exception]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def once() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(answer)

        thread = threading.Thread(target=once)
        thread.start()
        server = ServerAddress(f"http://127.0.0.1:{listener.getsockname()[1]}", "secret", local=True)
        with pytest.raises(error) as caught:
            connect(server, "/", SECONDS)
        thread.join()
    if isinstance(caught.value, RefusedError):
        assert (caught.value.status, caught.value.body) == (404, b"body")


def test_what_came_with_the_handshake_is_not_waited_for() -> None:
    ours, theirs = socket.socketpair()
    with theirs:
        opened = WebSocket(ours, b"\x81\x02hi\x82")
        assert opened.has_early
        assert list(opened.receive()) == [Message(TEXT, b"hi")]
        assert not opened.has_early
        theirs.sendall(b"\x01x")
        assert read(opened, 1) == [Message(BINARY, b"x")]
        opened.close()


@pytest.mark.parametrize("frame", [b"\xc2\x00", b"\x82\x80", b"\x82\x7f" + b"\xff" * 8, b"\x83\x00"])
def test_frames_that_cannot_be_are_refused(frame: bytes) -> None:
    ours, theirs = socket.socketpair()
    with theirs:
        opened = WebSocket(ours, b"")
        theirs.sendall(frame)
        with pytest.raises(LostError):
            list(opened.receive())
        opened.close()


@given(st.sampled_from([Opcode.TEXT, Opcode.BINARY, Opcode.PONG]), st.binary(max_size=200), st.integers(1, 50))
def test_a_frame_is_the_same_however_it_arrives(kind: Opcode, data: bytes, size: int) -> None:
    whole = Frame(kind, data).serialize(mask=False)
    buffer, found = bytearray(), None
    for at in range(0, len(whole), size):
        assert found is None
        buffer += whole[at : at + size]
        found = web_socket._take_frame(buffer)
    assert found == (True, kind, data)
    assert not buffer


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, None),
        ({"https_proxy": "http://proxy:3128"}, "http://proxy:3128"),
        ({"HTTPS_PROXY": "http://proxy:3128", "no_proxy": "example.org"}, None),
        ({"ALL_PROXY": "http://proxy:3128", "no_proxy": ".other.org, x"}, "http://proxy:3128"),
        ({"all_proxy": "socks5://proxy"}, None),
        ({"https_proxy": "http://proxy:3128", "no_proxy": "*"}, None),
    ],
)
def test_the_proxy_is_the_environments(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], expected: str | None
) -> None:
    for name in ("https_proxy", "all_proxy", "no_proxy"):
        for known in (name, name.upper()):
            monkeypatch.delenv(known, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert web_socket._proxy_for("https", "carrel.example.org") == expected


def test_a_ping_of_ours_is_answered(served: Serve) -> None:
    def listen(connection: ServerConnection) -> None:
        assert not list(connection)

    opened = connect(served(listen), "/", SECONDS)
    opened.send(PING, b"there?")
    assert read(opened, 1) == [Message(PONG, b"there?")]
    opened.close()
