"""The template's and the person's part of a workspace: together, apart again, and under another version."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from carrel.core.definition import Definition, ImageSpec, WantedSecret
from carrel.core.problems import Problem
from carrel.core.schedule import Schedule
from carrel.core.spec import EmptySource, FolderSource, GitSource, Limits
from carrel.core.template import Size
from carrel.templates.folder import read_template_folder
from carrel.templates.joining import Shape, bounded, check_said, joined, own_of, shape_of
from carrel.templates.parameters import values_of
from carrel.templates.use import fill, policy_of

GIB = 2**30
texts = some.sampled_from(["", "one", "two"])
tables = some.dictionaries(some.sampled_from("ABC"), some.sampled_from(["1", "2"]), max_size=3)
definitions = some.builds(
    Definition,
    description=texts,
    image=some.sampled_from(["", "debian:12", "python:3.12"]),
    accelerator=some.sampled_from(["", "nvidia-l4"]),
    on_startup=some.sampled_from([(), ("make",), ("make", "run")]),
    env=tables,
    secrets=some.sampled_from([(), (WantedSecret("k"),), (WantedSecret("k", "X"), WantedSecret("l"))]),
    apps=some.sampled_from([(), ({"name": "docs", "port": 8000},)]),
    schedule=some.none() | some.just(Schedule("", "19:00")),
)
shapes = some.builds(
    Shape,
    source=some.sampled_from(
        [EmptySource(), GitSource("https://git.example.org/a"), GitSource("https://git.example.org/b")]
    ),
    devcontainer=some.sampled_from(["", ".devcontainer.json"]),
    limits=some.builds(
        Limits,
        cpus=some.none() | some.sampled_from([1.0, 2.0]),
        memory_bytes=some.none() | some.sampled_from([GIB, 2 * GIB]),
        gpus=some.integers(0, 2),
        pids=some.just(100),
    ),
    ttl_seconds=some.none() | some.sampled_from([60, 600]),
    allow=some.sampled_from([(), ("privileged",), ("devices:/dev/a", "privileged")]),
    labels=tables,
    definition=definitions,
)


def told(of: Shape, own: Shape) -> bool:
    try:
        check_said("t", of, own)
    except Problem as problem:
        return bool(problem.extra["keys"])
    return False


@given(shapes, shapes)
def test_joining_again_what_is_ones_own_changes_nothing(of: Shape, said: Shape) -> None:
    now = joined(of, said, None)
    own = own_of(now, of, of.limits)
    again = joined(of, own, None)
    assert again == replace(now, allow=again.allow)
    assert set(again.allow) == set(now.allow)


@given(shapes, shapes)
def test_what_may_be_said_is_there_afterwards(of: Shape, said: Shape) -> None:
    if told(of, said):
        return
    now = joined(of, said, None)
    assert said.definition.env.items() <= now.definition.env.items()
    assert set(said.definition.secrets) <= set(now.definition.secrets)
    assert said.labels.items() <= now.labels.items()
    for name in ("image", "accelerator", "on_startup", "apps", "description"):
        assert getattr(now.definition, name) == getattr(said.definition, name) or not getattr(said.definition, name)


@given(shapes, shapes, shapes)
def test_another_version_decides_what_it_names_and_leaves_the_rest(of: Shape, newer: Shape, said: Shape) -> None:
    now = joined(newer, own_of(joined(of, said, None), of, of.limits), None)
    assert newer.definition.env.items() <= now.definition.env.items()
    assert set(newer.definition.secrets) <= set(now.definition.secrets)
    assert set(newer.allow) <= set(now.allow)
    for name in ("image", "accelerator", "on_startup", "apps"):
        assert getattr(now.definition, name) == getattr(newer.definition, name) or not getattr(newer.definition, name)
    # Nothing of the older version is left that nobody said.
    left = set(now.definition.env) - set(newer.definition.env)
    assert left <= set(said.definition.env)


@pytest.mark.parametrize(
    ("ours", "said", "is_told"),
    [
        (GitSource("https://git.example.org/a"), GitSource("git.example.org/me/a"), True),
        (GitSource("https://git.example.org/me/a"), GitSource("git.example.org/me/a"), False),
        (GitSource("https://git.example.org/me/a"), GitSource("https://git.example.org/me/a", "main"), True),
        (EmptySource(), GitSource("https://git.example.org/a"), False),
        (GitSource("https://git.example.org/a"), EmptySource(), False),
        (GitSource("https://git.example.org/a"), FolderSource("/home/a"), True),
    ],
)  # fmt: skip
def test_the_same_source_in_other_words_is_the_same(ours: Any, said: Any, is_told: bool) -> None:
    assert told(Shape(source=ours), Shape(source=said)) is is_told


def test_a_configuration_beside_the_template_is_its_image() -> None:
    of = Shape(has_configuration=True)
    for own in (Definition(image="debian:12"), Definition(image_spec=ImageSpec("x"))):
        assert told(of, Shape(definition=own))
        assert joined(of, Shape(definition=own), None).definition == Definition()


@pytest.mark.parametrize(
    ("limits", "says"),
    [
        (Limits(cpus=3), "cpu: 3 is over the template's ceiling of 2"),
        (Limits(memory_bytes=3 * GIB), "mem: 3Gi is over the template's ceiling of 2Gi"),
        (Limits(gpus=1), "gpu: 1 is over the template's ceiling of none"),
    ],
)
def test_nobody_is_over_the_ceiling(limits: Limits, says: str) -> None:
    ceiling = Size(2, 2 * GIB)
    with pytest.raises(Problem, match=r"over_quota|A limit is reached") as caught:
        joined(Shape(), Shape(limits=limits), ceiling)
    assert says in caught.value.detail
    assert caught.value.extra == {"level": "template"}
    asked = bounded(Limits(), Limits(cpus=8, memory_bytes=GIB), ceiling)
    assert (asked.cpus, asked.memory_bytes) == (2, GIB)
    assert bounded(Limits(), Limits(), None) == Limits()


YAML = b"""
name: t
parameters:
  - {name: url, default: "https://git.example.org/b"}
  - {name: idle, type: number, default: 600}
workspace:
  source: {url: "${parameters.url}", ref: main}
  container_image: {name: a, requirements: ./req.txt}
  ttl_seconds: "${parameters.idle}"
  schedule: {stop: "19:00"}
"""


def test_a_template_is_filled_with_its_files_and_its_policy_is_apart() -> None:
    folder = read_template_folder({"template.yaml": YAML, "req.txt": b"# of the paper\nnumpy\n"})
    filled = fill(folder, values_of(folder.template, {"url": "https://git.example.org/a"}))
    assert filled.source == ("https://git.example.org/a", "main")
    assert filled.definition.image_spec is not None
    assert "numpy" in filled.definition.image_spec.requirements
    assert (filled.ttl_seconds, filled.definition.schedule) == (600, None)
    policy = policy_of(folder.template)
    assert policy is not None
    assert (policy.ttl_seconds, policy.schedule) == (None, Schedule("", "19:00"))
    assert shape_of(filled, ("privileged",)).source == GitSource("https://git.example.org/a", "main")


def test_a_template_that_says_nothing_has_no_policy() -> None:
    folder = read_template_folder({"template.yaml": b"name: t"})
    assert policy_of(folder.template) is None
    assert shape_of(fill(folder, {}), ()) == Shape(limits=Limits(pids=None))
