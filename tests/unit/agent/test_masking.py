"""Secrets in output."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from carrel.agent.masking import MASK, Masker, masked_values


def mask(values: list[str], *pieces: bytes) -> bytes:
    masker = Masker(masked_values(values))
    return b"".join(masker.feed(piece) for piece in pieces) + masker.finish()


def test_a_secret_is_replaced_wherever_it_stands() -> None:
    assert mask(["hunter2"], b"a hunter2 b hunter2\n") == b"a ******** b ********\n"


def test_a_secret_that_contains_another_is_replaced_whole() -> None:
    assert mask(["abcd", "abcdefgh"], b"<abcdefgh><abcd>") == b"<********><********>"


def test_a_secret_that_begins_like_another_is_replaced_whole_however_it_is_cut() -> None:
    assert mask(["abcd", "abcdefgh"], b"<abcd", b"efgh>", b"abcd", b"!") == b"<********>********!"
    assert mask(["xyab", "abcdefgh"], b"xyab", b"!!") == b"********!!"


def test_the_lines_of_a_key_are_replaced_also_alone() -> None:
    key = "-----BEGIN KEY-----\nQUJDREVGRw\nab\n-----END KEY-----\n"
    assert mask([key], b"x QUJDREVGRw y ab") == b"x ******** y ab"
    assert mask([key], key.encode()) == b"********\n"


def test_values_too_short_to_hide_anything_are_left() -> None:
    assert mask(["no", ""], b"no nothing") == b"no nothing"


@given(st.lists(st.binary(max_size=6), max_size=10), st.integers(0, 200))
def test_however_the_output_is_cut_no_secret_comes_through(noise: list[bytes], cut: int) -> None:
    secret = b"s3cret-s3cret"
    text = secret.join(noise)
    whole = mask([secret.decode()], text)
    assert secret not in whole.replace(MASK, b"|")
    pieces = [text[i : i + 1 + cut % 5] for i in range(0, len(text), 1 + cut % 5)]
    assert mask([secret.decode()], *pieces) == whole
