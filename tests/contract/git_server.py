"""A real git server over HTTP: `git http-backend` behind a thread of this process, on a loopback port."""

from __future__ import annotations

import base64
import os
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

_ENV = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_AUTHOR_NAME": "Ana",
    "GIT_AUTHOR_EMAIL": "ana@example.com",
    "GIT_COMMITTER_NAME": "Ana",
    "GIT_COMMITTER_EMAIL": "ana@example.com",
    "GIT_AUTHOR_DATE": "2026-01-01T00:00:00Z",
    "GIT_COMMITTER_DATE": "2026-01-01T00:00:00Z",
    "PATH": os.environ["PATH"],
}


def git(folder: Path, *words: str) -> str:
    """The output of git in `folder`."""
    done = subprocess.run(["git", "-C", str(folder), *words], env=_ENV, capture_output=True, check=False, text=True)
    if done.returncode:
        raise AssertionError(f"git {' '.join(words)}: {done.stderr}")
    return done.stdout.strip()


def make_repository(
    folder: Path, branches: Mapping[str, Mapping[str, bytes]], links: Mapping[str, str]
) -> dict[str, str]:
    """A bare repository at `folder` with one commit a branch, the first being the default; returns branch to commit."""
    work = folder.with_suffix(".work")
    work.mkdir(parents=True)
    git(work, "init", "--quiet", "--initial-branch", next(iter(branches)))
    commits = {}
    for branch, files in branches.items():
        git(work, "checkout", "--quiet", "--orphan", branch)
        for name in git(work, "ls-files").splitlines():
            (work / name).unlink()
        for path, content in files.items():
            (work / path).parent.mkdir(parents=True, exist_ok=True)
            (work / path).write_bytes(content)
        for path, target in links.items():
            (work / path).parent.mkdir(parents=True, exist_ok=True)
            (work / path).symlink_to(target)
        git(work, "add", "--all")
        git(work, "commit", "--quiet", "--allow-empty", "--message", f"Begin {branch}")
        commits[branch] = git(work, "rev-parse", "HEAD")
    subprocess.run(["git", "clone", "--quiet", "--bare", str(work), str(folder)], env=_ENV, check=True)
    git(folder, "symbolic-ref", "HEAD", f"refs/heads/{next(iter(branches))}")
    git(folder, "config", "http.receivepack", "true")
    return commits


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  the base class's name
        """Say nothing."""

    def do_GET(self) -> None:
        self._answer(b"")

    def do_POST(self) -> None:
        if self.headers.get("Transfer-Encoding") == "chunked":
            body = bytearray()
            while size := int(self.rfile.readline(), 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
            self._answer(bytes(body))
        else:
            self._answer(self.rfile.read(int(self.headers.get("Content-Length", 0))))

    def _answer(self, body: bytes) -> None:
        path, _, query = self.path.partition("?")
        self.server.requests.append(path)
        token = self.server.tokens.get(path.split("/")[1])
        given = self.headers.get("Authorization", "")
        if token and base64.b64decode(given.removeprefix("Basic ") or "Og==").decode().partition(":")[2] != token:
            self._send(401, [("WWW-Authenticate", 'Basic realm="git"')], b"")
            return
        env = _ENV | {
            "GIT_PROJECT_ROOT": str(self.server.folder),
            "GIT_HTTP_EXPORT_ALL": "1",
            "REQUEST_METHOD": self.command,
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
            "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
            "REMOTE_USER": "ana",
            "REMOTE_ADDR": "127.0.0.1",
        }
        self.server.gate.wait(60)
        done = subprocess.run(["git", "http-backend"], env=env, input=body, capture_output=True, check=False)
        head, _, content = done.stdout.partition(b"\r\n\r\n")
        headers = [tuple(line.split(": ", 1)) for line in head.decode().split("\r\n") if line]
        status = next((int(value.split()[0]) for name, value in headers if name == "Status"), 200)
        self._send(status, [(name, value) for name, value in headers if name != "Status"], content)

    def _send(self, status: int, headers: list[tuple[str, str]], content: bytes) -> None:
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.folder = folder
        self.tokens: dict[str, str] = {}
        self.requests: list[str] = []
        self.gate = threading.Event()
        self.gate.set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


@contextmanager
def serving(folder: Path) -> Iterator[_Server]:
    """Serve the bare repositories in `folder`. `tokens` has a repository's name to its password; clear `gate` to hold answers."""
    server = _Server(folder)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield server
    finally:
        server.gate.set()
        server.shutdown()
        thread.join()
        server.server_close()


GitServer = _Server
