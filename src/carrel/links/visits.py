"""What the gateway asks the control plane: who comes by SSH, and where to (links/access.py has the proxy's part)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from carrel.links.access import Identity, NotRunning, Revocation
from carrel.links.authority import Credential, KeyPair
from carrel.links.target import Target


class Destination(StrEnum):
    """What a login name means for the person who shows a key."""

    WORKSPACE = "workspace"
    JUMP = "jump"
    """The gateway itself, as a jump host: the name is the person's own, or `carrel`."""
    UNKNOWN = "unknown"
    """No workspace that this person may enter; whether there is one at all is not told."""


@dataclass(frozen=True)
class Visit:
    """A person at the gateway."""

    login: str
    """The SSH login name, as it was given."""
    key: str
    """The public key or certificate that was shown: one OpenSSH line."""
    user: str
    """The user's id."""
    name: str
    """The user's name."""
    destination: Destination = Destination.UNKNOWN
    workspace: str = ""
    """The workspace's id, where the destination is one."""
    title: str = ""
    """Its name."""
    starts: bool = False
    """The person wants a stopped workspace to be started when he comes with a terminal (`start_on_connect`)."""

    @property
    def identity(self) -> Identity:
        """The person, for this workspace."""
        return Identity(self.user, self.workspace, self.name)


class GatewayAuthority(Protocol):
    """The control plane as a gateway knows it. Every call may raise `Problem`."""

    async def visit(self, login: str, key: str) -> Visit | None:
        """Who shows this key or certificate, and where the login name leads him; None: nobody who may come in.

        The answer for an unknown key takes as long as the one for an unknown workspace.
        """

    async def came_in(self, visit: Visit, address: str) -> None:
        """This person has proved that the key is his, and came from this address: for the audit."""

    async def still_let_in(self, visits: Sequence[Visit]) -> list[bool]:
        """For each, whether it would still lead the same person to the same place: asked about many at once."""

    async def doorway(self, visit: Visit, name: str) -> Visit | None:
        """Where a jump leads: `NAME` or `NAME--OWNER`; None: no workspace that this person may enter."""

    async def target(self, workspace: str) -> Target | NotRunning:
        """Where the workspace's agent is, or why there is none."""

    async def credential(self, target: Target) -> Credential:
        """A key and a short-lived certificate for a link of one's own to this target."""

    async def gateway_host_key(self) -> KeyPair:
        """The host key that every gateway of the installation shows."""

    async def start(self, workspace: str, identity: Identity) -> None:
        """Ask for the goal `run`, because this person wants it. Raises `not_allowed`, `over_quota`."""

    def revocations(self) -> AsyncIterator[Revocation]:
        """What is revoked from now on; also a workspace that was stopped, renamed or deleted."""

    async def present(self, identity: Identity, how: str) -> None:
        """A person is connected to the workspace; told every `access.PRESENT_SECONDS` while it is so."""
