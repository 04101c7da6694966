"""The doctor as a whole."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from carrel.cli.app import run_app
from carrel.cli.doctor import command
from carrel.cli.doctor.check import Check, Level, fail, ok, warn
from carrel.cli.doctor.network import check_registry


@pytest.mark.parametrize(
    ("found", "status"), [([ok("A", "fine"), warn("B", "so so", "Do this.")], 0), ([fail("C", "bad", "Do that.")], 1)]
)
def test_only_failures_make_the_status(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], found: list[Check], status: int
) -> None:
    monkeypatch.setattr(command, "checks", lambda: iter(found))
    assert run_app(["doctor"]) == status
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines if not line.startswith(" ")] == [check.level.value for check in found]
    assert [line.strip() for line in lines if line.startswith(" ")] == [f"hint: {c.hint}" for c in found if c.hint]


def test_a_client_of_another_machine_needs_no_engine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with socket.socket() as taken:  # bound, and nobody listens: whoever connects is refused
        taken.bind(("127.0.0.2", 0))
        for name, value in {
            "HOME": str(tmp_path),
            "CARREL_URL": f"http://127.0.0.2:{taken.getsockname()[1]}",
            "CARREL_TOKEN": "t",
            "NO_PROXY": "*",
        }.items():
            monkeypatch.setenv(name, value)
        found = {check.name: check.level for check in command.checks()}
    assert set(found) == {"Python", "Server", "git"}
    assert found["Server"] is Level.FAIL


def test_a_registry_that_cannot_be_reached_is_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "*")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        check = check_registry(f"127.0.0.1:{taken.getsockname()[1]}")
    assert (check.level, "Connection refused" in check.detail) == (Level.WARN, True)
