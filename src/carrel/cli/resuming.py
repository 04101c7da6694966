"""The bytes of standard input and output over a stream that outlives its connections: one thread, one poll loop."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import time
from collections.abc import Callable, Iterator
from types import FrameType

from carrel.cli.web_socket import BINARY, CLOSE, PING, TEXT, WebSocket
from carrel.core.stream import (
    ID_BYTES,
    Frames,
    Hello,
    Kind,
    RefusedError,
    Stream,
    StreamError,
    hello,
    read_refused,
    read_welcome,
)

READ_BYTES = 64 << 10
PULL_BYTES = 256 << 10
PING_SECONDS = 3.0
"""A ping after so much silence."""
SILENCE_SECONDS = 5.0
"""So long after a ping nothing came: the connection is lost."""
SLEPT_SECONDS = 2.0
"""The machine has slept if the clock of the world went so much further than ours."""
AFTER_SLEEP_SECONDS = 2.0
"""SILENCE_SECONDS for the ping after a sleep."""
TICK_SECONDS = 2.0
LAST_WORDS_SECONDS = 1.0
"""How long the agent may take to hear that ssh has ended."""
FIRST_DELAY_SECONDS, LONGEST_DELAY_SECONDS = 0.1, 2.0
STEADY_SECONDS = 5.0
"""A connection that lived so long is replaced at once, one that did not after a delay that grows."""
UNTIL_WELCOME_SECONDS = 600.0
"""How long a connection is looked for whose agent has not said yet how long it waits."""
_ENDING = (signal.SIGHUP, signal.SIGTERM)


class GoneError(Exception):
    """The connection cannot be had, or not be kept; the text says why."""


class Clock:
    """Two clocks: one stands still while the machine sleeps, the other goes on."""

    def now(self) -> float:
        """Seconds of the first."""
        return time.monotonic()

    def world(self) -> float:
        """Seconds of the second."""
        boottime = getattr(time, "CLOCK_BOOTTIME", None)
        return time.time() if boottime is None else time.clock_gettime(boottime)


class Resuming:
    """One stream: bytes from descriptor 0, bytes to descriptor 1, and a connection that is replaced when it is lost."""

    def __init__(
        self, connect: Callable[[bool], WebSocket], hear: Callable[[bytes], None], clock: Clock | None = None
    ) -> None:
        """`connect` opens a connection (True: again, after a loss); `hear` takes the server's text messages."""
        self._connect = connect
        self._hear = hear
        self._clock = clock or Clock()
        self._id = os.urandom(ID_BYTES)
        self._stream = Stream()
        self._frames = Frames()
        self._socket: WebSocket | None = None
        self._is_welcome = False
        """On this connection: the agent has answered."""
        self._was_welcome = False
        self._waits_seconds = UNTIL_WELCOME_SECONDS
        self._out = bytearray()
        self._ended_at = 0.0
        self._lost_at = 0.0
        self._retry_at = 0.0
        self._delay = FIRST_DELAY_SECONDS
        self._welcome_at = 0.0
        self._heard_at = 0.0
        self._ping_at = 0.0
        self._silence = SILENCE_SECONDS
        self._slack = self._clock.world() - self._clock.now()
        self._signal_read, self._signal_write = os.pipe()

    def run(self) -> int:
        """Carry bytes until one side ends.

        Raises:
            GoneError: there is no way to the workspace, or no way back within the time that the agent waits.
            OSError: the first connection could not be made.
            RefusedError: (of `web_socket`) the server's answer to the first or a later attempt.
        """
        self._socket = self._connect(False)
        self._begin()
        with _nonblocking(1), self._signals():
            while not self._is_done():
                self._turn()
        if self._socket is not None:
            self._socket.close()
        return 0

    def _is_done(self) -> bool:
        if self._stream.is_over and not self._out:
            return True
        if not self._ended_at:
            return False
        return self._stream.is_delivered or self._clock.now() - self._ended_at > LAST_WORDS_SECONDS

    def _turn(self) -> None:
        """Wait until something can be done, and do it."""
        try:
            self._look_at_clock()
            ready = dict(self._poll())
            if self._signal_read in ready:
                self._end()
            if not self._ended_at and (events := ready.get(0, 0)):
                self._look_at_input(events)
            socket = self._socket
            if socket is not None:
                events = ready.get(socket.fileno(), 0)
                if events & ~select.POLLOUT or socket.has_early:
                    self._receive(socket)
                if events & select.POLLOUT:
                    socket.flush()
            self._write_output()
            self._send()
        except (OSError, StreamError) as error:
            self._lost(error)
        except RefusedError as error:
            raise GoneError(str(error)) from error
        if self._socket is None:
            self._try_again()

    def _poll(self) -> list[tuple[int, int]]:
        poll = select.poll()
        poll.register(self._signal_read, select.POLLIN)
        if not self._ended_at:  # also where there is no room: of its end we are told in any case
            poll.register(0, select.POLLIN if self._stream.room > 0 else 0)
        if self._out:
            poll.register(1, select.POLLOUT)
        if self._socket is not None:
            poll.register(self._socket, select.POLLIN | (select.POLLOUT if self._socket.backlog else 0))
        return poll.poll(max(0.0, self._patience()) * 1000)

    def _patience(self) -> float:
        """Seconds until there is something to do at all."""
        now = self._clock.now()
        if self._socket is not None and self._socket.has_early:
            return 0.0
        if self._ended_at:
            return min(0.2, self._ended_at + LAST_WORDS_SECONDS - now)
        return min(TICK_SECONDS, self._retry_at - now) if self._socket is None else TICK_SECONDS

    # --- standard input and output --------------------------------------------------------------------------------

    def _look_at_input(self, events: int) -> None:
        if not events & select.POLLIN and self._stream.room <= 0:
            self._end()  # ssh was killed, with more to say than there is room for
            return
        try:
            data = os.read(0, READ_BYTES)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            data = b""
        if data:
            self._stream.write(data)
        else:
            self._end()

    def _end(self) -> None:
        """There is no more input: the agent is told, and nothing of what it sends is waited for."""
        if not self._ended_at:
            self._ended_at = self._clock.now()
            self._stream.end()

    def _write_output(self) -> None:
        while self._out:
            try:
                with memoryview(self._out) as waiting:
                    written = os.write(1, waiting[:READ_BYTES])
            except (BlockingIOError, InterruptedError):
                return
            except OSError:  # nobody reads any more
                self._out.clear()
                self._end()
                return
            del self._out[:written]
            self._stream.consume(written)

    # --- the connection -------------------------------------------------------------------------------------------

    def _begin(self) -> None:
        """Say what this stream is and how far it got."""
        assert self._socket is not None  # noqa: S101  called after a connection was made
        self._frames = Frames()
        self._is_welcome = False
        self._heard_at, self._ping_at, self._silence = self._clock.now(), 0.0, SILENCE_SECONDS
        said = Hello(self._id, not self._was_welcome, self._stream.taken)
        self._socket.send(BINARY, hello(said))

    def _receive(self, socket: WebSocket) -> None:
        self._heard_at, self._ping_at, self._silence = self._clock.now(), 0.0, SILENCE_SECONDS
        for message in socket.receive():
            if message.kind == BINARY:
                for kind, content in self._frames.feed(message.data):
                    self._take(kind, content)
            elif message.kind == TEXT:
                self._hear(message.data)
            elif message.kind == CLOSE:
                raise ConnectionResetError("The server closed the connection.")

    def _take(self, kind: int, content: bytes) -> None:
        if kind == Kind.REFUSED:
            raise read_refused(content)
        if self._is_welcome:
            self._out += self._stream.receive(kind, content)
            return
        if kind != Kind.WELCOME:
            raise StreamError("The agent does not answer as it should.")
        answer = read_welcome(content)
        self._stream.connect(answer.taken)
        self._is_welcome = self._was_welcome = True
        self._waits_seconds = float(answer.resume_seconds)
        self._welcome_at, self._lost_at = self._clock.now(), 0.0

    def _send(self) -> None:
        socket = self._socket
        while socket is not None and self._is_welcome and socket.backlog < PULL_BYTES:
            data = self._stream.pull(PULL_BYTES)
            if not data:
                return
            socket.send(BINARY, data)

    def _look_at_clock(self) -> None:
        """Ask whether the other side is there, where it was silent or where we have slept. Raises OSError: it is not."""
        now, slack = self._clock.now(), self._clock.world() - self._clock.now()
        slept, self._slack = slack - self._slack > SLEPT_SECONDS, slack
        if self._socket is None:
            return
        if slept:
            self._silence, self._ping_at = AFTER_SLEEP_SECONDS, 0.0
        if self._ping_at:
            if now - self._ping_at > self._silence:
                raise ConnectionResetError("The server does not answer any more.")
        elif slept or now - self._heard_at > PING_SECONDS:
            self._ping_at = now
            self._socket.send(PING, b"")

    def _lost(self, error: Exception) -> None:
        """The connection is gone; the bytes are not."""
        if self._socket is not None:
            self._socket.close()
        self._socket = None
        self._is_welcome = False
        self._stream.disconnect()
        if self._stream.is_over:
            return
        if not self._was_welcome:
            raise GoneError(f"The connection to the workspace could not be made. {error}") from error
        now = self._clock.now()
        if not self._lost_at and now - self._welcome_at > STEADY_SECONDS:
            self._delay, self._retry_at = FIRST_DELAY_SECONDS, now
        else:
            self._retry_at = now + self._next_delay()
        self._lost_at = self._lost_at or self._clock.world()

    def _try_again(self) -> None:
        if self._clock.now() < self._retry_at or self._stream.is_over or self._ended_at:
            return
        try:
            self._socket = self._connect(True)
            self._begin()
        except OSError as error:
            if self._socket is not None:
                self._socket.close()
            self._socket = None
            waited = self._clock.world() - self._lost_at
            if waited > self._waits_seconds:
                raise GoneError(
                    f"The connection was lost {waited:.0f} seconds ago and could not be made again. {error}"
                ) from error
            self._retry_at = self._clock.now() + self._next_delay()

    def _next_delay(self) -> float:
        """Seconds: longer each time, and not the same for all who lost their connection when a server restarted."""
        delay, self._delay = self._delay, min(self._delay * 2, LONGEST_DELAY_SECONDS)
        return delay * (0.5 + os.urandom(1)[0] / 255)

    @contextlib.contextmanager
    def _signals(self) -> Iterator[None]:
        """A signal, by which ssh ends its ProxyCommand, becomes a byte in our pipe, which the loop reads."""

        def note(_number: int, _frame: FrameType | None) -> None:
            os.write(self._signal_write, b"x")

        before = {number: signal.signal(number, note) for number in _ENDING}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


@contextlib.contextmanager
def _nonblocking(descriptor: int) -> Iterator[None]:
    """For the time of the block writes do not wait; a terminal is left as it is, because others have it too."""
    if os.isatty(descriptor):
        yield
        return
    before = os.get_blocking(descriptor)
    os.set_blocking(descriptor, False)
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            os.set_blocking(descriptor, before)
