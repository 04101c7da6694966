"""Public keys and certificates as a client shows them, and the signatures made with them."""

from __future__ import annotations

import base64
from typing import Final

import asyncssh
from asyncssh.packet import String
from asyncssh.public_key import decode_ssh_certificate, decode_ssh_public_key

MAX_KEY_BYTES: Final = 16384
SIGNATURES: Final = (
    "sk-ssh-ed25519@openssh.com",
    "sk-ecdsa-sha2-nistp256@openssh.com",
    "ssh-ed25519",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "rsa-sha2-256",
    "rsa-sha2-512",
)
"""Of SHA-1 (`ssh-rsa`) and DSA none is accepted."""


def key_line(data: bytes) -> str:
    """A key or certificate as one OpenSSH line without a comment; empty where it is none."""
    length = int.from_bytes(data[:4], "big")
    kind = data[4 : 4 + length]
    if len(data) > MAX_KEY_BYTES or not kind.isascii() or not kind.decode().isprintable() or b" " in kind:
        return ""
    return f"{kind.decode()} {base64.b64encode(data).decode()}" if kind else ""


def is_signed(data: bytes, message: bytes, signature: bytes) -> bool:
    """Whether the holder of this key, or of the key of this certificate, signed the message."""
    try:
        key = _key(data)
        algorithm = signature[4 : 4 + int.from_bytes(signature[:4], "big")].decode("ascii")
        if algorithm not in SIGNATURES:
            return False
        key.set_touch_required(True)
        return key.verify(message, signature)
    except (asyncssh.KeyImportError, UnicodeDecodeError, ValueError):
        return False


def signed_message(session_id: bytes, request: bytes) -> bytes:
    """What a client signs (RFC 4252, section 7)."""
    return bytes(String(session_id)) + request


def _key(data: bytes) -> asyncssh.SSHKey:
    try:
        return decode_ssh_certificate(data).key
    except asyncssh.KeyImportError:
        return decode_ssh_public_key(data)
