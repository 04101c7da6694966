"""Every event has a sentence."""

from __future__ import annotations

import re
from typing import Any

import pytest

from carrel.cli.describe import SENTENCES, describe
from carrel.core.events import EVENTS


def test_every_kind_of_event_is_told() -> None:
    assert set(SENTENCES) == set(EVENTS)


@pytest.mark.parametrize("kind", EVENTS)
def test_a_sentence_needs_none_of_the_particulars(kind: str) -> None:
    assert describe(kind, {}).strip()


@pytest.mark.parametrize("kind", EVENTS)
def test_a_sentence_takes_particulars_of_other_types(kind: str) -> None:
    names = re.findall(r"`(\w+)`", EVENTS[kind])
    values: list[Any] = [None, "x", 7, True, ["a"]]
    for value in values:
        data = dict.fromkeys(names, value)
        if not isinstance(value, int):
            data.pop("took_ms", None)
        if not isinstance(value, list):
            data.pop("fields", None)
        assert describe(kind, data)


@pytest.mark.parametrize(
    ("kind", "data", "sentence"),
    [
        ("goal_changed", {"goal": "stop", "by": "ana", "reason": "stop"}, "asked to stop: by ana, stop"),
        ("ready", {"took_ms": 1500}, "ready: after 1.5 s"),
        ("hook_failed", {"stage": "postCreate", "origin": "image", "exit_code": 0}, "hook postCreate failed: image, status 0"),
        ("template_files", {"version": 2, "placed": 3, "kept": ["a", "b"], "more": 0}, "3 files of the template, version 2, written or removed: kept as somebody made them, a, b"),
        ("template_not_updated", {"template": "ml", "version": 2, "detail": "why"}, "starts without version 2 of the template ml: why"),
        ("phase_changed", {"phase": "cloning"}, "phase cloning"),
        ("of_a_newer_server", {}, "of a newer server"),
    ],
)  # fmt: skip
def test_sentences(kind: str, data: dict[str, Any], sentence: str) -> None:
    assert describe(kind, data) == sentence
