"""Public keys and user certificates of SSH as text: parsed at the door, refused where they are weak."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import asyncssh

from carrel.core.problems import Problem

MAX_LENGTH: Final = 16384
LEAST_RSA_BITS: Final = 2048
KINDS: Final = frozenset(
    {
        "ssh-ed25519",
        "ecdsa-sha2-nistp256",
        "ecdsa-sha2-nistp384",
        "ecdsa-sha2-nistp521",
        "ssh-rsa",
        "sk-ssh-ed25519@openssh.com",
        "sk-ecdsa-sha2-nistp256@openssh.com",
    }
)
CERTIFICATE: Final = "-cert-v01@openssh.com"
BETTER: Final = "`ssh-keygen -t ed25519` makes one."


@dataclass(frozen=True)
class PublicKey:
    """A key that may be used."""

    line: str
    """An OpenSSH line without comment."""
    fingerprint: str
    comment: str = ""


def parse_public_key(text: str) -> PublicKey:
    """The key of one OpenSSH line, as in `id_ed25519.pub`.

    Raises:
        Problem: `bad_value`: it is none, or too weak; a private key is never repeated in the detail.
    """
    text = text.strip()
    if "PRIVATE KEY" in text:
        hint = "Give the file that ends with .pub. If this key went over a network, make a new one."
        raise Problem("bad_value", "This is a private key.", hint)
    if len(text) > MAX_LENGTH or "\n" in text or not text.isprintable():
        raise Problem("bad_value", "This is not one line with a public key.", "Give the line of a .pub file.")
    words = text.split(None, 2)
    kind = words[0] if words else ""
    if kind == "ssh-dss":
        raise Problem("bad_value", "DSA keys are not accepted: they are too short.", BETTER)
    if kind not in KINDS or len(words) < 2:
        raise Problem("bad_value", "This is not a public key of OpenSSH.", "Give the line of a .pub file.")
    key = _imported(f"{kind} {words[1]}")
    bits = getattr(getattr(key, "pyca_key", None), "key_size", 0) if kind == "ssh-rsa" else 0
    if kind == "ssh-rsa" and bits < LEAST_RSA_BITS:
        raise Problem("bad_value", f"An RSA key needs {LEAST_RSA_BITS} bits; this one has {bits}.", BETTER)
    line = key.export_public_key("openssh").decode().split()
    return PublicKey(" ".join(line[:2]), key.get_fingerprint(), words[2].strip() if len(words) > 2 else "")


def _imported(text: str) -> Any:
    try:
        return asyncssh.import_public_key(text)
    except (asyncssh.KeyImportError, ValueError) as error:
        raise Problem("bad_value", "This is not a public key of OpenSSH.", "Give the line of a .pub file.") from error


def is_certificate(line: str) -> bool:
    """Whether a line says that it is an OpenSSH certificate."""
    return line.partition(" ")[0].endswith(CERTIFICATE)


def fingerprint_of(line: str) -> str:
    """The fingerprint of a public key as a client shows it; empty where it is none."""
    try:
        return asyncssh.import_public_key(line).get_fingerprint()
    except (asyncssh.KeyImportError, ValueError):
        return ""
