"""The server's log: its forms, and that no secret is in it."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from carrel.core.secret import Secret
from carrel.server.component_token import PREFIX as COMPONENT
from carrel.server.logs import configure_logs, mask
from carrel.server.settings import Settings
from carrel.server.store.tokens import PREFIXES

TOKEN = "carrel_personal_" + "aB3-_" * 8


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def _written(settings: Settings) -> tuple[io.StringIO, structlog.stdlib.BoundLogger]:
    stream = io.StringIO()
    configure_logs(settings, stream)
    return stream, structlog.get_logger("test")


def test_a_json_line_has_event_level_time_and_members() -> None:
    stream, log = _written(Settings(log_format="json"))
    log.info("step_performed", workspace="abc", took_ms=7)
    line = json.loads(stream.getvalue())
    assert {"event": "step_performed", "level": "info", "workspace": "abc", "took_ms": 7}.items() <= line.items()
    assert line["timestamp"].endswith("Z")


def test_a_text_line_is_readable_without_colour() -> None:
    stream, log = _written(Settings())
    log.warning("claim_failed", workspace="abc")
    assert "claim_failed" in stream.getvalue()
    assert "workspace=abc" in stream.getvalue()
    assert "\x1b" not in stream.getvalue()


def test_lines_below_the_level_are_not_written() -> None:
    stream, log = _written(Settings(log_level="warning"))
    log.info("step_performed")
    assert stream.getvalue() == ""


@pytest.mark.parametrize("form", ["text", "json"])
def test_no_secret_is_written(form: str) -> None:
    stream, log = _written(Settings(log_format="json" if form == "json" else "text"))
    log.info("asked", token="plain-secret", value=Secret("plain-secret"), url="postgresql://u:plain-secret@host/db")
    log.info("asked", text=f"Bearer {TOKEN}")
    logging.getLogger("library").warning("got %s", TOKEN)
    log.error("step_broke", exc_info=ValueError(f"bad {TOKEN}"))
    assert stream.getvalue().count("asked") == 2
    assert "step_broke" in stream.getvalue()
    assert TOKEN not in stream.getvalue()
    assert "plain-secret" not in stream.getvalue()


@pytest.mark.parametrize("prefix", [*PREFIXES.values(), COMPONENT])
def test_tokens_of_every_kind_are_masked(prefix: str) -> None:
    value = prefix + "aB3-_" * 8
    assert mask(f"GET /guest?x={value} and {value}") == "GET /guest?x=*** and ***"


def test_masking_leaves_other_text_alone() -> None:
    text = "https://host:443/path user@host carrel_personal_ git@github.com:o/r.git"
    assert mask(text) == text


def test_a_refused_web_socket_is_no_error() -> None:
    stream, _ = _written(Settings())
    logging.getLogger("uvicorn.error").error("ASGI callable returned without completing handshake.")
    logging.getLogger("uvicorn.error").error("Another.")
    assert len(stream.getvalue().splitlines()) == 1
