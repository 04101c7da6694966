"""The control plane as proxies and gateways of their own processes know it (links/components.py has the interface)."""

from __future__ import annotations

from dataclasses import dataclass

import asyncssh

from carrel.core.problems import Problem
from carrel.links.components import Names
from carrel.links.target import Target
from carrel.server.live.gateway_authority import ServerGatewayAuthority


@dataclass(frozen=True)
class ServerComponents(ServerGatewayAuthority):
    """Signs for links whose keys are elsewhere, too."""

    async def certificate(self, target: Target, public_key: str) -> str:
        """A short-lived certificate for a link to this target."""
        if await self.target(target.workspace) != target:
            raise Problem("not_running", "The workspace was stopped, or started anew.")
        try:
            key = asyncssh.import_public_key(public_key)
        except asyncssh.KeyImportError:
            raise Problem("bad_value", "This is not an OpenSSH public key.") from None
        certificate = self.link_authority.certify(key, target.principal)
        return certificate.export_certificate().decode().strip()

    async def names(self) -> Names:
        """Under which names the installation is known."""
        return Names(self.settings.public_url, self.settings.apps_domain)
