"""Where a client waits whose workspace does not run.

It is told why; or, where a terminal was asked for and the person wants it, the workspace is started and the client
joined to it as if it had run all the time: what the client asks for is kept, and replayed to the agent. Of the first
session the opening is confirmed, with an empty window, and its terminal and variables, so that the client asks for its
program and types nothing yet; all else is the agent's to answer.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from carrel.gateway import packets
from carrel.gateway.packets import Open, Request
from carrel.gateway.tap import Tap

NUMBER: Final = 0
"""Of the first session on our side: an agent numbers channels from 0, too, and the first replayed is this one."""
LARGEST_PACKET: Final = 32768
FAILED: Final = 255
"""Exit status, as OpenSSH's client has it for its own errors."""
MOST_HELD: Final = 2000
"""Packets that are kept. A client that waits asks for a terminal, some variables, and forwardings."""
MOST_HELD_BYTES: Final = 1024 * 1024
"""Of all of them."""
_PROGRAMS: Final = frozenset({b"shell", b"exec", b"subsystem"})


class TooMuch(Exception):  # noqa: N818  says what the client does
    """A client sends more than a client that waits has reason to."""


class Refused(Exception):  # noqa: N818  says what the agent does
    """The agent does not open a session."""


class Reception:
    """Talks to a client in the place of an agent.

    Args:
        client: the client's connection.
        on_asked: called once, when the client asks for a shell, a command or a subsystem, or for a forwarded connection
            alone; with whether a terminal was asked for. It refuses, or joins client and agent later.
    """

    def __init__(self, client: Tap, on_asked: Callable[[bool], None]) -> None:
        self._client = client
        self._on_asked = on_asked
        self._session: Open | None = None
        self.is_asked = False
        self._wants_terminal = False
        self._about_session: list[bytes] = []
        self._others: list[bytes] = []
        self._held_bytes = 0
        self._told = 0
        self._reason = ""
        client.receive = self.receive

    # --- what the client asks ----------------------------------------------------------------------------------------

    def receive(self, packet: bytes) -> None:
        """A packet of the client."""
        if not self._reason:
            self._held_bytes += len(packet)
        if len(self._others) + len(self._about_session) > MOST_HELD or self._held_bytes > MOST_HELD_BYTES:
            raise TooMuch
        if self._reason:
            self._refuse_packet(packet)
        elif packet[0] == packets.GLOBAL_REQUEST:
            self._global(packet)
        elif packet[0] == packets.OPEN:
            self._open(packet)
        elif packet[0] == packets.REQUEST:
            self._request(packet)
        elif packet[0] == packets.CLOSE:
            self._client.end(reason="closed")
        elif packet[0] != packets.WINDOW_ADJUST:
            self._about_session.append(packet)

    def _global(self, packet: bytes) -> None:
        request = Request.read(packet)
        if request.kind != b"keepalive@openssh.com":
            self._others.append(packet)
        elif not self._others and request.wants_reply:
            self._client.send(bytes((packets.REQUEST_FAILURE,)))

    def _open(self, packet: bytes) -> None:
        opening = Open.read(packet)
        if self._session is not None or opening.kind != b"session":
            self._others.append(packet)
            if self._session is None:
                self._asked()
            return
        self._session = opening
        self._client.send(packets.open_confirmation(opening.number, NUMBER, 0, LARGEST_PACKET))

    def _request(self, packet: bytes) -> None:
        request = Request.read(packet)
        self._wants_terminal |= request.kind == b"pty-req"
        if request.kind in _PROGRAMS:
            self._about_session.append(packet)
            self._asked()
            return
        # Some clients ask for their program only once they have their terminal. The agent is not asked to answer again.
        if request.wants_reply and self._session is not None:
            self._client.send(packets.about(packets.SUCCESS, self._session.number))
        self._about_session.append(request.without_reply())

    def _asked(self) -> None:
        if not self.is_asked:
            self.is_asked = True
            self._on_asked(self._wants_terminal)

    # --- what it is told ---------------------------------------------------------------------------------------------

    def tell(self, line: str) -> None:
        """A line on the client's standard error."""
        if self._session is None or self._told + len(line) > self._session.window // 2:
            return
        text = f"{line}\r\n" if self._wants_terminal else f"{line}\n"
        self._told += len(text.encode())
        self._client.send(packets.stderr_data(self._session.number, text.encode()))

    @property
    def has_session(self) -> bool:
        """Whether there is a session to tell something."""
        return self._session is not None

    def refuse(self, reason: str) -> None:
        """Every program fails with this line, every forwarding with this reason."""
        held, self._reason = [*self._others, *self._about_session], reason
        self._others, self._about_session = [], []
        for packet in held:
            self._refuse_packet(packet)

    def _refuse_packet(self, packet: bytes) -> None:
        if packet[0] == packets.OPEN:
            self._refuse_open(Open.read(packet))
        elif packet[0] == packets.GLOBAL_REQUEST:
            if Request.read(packet).wants_reply:
                self._client.send(bytes((packets.REQUEST_FAILURE,)))
        elif packet[0] == packets.REQUEST:
            self._refuse_request(Request.read(packet))

    def _refuse_open(self, opening: Open) -> None:
        if opening.kind != b"session" or self._session is not None:
            code = packets.CONNECT_FAILED
            self._client.send(packets.open_failure(opening.number, code, self._reason))
            return
        self._session = opening
        self._client.send(packets.open_confirmation(opening.number, NUMBER, 0, LARGEST_PACKET))

    def _refuse_request(self, request: Request) -> None:
        session = self._session
        if session is None:
            return
        if request.wants_reply:
            self._client.send(packets.about(packets.SUCCESS, session.number))
        self._wants_terminal |= request.kind == b"pty-req"
        if request.kind not in _PROGRAMS:
            return
        self.tell(f"carrel: {self._reason}")
        self._client.send(packets.exit_status(session.number, FAILED))
        self._client.send(packets.about(packets.EOF, session.number))
        self._client.send(packets.about(packets.CLOSE, session.number))
        self._session = None
        self._wants_terminal = False

    # --- joining -----------------------------------------------------------------------------------------------------

    def opening(self) -> bytes | None:
        """What the agent has to be sent first: the opening of the session, its window less what was told here."""
        session = self._session
        if session is None:
            return None
        window = session.window - self._told
        return Open(session.kind, session.number, window, session.largest_packet, session.rest).packet()

    def is_confirmation(self, packet: bytes) -> bool:
        """Whether a packet of the agent answers the opening."""
        if packet[0] not in {packets.OPEN_CONFIRMATION, packets.OPEN_FAILURE} or self._session is None:
            return False
        return packets.read_uint32(packet, 1) == self._session.number

    def confirmed(self, packet: bytes) -> bytes:
        """What the client has to be sent in the place of the agent's confirmation: now it may type.

        Raises:
            Refused: the agent did not open it, or calls it by another number.
        """
        session = self._session
        is_ours = packet[0] == packets.OPEN_CONFIRMATION and packets.read_uint32(packet, 5) == NUMBER
        if session is None or not is_ours:
            raise Refused
        return packets.window_adjust(session.number, packets.read_uint32(packet, 9))

    def kept(self) -> list[bytes]:
        """What the agent has to be sent after the opening."""
        return [*self._about_session, *self._others]
