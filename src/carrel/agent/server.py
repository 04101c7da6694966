"""The SSH server, towards links (certificates of the installation's authority) and, inside them, towards people."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable
from typing import Any

import asyncssh
from asyncssh.forward import SSHForwarder

from carrel.agent.byte_transport import ByteTransport
from carrel.agent.forwarding import LOOPBACK_NAMES, forward, may_listen
from carrel.agent.session import Offers, Session
from carrel.core.agent import LINK_USER, Boot
from carrel.ssh.lean_packets import LeanPackets

log = logging.getLogger("carrel.agent")

KEEPALIVE_SECONDS = 15
KEEPALIVE_MISSES = 4
LOGIN_SECONDS = 20
PERSONS_LOGIN_SECONDS = 120
"""A person may be asked about the host key."""
BIND_RETRY_SECONDS = 0.5
CHANNEL_WINDOW = 4 << 20
"""Bytes in flight towards us on one channel; wide enough for a fast link with some latency."""
REKEY_BYTES = 32 << 30
"""Far within what AES-GCM allows for one key; a new one every second would cost a fast link its speed."""
KEX = ("curve25519-sha256", "curve25519-sha256@libssh.org", "ecdh-sha2-nistp256")
CIPHERS = ("aes128-gcm@openssh.com", "aes256-gcm@openssh.com", "chacha20-poly1305@openssh.com", "aes128-ctr")
MACS = ("hmac-sha2-256-etm@openssh.com", "hmac-sha2-256")


class AgentServer(asyncssh.SSHServer):
    """What one SSH connection may have of the workspace, however it came in."""

    def __init__(self, offers: Offers) -> None:
        """Serve what `offers` has."""
        self._offers = offers
        self._connection: asyncssh.SSHServerConnection | None = None

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        """Remember the connection."""
        self._connection = conn
        LeanPackets(conn)

    def session_requested(self) -> asyncssh.SSHServerSession[bytes]:
        """A session channel."""
        return Session(self._offers)

    def connection_requested(
        self, dest_host: str, dest_port: int, _orig_host: str, _orig_port: int
    ) -> Awaitable[asyncssh.SSHTCPSession[bytes]]:
        """A direct-tcpip channel."""
        return self._forwarded(dest_host, dest_port)  # type: ignore[return-value]  # a forwarder is what asyncssh itself uses

    async def _forwarded(self, host: str, port: int) -> SSHForwarder:
        ended = self._offers.reached(port) if host.lower() in LOOPBACK_NAMES else lambda: None
        try:
            return await forward(host, port, ended)
        except BaseException:
            ended()
            raise

    async def server_requested(self, listen_host: str, listen_port: int) -> asyncssh.SSHListener | bool:
        """A listener in the workspace that leads back through the connection."""
        if self._connection is None or not may_listen(listen_host, listen_port):
            return False
        address = "::1" if listen_host == "::1" else "127.0.0.1"
        return await self._connection.forward_local_port(address, listen_port, listen_host, listen_port)


class LinkServer(AgentServer):
    """One link's view of the agent."""

    def begin_auth(self, username: str) -> bool:
        """Only links have business here; what they may do is in the certificate."""
        if username != LINK_USER:
            raise asyncssh.PermissionDenied(f"this server knows only the user {LINK_USER}")
        return True


class PersonServer(AgentServer):
    """A person's view of the agent, end to end: over a channel that the control plane opened for her."""

    def begin_auth(self, username: str) -> bool:  # noqa: ARG002  the channel says who it is; any name will do
        """Nothing is left to prove: the method `none` is accepted."""
        return False


class PersonConnections:
    """Makes the SSH servers at the end of channels."""

    def __init__(self, boot: Boot, offers: Offers) -> None:
        """They have the workspace's host key, and what `offers` has."""
        self._options = asyncssh.SSHServerConnectionOptions(
            server_factory=lambda: PersonServer(offers),
            login_timeout=PERSONS_LOGIN_SECONDS,
            keepalive_interval=0,  # whoever carries the bytes knows whether the other side is there
            **_options(boot),
        )

    def serve(self, transport: ByteTransport) -> asyncssh.SSHServerConnection:
        """A server whose bytes come by its `data_received` and go to `transport`."""
        connection = asyncssh.SSHServerConnection(asyncio.get_running_loop(), self._options)
        connection.connection_made(transport)
        return connection


def authorized_keys(boot: Boot) -> asyncssh.SSHAuthorizedKeys:
    """The one thing that is authorised: certificates of the authority that name exactly this start of the workspace.

    Raises:
        ValueError: the authority is no public key, or the principal could match anything but itself.
    """
    if not boot.principal or any(mark in boot.principal for mark in '*?!,"\\\n'):
        raise ValueError(f"unusable principal: {boot.principal!r}")
    return asyncssh.import_authorized_keys(f'cert-authority,principals="{boot.principal}" {boot.authority}\n')


async def listen(boot: Boot, offers: Offers) -> asyncssh.SSHAcceptor:
    """Listen on the boot's port; a busy port is tried again until it is free."""
    authorized = authorized_keys(boot)
    while True:
        try:
            return await asyncssh.create_server(
                lambda: LinkServer(offers),
                boot.address,
                boot.port,
                authorized_client_keys=authorized,
                login_timeout=LOGIN_SECONDS,
                keepalive_interval=KEEPALIVE_SECONDS,
                keepalive_count_max=KEEPALIVE_MISSES,
                **_options(boot),
            )
        except OSError as error:
            log.warning("cannot_listen port=%d error=%s", boot.port, error)
            await asyncio.sleep(BIND_RETRY_SECONDS)


def _options(boot: Boot) -> dict[str, Any]:
    """What is the same for links and for people."""
    return {
        "server_host_keys": [asyncssh.import_private_key(boot.host_key.reveal())],
        "server_version": "Carrel",
        "encoding": None,
        "window": CHANNEL_WINDOW,
        "kex_algs": KEX,
        "encryption_algs": CIPHERS,
        "mac_algs": MACS,
        "compression_algs": None,
        "rekey_bytes": REKEY_BYTES,
        "x509_trusted_certs": None,
        "agent_forwarding": True,
        "x11_forwarding": False,
        "line_editor": False,
        "gss_host": None,
    }
