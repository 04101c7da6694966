"""A small git server on loopback: serves bare repositories over HTTP through git's own `http-backend`."""

from __future__ import annotations

import base64
import os
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

IDENTITY = ("-c", "user.name=Example", "-c", "user.email=example@example.org", "-c", "init.defaultBranch=main")


def make_repository(folder: Path, bare: Path) -> None:
    """Make a bare repository with the files of `folder` in one commit."""
    bare.mkdir(parents=True, exist_ok=True)

    def git(*words: str) -> None:
        subprocess.run(["git", *IDENTITY, f"--git-dir={bare}", *words], check=True, capture_output=True, cwd=folder)

    git("init", "--bare", "--quiet")
    git("config", "core.bare", "false")
    git("config", "core.worktree", str(folder))
    git("add", "--all", "--force")
    git("commit", "--quiet", "--allow-empty", "--message", "Example")
    git("config", "--unset", "core.worktree")
    git("config", "core.bare", "true")
    git("config", "uploadpack.allowAnySHA1InWant", "true")


class GitHandler(BaseHTTPRequestHandler):
    """Answers as a CGI server would; with a token, only to requests that carry it as the password."""

    protocol_version = "HTTP/1.1"
    root: Path
    token = ""

    def do_GET(self) -> None:
        """A read."""
        self._serve(b"")

    def do_POST(self) -> None:
        """A service call."""
        self._serve(self._body())

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = b""
        while size := int(self.rfile.readline(), 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def _serve(self, body: bytes) -> None:
        if self.token and self._password() != self.token:
            self._answer(401, {"WWW-Authenticate": 'Basic realm="git"', "Content-Length": "0"}, b"")
            return
        path, _, query = self.path.partition("?")
        environment = {
            "PATH": os.environ["PATH"],
            "GIT_PROJECT_ROOT": str(self.root),
            "GIT_HTTP_EXPORT_ALL": "1",
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": "safe.directory",
            "GIT_CONFIG_VALUE_0": "*",
            "REQUEST_METHOD": self.command,
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(body)),
            "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
            "REMOTE_ADDR": self.client_address[0],
        }
        answer = subprocess.run(["git", "http-backend"], env=environment, input=body, capture_output=True, check=False)
        head, _, content = answer.stdout.partition(b"\r\n\r\n")
        fields = dict(line.split(": ", 1) for line in head.decode().splitlines() if ": " in line)
        status = int(fields.pop("Status", "200 OK").split()[0])
        self._answer(status, fields | {"Content-Length": str(len(content))}, content)

    def _answer(self, status: int, fields: dict[str, str], content: bytes) -> None:
        self.send_response(status)
        for name, value in fields.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def _password(self) -> str:
        scheme, _, value = self.headers.get("Authorization", "").partition(" ")
        return base64.b64decode(value).decode().partition(":")[2] if scheme.lower() == "basic" else ""

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002
        """Say nothing."""


@contextmanager
def git_server(root: Path, token: str = "", port: int = 0) -> Iterator[str]:
    """Serve the bare repositories below `root`; yields the address, `http://127.0.0.1:PORT`."""
    handler = type("Handler", (GitHandler,), {"root": root, "token": token})
    server = ThreadingHTTPServer(("127.0.0.1", port), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
