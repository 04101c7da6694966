"""Where viewers of a terminal are kept."""

from __future__ import annotations

from carrel.agent.places import LIMIT, Places


def test_however_many_look_on_who_types_keeps_his_place() -> None:
    places = Places()
    here, away = places.take("here"), places.take("away")
    places.leave(away, 1.0)
    for number in range(3 * LIMIT):
        watcher = places.take(f"watcher {number}")
        watcher.is_read_only = True
    assert len(places) == LIMIT
    assert places.known("here") is here
    assert places.known("away") is away
    assert places.known("watcher 0") is None
