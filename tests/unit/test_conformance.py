"""Every item of the Dev Containers conformance list has a test that carries its number, but those that are named as missing."""

from __future__ import annotations

from tests.conformance import PROVED_NOW, items, marked, missing_by_name, without_test


def test_the_list_is_whole() -> None:
    assert sorted(items()) == [f"C{number:03}" for number in range(1, 467)]
    assert set(items().values()) == {*PROVED_NOW, "k"}


def test_marks_name_items_of_the_list() -> None:
    unknown = {number: files for number, files in marked().items() if number not in items()}
    assert not unknown


def test_an_item_without_a_test_is_named_as_missing() -> None:
    assert [number for number in without_test() if number not in missing_by_name()] == []
    assert missing_by_name() <= set(items())
