"""One request and its response on their way through: bytes are passed on as they come, never collected."""

from __future__ import annotations

import time
from typing import Protocol

from carrel.core.problems import Problem
from carrel.proxy.body import BadBody, Body, ChunkedBody, EndlessBody, body_of
from carrel.proxy.door import Admitted
from carrel.proxy.foreign import another_protocol
from carrel.proxy.head import CHUNKED, BadHead, RequestHead, ResponseHead, head_end, parse_response
from carrel.proxy.rewrite import response_for_client
from carrel.proxy.upstream import Upstream

_REPEATABLE_METHODS = frozenset({b"GET", b"HEAD", b"OPTIONS"})


def is_repeatable(request: RequestHead) -> bool:
    """Whether a request may be sent twice."""
    return request.method in _REPEATABLE_METHODS and request.length == 0 and not request.wants_websocket


class Client(Protocol):
    """The client's connection, as an exchange sees it."""

    def write(self, data: bytes) -> None:
        """Send to the client."""

    def hold_back(self, held: bool) -> None:  # noqa: FBT001  a switch
        """Take no more from the client, or take again."""

    def exchange_over(self, exchange: Exchange, *, keep: bool) -> None:
        """The response is complete; `keep`: the connection can take another request."""

    def exchange_failed(self, exchange: Exchange, problem: Problem) -> None:
        """There will be no (complete) response. `exchange.began` tells whether some of it was sent."""

    def exchange_again(self, exchange: Exchange) -> None:
        """The connection to the app was stale: send the request on a fresh one."""

    def switch(self, exchange: Exchange, upstream: Upstream, extensions: bytes, early: bytes) -> None:
        """The app took the WebSocket with these extensions; `early` came with its answer."""


class Exchange:
    """Follows the framing of both sides."""

    def __init__(
        self,
        client: Client,
        request: RequestHead,
        admitted: Admitted,
        head: bytes,
        may_read: tuple[tuple[str, str], ...] = (),
    ) -> None:
        self.client = client
        self.request = request
        self.admitted = admitted
        self.began = False
        """Some of the response was sent."""
        self.began_at = time.monotonic()
        self.status = 0
        self.bytes_in = 0
        self.bytes_out = 0
        self.upstream: Upstream | None = None
        self._head = head
        self._may_read = may_read
        self._request_body: Body = body_of(request.length)
        self._response: ResponseHead | None = None
        self._response_body: Body | None = None
        self._partial = b""
        self._reusable = False
        self._ends_by_close = False
        self.done_with: Upstream | None = None
        """The connection to the app, when it can be used again."""

    # --- the client's side -----------------------------------------------------------------------------------------

    @property
    def wants_body(self) -> bool:
        """Whether some of the request's body is still to come."""
        return not self._request_body.done

    def start(self, upstream: Upstream) -> None:
        """Send the request's head to the app."""
        self.upstream = upstream
        upstream.consumer = self
        upstream.write(self._head)

    def client_data(self, data: bytes) -> int:
        """Pass on what belongs to the request's body; how many bytes did."""
        try:
            taken = self._request_body.feed(data)
        except BadBody as error:
            self._fail(Problem("malformed_request", str(error)))
            return len(data)
        if taken and self.upstream is not None:
            self.bytes_in += taken
            self.upstream.write(data if taken == len(data) else data[:taken])
        return taken

    def client_writable(self, writable: bool) -> None:  # noqa: FBT001  a callback's one fact
        """The client has fallen behind, or takes data again."""
        if self.upstream is not None:
            if writable:
                self.upstream.resume_reading()
            else:
                self.upstream.pause_reading()

    def abandon(self) -> None:
        """The client is gone, or may no longer be here."""
        if self.upstream is not None:
            self.upstream.abort()

    # --- the app's side --------------------------------------------------------------------------------------------

    def upstream_data(self, data: bytes) -> None:
        """Take the response's head, then its body."""
        if self._response_body is not None:
            self._pass_on(b"", data)
            return
        self._partial = self._partial + data if self._partial else data
        other = another_protocol(self._partial)
        if other is not None:
            self._fail(Problem("app_failed", *other))
            return
        try:
            while (end := head_end(self._partial)) >= 0:
                head, self._partial = self._partial[:end], self._partial[end:]
                if self._on_head(parse_response(head)):
                    return
        except BadHead as error:
            self._fail(Problem("app_failed", f"The app's answer is not HTTP/1.1: {error.detail}"))

    def _on_head(self, response: ResponseHead) -> bool:
        """Pass on a head and what came after it; True where the response takes the rest over."""
        if response.status == 101:
            if not self.request.wants_websocket or self.upstream is None:
                raise BadHead(400, "It switches protocols unasked.")
            self.began, self.status = True, 101
            self.client.write(response_for_client(response, close=False))
            self.client.switch(self, self.upstream, response.fields.get(b"sec-websocket-extensions"), self._partial)
            return True
        if response.status < 200:
            if self.request.minor == 1:
                self.client.write(response_for_client(response, close=False))
            return False
        self._response = response
        self.status = response.status
        bodiless = self.request.method == b"HEAD" or response.status in {204, 304}
        dechunk = response.length == CHUNKED and self.request.minor == 0
        self._response_body = body_of(0 if bodiless else response.length, keep_payload=dechunk)
        self._ends_by_close = isinstance(self._response_body, EndlessBody)
        self._reusable = response.persistent or (bodiless and response.minor == 1)
        head = response_for_client(response, close=not self._keeps(), chunked=not dechunk, may_read=self._may_read)
        early, self._partial = self._partial, b""
        self._pass_on(head, early)
        return True

    def _keeps(self) -> bool:
        """Whether the client's connection can go on after this response."""
        return self.request.persistent and not self._ends_by_close

    def _pass_on(self, head: bytes, data: bytes) -> None:
        body = self._response_body
        if body is None:
            return
        try:
            taken = body.feed(data)
        except BadBody as error:
            self._fail(Problem("app_failed", f"The app's answer is not HTTP/1.1: {error}"))
            return
        if taken != len(data):
            self._reusable = False
            data = data[:taken]
        if isinstance(body, ChunkedBody) and self.request.minor == 0:
            data = b"".join(body.payload)
            body.payload.clear()
        self.began = True
        self.bytes_out += len(data)
        self.client.write(head + data if head else data)
        if body.done:
            self._complete()

    def _complete(self) -> None:
        upstream, self.upstream = self.upstream, None
        sent_all = self._request_body.done
        if upstream is not None:
            upstream.consumer = None
            if self._reusable and sent_all:
                self.done_with = upstream
            else:
                upstream.abort()
        self.client.exchange_over(self, keep=sent_all and self._keeps())

    def upstream_ended(self) -> None:
        """No more from the app: right for a body that ends so, else a failure."""
        if self._ends_by_close:
            self._reusable = False
            self._complete()
            return
        self._cut_off()

    def upstream_lost(self) -> None:
        """As an end, if the end was not seen."""
        self.upstream_ended()

    def upstream_writable(self, writable: bool) -> None:  # noqa: FBT001  a callback's one fact
        """Hold the client back while the app has fallen behind."""
        self.client.hold_back(not writable)

    def _cut_off(self) -> None:
        upstream = self.upstream
        if (
            upstream is not None
            and upstream.used_before
            and is_repeatable(self.request)
            and not self.began
            and not self._partial
        ):
            upstream.abort()
            self.upstream = None
            self.client.exchange_again(self)
            return
        self._fail(Problem("app_failed", "The app closed the connection before its answer was complete."))

    def _fail(self, problem: Problem) -> None:
        upstream, self.upstream = self.upstream, None
        if upstream is not None:
            upstream.abort()
        self.client.exchange_failed(self, problem)
