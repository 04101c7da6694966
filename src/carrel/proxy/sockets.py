"""Which messages of a WebSocket a person caused (docs/adr/0009-what-counts-as-activity.md)."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable
from typing import Final

from carrel.core.agent import SignalKind
from carrel.proxy.frames import Listener
from carrel.proxy.rhythm import Rhythm

Report = Callable[[SignalKind], None]
Clock = Callable[[], float]

MOST_KINDS: Final = 24
"""Size classes that are told apart on one socket."""
MOST_INFLATED_BYTES: Final = 64 * 1024
"""What is looked at of one message of the editor; the rest is inflated and dropped."""
_DEFLATE_END: Final = b"\x00\x00\xff\xff"
_LONGEST_WORD: Final = 64
_WORD = re.compile(
    rb"\$onDidChangeWindowActive[\x00-\x1f]{1,8}\[(true|false)\]|\$acceptModelChanged|\$acceptEditorPropertiesChanged"
)
"""VS Code's own words. The first: a person used mouse or keyboard in the window, or has not for a minute. The others:
text or selection of an editor changed; by a person, as long as the window has not said whether somebody is there."""


class AnySocket:
    """A socket of an app that is not known: what does not come at a timer's beat is a person's."""

    wants_payload = False

    def __init__(self, report: Report, clock: Clock) -> None:
        self._report = report
        self._clock = clock
        self._rhythms: dict[int, Rhythm] = {}

    def message(self, length: int, *, compressed: bool) -> None:  # noqa: ARG002  of no interest here
        """Judge by size class and time; the first two of a class tell nothing yet."""
        size_class = min(length.bit_length(), MOST_KINDS)
        rhythm = self._rhythms.setdefault(size_class, Rhythm())
        known = len(rhythm)
        if not rhythm.beat(self._clock()) and known >= 2:
            self._report(SignalKind.INPUT)

    def payload(self, data: bytes) -> None:
        """Not looked at."""

    def end(self) -> None:
        """Nothing to do."""


class EditorSocket:
    """A socket of VS Code: an idle window writes its state every few seconds, so that only its own word counts."""

    wants_payload = True

    def __init__(self, report: Report, *, keeps_context: bool) -> None:
        self._report = report
        self._keeps_context = keeps_context
        self._inflater = zlib.decompressobj(-15)
        self._compressed = False
        self._text = b""
        self._active: bool | None = None

    def message(self, length: int, *, compressed: bool) -> None:  # noqa: ARG002  sizes tell nothing here
        """Begin."""
        self._compressed = compressed
        self._text = b""

    def payload(self, data: bytes) -> None:
        """Inflate and look."""
        if not self._compressed:
            self._look(data)
            return
        try:
            while data:
                self._look(self._inflater.decompress(data, MOST_INFLATED_BYTES))
                data = self._inflater.unconsumed_tail
        except zlib.error:
            self.wants_payload = False

    def end(self) -> None:
        """A person who is active sends messages all the time; the first one after a while is reported."""
        if self._compressed and self.wants_payload:
            self.payload(_DEFLATE_END)
            if not self._keeps_context:
                self._inflater = zlib.decompressobj(-15)
        if self._active:
            self._report(SignalKind.EDITOR)

    def _look(self, data: bytes) -> None:
        text = self._text + data
        seen = 0
        for found in _WORD.finditer(text):
            seen = found.end()
            word = found.group(1)
            if word is not None:
                self._active = word == b"true"
            if word is not None or self._active is None:
                # That it was left alone is told a minute late: it was active until then.
                self._report(SignalKind.EDITOR)
        self._text = text[max(seen, len(text) - _LONGEST_WORD) :]


def listener_for(target: bytes, extensions: bytes, report: Report, clock: Clock) -> Listener:
    """Who listens to a socket.

    Args:
        target: of the request that opened it.
        extensions: that were agreed on (Sec-WebSocket-Extensions of the answer).
        report: takes evidence of activity.
        clock: monotonic seconds.
    """
    if b"reconnectionToken=" in target:
        return EditorSocket(report, keeps_context=b"client_no_context_takeover" not in extensions)
    return AnySocket(report, clock)
