from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from carrel.core.spec import WorkspaceRef
from carrel.runtimes.docker.names import INSTALLATION, WORKSPACE, Names

NAMES = Names("0123456789abcdef")
REF = WorkspaceRef("aaaaaaaaaaaa", "blog--ana", "web")
ENGINE_TAKES = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_.-]+")


def test_names_are_deterministic_and_say_whose_they_are() -> None:
    assert NAMES.container(REF, "main") == "carrel-01234567-aaaaaaaaaaaa-main"
    assert NAMES.volume(REF, "home") == "carrel-01234567-aaaaaaaaaaaa-home"
    assert NAMES.network(REF) == "carrel-01234567-aaaaaaaaaaaa"
    assert NAMES.labels(REF)[INSTALLATION] == "0123456789abcdef"
    assert NAMES.labels(REF)[WORKSPACE] == REF.id


def test_shared_volumes_are_the_same_for_a_project_and_differ_between_projects() -> None:
    other = WorkspaceRef("bbbbbbbbbbbb", "", "web")
    elsewhere = WorkspaceRef("bbbbbbbbbbbb", "", "shop")
    assert NAMES.volume(REF, "cache", shared=True) == NAMES.volume(other, "cache", shared=True)
    assert NAMES.volume(REF, "cache", shared=True) != NAMES.volume(elsewhere, "cache", shared=True)
    tricky = [WorkspaceRef("c" * 12, "", project) for project in ("a-b", "a")]
    assert NAMES.volume(tricky[0], "c", shared=True) != NAMES.volume(tricky[1], "b-c", shared=True)


@given(st.text(min_size=1, max_size=150), st.text(min_size=1, max_size=150))
def test_any_name_becomes_one_that_the_engine_takes_and_different_ones_stay_different(one: str, other: str) -> None:
    names = [NAMES.container(REF, one), NAMES.container(REF, other)]
    assert all(ENGINE_TAKES.fullmatch(name) for name in names)
    assert all(len(name) < 200 for name in names)
    assert (names[0] == names[1]) == (one == other)


@given(st.text(min_size=1, max_size=40))
def test_no_container_of_a_spec_has_the_name_of_a_helper(name: str) -> None:
    assert NAMES.container(REF, name) not in {NAMES.helper(REF, kind) for kind in ("source", "files", "seed")}


def test_a_workspace_is_read_from_a_name_of_ours_only() -> None:
    assert NAMES.workspace_of("carrel-01234567-aaaaaaaaaaaa-main") == "aaaaaaaaaaaa"
    assert NAMES.workspace_of("carrel-01234567-aaaaaaaaaaaa") == "aaaaaaaaaaaa"
    for name in ("carrel-99999999-aaaaaaaaaaaa-main", "carrel-01234567-shared-0123-x", "other", "carrel-01234567-aaa"):
        assert NAMES.workspace_of(name) is None
