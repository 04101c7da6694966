"""One attempt to connect to an agent: the wire, then SSH with both sides' keys pinned."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any, Final

import asyncssh

from carrel.core.agent import LINK_USER
from carrel.links.authority import Certifier, Credential
from carrel.links.target import Target
from carrel.links.wire import Pipe, open_wire
from carrel.ssh.lean_packets import LeanPackets

CIPHER: Final = "aes128-gcm@openssh.com"
KEEPALIVE_SECONDS: Final = 10
KEEPALIVES_MISSED: Final = 3
REKEY_BYTES: Final = 32 << 30
"""As at the agent's end: far within what AES-GCM allows for one key."""


class Refused(Exception):  # noqa: N818  says what the agent does
    """The agent answered, and trying again will not help."""


class Loss(asyncssh.SSHClient):
    """Hears of the connection's end; `reason` is then done (None: it was closed in order)."""

    def __init__(self) -> None:
        self.reason: asyncio.Future[Exception | None] = asyncio.get_running_loop().create_future()

    def connection_lost(self, exc: Exception | None) -> None:
        """Keep why."""
        if not self.reason.done():
            self.reason.set_result(exc)


@dataclass(frozen=True)
class Connection:
    """What an attempt gained."""

    ssh: asyncssh.SSHClientConnection
    loss: Loss
    pipe: Pipe | None


async def attempt(target: Target, certifier: Certifier, timeout_seconds: float) -> Connection:
    """Connect once.

    Raises:
        Refused: another key than the agent's answers, or the agent does not accept our certificate.
        ConnectionError: nothing answers, or not in time.
    """
    loss = Loss()
    pipe: Pipe | None = None
    try:
        async with asyncio.timeout(timeout_seconds):
            sock, pipe = await open_wire(target.endpoint)
            options = _options(target, await certifier.credential(target))
            # The name is for logs only: the socket is connected, and a pipe has no address of its own.
            ssh = await asyncssh.connect(
                target.workspace, sock=sock, client_factory=lambda: loss, username=LINK_USER, **options
            )
    except BaseException as error:
        said = await pipe.end() if pipe else ""
        if isinstance(error, asyncssh.HostKeyNotVerifiable):
            raise Refused("What answers at the agent's address has another host key.") from error
        if isinstance(error, asyncssh.PermissionDenied):
            raise Refused("The agent does not accept the certificate: it is of another start.") from error
        if isinstance(error, (asyncssh.Error, OSError, TimeoutError)):
            raise ConnectionError(said or str(error) or type(error).__name__) from error
        raise
    LeanPackets(ssh)
    return Connection(ssh, loss, pipe)


def _options(target: Target, credential: Credential) -> dict[str, Any]:
    return {
        "client_keys": [(credential.key, credential.certificate)],
        "known_hosts": ([asyncssh.import_public_key(target.host_key)], [], []),
        "preferred_auth": "publickey",
        "agent_path": None,
        "config": None,
        "encryption_algs": [CIPHER],
        "compression_algs": ["none"],
        "rekey_bytes": REKEY_BYTES,
        "keepalive_interval": KEEPALIVE_SECONDS,
        "keepalive_count_max": KEEPALIVES_MISSED,
    }
