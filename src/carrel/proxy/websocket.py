"""What a client sends through a WebSocket: frames are counted, never changed."""

from __future__ import annotations

from collections.abc import Callable

from carrel.core.agent import SignalKind


class ClientFrames:
    """Follows the client's frames."""

    def __init__(self, report: Callable[[SignalKind], None]) -> None:
        self._report = report

    def feed(self, data: bytes) -> None:
        """The next bytes."""
