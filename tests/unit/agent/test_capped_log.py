"""The capped log against a model that keeps everything."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from carrel.agent.capped_log import CappedLog, read_log

HEAD, TAIL = 7, 11


@given(st.lists(st.binary(max_size=25), max_size=12), st.integers(-40, 80), st.integers(0, 40))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_what_is_read_is_what_was_written_there(tmp_path: Path, pieces: list[bytes], offset: int, limit: int) -> None:
    path = str(tmp_path / "log")
    log = CappedLog(path, HEAD, TAIL)
    for piece in pieces:
        log.write(piece)
    log.close()
    everything = b"".join(pieces)
    data, start, total = read_log(path, offset, limit)
    assert total == len(everything)
    assert everything[start : start + len(data)] == data
    asked = max(0, total + offset) if offset < 0 else offset
    if start > asked:
        assert HEAD <= start == total - TAIL


@given(st.lists(st.binary(max_size=25), max_size=12), st.integers(1, 9))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_a_follower_gets_the_head_and_the_tail_and_comes_to_an_end(
    tmp_path: Path, pieces: list[bytes], limit: int
) -> None:
    path = str(tmp_path / "log")
    log = CappedLog(path, HEAD, TAIL)
    for piece in pieces:
        log.write(piece)
    log.close()
    everything = b"".join(pieces)
    collected: dict[int, int] = {}
    offset = 0
    while True:
        data, start, total = read_log(path, offset, limit)
        collected.update(enumerate(data, start))
        if not data:
            break
        offset = start + len(data)
    assert offset == total
    kept = set(range(min(HEAD, total))) | set(range(max(0, total - TAIL), total))
    assert collected == {position: everything[position] for position in kept}


def test_the_file_stays_small_whatever_is_written(tmp_path: Path) -> None:
    path = tmp_path / "log"
    log = CappedLog(str(path), 1000, 2000)
    for _ in range(100):
        log.write(b"x" * 997)
    assert path.stat().st_size <= 3000 + 32
    log.close()


def test_another_file_is_no_log(tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(b"hello")
    with pytest.raises(ValueError, match="not a log"):
        read_log(str(tmp_path / "log"), 0, 10)
