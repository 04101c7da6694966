"""A viewer's place in a terminal: what it keeps so that nothing is lost and nothing is typed twice."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from carrel.cli.terminal_place import ACKNOWLEDGE_BYTES, INPUT_LIMIT, TerminalPlace


class Terminal:
    """A holder that prints and takes input, and knows this viewer or does not."""

    def __init__(self) -> None:
        self.printed = b""
        self.typed = b""
        self.seen = -1
        self.knows = False

    def greet(self, place: TerminalPlace) -> bytes:
        """What follows a new connection."""
        first = max(place.seen, 0)
        assert first >= self.seen, "what was acknowledged need not be there any more"
        place.connected()
        place.greet({"offset": first, "typed": len(self.typed), "known": self.knows})
        self.knows = True
        return self.printed[first:]


EVENTS = st.lists(
    st.tuples(
        st.sampled_from(["print", "type", "type and cut", "arrive", "take", "acknowledge", "cut"]), st.integers(1, 50)
    ),
    max_size=60,
)


@given(EVENTS)
def test_whatever_is_cut_both_sides_get_everything_once(events: list[tuple[str, int]]) -> None:
    terminal, place, shown, wanted = Terminal(), TerminalPlace(), b"", b""
    coming = terminal.greet(place)
    for number, (event, amount) in enumerate(events):
        data = bytes([33 + number]) * amount
        if event == "print":
            terminal.printed += data
            coming += data
        elif event.startswith("type"):
            wanted += data
            place.type(data)
            sent = place.pull()
            terminal.typed += sent if event == "type" else sent[: amount // 2]
        elif event == "arrive":
            piece, coming = coming[:amount], coming[amount:]
            shown += piece
            place.received(len(piece))
        elif event == "take":
            place.took(len(terminal.typed))
        elif event == "acknowledge" and place.owes_acknowledgement():
            terminal.seen = place.acknowledge()["seen"]
        if "cut" in event:
            coming = terminal.greet(place)
            terminal.typed += place.pull()
    coming = terminal.greet(place)
    terminal.typed += place.pull()
    shown += coming
    assert shown == terminal.printed
    assert terminal.typed == wanted


def test_what_is_typed_before_the_first_greeting_is_typed_after_it() -> None:
    place = TerminalPlace()
    place.type(b"ls\n")
    assert place.pull() == b""
    assert place.greet({"offset": 0, "typed": 0, "known": False}) is False
    assert place.pull() == b"ls\n"
    assert place.pull() == b""


def test_a_terminal_that_has_forgotten_the_viewer_gets_nothing_twice() -> None:
    place = TerminalPlace()
    place.greet({"offset": 0, "typed": 0, "known": False})
    place.type(b"rm x\n")
    assert place.pull() == b"rm x\n"
    place.connected()
    place.type(b"y")
    assert place.greet({"offset": 900, "typed": 0, "known": False}) is False
    assert place.pull() == b""
    place.type(b"z")
    assert place.pull() == b"z"


def test_output_is_acknowledged_at_once_when_it_is_much_and_soon_when_it_is_little() -> None:
    place = TerminalPlace()
    assert not place.owes_acknowledgement()
    place.greet({"offset": 5, "typed": 0, "known": False})
    assert not place.owes_acknowledgement()
    place.received(1)
    assert place.owes_acknowledgement()
    assert not place.is_due()
    place.received(ACKNOWLEDGE_BYTES)
    assert place.is_due()
    assert place.acknowledge() == {"seen": 6 + ACKNOWLEDGE_BYTES}
    assert not place.owes_acknowledgement()


def test_input_that_nobody_takes_is_bounded() -> None:
    place = TerminalPlace()
    place.type(b"x" * INPUT_LIMIT)
    assert place.room == 0
    place.greet({"offset": 0, "typed": 0, "known": False})
    place.pull()
    place.took(10)
    assert place.room == 10


def test_viewers_have_ids_of_their_own_that_the_server_takes() -> None:
    assert len({TerminalPlace().viewer for _ in range(20)}) == 20
    assert len(TerminalPlace().viewer) == 22
