"""SSH: the gateway, one's keys, certificates."""

from __future__ import annotations

from datetime import datetime

from carrel.client.connection import Connection, segment
from carrel.client.documents import Document


class SshWay(Document):
    """The way in by SSH."""

    enabled: bool
    host: str
    port: int
    """0: there is no gateway."""
    host_key: str
    """One OpenSSH line."""
    fingerprint: str
    known_hosts: str
    """A line for `known_hosts`; empty where there is no gateway."""
    certificate_hours: int
    """0: no certificates are issued."""
    problem: str
    """Why the gateway does not listen."""


class SshKey(Document):
    """A public key."""

    id: str
    title: str
    fingerprint: str
    public_key: str
    created_at: datetime
    used_at: datetime | None


class SshCertificate(Document):
    """A certificate for a device's key."""

    certificate: str
    """One OpenSSH line."""
    expires_at: datetime


class Ssh:
    """The resources `/ssh`, `/ssh-keys` and `/ssh-certificates`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def way(self) -> SshWay:
        """Where the gateway is, and its host key."""
        return SshWay.model_validate(await self._connection.get("/ssh"))

    async def keys(self) -> list[SshKey]:
        """One's keys, newest first."""
        answer = await self._connection.get("/ssh-keys")
        return [SshKey.model_validate(item) for item in answer["items"]]

    async def add_key(self, public_key: str, title: str = "") -> SshKey:
        """Store a public key. Raises `bad_value`, `name_taken`, `over_quota`."""
        body = {"public_key": public_key, "title": title}
        return SshKey.model_validate(await self._connection.send("POST", "/ssh-keys", body))

    async def remove_key(self, key_id: str) -> None:
        """Remove a key; connections made with it end. Raises `not_found`."""
        await self._connection.send("DELETE", f"/ssh-keys/{segment(key_id)}")

    async def certify(self, public_key: str) -> SshCertificate:
        """Have a device's key signed for some hours. Raises `not_allowed`, `bad_value`."""
        answer = await self._connection.send("POST", "/ssh-certificates", {"public_key": public_key})
        return SshCertificate.model_validate(answer)
