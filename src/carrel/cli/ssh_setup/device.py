"""A key of this device and a certificate beside it, with which OpenSSH's client comes to the gateway as the one who is signed in.

`carrel login` gets the first certificate; `carrel ssh-certificate`, which the configuration of `carrel config-ssh` runs
before each connection to the gateway, gets another one where less than a quarter of an hour is left.
"""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from carrel.cli.known_hosts import known_hosts_file

FRESH_SECONDS = 15 * 60.0
"""A certificate that lasts less is renewed."""
KEY_FILE = "device_ed25519"


def key_file() -> Path:
    """The device's private key; the certificate is beside it, as OpenSSH looks for it."""
    return known_hosts_file().with_name(KEY_FILE)


def certificate_file() -> Path:
    """The certificate."""
    return known_hosts_file().with_name(f"{KEY_FILE}-cert.pub")


def is_fresh(server: str, now: float | None = None) -> bool:
    """Whether there is a certificate of this server that lasts; reads one small file."""
    try:
        known = json.loads(_state_file().read_text(encoding="utf-8"))
        lasts = float(known["until"]) - (time.time() if now is None else now) > FRESH_SECONDS
        return lasts and known["server"] == server and certificate_file().exists() and key_file().exists()
    except (OSError, ValueError, KeyError, TypeError):
        return False


def renew(server: str, certify: Callable[[str], tuple[str, datetime]]) -> None:
    """Get a certificate for the device's key, which is made where there is none.

    Args:
        server: whose certificate it is.
        certify: has the server sign a public key; returns certificate and end.

    Raises:
        Problem: as `certify` does.
        OSError: the files cannot be written.
    """
    folder = key_file().parent
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (folder / f".{KEY_FILE}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if is_fresh(server):
            return  # another one that waited got it
        certificate, until = certify(_public_key())
        _write(certificate_file(), f"{certificate}\n", 0o644)
        state = {"server": server, "until": until.astimezone(UTC).timestamp()}
        _write(_state_file(), json.dumps(state), 0o600)


def forget() -> None:
    """Remove the certificate: one signs out."""
    for path in (certificate_file(), _state_file()):
        path.unlink(missing_ok=True)


def _state_file() -> Path:
    return known_hosts_file().with_name(f"{KEY_FILE}.json")


def _public_key() -> str:
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415  rarely needed
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: PLC0415

    path = key_file()
    try:
        key = serialization.load_ssh_private_key(path.read_bytes(), None)
    except (FileNotFoundError, ValueError):
        key = Ed25519PrivateKey.generate()
        kind = serialization.PrivateFormat.OpenSSH
        private = key.private_bytes(serialization.Encoding.PEM, kind, serialization.NoEncryption())
        _write(path, private.decode(), 0o600)
    public = key.public_key().public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH)
    return public.decode()


def _write(path: Path, text: str, mode: int) -> None:
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    fresh.unlink(missing_ok=True)
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    fresh.replace(path)
