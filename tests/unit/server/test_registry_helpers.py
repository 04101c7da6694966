"""Credentials from helper programs and from the reference's variable."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from carrel.server.registry_auth import read_registry_auth
from carrel.server.registry_helpers import from_variable
from carrel.server.settings import Settings
from carrel.wiring import registry_settings

HELPER = """\
#!/bin/sh
read -r host || true
case "$1 $host" in
  "get ghcr.io") echo '{"ServerURL": "ghcr.io", "Username": "ana", "Secret": "s3cret"}' ;;
  "get r.example:5000") echo '{"Username": "<token>", "Secret": "refresh"}' ;;
  "get https://index.docker.io/v1/") echo '{"Username": "hub", "Secret": "x"}' ;;
  "get strange.example") echo 'no JSON' ;;
  *) echo 'credentials not found' >&2; exit 1 ;;
esac
"""


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A Docker configuration with helpers, which are on PATH."""
    helper = tmp_path / "docker-credential-desk"
    helper.write_text(HELPER)
    helper.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    document = {
        "credsStore": "desk",
        "credHelpers": {"r.example:5000": "desk", "evil.example": "../../bin/sh", "gone.example": "absent", "x": 1},
        "auths": {
            "ghcr.io": {},
            "https://index.docker.io/v1/": {},
            "strange.example": {},
            "unknown.example": {},
            "plain.example": {"auth": "YTpi"},
        },
    }
    (tmp_path / "config.json").write_text(json.dumps(document))
    return tmp_path / "config.json"


@pytest.mark.conformance("C311", "C312")
def test_helpers_are_asked_for_the_hosts_that_are_named(path: Path) -> None:
    found = read_registry_auth(path, helpers=True)
    assert {host: (user, secret.reveal()) for host, (user, secret) in found.items()} == {
        "plain.example": ("a", "b"),
        "ghcr.io": ("ana", "s3cret"),
        "docker.io": ("hub", "x"),
        "r.example:5000": ("<token>", "refresh"),
    }


@pytest.mark.conformance("C314")
def test_a_shared_server_runs_no_helper_and_reads_no_variable(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEVCONTAINERS_OCI_AUTH", "lan.example|ana|token")
    shared = registry_settings(Settings(mode="team", registry_auth=str(path)))
    assert list(shared.credentials) == ["plain.example"]
    own = registry_settings(Settings(mode="local", registry_auth=str(path)))
    assert {"lan.example", "ghcr.io"} <= set(own.credentials)


@pytest.mark.conformance("C311")
def test_the_variable_of_the_reference_is_read() -> None:
    found = from_variable("a.example|ana|t0|x, b.example|bo|t1,c.example|,,|u|t")
    assert {host: (user, secret.reveal()) for host, (user, secret) in found.items()} == {"b.example": ("bo", "t1")}
