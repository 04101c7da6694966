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


@dataclass
class KeyRing:
    """Keys by id. All of them open; which one seals is in the database, in a fresh one it is the first.

    One that came from a file reads it again when it meets an id that it does not know: keys are rotated while servers run
    (ADR 0031).
    """

    keys: Mapping[str, bytes] = field(repr=False)
    path: Path | None = None
    """Its file."""

    @property
    def first(self) -> str:
        """Id of the first key of the file: the newest."""
        return next(iter(self.keys))

    def seal(self, value: Secret, context: str, key_id: str = "") -> tuple[str, bytes]:
        """Key id and envelope (nonce and ciphertext) of a secret; `context` must be given again to open it.

        Args:
            value: to be sealed.
            context: what it is; authenticated.
            key_id: the key; empty: the first one.

        Raises:
            Problem: `key_unknown`.
        """
        chosen = key_id or self.first
        self.check([chosen])
        nonce = token_bytes(NONCE_BYTES)
        return chosen, nonce + AESGCM(self.keys[chosen]).encrypt(nonce, value.reveal().encode(), context.encode())

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
        """Raise `key_unknown` where one of the ids is neither on the ring nor, by now, in its file."""
        missing = set(key_ids) - set(self.keys)
        if missing and self.path is not None and self.path.exists():
            self.keys = load_keys(self.path).keys
            missing = set(key_ids) - set(self.keys)
        if missing:
            raise Problem("key_unknown", f"The database holds secrets sealed with {', '.join(sorted(missing))}.")


def load_keys(path: Path) -> KeyRing:
    """The key ring of a file of lines `id base64`, made with one fresh key where there is no file.

    Raises:
        Problem: `key_unknown` where the file is not of this form, or others may read it.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        _write_private(path, _text({token_hex(4): token_bytes(KEY_BYTES)}), replace=False)
    if path.stat().st_mode & 0o077:
        raise Problem("key_unknown", f"Others may read {path}.", hint=f"Run `chmod 600 {path}`.")
    try:
        lines = [line.partition(" ") for line in path.read_text(encoding="ascii").splitlines()]
        keys = {key_id: b64decode(encoded, validate=True) for key_id, _, encoded in lines}
    except ValueError:  # the cause is dropped: its text may quote a key
        keys = {}
    if not keys or any(len(key) != KEY_BYTES for key in keys.values()):
        raise Problem("key_unknown", f"{path} is not a file of keys.")
    return KeyRing(keys, path)


def add_key(path: Path) -> KeyRing:
    """Put a fresh key before those of the file: whole or not at all. Raises as `load_keys`."""
    keys = {token_hex(4): token_bytes(KEY_BYTES), **load_keys(path).keys}
    _write_private(path, _text(keys), replace=True)
    return load_keys(path)


def keep_key(path: Path, key_id: str) -> tuple[str, ...]:
    """Remove every other key from the file; the ids of those. Raises as `load_keys`, and where `key_id` is not in it."""
    ring = load_keys(path)
    ring.check([key_id])
    dropped = tuple(one for one in ring.keys if one != key_id)
    if dropped:
        _write_private(path, _text({key_id: ring.keys[key_id]}), replace=True)
    return dropped


def _text(keys: Mapping[str, bytes]) -> str:
    return "".join(f"{key_id} {b64encode(key).decode()}\n" for key_id, key in keys.items())


def _write_private(path: Path, text: str, *, replace: bool) -> None:
    """Write a file that only we can read; it is whole or as before. Without `replace` an existing one is kept."""
    fresh = path.with_name(f".{path.name}.{os.getpid()}.{token_hex(4)}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        if replace:
            fresh.replace(path)
        else:
            os.link(fresh, path)
        _flush_folder(path.parent)
    except FileExistsError:  # another server of this installation was first
        pass
    finally:
        fresh.unlink(missing_ok=True)


def _flush_folder(folder: Path) -> None:
    """A name that is not on disk may be gone after a power failure, and with it what was sealed meanwhile."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
