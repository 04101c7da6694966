from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carrel.core.problems import Problem
from carrel.devcontainer.features.order import (
    Node,
    SoftDependency,
    compare_options,
    compare_tags,
    compare_text,
    install_order,
    is_equal,
)
from carrel.devcontainer.features.record import Feature
from carrel.devcontainer.features.reference import parse_reference


def feature(name: str, given: Any = None, digest: str = "", **metadata: Any) -> Feature:
    written = name if name.startswith(("./", "https:")) or "/" in name else f"ghcr.io/c/{name}"
    reference = parse_reference(written, ".devcontainer/devcontainer.json")
    return Feature(
        reference,
        {"id": reference.id, "version": "1", **metadata},
        given if given is not None else {},
        digest or f"sha256:{written}",
    )


def node(name: str, hard: tuple[str, ...] = (), soft: tuple[str, ...] = (), priority: int = 0) -> Node:
    return Node(
        feature(name),
        tuple(feature(one) for one in hard),
        tuple(SoftDependency(feature(one).reference) for one in soft),
        priority,
    )


def order(*nodes: Node) -> list[str]:
    return [one.reference.id for one in install_order(nodes)]


@pytest.mark.conformance("C267", "C274", "C256", "C266")
def test_rounds_follow_dependencies_and_names() -> None:
    assert order(node("c", hard=("a",)), node("b"), node("a")) == ["a", "b", "c"]
    assert order(node("a", hard=("z",)), node("z")) == ["z", "a"]


@pytest.mark.conformance("C263", "C257")
def test_soft_dependencies_count_only_where_the_feature_is_wanted() -> None:
    assert order(node("a", soft=("b", "absent")), node("b")) == ["b", "a"]


@pytest.mark.conformance("C268", "C270")
def test_priority_orders_a_round_and_never_overrides_dependencies() -> None:
    assert order(node("a"), node("b"), node("c", priority=1)) == ["c", "a", "b"]
    assert order(node("a", hard=("b",), priority=9), node("b"), node("c", priority=5)) == ["c", "b", "a"]


@pytest.mark.conformance("C271")
@pytest.mark.parametrize("kind", ["hard", "soft"])
def test_a_circle_is_an_error_that_names_the_rest(kind: str) -> None:
    circle = (
        [node("a", ("b",)), node("b", ("a",))] if kind == "hard" else [node("a", (), ("b",)), node("b", (), ("a",))]
    )
    with pytest.raises(Problem, match=r"circle: ghcr\.io/c/a, ghcr\.io/c/b"):
        install_order([node("x"), *circle])


@pytest.mark.conformance("C264", "C265")
def test_a_soft_dependency_matches_any_version_and_old_ids() -> None:
    new = parse_reference("ghcr.io/c/gamma:2")
    assert SoftDependency(new).matches(feature("ghcr.io/c/gamma:1", {"a": "b"}))
    assert not SoftDependency(new).matches(feature("oldgamma"))
    assert SoftDependency(new, ("gamma", "oldgamma")).matches(feature("oldgamma"))
    assert not SoftDependency(new, ("gamma", "oldgamma")).matches(feature("ghcr.io/other/oldgamma"))
    assert not SoftDependency(new).matches(feature("./gamma"))


@pytest.mark.conformance("C281", "C282", "C283", "C284")
def test_equality_is_content_and_options() -> None:
    assert is_equal(feature("a:1", digest="sha256:1"), feature("a", digest="sha256:1"))
    assert not is_equal(feature("a", {"x": "1"}, "sha256:1"), feature("a", {"x": "2"}, "sha256:1"))
    assert not is_equal(feature("a:1", digest="sha256:1"), feature("a:2", digest="sha256:2"))
    assert is_equal(feature("./a", {"x": "1"}), feature("./a", {"x": "1"}))
    assert not is_equal(feature("./a"), feature("./b"))
    one, two = "https://e.org/1/devcontainer-feature-a.tgz", "https://e.org/2/devcontainer-feature-a.tgz"
    assert is_equal(feature(one, digest="sha256:1"), feature(two, digest="sha256:1"))
    assert not is_equal(feature(one, digest="sha256:1"), feature(two, digest="sha256:2"))


@pytest.mark.conformance("C275")
@pytest.mark.parametrize(
    ("one", "other"), [("9", "10"), ("1.9.9", "2.0.0"), ("2.0.0", "2.0.1"), ("3", "latest"), ("1", "1.1")]
)
def test_tags_are_compared_as_versions(one: str, other: str) -> None:
    assert compare_tags(one, other) < 0 < compare_tags(other, one)


@pytest.mark.conformance("C276", "C277")
def test_options_are_compared_by_number_keys_and_values() -> None:
    ordered: list[Any] = [
        {},
        {"a": "x"},
        {"b": False},
        {"b": True},
        {"b": "x"},
        {"a": "x", "b": "1"},
        {"a": "x", "b": "2"},
    ]
    for index, one in enumerate(ordered[:4]):
        for other in ordered[index + 1 : 4]:
            assert compare_options(one, other) < 0
    assert compare_options({"b": "x"}, {"a": "x", "b": "1"}) < 0
    assert compare_options({"a": "x", "b": "1"}, {"a": "x", "b": "2"}) < 0
    assert compare_options("1", "2") < 0
    assert compare_options(False, True) < 0
    assert compare_options({}, "1") < 0
    assert compare_options({"b": "1", "a": "1"}, {"a": "1", "b": "1"}) == 0
    assert compare_options({"a": True}, {"a": "1"}) < 0, "the reference takes these for the same and drops one"


@pytest.mark.conformance("C279")
def test_features_of_different_kinds_are_ordered_by_their_text() -> None:
    assert [one.name for one in install_order([node("ghcr.io/c/a"), node("./z")])] == ["./z", "ghcr.io/c/a"]


@pytest.mark.conformance("C280")
def test_letters_sort_together_whatever_their_case() -> None:
    words = ["a-b", "a.b", "a/b", "a1", "aa", "aB", "b", "B", "ba"]
    for index, one in enumerate(words):
        for other in words[index + 1 :]:
            assert compare_text(one, other) < 0 < compare_text(other, one)


@pytest.mark.conformance("C254")
def test_the_same_feature_with_other_options_is_installed_again() -> None:
    nodes = [Node(feature("a", {"x": "2"})), Node(feature("a", {"x": "1"})), Node(feature("a", {}))]
    assert [one.given for one in install_order(nodes)] == [{}, {"x": "1"}, {"x": "2"}]


@pytest.mark.conformance("C278")
def test_what_is_the_same_but_for_its_digest_is_ordered_by_it() -> None:
    digests = [f"sha256:{digit * 64}" for digit in "0af"]
    nodes = [Node(feature(f"a@{digest}", {"x": "1"}, digest)) for digest in reversed(digests)]
    assert [one.digest for one in install_order(nodes)] == digests


NAMES = "abcdefgh"


@st.composite
def graphs(draw: st.DrawFn) -> list[Node]:
    names = draw(st.lists(st.sampled_from(NAMES), unique=True, min_size=1))
    nodes = []
    for index, name in enumerate(names):
        before = st.lists(st.sampled_from(names[:index]), unique=True) if index else st.just([])
        nodes.append(node(name, tuple(draw(before)), tuple(draw(before)), draw(st.integers(0, 3))))
    return draw(st.permutations(nodes))


@given(graphs())
def test_every_feature_comes_once_and_after_all_it_needs(nodes: list[Node]) -> None:
    ids = order(*nodes)
    assert sorted(ids) == sorted(one.feature.reference.id for one in nodes)
    for one in nodes:
        needed = [hard.reference.id for hard in one.hard] + [soft.reference.id for soft in one.soft]
        assert all(ids.index(name) < ids.index(one.feature.reference.id) for name in needed)


@given(graphs(), st.randoms())
def test_the_order_does_not_depend_on_how_the_features_are_listed(nodes: list[Node], random: Any) -> None:
    shuffled = list(nodes)
    random.shuffle(shuffled)
    assert order(*nodes) == order(*shuffled)
