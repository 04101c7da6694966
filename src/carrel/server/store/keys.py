"""Encryption of secrets at rest: AES-256-GCM envelopes under a list of keys from a file."""

from __future__ import annotations

import os
from base64 import b64decode, b64encode
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from secrets import token_bytes, token_hex

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from carrel.core.problems import Problem
from carrel.core.secret import Secret

KEY_BYTES = 32
NONCE_BYTES = 12


@dataclass(frozen=True)
class KeyRing:
    """Keys by id. The first one seals; all of them open."""

    keys: Mapping[str, bytes] = field(repr=False)

    @property
    def current(self) -> str:
        """Id of the key that seals."""
        return next(iter(self.keys))

    def seal(self, value: Secret, context: str) -> tuple[str, bytes]:
        """Key id and envelope (nonce and ciphertext) of a secret; `context` must be given again to open it."""
        nonce = token_bytes(NONCE_BYTES)
        sealed = AESGCM(self.keys[self.current]).encrypt(nonce, value.reveal().encode(), context.encode())
        return self.current, nonce + sealed

    def open(self, key_id: str, envelope: bytes, context: str) -> Secret:
        """The secret in an envelope.

        Raises:
            Problem: `key_unknown`, also where the envelope belongs to another context or was changed.
        """
        self.check([key_id])
        try:
            text = AESGCM(self.keys[key_id]).decrypt(envelope[:NONCE_BYTES], envelope[NONCE_BYTES:], context.encode())
        except InvalidTag as error:
            raise Problem("key_unknown", f"A secret does not open with the key {key_id}.") from error
        return Secret(text.decode())

    def check(self, key_ids: Collection[str]) -> None:
        """Raise `key_unknown` where one of the ids is not on the ring."""
        missing = sorted(set(key_ids) - set(self.keys))
        if missing:
            raise Problem("key_unknown", f"The database holds secrets sealed with {', '.join(missing)}.")


def load_keys(path: Path) -> KeyRing:
    """The key ring of a file of lines `id base64`, made with one fresh key where there is no file.

    Raises:
        Problem: `key_unknown` where the file is not of this form, or others may read it.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        _write_private(path, f"{token_hex(4)} {b64encode(token_bytes(KEY_BYTES)).decode()}\n")
    if path.stat().st_mode & 0o077:
        raise Problem("key_unknown", f"Others may read {path}.", hint=f"Run `chmod 600 {path}`.")
    try:
        lines = [line.partition(" ") for line in path.read_text(encoding="ascii").splitlines()]
        keys = {key_id: b64decode(encoded, validate=True) for key_id, _, encoded in lines}
    except ValueError:  # the cause is dropped: its text may quote a key
        keys = {}
    if not keys or any(len(key) != KEY_BYTES for key in keys.values()):
        raise Problem("key_unknown", f"{path} is not a file of keys.")
    return KeyRing(keys)


def _write_private(path: Path, text: str) -> None:
    """Write a new file that only we can read; it is complete or absent, and an existing one is kept."""
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(fresh, path)
    except FileExistsError:  # another server of this installation was first
        pass
    finally:
        fresh.unlink()
