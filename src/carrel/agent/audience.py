"""Who is attached to a terminal, who was and may come back, and what each is owed. Standard library only."""

from __future__ import annotations

import select
import socket
import time

from carrel.agent import frames
from carrel.agent.history import History
from carrel.agent.places import Place, Places
from carrel.agent.viewer import WINDOW, Viewer

TYPE_CHECKING = False  # the name is what type checkers know; importing typing costs a megabyte
if TYPE_CHECKING:
    from typing import Any

FAREWELL = 5.0
"""Seconds that viewers have to read the end."""
POLL_READ = select.POLLIN | select.POLLHUP | select.POLLERR
KEEP_LIMIT = 86400.0


class Audience:
    """The viewers of one terminal (of a job: those who wait for its end)."""

    def __init__(self, history: History, patience_seconds: float, window: int = WINDOW) -> None:
        """Nobody is there.

        Args:
            history: what was and will be printed.
            patience_seconds: a viewer that holds up the command and reads nothing for this long is let go.
            window: bytes that a numbered viewer gets before it has to say that it has them.
        """
        self._history = history
        self._patience_seconds = patience_seconds
        self._window = window
        self._viewers: dict[int, Viewer] = {}
        self._places = Places()
        self._size = (0, 0)
        self._farewell_at = 0.0

    def accept(self, connection: socket.socket) -> Viewer:
        """Somebody connected."""
        viewer = self._viewers[connection.fileno()] = Viewer(connection, self._window)
        return viewer

    def attached(self) -> int:
        """How many look on."""
        return sum(viewer.is_attached for viewer in self._viewers.values())

    def register(self, poll: select.poll, *, takes_input: bool) -> None:
        """What to wait for. Who typed more than the command reads is not heard until input is taken again; others are."""
        for fd, viewer in self._viewers.items():
            viewer.is_choked = viewer.is_choked and not takes_input
            reading = select.POLLHUP if viewer.is_choked else POLL_READ
            poll.register(fd, reading | (select.POLLOUT if viewer.waiting else 0))

    def receive(self, fd: int, event: int) -> tuple[Viewer | None, list[tuple[bytes, bytes]]]:
        """Who can be written to or was heard, and what it said."""
        viewer = self._viewers.get(fd)
        if viewer is None:  # let go in this same round
            return None, []
        if event & select.POLLOUT:
            viewer.flush()
            viewer.fill(self._history)
        return viewer, viewer.receive() if event & POLL_READ else []

    def after(self, viewer: Viewer) -> None:
        """What a viewer said has been obeyed."""
        if viewer.is_gone:
            self._drop(viewer)

    # --- output ---------------------------------------------------------------------------------------------------------

    def printed(self, data: bytes) -> None:
        """The command printed."""
        self._history.add(data)
        for viewer in self._viewers.values():
            if viewer.is_attached:
                viewer.printed(self._history, data)

    def holds_up(self) -> bool:
        """Whether the command must wait: for somebody who reads, or for room for what somebody absent has not seen."""
        if any(viewer.holds_up(self._history.total) for viewer in self._viewers.values()):
            return True
        if not self._history.is_full():
            return False
        self._places.forget_watchers(self._history.scrollback.first)
        self._owe()
        return self._history.is_full()

    def _owe(self) -> None:
        self._history.owe(self._places.owed_from())

    # --- coming and going -----------------------------------------------------------------------------------------------

    def attach(self, viewer: Viewer, wish: dict[str, Any], size: tuple[int, int], *, has_ended: bool) -> bool:
        """Greet a viewer and send what it has not seen; of a terminal that has ended only who was here before.

        Returns whether it goes on where it was.
        """
        name = str(wish.get("viewer", ""))
        place = self._places.known(name) if name else None
        if has_ended and name and place is None:
            viewer.is_gone = True
            return True
        known, viewer.is_attached = place is not None, True
        viewer.is_read_only = bool(wish.get("read_only"))
        if name:
            place = self._seat(viewer, name, float(wish.get("keep", 0)))
        offset = int(wish["from"])
        oldest = self._history.scrollback.first  # all that a viewer without a number is owed
        resumes = offset >= 0 and self._history.has(offset) and (place is not None or offset >= oldest)
        replay, first = (b"", offset) if resumes else self._history.scrollback.since(-1)
        self._size = size
        viewer.send(
            frames.HELLO, {"offset": first, "typed": place.typed if place else 0, "known": known, **self._news()}
        )
        if place is None:
            rest = self._history.scrollback.since(first)[0]
            viewer.send(*((frames.OUTPUT, rest) if resumes else (frames.REPLAY, replay)))
            return resumes
        place.seen = viewer.sent = first
        if replay:
            viewer.sent += len(replay)
            viewer.send(frames.REPLAY, replay)
        viewer.fill(self._history)
        self._owe()
        self.tell_news(but=viewer)
        return resumes

    def _seat(self, viewer: Viewer, name: str, keep_seconds: float) -> Place:
        """Give a viewer its place; an older connection that has it is over, and nothing of what it sent late is taken."""
        place = self._places.take(name)
        for other in [other for other in self._viewers.values() if other.place is place]:
            other.place = None
            self._drop(other)
        place.keep_seconds = min(max(keep_seconds, 0.0), KEEP_LIMIT)
        place.is_read_only = viewer.is_read_only
        viewer.sit(place)
        return place

    def saw(self, viewer: Viewer, offset: int) -> None:
        """A viewer has everything before `offset`."""
        viewer.saw(offset)
        viewer.fill(self._history)
        self._owe()

    def bye(self, viewer: Viewer) -> None:
        """A viewer leaves and will not come back."""
        if viewer.place is not None:
            self._places.forget(viewer.place)
            viewer.place = None
        viewer.is_gone = True
        self._owe()

    def _drop(self, viewer: Viewer) -> None:
        for fd in [fd for fd, one in self._viewers.items() if one is viewer]:
            self._viewers.pop(fd).close()
        if viewer.place is not None:
            self._places.leave(viewer.place, time.monotonic())
        if viewer.is_attached:
            viewer.is_attached = False
            self.tell_news()

    def tell_news(self, size: tuple[int, int] | None = None, but: Viewer | None = None) -> None:
        """The size changed, or how many there are."""
        self._size = size or self._size
        for viewer in self._viewers.values():
            if viewer.place is not None and viewer is not but:
                viewer.send(frames.NEWS, self._news())

    def _news(self) -> dict[str, int]:
        return {"cols": self._size[0], "rows": self._size[1], "attached": self.attached()}

    # --- time and end ---------------------------------------------------------------------------------------------------

    def next_time(self) -> float:
        """When something is due, whatever happens."""
        return min([self._places.next_end(), *(viewer.tell_at for viewer in self._viewers.values())])

    def is_watched_closely(self) -> bool:
        """Whether somebody may have to be let go soon, or room be looked for."""
        total = self._history.total
        return any(viewer.is_full(total) for viewer in self._viewers.values()) or self._history.is_full()

    def keep_time(self, now: float) -> None:
        """Let go who reads nothing, forget who stays away, tell what was typed."""
        total = self._history.total
        for viewer in list(self._viewers.values()):
            if viewer.tell_at <= now:
                viewer.tell_typed()
            if viewer.is_gone or viewer.is_stalled(now, self._patience_seconds, total):
                self._drop(viewer)
        if self._places.next_end() <= now:
            self._places.forget_late(now)
            self._owe()

    def tell_end(self, ended: dict[str, Any]) -> None:
        """The command has ended: to all who have no number."""
        for viewer in self._viewers.values():
            if viewer.place is None:
                viewer.send(frames.EXIT, ended)

    def take_leave(self, ended: dict[str, Any], now: float, *, waits: bool) -> bool:
        """After the end: tell it to whom has seen everything; whether nobody is owed anything any more.

        Args:
            ended: how the command ended.
            now: monotonic.
            waits: for those who are away, too.
        """
        if self._farewell_at == 0.0:
            self._farewell_at = now + FAREWELL
        if not waits:
            self._places.forget_absent()
        for viewer in list(self._viewers.values()):
            if viewer.place is not None and viewer.is_settled(self._history.total):
                self._places.forget(viewer.place)
                viewer.tell_typed()
                viewer.place = None
                viewer.send(frames.EXIT, ended)
                self._farewell_at = now + FAREWELL
            elif viewer.place is not None and viewer.is_silent(now, self._patience_seconds):
                self._drop(viewer)
        if self._places and (waits or now < self._farewell_at):
            return False
        return now >= self._farewell_at or not any(viewer.waiting for viewer in self._viewers.values())
