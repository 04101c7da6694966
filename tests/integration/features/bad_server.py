"""A web server that answers as badly as it is told to: a status, headers, a body that never ends or never comes."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True)
class Reply:
    """What one request gets."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    chunks: int = 1
    """How often the body is sent, without a declared length where it is more than once."""
    hangs: bool = False
    """Nothing is sent until the server ends."""


@dataclass
class BadServer:
    """Answers in order; the last one for all further requests."""

    address: str
    replies: list[Reply] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    sent: int = 0
    """Bytes of bodies that were sent."""

    def take(self, path: str) -> Reply:
        """The reply to a request."""
        self.paths.append(path)
        return self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]

    def says(self, *replies: Reply) -> None:
        """From now on."""
        self.replies[:] = replies
        self.paths.clear()
        self.sent = 0


@contextmanager
def bad_server() -> Iterator[BadServer]:
    """Serve at `localhost:PORT`."""
    ended = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            reply = state.take(self.path)
            if reply.hangs:
                ended.wait()
                return
            with suppress(OSError):
                self._send(reply)

        def _send(self, reply: Reply) -> None:
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            if reply.chunks == 1 and "Content-Length" not in reply.headers:
                self.send_header("Content-Length", str(len(reply.body)))
            else:  # what is declared may not be what comes
                self.send_header("Connection", "close")
                self.close_connection = True
            self.end_headers()
            for _ in range(reply.chunks):
                self.wfile.write(reply.body)
                state.sent += len(reply.body)

        def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002
            """Say nothing."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: object, client_address: object) -> None:
            """A client that hangs up is what is tested."""

    server = Server(("127.0.0.1", 0), Handler)
    state = BadServer(f"localhost:{server.server_port}")
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield state
    finally:
        ended.set()
        server.shutdown()
        server.server_close()
