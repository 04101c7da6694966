"""Whether a client is read from: not while there is a reason to wait."""

from __future__ import annotations

import asyncio


class Reading:
    """The reading side of a client's transport, and why it waits."""

    def __init__(self, transport: asyncio.Transport) -> None:
        """It is read from."""
        self._transport = transport
        self._reasons: set[str] = set()

    def hold(self, reason: str, held: bool) -> None:  # noqa: FBT001  a switch
        """There is this reason to wait, or no longer."""
        if held == (reason in self._reasons):
            return
        waited = bool(self._reasons)
        if held:
            self._reasons.add(reason)
        else:
            self._reasons.discard(reason)
        if bool(self._reasons) != waited and not self._transport.is_closing():
            if held:
                self._transport.pause_reading()
            else:
                self._transport.resume_reading()

    def go_on(self) -> None:
        """Forget every reason, and read."""
        self._reasons.clear()
        self._transport.resume_reading()
