"""A template.yaml: what is read, and what its author is told before anybody chooses it."""

from __future__ import annotations

import pytest

from carrel.core.problems import Problem
from carrel.core.template import Parameter, ParameterType, Size, Template, Update
from carrel.templates.read import read_template_file

WHOLE = """\
name: Blog
title: The blog
description: Pages
icon: python
parameters:
  - {name: python, type: choice, choices: ["3.9", "3.10"], default: 3.10, mutable: true}
  - {name: cpus, type: number, whole: true, minimum: 1, maximum: 4, default: 2}
  - {name: debug, type: boolean, default: false}
  - {name: url, pattern: "https://.+", description: its repository}
sizes:
  small: {cpu: "1", mem: 2Gi}
ceiling: {cpu: "4", mem: 8Gi}
grants: [capability]
update: at_start
workspace:
  source: ${parameters.url}
  container_image: python:${parameters.python}-slim
  resources: {cpu: "${parameters.cpus}", mem: 4Gi}
  env: {DEBUG: "${parameters.debug}", PRICE: "$${5}"}
  ttl_seconds: 1200
"""


def test_every_key_is_read() -> None:
    choice = ParameterType.CHOICE
    assert read_template_file(WHOLE.replace("[capability]", "[]")) == Template(
        name="blog",
        title="The blog",
        description="Pages",
        icon="python",
        parameters=(
            Parameter("python", choice, default="3.10", choices=("3.9", "3.10"), mutable=True),
            Parameter("cpus", ParameterType.NUMBER, default=2, minimum=1, maximum=4, whole=True),
            Parameter("debug", ParameterType.BOOLEAN, default=False),
            Parameter("url", description="its repository", pattern="https://.+"),
        ),
        sizes={"small": Size(1.0, 2 << 30)},
        ceiling=Size(4.0, 8 << 30),
        update=Update.AT_START,
        workspace={
            "source": "${parameters.url}",
            "container_image": "python:${parameters.python}-slim",
            "resources": {"cpu": "${parameters.cpus}", "mem": "4Gi"},
            "env": {"DEBUG": "${parameters.debug}", "PRICE": "$${5}"},
            "ttl_seconds": read_template_file(WHOLE.replace("[capability]", "[]")).workspace["ttl_seconds"],
        },
    )


BASE = """\
name: blog
parameters:
  - {name: size, type: choice, choices: [4Gi, 8GB], default: 4Gi}
workspace:
  resources: {mem: "${parameters.size}"}
"""
TEXT = "name: blog\nparameters:\n  - {name: a, default: x}\nworkspace:\n  env:\n    A: ${parameters.a}\n"
FAULTS = {
    "an empty file": ("", "line 1, column 1: the file is empty"),
    "a list": ("[]", "line 1, column 1: it should be keys with values, not a list"),
    "no name": ("title: x", "name: it is missing"),
    "a name with a look-alike": ("name: bl\u043eg", "look"),
    "a bound that no number reaches": (
        "name: a\nparameters: [{name: n, type: number, minimum: .inf}]\nworkspace: {}",
        "line 2, column 47: parameters[0].minimum: it is no number that can be counted with",
    ),
    "a bound with hundreds of digits": (
        f"name: a\nparameters: [{{name: n, type: number, default: 1, maximum: -0x{'f' * 400}}}]\nworkspace: {{}}",
        "parameters[0].maximum: it is no number that can be counted with",
    ),
    "a time with thousands of digits": (
        f"name: a\nworkspace: {{ttl_seconds: 0x{'f' * 9000}}}",
        "line 2, column 26: workspace.ttl_seconds: it has 9002 characters",
    ),
    "an idle TTL above the policy": (
        "name: a\npolicy: {ttl_max_seconds: 600}\nworkspace: {ttl_seconds: 0}",
        "line 3, column 26: workspace.ttl_seconds: 0 (never) is above the policy's ttl_max_seconds, 600",
    ),
    "an idle TTL below the policy": (
        "name: a\npolicy: {ttl_min_seconds: 600}\nworkspace: {ttl_seconds: 60}",
        "workspace.ttl_seconds: 60 is below the policy's ttl_min_seconds, 600",
    ),
    "a floor above the ceiling": (
        "name: a\npolicy: {ttl_min_seconds: 600, ttl_max_seconds: 60}",
        "policy.ttl_max_seconds: it is below the floor of 600",
    ),
    "a life above its ceiling": (
        "name: a\npolicy: {max_life_seconds: 0, hard_life_seconds: 600}",
        "policy.max_life_seconds: it is above the ceiling of 600",
    ),
    "a life of a moment": ("name: a\npolicy: {max_life_seconds: 5}", "a life has at least 60 seconds"),
    "a time that is none": ("name: a\npolicy: {max_life_seconds: 1h}", "it should be a whole number, not '1h'"),
    "a policy of what rests": ("name: a\npolicy: {trash_days: 1}", "there is no key 'trash_days'"),
    "an unknown key": ("name: a\nparametres: []", "line 2, column 1: there is no key 'parametres' (did you mean 'parameters'?)"),
    "a parameter without a name": ("name: a\nparameters: [{type: string}]", "line 2, column 14: parameters[0]: it has no name"),
    "a type that is none": (TEXT.replace("name: a,", "name: a, type: text,"), "there is no type 'text'"),
    "a parameter twice": ("name: a\nparameters: [{name: a}, {name: a}]", "parameters[1].name: the parameter 'a' is there twice"),
    "a parameter in other letters": (
        "name: a\nparameters: [{name: team}, {name: Team}]",
        "parameters[1].name: the parameter 'Team' is there twice, as 'team' in other letters",
    ),
    "a size in other letters": (
        "name: a\nsizes:\n  large: {cpu: 2}\n  Large: {cpu: 4}",
        "line 4, column 3: the size 'Large' is there twice, as 'large' in other letters",
    ),
    "a choice without choices": (TEXT.replace("name: a,", "name: a, type: choice,"), "a choice needs `choices`"),
    "choices of a string": (TEXT.replace("name: a,", "name: a, choices: [x],"), "it is for the type choice"),
    "a default that is no choice": (BASE.replace("default: 4Gi", "default: 4"), "'4' is none of its choices: 4Gi, 8GB"),
    "a default of another type": (TEXT.replace("name: a,", "name: a, type: number,"), "it should be a number, not 'x'"),
    "a pattern that is none": (TEXT.replace("name: a,", "name: a, pattern: '(',"), "it is no regular expression"),
    "a maximum below the minimum": (
        "name: a\nparameters: [{name: n, type: number, minimum: 3, maximum: 2}]",
        "maximum: it is less than the minimum",
    ),
    "a parameter that nothing uses": (
        "name: a\nparameters:\n  - name: lost\n",
        "line 3, column 11: parameters[0].name: nothing in `workspace` uses it",
    ),
    "a place that names no parameter": (
        TEXT.replace("${parameters.a}", "${parameters.b}${parameters.a}"),
        "line 6, column 8: workspace.env.A: there is no parameter 'b'",
    ),
    "a place that is none": (TEXT.replace("${parameters.a}", "${a}${parameters.a}"), "${a} is no place for a parameter"),
    "a choice that makes no workspace": (BASE, "resources.mem: with size '8GB': '8GB' is no amount of memory"),
    "a key that is the person's": (
        "name: a\nworkspace:\n  project: b",
        "line 3, column 3: that is said by the person who makes a workspace of the template",
    ),
    "an unknown key of a workspace": (
        "name: a\nworkspace:\n  on_start: x",
        "line 3, column 3: there is no key 'on_start' (did you mean 'on_startup'?)",
    ),
    "a size over the ceiling": (
        "name: a\nceiling: {cpu: 2}\nsizes:\n  big: {cpu: 4}",
        "sizes.big: cpu: 4 is over the template's ceiling of 2",
    ),
    "a GPU where the ceiling has none": (
        "name: a\nceiling: {cpu: 2}\nsizes:\n  big: {gpu: 1}",
        "gpu: 1 is over the template's ceiling of none",
    ),
    "resources over the ceiling": (
        "name: a\nceiling: {mem: 2Gi}\nworkspace:\n  resources: {mem: 4Gi}",
        "line 4, column 14: workspace.resources: mem: 4Gi is over the template's ceiling of 2Gi",
    ),
    "a grant that there is not": ("name: a\ngrants: [root]", "there is no grant 'root'"),
    "an update that is none": ("name: a\nupdate: always", "it should be one of on_demand, at_start, not 'always'"),
    "an alias": ("name: &a b\ntitle: *a", "anchors"),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_told_with_its_place(name: str) -> None:
    text, told = FAULTS[name]
    with pytest.raises(Problem) as caught:
        read_template_file(text)
    assert (caught.value.kind, told in caught.value.detail) == ("bad_value", True), caught.value.detail
    assert caught.value.detail.startswith("template.yaml, line ")


def test_a_name_that_is_nearly_right_is_named() -> None:
    with pytest.raises(Problem) as caught:
        read_template_file(WHOLE.replace("[capability]", "[]").replace("${parameters.debug}", "${parameters.debgu}"))
    assert "there is no parameter 'debgu' (did you mean 'debug'?)" in caught.value.detail
    assert "template-yaml.md" in caught.value.hint


def test_all_faults_are_told_at_once_in_the_order_of_the_file() -> None:
    with pytest.raises(Problem) as caught:
        read_template_file("name: a\nupdate: always\nicon: [x]\nworkspace:\n  nme: b\n")
    assert [(fault["line"], fault["column"]) for fault in caught.value.extra["faults"]] == [(2, 9), (3, 7), (5, 3)]


def test_a_ceiling_that_says_nothing_of_it_bounds_nothing_but_gpus() -> None:
    found = read_template_file("name: a\nceiling: {cpu: 2}\nworkspace:\n  resources: {mem: 64Gi}\n")
    assert found.ceiling == Size(cpus=2.0)


def test_many_choices_in_many_places_are_tried_until_it_is_enough() -> None:
    choices = ", ".join(["1", *(f"a{one}" for one in range(94))])
    parameters = "".join(f"  - {{name: p{one}, type: choice, choices: [{choices}]}}\n" for one in range(48))
    value = "".join(f"${{parameters.p{one}}}" for one in range(48))
    variables = "".join(f"    V{one}: '{value}'\n" for one in range(30))
    last = "  resources: {cpu: '${parameters.p0}'}\n"
    with pytest.raises(Problem, match="with p0 'a0'"):
        read_template_file(f"name: a\nparameters:\n{parameters}workspace:\n{last}  env:\n{variables}")
    found = read_template_file(f"name: a\nparameters:\n{parameters}workspace:\n  env:\n{variables}{last}")
    assert len(found.parameters) == 48
