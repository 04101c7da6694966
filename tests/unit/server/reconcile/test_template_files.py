from __future__ import annotations

import hashlib

from carrel.runtimes.contract import FilePlacement
from carrel.server.reconcile.template_files import placements


def test_a_project_without_files_gets_all_but_the_template_itself() -> None:
    now = {"template.yaml": b"name: x", "b": b"#!/bin/sh", "a/template.yaml": b""}
    assert placements({}, now) == [FilePlacement("a/template.yaml", b""), FilePlacement("b", b"#!/bin/sh", "", True)]


def test_only_what_differs_is_placed_and_what_is_gone_goes() -> None:
    before, now = {"same": b"1", "other": b"1", "gone": b"1"}, {"same": b"1", "other": b"2", "new": b"1"}
    known = hashlib.sha256(b"1").hexdigest()
    assert placements(before, now) == [
        FilePlacement("gone", None, known),
        FilePlacement("new", b"1"),
        FilePlacement("other", b"2", known),
    ]
