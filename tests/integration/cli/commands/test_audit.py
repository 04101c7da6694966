"""`carrel audit` against the real API."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.integration.cli.commands.conftest import Carrel

from carrel.cli.audit import moment


async def test_the_audit_is_shown_filtered_and_exported(carrel: Carrel, tmp_path: Path) -> None:
    made = await carrel("user", "add", "zoe")
    assert made.status == 0, made.err
    shown = await carrel("audit", "--since", "1h", "--action", "user.")
    assert "user.added" in shown.out
    assert "127.0.0.1" in shown.out
    listed = (await carrel("audit", "--action", "user.added", "--outcome", "done", "-o", "json")).json
    assert [row["action"] for row in listed] == ["user.added"]
    assert (await carrel("audit", "--until", "2001-01-01")).out == ""
    file = tmp_path / "audit.jsonl"
    exported = await carrel("audit", "--export", str(file), "--action", "user.")
    assert exported.err == f"1 rows are in {file}.\n"
    assert file.stat().st_mode & 0o077 == 0
    (line,) = file.read_text(encoding="utf-8").splitlines()
    assert json.loads(line)["action"] == "user.added"
    again = await carrel("audit", "--export", str(file))
    assert again.status != 0
    assert "there already" in again.err
    everything = await carrel("audit", "--export", "-")
    assert {json.loads(line)["action"] for line in everything.out.splitlines()} >= {"user.added", "audit.exported"}


@pytest.mark.parametrize("wrong", [("--outcome", "maybe"), ("--since", "yesterday")], ids=["outcome", "since"])
async def test_what_is_no_filter_is_said_so_before_anything_is_asked(carrel: Carrel, wrong: tuple[str, str]) -> None:
    assert (await carrel("audit", *wrong)).status == 2


def test_times_are_lengths_days_or_times() -> None:
    now = datetime(2026, 11, 22, 12, tzinfo=UTC)
    assert moment("7d", now, "") == "2026-11-15T12:00:00+00:00"
    assert moment("2026-11-01", now, "") == "2026-11-01T00:00:00+00:00"
    assert moment("2026-11-01T08:00+01:00", now, "") == "2026-11-01T08:00:00+01:00"
    assert moment("", now, "") == ""
