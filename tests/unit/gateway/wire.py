"""A tap without a connection."""

from __future__ import annotations

from collections.abc import Callable


class Wire:
    """Records what is sent; `says` is what comes in."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []
        self.paused = False
        self.ended = ""
        self.receive: Callable[[bytes], None] = lambda _: None
        self.on_pressure: Callable[[bool], None] = lambda _: None

    def send(self, packet: bytes) -> None:
        self.sent.append(packet)

    def says(self, packet: bytes) -> None:
        self.receive(packet)

    def pause_reading(self) -> None:
        self.paused = True

    def resume_reading(self) -> None:
        self.paused = False

    def end(self, code: int = 0, reason: str = "") -> None:
        del code
        self.ended = reason or "ended"

    def taken(self) -> list[bytes]:
        sent, self.sent = self.sent, []
        return sent
