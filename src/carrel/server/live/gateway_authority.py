"""The control plane as the gateway knows it, in the same process (links/visits.py has the interface)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from carrel.links.authority import Credential, KeyPair, LinkAuthority
from carrel.links.target import Target
from carrel.links.visits import Destination, Visit
from carrel.server.actions import visits
from carrel.server.live.authority import ServerAuthority


@dataclass(frozen=True)
class ServerGatewayAuthority(ServerAuthority):
    """Answers the gateway, too."""

    link_authority: LinkAuthority

    async def visit(self, login: str, key: str) -> Visit | None:
        """Who shows this key or certificate, and where the login name leads him."""
        authority = await self._user_authority()
        async with self.store.reading() as session:
            return await visits.visit(session, login, key, authority)

    async def came_in(self, visit: Visit, address: str) -> None:
        """Note it in the audit, and that the key was used."""
        async with self.store.writing() as session:
            await visits.came_in(session, visit, address)

    async def still_let_in(self, those: Sequence[Visit]) -> list[bool]:
        """For each, whether it would lead the same person to the same place now."""
        authority = await self._user_authority()
        async with self.store.reading() as session:
            return await visits.still_let_in(session, those, authority)

    async def doorway(self, visit: Visit, name: str) -> Visit | None:
        """Where a jump leads."""
        found = await self.visit(name, visit.key)
        is_his = found is not None and found.user == visit.user and found.destination is Destination.WORKSPACE
        return found if is_his else None

    async def credential(self, target: Target) -> Credential:
        """A key and a certificate for a link to this target."""
        return self.link_authority.issue(target.principal)

    async def gateway_host_key(self) -> KeyPair:
        """The host key that every gateway shows."""
        return await self.targets.host_keys.gateway_key()

    async def _user_authority(self) -> str:
        return (await self.targets.host_keys.user_authority()).public
