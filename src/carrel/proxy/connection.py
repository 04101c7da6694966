"""A client's connection: finds the head of each request and gives the request to whom its Host field means."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from typing import TYPE_CHECKING, Final, cast

from carrel.core.problems import Problem
from carrel.proxy.answer import Answer, problem_answer
from carrel.proxy.door import Admitted
from carrel.proxy.exchange import Exchange
from carrel.proxy.head import BadHead, RequestHead, head_end, parse_request
from carrel.proxy.reading import Reading
from carrel.proxy.rewrite import Seen, request_for_app
from carrel.proxy.routes import Kind
from carrel.proxy.site import Entrance
from carrel.proxy.tunnel import Tunnel
from carrel.proxy.upstream import Upstream

if TYPE_CHECKING:
    from carrel.proxy.server import Proxy

MOST_UNREAD_BYTES: Final = 64 * 1024
WRITE_BUFFER_BYTES: Final = 256 * 1024


class Connection(asyncio.Protocol):
    """One client. At any time it reads a head, waits for a decision, exchanges, tunnels, or is on its way out."""

    def __init__(self, proxy: Proxy) -> None:
        self._proxy = proxy
        self._transport: asyncio.Transport
        self._seen = Seen(b"", b"")
        self._unread = b""
        self._request: RequestHead | None = None
        self._deciding: asyncio.Task[None] | None = None
        self._exchange: Exchange | None = None
        self._tunnel: Tunnel | None = None
        self._reading: Reading
        self._behind = False
        """The client does not take what it was sent."""
        self._idle = True
        """No byte of the next request has come."""
        self._is_last = False
        """The client will send no more."""
        self._leaving = False
        self.deadline: float | None = None
        """Loop time after which the connection is closed."""

    @property
    def admitted(self) -> Admitted | None:
        """Who uses the connection now."""
        if self._tunnel is not None:
            return self._tunnel.admitted
        return self._exchange.admitted if self._exchange is not None else None

    @property
    def leaving(self) -> bool:
        """Whether the last bytes are on their way to the client."""
        return self._leaving

    @property
    def busy(self) -> bool:
        """Whether a request is under way; a WebSocket is not waited for."""
        return self._request is not None and self._tunnel is None

    # --- asyncio -----------------------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin to wait for a head."""
        self._transport = cast("asyncio.Transport", transport)
        self._transport.set_write_buffer_limits(WRITE_BUFFER_BYTES)
        self._reading = Reading(self._transport)
        peer = transport.get_extra_info("peername")
        self._seen = Seen(str(peer[0]).encode() if peer else b"unknown", self._proxy.site.scheme)
        self._expire_in(self._proxy.patience.keep_alive)
        self._proxy.connections.add(self)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  asyncio's signature
        """The client is gone: so is what was done for it."""
        self._proxy.connections.discard(self)
        self._leaving = True
        if self._exchange is not None:
            self._exchange.abandon()
            self._proxy.metrics.on_end(self._exchange)
            self._exchange = None
        if self._tunnel is not None:
            self._tunnel.client_lost()
            self._proxy.metrics.on_tunnel_end(self._tunnel)

    def data_received(self, data: bytes) -> None:
        """Give the bytes to whom they belong."""
        if self._tunnel is not None:
            self._tunnel.client_data(data)
            return
        if self._leaving:
            return
        exchange = self._exchange
        if exchange is not None and exchange.upstream is not None and exchange.wants_body and not self._unread:
            taken = exchange.client_data(data)
            if taken == len(data):
                return
            data = data[taken:]
        self._unread = self._unread + data if self._unread else data
        if self._request is not None:
            self._reading.hold("unread", len(self._unread) > MOST_UNREAD_BYTES)
        else:
            self._advance()

    def eof_received(self) -> bool:
        """The client sends no more; it may still wait for an answer."""
        self._is_last = True
        if self._tunnel is not None:
            self._tunnel.client_ended()
            self._expire_in(self._proxy.patience.half_closed)
            return True
        exchange = self._exchange
        complete = self._request is not None and not (exchange is not None and exchange.wants_body)
        if not complete or self._leaving:
            return False
        self._expire_in(self._proxy.patience.half_closed)
        return True

    def pause_writing(self) -> None:
        """The client has fallen behind."""
        self._tell_writable(False)

    def resume_writing(self) -> None:
        """The client takes data again."""
        self._tell_writable(True)

    def _tell_writable(self, writable: bool) -> None:  # noqa: FBT001  a callback's one fact
        self._behind = not writable
        if self._tunnel is not None:
            self._tunnel.client_writable(writable)
        elif self._exchange is not None:
            self._exchange.client_writable(writable)

    # --- requests ----------------------------------------------------------------------------------------------------

    def _advance(self) -> None:
        """Serve what is in the buffer until something has to be waited for."""
        while self._unread and self._request is None and not self._leaving:
            try:
                while self._unread.startswith(b"\r\n"):
                    self._unread = self._unread[2:]
                end = head_end(self._unread)
                if end < 0:
                    if self.deadline is None or self._idle:
                        self._idle = False
                        self._expire_in(self._proxy.patience.head)
                    return
                raw, self._unread = self._unread[:end], self._unread[end:]
                request = parse_request(raw)
            except BadHead as error:
                self._proxy.metrics.on_refused(error.status)
                self._refuse(error)
                return
            self._request = request
            self.deadline = None
            self._serve(request, raw)

    def _serve(self, request: RequestHead, raw: bytes) -> None:
        route = self._proxy.routes.route(request.host)
        if route.kind is Kind.DASHBOARD:
            self._give_away(raw)
        elif route.kind is Kind.FOREIGN:
            self._answer(request, problem_answer(Problem("not_found", "This address is not served here."), 421))
        elif self._proxy.draining:
            self._answer(request, problem_answer(Problem("unavailable", "The server is ending.")))
        elif (entrance := self._proxy.site.enter_at_once(request)) is not None:
            self._begin(request, entrance)
        else:
            self._decide(request, route.label)

    def _decide(self, request: RequestHead, label: str) -> None:
        self._deciding = asyncio.get_running_loop().create_task(self._visit(request, label))

    async def _visit(self, request: RequestHead, label: str) -> None:
        try:
            outcome = await self._proxy.site.visit(request, label)
        except Exception:
            self._proxy.log.exception("visit_failed")
            outcome = problem_answer(Problem("internal"))
        self._deciding = None
        if self._gone(outcome):
            return
        if isinstance(outcome, Answer):
            self._answer(request, outcome)
            self._advance()
        else:
            self._begin(request, outcome)

    def _gone(self, outcome: Entrance | Answer) -> bool:
        """Whether the client left while a decision was awaited; the way in that was opened for it is kept for others."""
        if self._leaving and isinstance(outcome, Entrance):
            self._proxy.upstreams.give_back(outcome.admitted.place, outcome.upstream)
        return self._leaving

    def _begin(self, request: RequestHead, entrance: Entrance) -> None:
        person, call = entrance.admitted.identity.name, entrance.call
        if call is None:
            head = request_for_app(request, self._seen, person)
        else:
            head = request_for_app(call.request, self._seen, person, call.prefix)
        exchange = self._exchange = Exchange(self, request, entrance.admitted, head, entrance.may_read)
        self._proxy.metrics.on_begin()
        self._proxy.presence.see(entrance.admitted)
        self._start(exchange, entrance.upstream)

    def _start(self, exchange: Exchange, upstream: Upstream) -> None:
        exchange.start(upstream)
        if self._behind:
            exchange.client_writable(False)
        if exchange.wants_body and self._unread:
            unread, self._unread = self._unread, b""
            taken = exchange.client_data(unread)
            self._unread = unread[taken:]
        self._reading.hold("unread", len(self._unread) > MOST_UNREAD_BYTES)

    # --- what an exchange tells --------------------------------------------------------------------------------------

    def write(self, data: bytes) -> None:
        """Send to the client."""
        self._transport.write(data)
        if self._is_last:
            self._expire_in(self._proxy.patience.half_closed)

    def hold_back(self, held: bool) -> None:  # noqa: FBT001  a switch
        """The app has fallen behind, or takes data again."""
        self._reading.hold("app", held)

    def exchange_over(self, exchange: Exchange, *, keep: bool) -> None:
        """Go on to the next request, or part."""
        self._proxy.metrics.on_end(exchange)
        if exchange.done_with is not None:
            self._proxy.upstreams.give_back(exchange.admitted.place, exchange.done_with)
        sent_all = not exchange.wants_body
        self._exchange = self._request = None
        self._reading.hold("app", False)
        if keep and not self._proxy.draining and not self._is_last:
            self._idle = True
            self._expire_in(self._proxy.patience.keep_alive)
            self._reading.hold("unread", False)
            if self._unread:
                # Not at once: a long pipeline must not grow the stack.
                asyncio.get_running_loop().call_soon(self._advance)
        else:
            self._leave(linger=not sent_all)

    def exchange_failed(self, exchange: Exchange, problem: Problem) -> None:
        """Tell the client if nothing was sent yet; otherwise cut the response off, so that it sees that it is not whole."""
        if exchange.began:
            self._reset()
            return
        exchange.status = problem.status
        self._proxy.upstreams.ask_anew(exchange.admitted.place)
        self._proxy.metrics.on_end(exchange)
        self._exchange = None
        self._answer(exchange.request, self._proxy.site.explain(exchange.request, problem), close=True)

    def exchange_again(self, exchange: Exchange) -> None:
        """Send a request on a fresh connection to the app."""
        self._deciding = asyncio.get_running_loop().create_task(self._repeat(exchange))

    async def _repeat(self, exchange: Exchange) -> None:
        label = self._proxy.routes.route(exchange.request.host).label
        outcome = await self._proxy.site.visit(exchange.request, label, fresh=True)
        self._deciding = None
        if self._gone(outcome):
            return
        if isinstance(outcome, Answer):
            self._proxy.metrics.on_end(exchange)
            self._exchange = None
            self._answer(exchange.request, outcome)
        else:
            self._start(exchange, outcome.upstream)

    def switch(self, exchange: Exchange, upstream: Upstream, extensions: bytes, early: bytes) -> None:
        """From now on bytes go both ways unread."""
        admitted = exchange.admitted
        frames = self._proxy.activity.socket(admitted, exchange.request, extensions)
        tunnel = self._tunnel = Tunnel(self._transport, upstream, admitted, frames)
        self._proxy.metrics.on_switch(exchange)
        self._exchange = None
        self._reading.go_on()
        if self._behind:
            tunnel.client_writable(False)
        if early:
            tunnel.upstream_data(early)
        unread, self._unread = self._unread, b""
        if unread:
            tunnel.client_data(unread)

    # --- answers of our own --------------------------------------------------------------------------------------------

    def _answer(self, request: RequestHead, answer: Answer, *, close: bool = False) -> None:
        """Send an answer and go on, or part where the request's body is still to come."""
        has_body = request.length != 0
        close = close or has_body or not request.persistent or self._proxy.draining or self._is_last
        self._proxy.metrics.on_answer(answer.status)
        self._transport.write(answer.encode(close=close, without_body=request.method == b"HEAD"))
        self._request = None
        if close:
            self._leave(linger=has_body)
        else:
            self._idle = True
            self._expire_in(self._proxy.patience.keep_alive)

    def _refuse(self, error: BadHead) -> None:
        kind = "too_large" if error.status == 431 else "malformed_request"
        answer = problem_answer(Problem(kind, error.detail), error.status)
        self._transport.write(answer.encode(close=True))
        self._leave(linger=True)

    def _give_away(self, raw: bytes) -> None:
        """The dashboard's own protocol takes the connection over, with every byte that was read."""
        self._proxy.connections.discard(self)
        self._reading.hold("unread", False)
        data, self._unread = raw + self._unread, b""
        self._proxy.dashboard.take_over(self._transport, data)

    # --- parting -------------------------------------------------------------------------------------------------------

    def _leave(self, *, linger: bool) -> None:
        """Close; `linger`: read on for a moment, or the client's system would drop the answer with the connection."""
        self._leaving = True
        self._unread = b""
        if not linger or not self._transport.can_write_eof():
            self._transport.close()
            return
        self._reading.go_on()
        with contextlib.suppress(OSError, RuntimeError):
            self._transport.write_eof()
        self._expire_in(self._proxy.patience.linger)

    def drain(self) -> None:
        """Close as soon as nothing is under way."""
        if self._request is None and self._tunnel is None:
            self._transport.close()

    def say_goodbye(self, code: int) -> bool:
        """Close a WebSocket as the protocol wants it; False: it is none, or in the middle of a message."""
        tunnel = self._tunnel
        if tunnel is None or not tunnel.say_goodbye(code):
            return False
        self._tunnel = None
        self._proxy.metrics.on_tunnel_end(tunnel)
        self._leave(linger=True)
        return True

    def cut(self) -> None:
        """Close now."""
        if self._tunnel is not None:
            self._tunnel.cut()
        else:
            self._transport.abort()

    def _reset(self) -> None:
        """Close so that the client's system reports an error, and no orderly end."""
        sock = self._transport.get_extra_info("socket")
        with contextlib.suppress(OSError):
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._transport.abort()

    def expire(self) -> None:
        """The deadline has passed: an idle connection closes, a head that does not come is answered."""
        self.deadline = None
        if self._tunnel is not None:
            self._tunnel.cut()
            return
        if self._leaving or self._request is not None:
            self._transport.abort()
            return
        if self._idle:
            self._transport.close()
            return
        answer = Answer(408, b"The head of the request did not arrive in time.\n")
        self._proxy.metrics.on_refused(408)
        self._transport.write(answer.encode(close=True))
        self._leave(linger=False)

    def _expire_in(self, seconds: float) -> None:
        self.deadline = self._proxy.now() + seconds
