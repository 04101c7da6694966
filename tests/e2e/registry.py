"""A registry that has nothing: it answers as the OCI distribution specification says, and knows no image."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class _Nothing(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Of `/v2/`, that it is a registry; of all else, that it is unknown."""
        is_root = self.path.rstrip("/") == "/v2"
        body = json.dumps({} if is_root else {"errors": [{"code": "MANIFEST_UNKNOWN", "message": "unknown"}]}).encode()
        self.send_response(200 if is_root else 404)
        self.send_header("Content-Type", "application/json")
        self.send_header("Docker-Distribution-Api-Version", "registry/2.0")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_HEAD = do_GET  # noqa: N815  the standard library's way

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002
        """Say nothing."""


@contextmanager
def empty_registry() -> Iterator[str]:
    """Serve it; yields `127.0.0.1:PORT`, which engines ask over plain HTTP."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Nothing)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
