"""The gateway: SSH in. It listens, counts, asks whether people may stay, and ends in order."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Coroutine, Iterator
from dataclasses import dataclass, field
from typing import Final

import asyncssh
import structlog
from prometheus_client.registry import CollectorRegistry

from carrel.core.problems import Problem
from carrel.gateway.entrance import Entrance
from carrel.gateway.jump import Jump
from carrel.gateway.keys import SIGNATURES
from carrel.gateway.limits import Doorkeeper, Limits
from carrel.gateway.metrics import GatewayMetrics
from carrel.gateway.splice import Moved
from carrel.links.access import PRESENT_SECONDS, Identity, Revocation
from carrel.links.pool import LinkPool
from carrel.links.visits import GatewayAuthority, Visit

log = structlog.get_logger(__name__)
BACKLOG: Final = 512
REKEY_BYTES: Final = 32 << 30
KEX: Final = (
    "curve25519-sha256",
    "curve25519-sha256@libssh.org",
    "ecdh-sha2-nistp256",
    "diffie-hellman-group14-sha256",
)
CIPHERS: Final = (
    "aes128-gcm@openssh.com",
    "aes256-gcm@openssh.com",
    "chacha20-poly1305@openssh.com",
    "aes128-ctr",
    "aes256-ctr",
)
MACS: Final = ("hmac-sha2-256-etm@openssh.com", "hmac-sha2-512-etm@openssh.com", "hmac-sha2-256", "hmac-sha2-512")
LISTEN_AGAIN_SECONDS: Final = 1.0
SILENCE_SECONDS: Final = 90.0
"""An agent sends a keep-alive every 15 s: one that is not heard of for so long is gone."""
END: Final = "The gateway is being restarted; connect again."
TAKEN_AWAY: Final = "Your access to this workspace was taken away."


@dataclass(frozen=True)
class GatewaySettings:
    """Where the gateway listens, and what it bears."""

    host: str = "127.0.0.1"
    port: int = 7071
    """0: any free port; `GatewayServer.port` tells."""
    limits: Limits = field(default_factory=Limits)
    ask_again_seconds: float = 4.0
    """How often it is asked whether everybody may stay, also without a bell."""


class Jumps:
    """Jumps that are open: each rests on a visit of its own."""

    def __init__(self) -> None:
        self._open: dict[Jump, tuple[Entrance, Visit]] = {}

    def add(self, entrance: Entrance, visit: Visit, jump: Jump) -> None:
        """Remember it while it is open."""
        self._open[jump] = (entrance, visit)

    def each(self) -> Iterator[tuple[Jump, Visit]]:
        """Those that are still open."""
        self._open = {jump: pair for jump, pair in self._open.items() if not jump.is_closed}
        for jump, (_, visit) in list(self._open.items()):
            yield jump, visit

    def of(self, entrance: Entrance) -> int:
        """How many are open in one connection."""
        return sum(one is entrance and not jump.is_closed for jump, (one, _) in self._open.items())

    def forget(self, entrance: Entrance) -> None:
        """A client has gone."""
        for jump in [jump for jump, pair in self._open.items() if pair[0] is entrance]:
            del self._open[jump]
            jump.close()


class Gateway:
    """What all connections share."""

    def __init__(
        self,
        settings: GatewaySettings,
        authority: GatewayAuthority,
        links: LinkPool,
        registry: CollectorRegistry | None = None,
    ) -> None:
        self.limits = settings.limits
        self.authority = authority
        self.links = links
        self.entrances: set[Entrance] = set()
        self.jumps = Jumps()
        self.clock = asyncio.get_running_loop().time
        self.metrics = GatewayMetrics(self._moving, registry)
        self.taken_away = asyncio.Event()
        self._doorkeeper = Doorkeeper(settings.limits)
        self._is_draining = False
        self._tasks: set[asyncio.Task[object]] = set()

    def _moving(self) -> Iterator[Moved]:
        return (entrance.moved for entrance in self.entrances)

    # --- told by entrances ---------------------------------------------------------------------------------------------

    def later(self, work: Coroutine[object, object, object]) -> None:
        """Do something that nobody waits for."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def admits(self, entrance: Entrance, address: str) -> bool:
        """Whether one more client is let in."""
        if self._is_draining or not self._doorkeeper.admits(address, self.clock()):
            return False
        self.entrances.add(entrance)
        self.metrics.on_connection(1)
        return True

    def known(self, entrance: Entrance, address: str) -> None:
        """It is known who a client is."""
        self._doorkeeper.known(address)
        self.metrics.on_login("known")
        visit = entrance.visit
        if visit is not None:
            log.info("visit", user=visit.user, workspace=visit.workspace, destination=visit.destination.value)

    def left(self, entrance: Entrance, address: str) -> None:
        """A client has gone."""
        self.entrances.discard(entrance)
        self.jumps.forget(entrance)
        is_known = entrance.visit is not None
        self._doorkeeper.left(address, self.clock(), is_known=is_known, has_tried=entrance.has_tried)
        self.metrics.on_connection(-1)
        self.metrics.on_end(entrance.moved)
        if not is_known:
            self.metrics.on_login("unknown")

    # --- who may stay --------------------------------------------------------------------------------------------------

    def visits(self) -> Iterator[tuple[Entrance | Jump, Visit]]:
        """Everybody who is inside."""
        for entrance in list(self.entrances):
            if entrance.visit is not None:
                yield entrance, entrance.visit
        yield from self.jumps.each()

    async def ask_again(self) -> None:
        """Send away whose access is no more."""
        inside = list(self.visits())
        wanted = list(dict.fromkeys(visit for _, visit in inside))
        if not wanted:
            return
        answers = await self.authority.still_let_in(wanted)
        lost = {visit for visit, is_let_in in zip(wanted, answers, strict=True) if not is_let_in}
        for one, visit in inside:
            if visit in lost:
                _send_away(one)

    async def follow(self) -> None:
        """Hear of revocations for ever; while they cannot be heard, what is open stays open."""
        while True:
            try:
                async for revocation in self.authority.revocations():
                    await self._revoked(revocation)
            except Problem as problem:
                log.warning("revocations_lost", detail=problem.detail)
            except Exception:
                log.exception("revocations_lost")
            await asyncio.sleep(LISTEN_AGAIN_SECONDS)

    async def _revoked(self, revocation: Revocation) -> None:
        self.taken_away.set()
        if not revocation.workspace:
            return
        inside = [e for e in self.entrances if e.target is not None and e.target.workspace == revocation.workspace]
        if inside:
            target = await self.authority.target(revocation.workspace)
            for entrance in inside:
                if entrance.target != target:
                    entrance.end("The workspace was stopped.")

    async def tell_presence(self) -> None:
        """Tell each workspace who is connected."""
        here: set[Identity] = set()
        for one, visit in self.visits():
            if visit.workspace and (not isinstance(one, Entrance) or one.splice is not None):
                here.add(visit.identity)
        for identity in here:
            with contextlib.suppress(Problem):
                await self.authority.present(identity, "ssh")

    def sweep(self) -> None:
        """Drop connections whose agent is silent."""
        limit = self.clock() - SILENCE_SECONDS
        for entrance in list(self.entrances):
            splice = entrance.splice
            if splice is not None and not splice.is_held and splice.heard_at < limit:
                entrance.end("The workspace's agent does not answer.")

    # --- the end -------------------------------------------------------------------------------------------------------

    async def drain(self, grace_seconds: float) -> None:
        """Let nobody in; give who is inside the grace to finish, then send him away."""
        self._is_draining = True
        until = self.clock() + grace_seconds
        while self.entrances and self.clock() < until:  # noqa: ASYNC110  an event for each packet costs more
            await asyncio.sleep(0.05)
        for entrance in list(self.entrances):
            entrance.end(END)


def _send_away(one: Entrance | Jump) -> None:
    if isinstance(one, Entrance):
        one.end(TAKEN_AWAY)
    else:
        one.close()


class GatewayServer:
    """Listens for SSH clients."""

    def __init__(
        self,
        settings: GatewaySettings,
        authority: GatewayAuthority,
        links: LinkPool,
        registry: CollectorRegistry | None = None,
    ) -> None:
        self._settings = settings
        self._authority = authority
        self._links = links
        self._registry = registry
        self._acceptor: asyncssh.SSHAcceptor | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self.port = settings.port
        self.problem = ""
        """Why it does not listen."""

    async def start_if_possible(self) -> None:
        """Listen; a busy port is a warning, and the server goes on without SSH."""
        try:
            await self.start()
        except Problem as problem:
            self.problem = str(problem)
            log.warning("no_gateway", problem=problem.kind, detail=problem.detail, hint=problem.hint)

    async def start(self) -> None:
        """Listen.

        Raises:
            Problem: `port_busy`.
        """
        host_key = (await self._authority.gateway_host_key()).private.reveal()
        sock = _listening(self._settings.host, self._settings.port)
        self.port = sock.getsockname()[1]
        self.gateway = gateway = Gateway(self._settings, self._authority, self._links, self._registry)
        self._acceptor = await asyncssh.listen(
            sock=sock,
            backlog=BACKLOG,
            server_factory=lambda: Entrance(gateway),
            server_host_keys=[asyncssh.import_private_key(host_key)],
            server_version="Carrel",
            encoding=None,
            kex_algs=KEX,
            encryption_algs=CIPHERS,
            mac_algs=MACS,
            compression_algs=None,
            signature_algs=SIGNATURES,
            rekey_bytes=REKEY_BYTES,
            password_auth=False,
            kbdint_auth=False,
            host_based_auth=False,
            gss_host=None,
            x509_trusted_certs=None,
            agent_forwarding=False,
            x11_forwarding=False,
            line_editor=False,
            allow_scp=False,
            login_timeout=self._settings.limits.grace_seconds,
            keepalive_interval=0,
            tcp_keepalive=True,
        )
        loop = asyncio.get_running_loop()
        works = (gateway.follow(), self._ask_again(), self._tell_presence())
        self._tasks = [loop.create_task(work) for work in works]

    async def close(self, grace_seconds: float = 2.0) -> None:
        """Accept no more, let sessions end within the grace, then send away who is left."""
        for task in self._tasks:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError, Problem):
                await task
        if self._acceptor is None:
            return
        self._acceptor.close()
        await self.gateway.drain(grace_seconds)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(1):
                while self.gateway.entrances:  # noqa: ASYNC110
                    await asyncio.sleep(0.02)

    async def _ask_again(self) -> None:
        gateway = self.gateway
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._settings.ask_again_seconds):
                    await gateway.taken_away.wait()
            gateway.taken_away.clear()
            gateway.sweep()
            try:
                await gateway.ask_again()
            except Problem as problem:
                log.warning("ask_again_failed", detail=problem.detail)
            except Exception:
                log.exception("ask_again_failed")

    async def _tell_presence(self) -> None:
        while True:
            await self.gateway.tell_presence()
            await asyncio.sleep(PRESENT_SECONDS)


def _listening(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((host, port))
    except OSError as error:
        sock.close()
        detail = f"Cannot listen for SSH on {host} port {port}: {error.strerror}."
        raise Problem("port_busy", detail, hint="Set gateway_port to a free port, or to `off`.") from error
    sock.setblocking(False)
    return sock
