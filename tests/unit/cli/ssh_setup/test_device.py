"""The device's key is made once, its certificate is renewed near its end."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from carrel.cli.ssh_setup import device

SERVER = "https://carrel.example.org"


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))


def test_a_certificate_is_asked_for_once_while_it_lasts_and_the_key_stays() -> None:
    asked: list[str] = []

    def certify(public_key: str) -> tuple[str, datetime]:
        asked.append(public_key)
        return f"certificate {len(asked)}", datetime.now(UTC) + timedelta(hours=1)

    assert not device.is_fresh(SERVER)
    device.renew(SERVER, certify)
    device.renew(SERVER, certify)
    assert device.is_fresh(SERVER)
    assert device.certificate_file().read_text() == "certificate 1\n"
    assert device.key_file().stat().st_mode & 0o777 == 0o600
    later = datetime.now(UTC).timestamp() + 3600 - device.FRESH_SECONDS + 1
    assert not device.is_fresh(SERVER, later)
    assert not device.is_fresh("https://other.example.org")
    device.forget()
    device.renew(SERVER, certify)
    assert len(asked) == 2
    assert asked[0] == asked[1], "the same key"
    assert asked[0].startswith("ssh-ed25519 ")


def test_a_key_that_cannot_be_read_is_made_anew() -> None:
    device.key_file().parent.mkdir(parents=True, exist_ok=True)
    device.key_file().write_text("no key")
    device.renew(SERVER, lambda _: ("certificate", datetime.now(UTC) + timedelta(hours=1)))
    assert device.key_file().read_text().startswith("-----BEGIN OPENSSH PRIVATE KEY-----")
