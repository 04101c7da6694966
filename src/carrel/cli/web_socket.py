"""A WebSocket (RFC 6455) as a client without threads has it: connect, then feed a poll loop. Standard library only.

`carrel ssh-proxy` runs for every `ssh`; importing the websockets package alone would take a third of the time that
`ssh NAME true` may take (ADR 0017).
"""

from __future__ import annotations

import os
import socket
import struct
import time
from base64 import b64encode
from collections.abc import Iterator
from hashlib import sha1
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from carrel.cli.server_address import ServerAddress

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10
LARGEST_MESSAGE_BYTES: Final = 4 << 20
_LARGEST_HEAD_BYTES: Final = 64 << 10
_LARGEST_BODY_BYTES: Final = 1 << 20
_READ_BYTES: Final = 256 << 10
_MAGIC: Final = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


class LostError(OSError):
    """The connection is gone, or what comes is no WebSocket."""


class RefusedError(Exception):
    """The server answered the handshake with something else."""

    def __init__(self, status: int, body: bytes) -> None:
        super().__init__(f"status {status}")
        self.status = status
        self.body = body


class Message(NamedTuple):
    """What came: TEXT, BINARY (perhaps a part of a message), PONG, or CLOSE."""

    kind: int
    data: bytes
    goes_on: bool = False
    """A part of a message, and not its last."""


class WebSocket:
    """An open WebSocket. Nothing here waits: `poll` its descriptor."""

    def __init__(self, sock: socket.socket, early: bytes) -> None:
        """Go on after the handshake; `early` came with its answer."""
        sock.setblocking(False)
        self._sock = sock
        self._incoming = bytearray(early)
        self._outgoing = bytearray()
        self._fragmented = 0
        self._text = b""
        self.has_early = bool(early)
        """Something came with the answer to the handshake: `receive` it, no poll will tell of it."""

    def fileno(self) -> int:
        """The socket's descriptor."""
        return self._sock.fileno()

    @property
    def backlog(self) -> int:
        """Bytes that the socket has not taken yet."""
        return len(self._outgoing)

    def send(self, kind: int, data: bytes) -> None:
        """Queue a message, and send what the socket takes now. Raises LostError."""
        self._outgoing += _frame(kind, data)
        self.flush()

    def flush(self) -> None:
        """Send what the socket takes now. Raises LostError."""
        try:
            while self._outgoing:
                with memoryview(self._outgoing) as waiting:
                    sent = self._sock.send(waiting[:_READ_BYTES])
                del self._outgoing[:sent]
        except (BlockingIOError, InterruptedError):
            return
        except OSError as error:
            if _would_block(error):
                return
            raise LostError(str(error)) from error

    def receive(self) -> Iterator[Message]:
        """What has come; pings and the end are answered. Raises LostError, after everything that came before the end."""
        lost: LostError | None = None
        self.has_early = False
        try:
            self._read()
        except LostError as error:
            lost = error
        yield from self._messages()
        if lost is not None:
            raise lost

    def _read(self) -> None:
        while True:
            try:
                data = self._sock.recv(_READ_BYTES)
            except (BlockingIOError, InterruptedError):
                return
            except OSError as error:
                if _would_block(error):
                    return
                raise LostError(str(error)) from error
            if not data:
                raise LostError("The server closed the connection.")
            self._incoming += data
            if len(self._incoming) >= _READ_BYTES and not _pending(self._sock):
                return

    def _messages(self) -> Iterator[Message]:
        while (found := _take_frame(self._incoming)) is not None:
            is_final, kind, data = found
            if kind == PING:
                self.send(PONG, data)
            elif kind in {PONG, CLOSE}:
                if kind == CLOSE:
                    self.send(CLOSE, data[:2])
                yield Message(kind, data)
            else:
                yield from self._part(is_final, kind, data)

    def _part(self, is_final: bool, kind: int, data: bytes) -> Iterator[Message]:
        """Bytes may go on in parts, text only whole."""
        kind = kind or self._fragmented
        self._fragmented = 0 if is_final else kind
        if kind == BINARY:
            yield Message(BINARY, data, not is_final)
        elif kind == TEXT:
            self._text += data
            if len(self._text) > LARGEST_MESSAGE_BYTES:
                raise LostError("The server's message is too long.")
            if is_final:
                text, self._text = self._text, b""
                yield Message(TEXT, text)
        else:
            raise LostError("What comes is no WebSocket.")

    def close(self) -> None:
        """Let go of it, as it is."""
        self._sock.close()


def connect(server: ServerAddress, path: str, seconds: float) -> WebSocket:
    """Open the WebSocket at `path`.

    Raises:
        RefusedError: the server says why not.
        OSError: it does not answer, or not within `seconds`.
    """
    until = time.monotonic() + seconds
    parts = urlsplit(server.url)
    secure = parts.scheme == "https"
    sock = _open(server, parts.hostname or "", parts.port or (443 if secure else 80), seconds)
    try:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if secure:
            import ssl  # noqa: PLC0415  only where it is needed

            sock = ssl.create_default_context().wrap_socket(sock, server_hostname=parts.hostname)
        return WebSocket(sock, _shake_hands(sock, server, path, until))
    except BaseException:
        sock.close()
        raise


def _shake_hands(sock: socket.socket, server: ServerAddress, path: str, until: float) -> bytes:
    """The first bytes of the WebSocket, where they came at once."""
    parts = urlsplit(server.url)
    key = b64encode(os.urandom(16))
    fields = (
        f"GET {parts.path}{path} HTTP/1.1\r\nHost: {parts.netloc.rpartition('@')[2]}\r\n"
        f"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        f"Sec-WebSocket-Key: {key.decode()}\r\nAuthorization: Bearer {server.token}\r\n\r\n"
    )
    sock.sendall(fields.encode())
    status, head, rest = _answer(sock, until)
    if status != 101:
        raise RefusedError(status, _body(sock, head, rest, until))
    accepted = b64encode(sha1(key + _MAGIC, usedforsecurity=False).digest()).decode()
    if head.get("sec-websocket-accept") != accepted:
        raise LostError(f"{server.url} does not answer as a Carrel server does.")
    return rest


def _open(server: ServerAddress, host: str, port: int, seconds: float) -> socket.socket:
    proxy = None if server.local else _proxy_for(urlsplit(server.url).scheme, host)
    if proxy is None:
        return socket.create_connection((host, port), seconds)
    parts = urlsplit(proxy)
    sock = socket.create_connection((parts.hostname or "", parts.port or 80), seconds)
    try:
        _ask_proxy(sock, proxy, f"{host}:{port}", time.monotonic() + seconds)
    except BaseException:
        sock.close()
        raise
    return sock


def _ask_proxy(sock: socket.socket, proxy: str, target: str, until: float) -> None:
    """Have an HTTP proxy connect to `target`."""
    parts = urlsplit(proxy)
    request = f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n"
    if parts.username:
        from urllib.parse import unquote  # noqa: PLC0415  rarely needed

        known = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        request += f"Proxy-Authorization: Basic {b64encode(known.encode()).decode()}\r\n"
    sock.sendall(f"{request}\r\n".encode())
    status, _, _ = _answer(sock, until)
    if status != 200:
        raise OSError(f"the proxy {parts.hostname} answered {status}")


def _proxy_for(scheme: str, host: str) -> str | None:
    """The HTTP proxy that the environment names for this host."""
    names = (f"{scheme}_proxy", "all_proxy")
    found = next((os.environ[n] for name in names for n in (name, name.upper()) if os.environ.get(n)), "")
    if not found.startswith("http://"):
        return None
    excepted = (os.environ.get("no_proxy") or os.environ.get("NO_PROXY") or "").replace(" ", "").split(",")
    direct = any(
        one == "*" or (one and (host == one.lstrip(".") or host.endswith(f".{one.lstrip('.')}"))) for one in excepted
    )
    return None if direct else found


def _answer(sock: socket.socket, until: float) -> tuple[int, dict[str, str], bytes]:
    """Status, fields (names in lower case) and what came after them."""
    data = b""
    while b"\r\n\r\n" not in data:
        if len(data) > _LARGEST_HEAD_BYTES:
            raise LostError("The server's answer is too long.")
        data += _more(sock, until)
    head, _, rest = data.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    words = first.split(" ", 2)
    if len(words) < 2 or not words[0].startswith("HTTP/1.") or not words[1].isdecimal():
        raise LostError("What answers is no HTTP server.")
    pairs = (line.partition(":") for line in lines)
    return int(words[1]), {name.strip().lower(): value.strip() for name, _, value in pairs}, rest


def _body(sock: socket.socket, head: dict[str, str], rest: bytes, until: float) -> bytes:
    length = head.get("content-length", "")
    wanted = min(int(length), _LARGEST_BODY_BYTES) if length.isdecimal() else 0
    try:
        while len(rest) < wanted:
            rest += _more(sock, until)
    except OSError:
        pass  # the status says most of it
    return rest


def _more(sock: socket.socket, until: float) -> bytes:
    sock.settimeout(max(0.001, until - time.monotonic()))
    data = sock.recv(16384)
    if not data:
        raise LostError("The server closed the connection.")
    return data


def _frame(kind: int, data: bytes) -> bytes:
    """A whole message in one masked frame."""
    size = len(data)
    if size < 126:
        head = struct.pack("!BB", 0x80 | kind, 0x80 | size)
    elif size < 65536:
        head = struct.pack("!BBH", 0x80 | kind, 0x80 | 126, size)
    else:
        head = struct.pack("!BBQ", 0x80 | kind, 0x80 | 127, size)
    key = os.urandom(4)
    # The whole message as one number: a loop over bytes would be a hundred times slower.
    mask = int.from_bytes((key * (size // 4 + 1))[:size], "little")
    return head + key + (int.from_bytes(data, "little") ^ mask).to_bytes(size, "little")


def _take_frame(buffer: bytearray) -> tuple[bool, int, bytes] | None:
    """The frame at the front of the buffer, removed from it. Raises LostError: it is none."""
    if len(buffer) < 2:
        return None
    first, size, at = buffer[0], buffer[1], 2
    if first & 0x70 or size & 0x80:
        raise LostError("What comes is no WebSocket.")
    if size >= 126:
        at = 4 if size == 126 else 10
        if len(buffer) < at:
            return None
        size = int.from_bytes(buffer[2:at], "big")
        if size > LARGEST_MESSAGE_BYTES:
            raise LostError("The server's message is too long.")
    if len(buffer) < at + size:
        return None
    with memoryview(buffer) as view:
        data = bytes(view[at : at + size])
    del buffer[: at + size]
    return bool(first & 0x80), first & 0x0F, data


def _would_block(error: OSError) -> bool:
    """TLS has words of its own for it (ssl is imported only where TLS is used)."""
    return type(error).__name__ in {"SSLWantReadError", "SSLWantWriteError"}


def _pending(sock: socket.socket) -> int:
    """Bytes that TLS has decrypted already: no poll would tell of them."""
    pending = getattr(sock, "pending", None)
    return int(pending()) if pending is not None else 0
