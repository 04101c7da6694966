"""What is passed on of a hook's log while it grows."""

from __future__ import annotations

from carrel.server.reconcile.agents import LOG_CHUNK_BYTES, whole_lines


def test_a_line_that_is_still_being_written_waits() -> None:
    assert whole_lines(b"one\ntw", is_last=False) == b"one\n"
    assert whole_lines(b"tw", is_last=False) == b""


def test_the_end_of_a_log_needs_no_line_end() -> None:
    assert whole_lines(b"one\ntwo", is_last=True) == b"one\ntwo"


def test_a_line_longer_than_a_piece_is_passed_on_in_pieces() -> None:
    piece = b"x" * LOG_CHUNK_BYTES
    assert whole_lines(piece, is_last=False) == piece
