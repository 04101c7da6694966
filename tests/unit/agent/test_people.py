"""Who is here: told every 30 s, forgotten after 75 s, bounded."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from carrel.agent.people import FORGOTTEN_AFTER, MAX_NAME, MOST_PEOPLE, MOST_WAYS, RETURNS_WITHIN, People
from carrel.core.agent import Person

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def later(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def test_who_stays_is_here_since_he_came() -> None:
    people = People()
    assert people.note("ana", "ssh", NOW)
    for beat in range(1, 5):
        assert not people.note("ana", "ssh", later(30 * beat))
    assert people.here(later(130)) == (Person("ana", ("ssh",), NOW, later(120)),)


def test_one_lost_message_is_no_leaving_and_silence_is() -> None:
    people = People()
    people.note("ana", "ssh", NOW)
    assert people.here(NOW + FORGOTTEN_AFTER) != ()
    assert people.here(NOW + FORGOTTEN_AFTER + timedelta(seconds=1)) == ()


def test_several_ways_are_told_and_each_is_forgotten_by_itself() -> None:
    people = People()
    people.note("ana", "ssh", NOW)
    people.note("ana", "app code", later(60))
    assert people.here(later(61))[0].ways == ("app code", "ssh")
    assert people.here(later(100))[0].ways == ("app code",)


def test_who_comes_back_soon_has_not_joined_anew_and_later_he_has() -> None:
    people = People()
    assert people.note("ana", "ssh", NOW)
    assert not people.note("ana", "ssh", NOW + RETURNS_WITHIN)
    assert people.here(NOW + RETURNS_WITHIN)[0].since == NOW + RETURNS_WITHIN
    assert people.note("ana", "ssh", NOW + 2 * RETURNS_WITHIN + timedelta(seconds=1))
    people.here(NOW + 5 * RETURNS_WITHIN)
    assert people.note("ana", "ssh", NOW + 5 * RETURNS_WITHIN)


def test_people_are_told_in_the_order_in_which_they_came() -> None:
    people = People()
    for second, name in enumerate(("cleo", "ana", "ben")):
        people.note(name, "ssh", later(second))
    assert [person.name for person in people.here(later(5))] == ["cleo", "ana", "ben"]


def test_neither_crowds_nor_long_names_take_more_memory() -> None:
    people = People()
    for number in range(MOST_PEOPLE + 50):
        people.note(f"{number:03} {'x' * 1000}", "ssh", later(number / 100))
    here = people.here(later(10))
    assert len(here) == MOST_PEOPLE
    assert max(len(person.name) for person in here) == MAX_NAME
    assert here[0].name.startswith("050 ")
    for number in range(MOST_WAYS + 5):
        people.note("ana", f"port {number}", later(20 + number))
    assert len(next(person for person in people.here(later(50)) if person.name == "ana").ways) == MOST_WAYS
