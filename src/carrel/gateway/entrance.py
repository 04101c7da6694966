"""One client's connection: who comes is found out, then it is joined to the workspace's agent."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final

import asyncssh
import structlog
from asyncssh.constants import OPEN_ADMINISTRATIVELY_PROHIBITED, OPEN_CONNECT_FAILED, OPEN_RESOURCE_SHORTAGE

from carrel.core.problems import Problem
from carrel.gateway.jump import MOST_JUMPS, MOST_WAITING_BYTES, Explanation, Jump, workspace_of
from carrel.gateway.keys import is_signed, key_line, signed_message
from carrel.gateway.reception import Reception, Refused, TooMuch
from carrel.gateway.splice import Moved, Splice
from carrel.gateway.tap import Tap
from carrel.links.access import NotRunning
from carrel.links.dialling import Connection, attempt
from carrel.links.dialling import Refused as AgentRefused
from carrel.links.target import Target
from carrel.links.visits import Destination, Visit
from carrel.ssh.lean_packets import LeanPackets

if TYPE_CHECKING:
    from carrel.gateway.server import Gateway

log = structlog.get_logger(__name__)
DIAL_SECONDS: Final = 10.0
ASK_SECONDS: Final = 10.0
"""A client that asks for nothing in this time, of a workspace that does not run, is told why and sent away."""
LINGER_SECONDS: Final = 2.0
"""A client that was told why leaves by itself in this time."""
START_SECONDS: Final = 3600.0
"""The longest start that a client is kept waiting for."""
LOOK_SECONDS: Final = 0.25
JUMP_KEEPALIVE_SECONDS: Final = 15
TOO_MANY: Final = "Too many authentication failures"
NO_WORKSPACE: Final = "You have no workspace of this name, and none is shared with you under it."
AT_THE_GATEWAY: Final = "This is the gateway. `ssh NAME@host` enters a workspace; `carrel ls` lists yours."


class Entrance(asyncssh.SSHServer):
    """Asyncssh's view of one client."""

    def __init__(self, gateway: Gateway) -> None:
        """Serve it on behalf of `gateway`."""
        self._gateway = gateway
        self._ssh: Any = None
        self._address = ""
        self._is_admitted = False
        self._keys: dict[tuple[str, bytes], Visit | None] = {}
        self._tries = 0
        self._jumping = 0
        """Jumps that are asked for, and not yet open."""
        self._work: asyncio.Task[None] | None = None
        self._tap: Tap | None = None
        self._agent: Connection | None = None
        self._agent_tap: Tap | None = None
        self.splice: Splice | None = None
        self.moved = Moved()
        self.visit: Visit | None = None
        """Who it is, once that is known."""
        self.target: Target | None = None
        """Where he is, once he is there."""
        self.is_waiting = False
        """His workspace is being started."""

    # --- coming and going ----------------------------------------------------------------------------------------------

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        """Let it in, or not."""
        self._ssh = conn
        peer = conn.get_extra_info("peername")
        self._address = str(peer[0]) if peer else ""
        if not self._gateway.admits(self, self._address):
            self._gateway.metrics.on_login("refused")
            conn.abort()
            return
        self._is_admitted = True
        self._lean = LeanPackets(conn)
        self._ssh.validate_public_key = self._validate
        self._ssh.reload_config = _nothing

    def connection_lost(self, exc: Exception | None) -> None:
        """Close the agent's side, too."""
        del exc
        if not self._is_admitted:
            return
        self._gateway.left(self, self._address)
        if self._work is not None:
            self._work.cancel()
        if self._agent_tap is not None:
            self._agent_tap.end(reason="the client has gone")
        elif self._agent is not None:
            self._agent.ssh.close()

    def end(self, reason: str) -> None:
        """Send the client away."""
        if self._tap is not None:
            self._tap.end(reason=reason)
        else:
            self._ssh.disconnect(asyncssh.DISC_BY_APPLICATION, reason)

    @property
    def has_tried(self) -> bool:
        """Whether a key was shown."""
        return self._tries > 0

    # --- who it is -----------------------------------------------------------------------------------------------------

    def begin_auth(self, username: str) -> bool:
        """Everybody has to show a key."""
        del username
        return True

    def public_key_auth_supported(self) -> bool:
        """It is the only way in."""
        return True

    async def _validate(self, login: str, key: bytes, request: bytes, signature: bytes) -> bool:
        """In the place of asyncssh's own: the control plane says who holds a key, and what a certificate is worth.

        The login name does not change the answer: who holds an accepted key is let in, and is told then where he is.
        """
        if (login, key) not in self._keys:
            self._tries += 1
            if self._tries > self._gateway.limits.tries:
                raise asyncssh.DisconnectError(asyncssh.DISC_NO_MORE_AUTH_METHODS_AVAILABLE, TOO_MANY)
            self._keys[login, key] = await self._ask(login, key)
        visit = self._keys[login, key]
        if not request:
            return visit is not None
        message = signed_message(self._ssh._session_id, request)  # noqa: SLF001  asyncssh signs over it, too
        if not is_signed(key, message, signature) or visit is None:
            return False
        self.visit = visit
        return True

    async def _ask(self, login: str, key: bytes) -> Visit | None:
        line = key_line(key)
        try:
            return await self._gateway.authority.visit(login, line) if line else None
        except Problem as problem:
            log.warning("visit_not_decided", problem=problem.kind)
            return None

    def auth_completed(self) -> None:
        """Nothing that comes from now on is asyncssh's to handle, unless this is a jump."""
        assert self.visit is not None  # noqa: S101  only a valid signature leads here
        self._gateway.known(self, self._address)
        held: list[bytes] = []
        self._tap = Tap(self._ssh, held.append)
        self._tap.pause_reading()
        self._work = asyncio.get_running_loop().create_task(self._serve(self._tap, self.visit, held))

    async def _serve(self, tap: Tap, visit: Visit, held: list[bytes]) -> None:
        try:
            await self._gateway.authority.came_in(visit, self._address)
            if visit.destination is Destination.JUMP:
                self._jump(tap, held)
            elif visit.destination is Destination.UNKNOWN:
                self._refuse(tap, held, NO_WORKSPACE)
            else:
                await self._enter(tap, visit, held)
        except (TooMuch, Refused):
            tap.end(reason="protocol error")
        except Problem as problem:
            self._refuse(tap, held, f"{problem} {problem.document()['hint']}".strip())
        except Exception:
            log.exception("entrance_failed")
            tap.end(reason="internal error")

    # --- a workspace ---------------------------------------------------------------------------------------------------

    async def _enter(self, tap: Tap, visit: Visit, held: list[bytes]) -> None:
        found = await self._gateway.authority.target(visit.workspace)
        if isinstance(found, NotRunning):
            await self._receive(tap, visit, held, found)
            return
        agent = await self._dial(found)
        self._join(tap, agent, found)
        for packet in held:
            self._client_packet(packet)
        tap.resume_reading()

    async def _dial(self, target: Target) -> Connection:
        """A connection to the agent for this client alone. Raises `agent_unreachable`."""
        try:
            return await attempt(target, self._gateway.authority, DIAL_SECONDS)
        except (AgentRefused, ConnectionError) as error:
            raise Problem("agent_unreachable", str(error)) from error

    def _join(self, tap: Tap, agent: Connection, target: Target) -> None:
        self._agent, self.target = agent, target
        self._agent_tap = Tap(agent.ssh, lambda _: None)
        self.splice = Splice(tap, self._agent_tap, self.moved, self._gateway.clock)
        agent.loss.reason.add_done_callback(lambda _: self._agent_lost(tap, agent))

    def _agent_lost(self, tap: Tap, agent: Connection) -> None:
        tap.end(reason="The workspace was stopped, or its agent restarted.")
        if agent.pipe is not None:
            self._gateway.later(agent.pipe.end())

    def _client_packet(self, packet: bytes) -> None:
        assert self.splice is not None  # noqa: S101  it was joined
        self.splice.from_client(packet)

    # --- a workspace that does not run -----------------------------------------------------------------------------------

    async def _receive(self, tap: Tap, visit: Visit, held: list[bytes], why: NotRunning) -> None:
        """Say that it does not run; or start it, or wait for it, and then join."""
        asked: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        reception = Reception(tap, lambda is_terminal: None if asked.done() else asked.set_result(is_terminal))
        for packet in held:
            reception.receive(packet)
        held.clear()
        tap.resume_reading()
        try:
            async with asyncio.timeout(ASK_SECONDS):
                wants_terminal = await asked
        except TimeoutError:
            tap.end(reason=_sentence(visit, why))
            return
        if not why.will_run and not (visit.starts and wants_terminal):
            self._turn_away(tap, reception, _sentence(visit, why))
            return
        try:
            if not why.will_run:
                reception.tell(f"carrel: {visit.title} is {why.phase.value}; it is started.")
                await self._gateway.authority.start(visit.workspace, visit.identity)
            agent, target = await self._awaited(visit, reception)
        except Problem as problem:
            self._turn_away(tap, reception, f"{problem} {problem.document()['hint']}".strip())
            return
        await self._join_late(tap, reception, agent, target)

    async def _awaited(self, visit: Visit, reception: Reception) -> tuple[Connection, Target]:
        """The agent, once it runs; each phase until then is told. Raises a Problem where it will not run."""
        self.is_waiting = True
        told = ""
        try:
            async with asyncio.timeout(START_SECONDS):
                while True:
                    found = await self._gateway.authority.target(visit.workspace)
                    if not isinstance(found, NotRunning):
                        return await self._dial(found), found
                    if not found.will_run and told:
                        raise Problem("not_running", _sentence(visit, found))
                    if found.phase.value != told and found.will_run:
                        told = found.phase.value
                        reception.tell(f"carrel: {visit.title} is {told} ...")
                    await asyncio.sleep(LOOK_SECONDS)
        except TimeoutError:
            raise Problem("not_running", f"{visit.title} did not start in time.") from None
        finally:
            self.is_waiting = False

    async def _join_late(self, tap: Tap, reception: Reception, agent: Connection, target: Target) -> None:
        """Replay to the agent what the client asked for, then relay."""
        client = tap.receive
        self._join(tap, agent, target)
        splice, back = self.splice, self._agent_tap
        assert splice is not None  # noqa: S101  just joined
        assert back is not None  # noqa: S101
        opening = reception.opening()
        if opening is not None:
            confirmed: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
            tap.receive = client

            def receive(packet: bytes) -> None:
                if reception.is_confirmation(packet):
                    confirmed.set_result(packet)
                    back.receive = splice.from_agent
                    back.pause_reading()
                else:
                    splice.from_agent(packet)

            back.receive = receive
            splice.from_client(opening)
            tap.send(reception.confirmed(await confirmed))
            tap.receive = splice.from_client
            back.resume_reading()
        for packet in reception.kept():
            splice.from_client(packet)

    def _refuse(self, tap: Tap, held: list[bytes], reason: str) -> None:
        reception = Reception(tap, lambda _: None)
        for packet in held:
            reception.receive(packet)
        self._turn_away(tap, reception, reason)
        tap.resume_reading()

    def _turn_away(self, tap: Tap, reception: Reception, reason: str) -> None:
        reception.refuse(reason)
        asyncio.get_running_loop().call_later(LINGER_SECONDS, lambda: tap.end(reason=reason))

    # --- a jump --------------------------------------------------------------------------------------------------------

    def _jump(self, tap: Tap, held: list[bytes]) -> None:
        tap.release(held)
        tap.resume_reading()
        self._tap = None
        self._lean.most_waiting_bytes = MOST_WAITING_BYTES
        self._ssh.set_keepalive(JUMP_KEEPALIVE_SECONDS, 4)

    def session_requested(self) -> asyncssh.SSHServerSession[bytes]:
        """A session at the gateway itself."""
        return Explanation(AT_THE_GATEWAY)

    def connection_requested(self, dest_host: str, dest_port: int, orig_host: str, orig_port: int) -> Any:
        """A jump to a workspace."""
        del orig_host, orig_port
        name = workspace_of(dest_host, dest_port)
        if self._jumping + self._gateway.jumps.of(self) >= MOST_JUMPS:
            raise asyncssh.ChannelOpenError(OPEN_RESOURCE_SHORTAGE, f"At most {MOST_JUMPS} at a time.")
        return self._jumped(name)

    async def _jumped(self, name: str) -> asyncssh.SSHTCPSession[bytes]:
        assert self.visit is not None  # noqa: S101  it is known who jumps
        self._jumping += 1
        try:
            visit = await self._gateway.authority.doorway(self.visit, name)
            if visit is None:
                raise asyncssh.ChannelOpenError(OPEN_ADMINISTRATIVELY_PROHIBITED, NO_WORKSPACE)
            found = await self._gateway.authority.target(visit.workspace)
            if isinstance(found, NotRunning):
                raise asyncssh.ChannelOpenError(OPEN_CONNECT_FAILED, _sentence(visit, found))
            await self._gateway.authority.came_in(visit, self._address)
            link = await self._gateway.links.link(found)
            jump = Jump(await link.ssh_stream(visit.user, None))
        except Problem as problem:
            raise asyncssh.ChannelOpenError(OPEN_CONNECT_FAILED, str(problem)) from problem
        finally:
            self._jumping -= 1
        self._gateway.jumps.add(self, visit, jump)
        return jump.session()


def _sentence(visit: Visit, why: NotRunning) -> str:
    """Why there is nothing to enter, in one line."""
    words = f"{visit.title} is {why.phase.value}. {why.detail}".strip()
    return " ".join(f"{words} {why.hint or f'`carrel start {visit.title}` starts it.'}".split())


async def _nothing() -> None:
    """Nothing is configured by user name."""
