"""The installation's SSH certificate authority: short-lived certificates for links, host keys for agents."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol

import asyncssh

from carrel.core.secret import Secret
from carrel.links.target import Target

KEY_ALGORITHM: Final = "ssh-ed25519"
VALIDITY: Final = timedelta(minutes=5)
CLOCK_SKEW: Final = timedelta(minutes=2)
"""How far a host's clock may be behind ours."""


@dataclass(frozen=True)
class Credential:
    """What a link proves itself with: a key that never leaves memory, and a certificate for it."""

    key: asyncssh.SSHKey
    certificate: asyncssh.SSHCertificate


@dataclass(frozen=True)
class KeyPair:
    """An OpenSSH key pair as text."""

    private: Secret
    public: str


class Certifier(Protocol):
    """Gives links what they prove themselves with: the authority itself, or a server that has it."""

    async def credential(self, target: Target) -> Credential:
        """A key and a short-lived certificate for a link to this target. Raises `unavailable`, `not_running`."""


class LinkAuthority:
    """Signs users' certificates; agents trust its public key and nothing else."""

    def __init__(self, private_key: Secret) -> None:
        """Take the authority's OpenSSH private key.

        Raises:
            ValueError: it is not a private key.
        """
        try:
            self._key = asyncssh.import_private_key(private_key.reveal())
        except asyncssh.KeyImportError:
            # The cause is dropped: its text may quote the key.
            raise ValueError("the link authority's key is not an OpenSSH private key") from None

    @property
    def public_key(self) -> str:
        """The authority as an OpenSSH public key line: `Boot.authority`."""
        return public_line(self._key)

    def issue(self, principal: str, now: datetime | None = None) -> Credential:
        """A fresh key and a certificate for it that names `principal` and is valid for VALIDITY.

        Args:
            principal: `<workspace id>:<start number>`.
            now: timezone-aware; None: the system's clock.
        """
        key = asyncssh.generate_private_key(KEY_ALGORITHM)
        return Credential(key, self.certify(key, principal, now))

    async def credential(self, target: Target) -> Credential:
        """What a link to this target proves itself with: `Certifier`."""
        return self.issue(target.principal)

    def certify(self, key: asyncssh.SSHKey, principal: str, now: datetime | None = None) -> asyncssh.SSHCertificate:
        """A certificate as in `issue`, for a key whose private half is elsewhere."""
        now = now or datetime.now(UTC)
        return self._key.generate_user_certificate(
            key,
            key_id=f"carrel-link {principal}",
            principals=[principal],
            valid_after=now - CLOCK_SKEW,
            valid_before=now + VALIDITY,
            permit_x11_forwarding=False,
            permit_user_rc=False,
        )


def make_key_pair(comment: str = "") -> KeyPair:
    """A new key pair: an agent's host key, or the authority itself."""
    key = asyncssh.generate_private_key(KEY_ALGORITHM, comment=comment or None)
    return KeyPair(Secret(key.export_private_key("openssh").decode()), public_line(key))


def public_line(key: asyncssh.SSHKey) -> str:
    """A key's public half as one OpenSSH line, without a line end."""
    return key.export_public_key("openssh").decode().strip()
