"""How often the audit hears of the same person coming in the same way."""

from __future__ import annotations

from carrel.server.api.entries import AGAIN_SECONDS, MOST_KNOWN, Entries


def test_the_same_entry_is_due_again_after_its_time_and_each_other_at_once() -> None:
    now = [0.0]
    entries = Entries(lambda: now[0])
    ssh, files = ("t1", "w1", "ssh"), ("t1", "w1", "files")
    assert [entries.is_due(one) for one in (ssh, ssh, files, ("t2", "w1", "ssh"))] == [True, False, True, True]
    now[0] = AGAIN_SECONDS - 1
    assert not entries.is_due(ssh)
    now[0] = AGAIN_SECONDS
    assert entries.is_due(ssh)


def test_what_is_known_is_bounded() -> None:
    entries = Entries(lambda: 0.0)
    for number in range(3 * MOST_KNOWN):
        assert entries.is_due(("t", "w", f"terminal {number}"))
    assert len(entries._written) <= MOST_KNOWN
