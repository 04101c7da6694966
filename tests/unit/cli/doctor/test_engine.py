"""The doctor's look at the engine, over a socket like the engine's."""

from __future__ import annotations

import json
import socketserver
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from carrel.cli.doctor.check import Level
from carrel.cli.doctor.engine import check_engine

VERSION = {"Version": "20.10.24", "ApiVersion": "1.41"}
INFO = {"NCPU": 2, "MemTotal": 8 * 2**30, "DockerRootDir": "/"}
Engine = Callable[..., str]


class Handler(BaseHTTPRequestHandler):
    """Answers as the server's `answers` say."""

    def do_GET(self) -> None:
        body = json.dumps(self.server.answers[self.path]).encode()  # type: ignore[attr-defined]
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def address_string(self) -> str:
        return "a unix socket has none"

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  the standard library's name
        pass


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """Starts an engine's socket; gives its address."""
    started: list[socketserver.BaseServer] = []

    def start(**version: Any) -> str:
        server = socketserver.UnixStreamServer(str(tmp_path / "docker.sock"), Handler)
        server.answers = {"/version": VERSION | version, "/info": INFO}  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        started.append(server)
        return f"unix://{tmp_path / 'docker.sock'}"

    yield start
    for server in started:
        server.shutdown()
        server.server_close()


def test_an_engine_that_answers_is_described(engine: Engine) -> None:
    first, builder, disk = check_engine(engine())
    assert (first.level, first.detail) == (Level.OK, "20.10.24, API 1.41, 2 CPUs, 8 GiB")
    assert (builder.name, disk.name) == ("BuildKit", "Engine's disk")


@pytest.mark.parametrize(
    ("api", "level"), [("1.40", Level.FAIL), ("1.41", Level.OK), ("1.100", Level.OK), ("2.0", Level.OK)]
)
def test_an_engine_has_to_be_new_enough(engine: Engine, api: str, level: Level) -> None:
    assert check_engine(engine(ApiVersion=api))[0].level is level


@pytest.mark.parametrize("address", ["unix:///nonexistent/docker.sock", "tcp://127.0.0.1:9"])
def test_without_an_engine_one_is_told_how_to_get_it(address: str) -> None:
    (check,) = check_engine(address)
    assert check.level is Level.FAIL
    assert "apt install docker.io" in check.hint


def test_what_is_no_engine_is_told(tmp_path: Path) -> None:
    class Silent(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.wfile.write(b"who are you?\r\n")

    with socketserver.UnixStreamServer(str(tmp_path / "other.sock"), Silent) as server:
        threading.Thread(target=server.handle_request, daemon=True).start()
        (check,) = check_engine(f"unix://{tmp_path / 'other.sock'}")
    assert check.level is Level.FAIL
