"""The installation's own keys: made once, at the first start of the first server."""

from __future__ import annotations

from dataclasses import dataclass
from secrets import token_hex

from carrel.core.problems import Problem
from carrel.core.secret import Secret
from carrel.links.authority import KeyPair, make_key_pair
from carrel.server.store import installation, secrets
from carrel.server.store.engine import Store
from carrel.server.store.secrets import SecretName, SecretScope

AUTHORITY = SecretName(SecretScope.INSTALLATION, "", "link-authority")
GATEWAY_HOST_KEY = SecretName(SecretScope.INSTALLATION, "", "gateway-host-key")
USER_AUTHORITY = SecretName(SecretScope.INSTALLATION, "", "ssh-user-authority")


@dataclass(frozen=True)
class InstallationKeys:
    """What a server needs of its installation."""

    id: str
    """By which runtimes know what is ours."""
    authority: KeyPair
    """Signs the certificates of links."""


async def ensure_installation(store: Store) -> InstallationKeys:
    """The installation, founded where the database is fresh.

    Raises:
        Problem: `key_unknown` where the key file is not the one that this database was written with.
    """
    async with store.writing() as session:
        await secrets.check_keys(session, store.keys)
        pair = make_key_pair("carrel link authority")
        new = installation.Installation(token_hex(8), session.now, pair.public)
        if await installation.found(session, new):
            await installation.seal_with(session, store.keys.first)
            await secrets.put(session, store.keys, AUTHORITY, pair.private)
            return InstallationKeys(new.id, pair)
        if not await installation.sealing_key(session):  # founded before there was one
            await installation.seal_with(session, store.keys.first)
        present = await installation.get(session)
        private = await secrets.reveal(session, store.keys, AUTHORITY)
    if present is None or private is None:
        raise Problem("key_unknown", "The database has no link authority.", hint="Restore the database from a backup.")
    return InstallationKeys(present.id, KeyPair(private[0], present.authority))


class HostKeys:
    """Key pairs that are made on first use and kept: the host keys of workspaces' agents, and the gateway's own."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def host_key(self, workspace_id: str) -> KeyPair:
        """The key pair of a workspace's agent."""
        return await self._key(SecretName(SecretScope.WORKSPACE, workspace_id, "host-key"))

    async def gateway_key(self) -> KeyPair:
        """The host key of every gateway of the installation."""
        return await self._key(GATEWAY_HOST_KEY)

    async def user_authority(self) -> KeyPair:
        """The key that signs users' certificates; not that of links."""
        return await self._key(USER_AUTHORITY)

    async def _key(self, which: SecretName) -> KeyPair:
        async with self._store.reading() as session:
            present = await secrets.reveal(session, self._store.keys, which)
        if present is None:
            present = await self._make(which)
        private, shown = present
        return KeyPair(private, shown["public"])

    async def _make(self, which: SecretName) -> tuple[Secret, dict[str, str]]:
        pair = make_key_pair(which.context())
        async with self._store.writing() as session:
            await secrets.put_new(session, self._store.keys, which, pair.private, {"public": pair.public})
            kept = await secrets.reveal(session, self._store.keys, which)
        assert kept is not None  # noqa: S101  it was written or found in this transaction
        return kept
