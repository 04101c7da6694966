"""Counting at the door."""

from __future__ import annotations

from carrel.gateway.limits import Doorkeeper, Limits

FEW = Limits(connections=5, of_address=3, unknown=4, unknown_of_address=2, failures=3, failure_seconds=30)


def test_one_address_has_so_many_connections_and_others_still_come_in() -> None:
    door = Doorkeeper(FEW)
    assert [door.admits("a", 0), door.admits("a", 0), door.admits("a", 0)] == [True, True, False]
    door.known("a")
    assert door.admits("a", 0), "known people count less"
    door.known("a")
    assert not door.admits("a", 0), "three connections of one address"
    assert door.admits("b", 0)


def test_connections_in_all_are_bounded() -> None:
    door = Doorkeeper(FEW)
    for address in "abcde":
        assert door.admits(address, 0)
        door.known(address)
    assert not door.admits("f", 0)
    door.left("a", 0, is_known=True)
    assert door.admits("f", 0)


def test_failures_of_an_address_close_the_door_for_a_while() -> None:
    door = Doorkeeper(FEW)
    for _ in range(3):
        assert door.admits("a", 0)
        door.left("a", 0, is_known=False)
    assert not door.admits("a", 0)
    assert door.admits("b", 0)
    assert not door.admits("a", 0.5)
    assert door.admits("a", 11), "a third of the time, one failure fewer"


def test_who_shows_no_key_has_not_failed() -> None:
    door = Doorkeeper(FEW)
    for _ in range(10):
        assert door.admits("a", 0)
        door.left("a", 0, is_known=False, has_tried=False)
    assert door.admits("a", 0)
