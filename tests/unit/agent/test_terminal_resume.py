"""A numbered viewer of a terminal: nothing lost, nothing twice, wherever its connections are cut."""

from __future__ import annotations

import json
import tempfile
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.agent.terminal_play import ALL, SCROLLBACK, SPOOL, WINDOW, Client, terminal

from carrel.agent import frames
from carrel.agent.history import NOBODY, History
from carrel.agent.scrollback import Scrollback
from carrel.agent.spool import Spool

STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("print"), st.integers(1, 400)),
        st.tuples(st.just("type"), st.integers(1, 60)),
        st.tuples(st.just("type and cut"), st.integers(0, 60)),
        st.tuples(st.just("read"), st.integers(1, 500)),
        st.tuples(st.just("read and cut"), st.integers(1, 500)),
        st.tuples(st.sampled_from(["acknowledge", "turn", "cut", "attach"]), st.just(0)),
    ),
    max_size=60,
)


@settings(deadline=None)
@given(STEPS)
def test_no_byte_is_lost_or_repeated_in_either_direction_wherever_it_is_cut(steps: list[tuple[str, int]]) -> None:
    with terminal() as holder:
        client = Client(holder)
        client.catch_up(3)
        for number, (step, amount) in enumerate(steps):
            letter = bytes([33 + number])
            match step:
                case "print":
                    holder.program_prints(letter * amount)
                case "type":
                    client.type(letter * amount)
                case "type and cut":
                    client.wanted += letter * 30
                    client.send_typed(cut_at=amount)
                    client.cut()
                case "read" | "read and cut":
                    client.read(amount)
                    if step != "read":
                        client.cut()
                case "acknowledge":
                    client.acknowledge()
                case "turn":
                    holder.turn()
                case "cut":
                    client.cut()
                case "attach":
                    client.attach()
        client.catch_up()
        assert client.received == holder.printed
        assert holder.typed == client.wanted
        assert not holder.audience.holds_up()
        holder.program_prints(b"x")
        assert holder.printed.endswith(b"x")


@settings(deadline=None)
@given(st.lists(st.tuples(st.binary(min_size=1, max_size=500), st.integers(0, 3000)), max_size=30))
def test_what_is_owed_is_kept_and_can_be_read_from_any_place(pieces: list[tuple[bytes, int]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        history = History(Scrollback(50), Spool(folder, 1 << 20, segment=200))
        everything, owed = b"", 0
        history.owe(0)
        for data, advance in pieces:
            history.add(data)
            everything += data
            owed = min(owed + advance, len(everything))
            history.owe(owed)
            assert history.has(owed)
            place, found = owed, b""
            while piece := history.read(place, 700):
                found += piece
                place += len(piece)
            assert found == everything[owed:]
        history.owe(NOBODY)
        assert not history.is_full()


def test_an_absent_viewer_holds_up_nobody_until_the_spool_is_full() -> None:
    with terminal() as holder:
        client = Client(holder)
        client.catch_up(3)
        client.cut()
        holder.turn()
        for number in range(200):
            holder.program_prints(bytes([number]) * 100)
        assert SPOOL < len(holder.printed) <= SPOOL + SCROLLBACK + 200
        assert holder.audience.holds_up()
        client.catch_up()
        assert client.received == holder.printed
        assert not holder.audience.holds_up()


def test_a_full_disk_makes_the_program_wait_and_loses_nothing() -> None:
    with terminal() as holder:
        client = Client(holder)
        client.catch_up(3)
        client.cut()
        holder.turn()
        holder.history._spool._folder = "/proc/no/room"
        for _ in range(50):
            holder.program_prints(b"x" * 100)
        assert holder.audience.holds_up()
        assert len(holder.printed) <= SCROLLBACK + 200
        client.catch_up()
        assert client.received == holder.printed
        assert not holder.audience.holds_up()


def test_one_more_place_than_can_be_kept_costs_the_one_that_was_left_first() -> None:
    with terminal() as holder:
        names = [f"viewer-{number:010d}" for number in range(65)]
        for name in names[:64]:
            client = Client(holder, name)
            client.catch_up(1)
            client.cut()
            holder.turn()
        Client(holder, names[64]).catch_up(1)
        for name, known in ((names[1], True), (names[0], False)):
            client = Client(holder, name)
            client.catch_up(2)
            assert client.greeting["known"] is known


def test_the_time_of_an_absent_viewer_ends() -> None:
    with terminal() as holder:
        client = Client(holder, keep=5)
        client.catch_up(3)
        client.cut()
        holder.turn()
        now = time.monotonic()
        assert now < holder.audience.next_time() <= now + 5
        for _ in range(200):
            holder.program_prints(b"x" * 100)
        assert holder.audience.holds_up()
        holder.audience.keep_time(now + 6)
        assert not holder.audience.holds_up()
        client.first, client.received = None, b""
        client.catch_up(5)
        assert client.greeting["known"] is False


def test_a_goodbye_ends_the_promise() -> None:
    with terminal() as holder:
        client = Client(holder)
        client.catch_up(3)
        client.bye()
        holder.turn()
        for _ in range(200):
            holder.program_prints(b"x" * 100)
        assert len(holder.printed) == 20_000


def test_a_watcher_types_nothing_and_holds_up_nobody() -> None:
    with terminal() as holder:
        watcher, writer = Client(holder, "w" * 16, read_only=True), Client(holder)
        for client in (watcher, writer):
            client.catch_up(3)
        watcher.type(b"rm -rf /\n")
        for _ in range(100):
            holder.program_prints(b"x" * 100)
            holder.turn()
            writer.read(1 << 20)
            writer.acknowledge()
        assert holder.typed == b""
        assert len(holder.printed) == 10_000
        assert writer.received == holder.printed
        watcher.first, watcher.received = None, b""
        watcher.catch_up()
        assert holder.printed.endswith(watcher.received[-100:])


def test_one_who_comes_back_ends_its_older_connection_and_what_that_sent_late() -> None:
    with terminal() as holder:
        client = Client(holder)
        client.catch_up(3)
        client.type(b"once")
        late = client._socket  # the server has not noticed yet that it is dead
        client._socket = None
        holder_first = Client(holder)
        holder_first.wanted = client.wanted
        holder_first.first = 0
        holder_first.attach()
        for fd in sorted(holder.audience._viewers, reverse=True):  # the new connection is served before the old one
            viewer, said = holder.audience.receive(fd, ALL)
            if viewer is not None and said and said[0][0] == frames.ATTACH:
                holder.audience.attach(viewer, json.loads(said[0][1]), (80, 24), has_ended=False)
                break
        for _ in range(3):
            holder.turn()
            holder_first.read(1 << 20)
            holder_first.send_typed()
        assert holder.typed == b"once"
        assert late is not None
        late.close()


def test_no_more_than_a_window_is_under_way_to_who_acknowledges_nothing() -> None:
    with terminal() as holder:
        client = Client(holder)
        client.catch_up(3)
        client.cut()
        holder.turn()
        for _ in range(20):
            holder.program_prints(b"x" * 100)
        client.attach()
        for _ in range(50):
            holder.turn()
            client.read(1 << 20)
        assert len(client.received) == WINDOW
        client.catch_up()
        assert client.received == holder.printed


@pytest.mark.parametrize("claim", [-5, 10_000, 1 << 80])
def test_a_viewer_cannot_say_that_it_has_seen_what_it_was_not_sent(claim: int) -> None:
    with terminal() as holder:
        client = Client(holder)
        client.catch_up(3)
        holder.program_prints(b"x" * 10)
        client._say(frames.SEEN, {"seen": claim})
        holder.turn()
        assert holder.audience._places.owed_from() == 0


def test_viewers_are_told_how_many_they_are_and_the_size() -> None:
    with terminal() as holder:
        first, second = Client(holder), Client(holder, "b" * 16, read_only=True)
        first.catch_up(3)
        second.catch_up(3)
        first.read(1 << 20)
        assert first.told[-1] == {"cols": 80, "rows": 24, "attached": 2}
        assert second.greeting["attached"] == 2
        holder.audience.tell_news((100, 30))
        second.read(1 << 20)
        assert second.told[-1] == {"cols": 100, "rows": 30, "attached": 2}
        second.cut()
        holder.turn()
        first.read(1 << 20)
        assert first.told[-1] == {"cols": 100, "rows": 30, "attached": 1}


def test_an_absent_viewer_learns_the_end_after_all_the_rest() -> None:
    ended = {"code": 3, "ended": 0.0, "interrupted": False}
    with terminal() as holder:
        client = Client(holder)
        client.catch_up(3)
        client.cut()
        holder.turn()
        holder.program_prints(b"the rest")
        holder.has_ended = True
        now = time.monotonic()
        assert holder.audience.take_leave(ended, now, waits=True) is False
        stranger = Client(holder, "s" * 16)
        stranger.catch_up(2)
        assert stranger.greeting == {}
        client.attach()
        for _ in range(4):
            holder.turn()
            client.read(1 << 20)
            assert not client.ended
            client.acknowledge()
        assert client.received == b"the rest"
        assert holder.audience.take_leave(ended, now, waits=True) is True
        client.read(1 << 20)
        assert client.ended


@pytest.mark.parametrize("waits", [True, False])
def test_a_terminal_that_is_closed_waits_for_nobody_who_is_away(waits: bool) -> None:
    with terminal() as holder:
        client = Client(holder)
        client.catch_up(3)
        client.cut()
        holder.turn()
        holder.program_prints(b"unseen")
        assert holder.audience.take_leave({}, time.monotonic(), waits=waits) is not waits
