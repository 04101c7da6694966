"""An image specification as a build file: whatever a user writes stays where it belongs."""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carrel.core.definition import ImageSpec
from carrel.core.problems import Problem
from carrel.definition.image import read_image_spec
from carrel.definition.image_build import (
    APT_SCRIPT,
    PYTHON_SCRIPT,
    REQUIREMENTS,
    VENV,
    ImageBase,
    image_env,
    image_step,
    pushed_name,
)
from carrel.definition.values import read_env
from carrel.runtimes.docker.dockerfile import instructions

BASE = ImageBase("debian:12", "sha256:1", "", {"PATH": "/usr/bin"})
KEYWORDS = frozenset({"FROM", "USER", "ENV", "RUN", "COPY"})
FULL = ImageSpec(
    "ml",
    packages=("six", "numpy>=2"),
    python_version="3.12",
    apt_packages=("tree", "jq"),
    requirements=("rich==14.0.0",),
    env={"A": "1"},
    commands=("make install", "echo $HOME > /etc/where"),
)


def built(spec: ImageSpec, base: ImageBase = BASE) -> list[str]:
    return image_step(spec, base, "carrel-env/default").dockerfile.splitlines()


def argv(line: str) -> list[str]:
    words: list[str] = json.loads(line.removeprefix("RUN "))
    return words


def test_each_key_is_an_instruction_in_its_place() -> None:
    lines = built(FULL)
    assert [line.split()[0] for line in lines] == [
        "FROM", "USER", "ENV", "COPY", "RUN", "COPY", "ENV", "COPY", "RUN", "RUN", "RUN", "USER",
    ]  # fmt: skip
    assert lines[:3] == ["FROM debian:12", "USER root", 'ENV A="1"']
    assert argv(lines[4]) == ["/bin/sh", "-e", f"/tmp/{APT_SCRIPT}", "tree", "jq"]
    assert lines[5:7] == [
        f"COPY {REQUIREMENTS} /tmp/{REQUIREMENTS}",
        f'ENV VIRTUAL_ENV="{VENV}" PATH="{VENV}/bin:$PATH"',
    ]
    assert argv(lines[8]) == [
        "/bin/sh", "-e", f"/tmp/{PYTHON_SCRIPT}", VENV, "3.12", f"/tmp/{REQUIREMENTS}", "six", "numpy>=2",
    ]  # fmt: skip
    assert [argv(line)[2:] for line in lines[9:11]] == [["-c", "--", command] for command in FULL.commands]
    assert lines[11] == "USER root"
    files = image_step(FULL, BASE, "r").files
    assert files.keys() == {REQUIREMENTS, APT_SCRIPT, PYTHON_SCRIPT}
    assert files[REQUIREMENTS] == b"rich==14.0.0\n"
    assert built(ImageSpec("nothing")) == ["FROM debian:12", "USER root", "USER root"]


def test_a_failing_line_is_named_by_the_key_that_it_came_from() -> None:
    step = image_step(FULL, BASE, "r")
    assert step.parts == {
        "1": "base_image",
        "3": "env.A",
        "5": "apt_packages (tree, jq)",
        "6": "requirements",
        "9": "python_version, requirements, packages (six, numpy>=2)",
        "10": "commands[0] (make install)",
        "11": "commands[1] (echo $HOME > /etc/where)",
    }


def test_the_tag_says_the_content_and_nothing_else() -> None:
    tag = image_step(FULL, BASE, "carrel-env/default").tag
    assert re.fullmatch(r"carrel-env/default:[0-9a-f]{24}", tag)
    same = replace(FULL, name="other", registry="registry.example.com/team", builder="union")
    assert image_step(same, replace(BASE), "carrel-env/default").tag == tag
    changes: list[dict[str, Any]] = [
        {"packages": ("six",)},
        {"python_version": "3.11"},
        {"apt_packages": ()},
        {"requirements": ("rich==14.0.1",)},
        {"env": {"A": "2"}},
        {"commands": FULL.commands[::-1]},
    ]
    others = [image_step(replace(FULL, **change), BASE, "carrel-env/default").tag for change in changes]
    others.append(image_step(FULL, replace(BASE, id="sha256:2"), "carrel-env/default").tag)
    assert len({tag, *others}) == 8
    assert pushed_name(same, tag) == f"registry.example.com/team/other:{tag.rpartition(':')[2]}"
    assert pushed_name(FULL, tag) == ""


def test_the_user_and_the_python_environment_of_the_base_image_stay() -> None:
    base = ImageBase("b:1", "1", "vscode", {"VIRTUAL_ENV": "/srv/env", "PATH": "/bin"})
    lines = built(ImageSpec("x", packages=("six",)), base)
    assert lines[-1] == "USER vscode"
    assert argv(lines[4])[3:] == ["/srv/env", "", "", "six"]
    assert image_env(ImageSpec("x", packages=("six",), env={"A": "1"}), base) == {
        "VIRTUAL_ENV": "/srv/env", "PATH": "/srv/env/bin:/bin", "A": "1",
    }  # fmt: skip
    assert image_env(ImageSpec("x"), base) == base.env
    hostile = ImageBase("b:1", "1", "a\nRUN id", {"VIRTUAL_ENV": '/a"\nRUN id'})
    assert [line.split()[0] for line in built(ImageSpec("x", packages=("six",)), hostile)] == [
        "FROM", "USER", "ENV", "COPY", "RUN", "USER",
    ]  # fmt: skip
    assert built(ImageSpec("x"), hostile)[-1] == "USER root"


@pytest.mark.parametrize(
    "value",
    ["$HOME ${PATH}", 'a"b', "a\\", "\\$x", "'", "`id`", "$(id)", "# no comment", "<<EOF", "a=b c", "", "ä €"],
)
def test_variables_are_taken_literally(value: str) -> None:
    (line,) = [line for line in built(ImageSpec("x", env={"A": value})) if line.startswith("ENV")]
    quoted = line.removeprefix("ENV A=").replace("\\$", "$")  # a dollar that is escaped is one
    assert shlex.split(quoted) == [value]


@pytest.mark.parametrize(
    "spec",
    [
        ImageSpec("x", env={"A": "1\nRUN id"}),
        ImageSpec("x", env={"A": "1\rRUN id"}),
        ImageSpec("x", env={"A": "\u2028"}),
        ImageSpec("x", env={"A=1 B": "2"}),
        ImageSpec("x", packages=("--index-url=https://evil.example",)),
        ImageSpec("x", packages=("six\nRUN id",)),
        ImageSpec("x", packages=("",)),
        ImageSpec("x", apt_packages=("-o=x",)),
        ImageSpec("x", python_version="--help"),
        ImageSpec("x", commands=("a\0b",)),
        ImageSpec("x", commands=("a" * 200_000,)),
    ],
    ids=[
        "newline", "return", "separator", "name", "option", "package-newline", "empty", "apt-option", "version", "nul", "long",
    ],
)  # fmt: skip
def test_what_no_build_file_can_hold_is_refused(spec: ImageSpec) -> None:
    with pytest.raises(Problem) as caught:
        image_step(spec, BASE, "r")
    assert caught.value.kind == "bad_value"


@pytest.mark.parametrize("reference", ["a b", "a\nRUN id", "-x", "$X", "${X}", ""])
def test_a_base_image_is_a_name(reference: str) -> None:
    with pytest.raises(Problem):
        image_step(ImageSpec("x"), replace(BASE, reference=reference), "r")


TEXT = st.text(
    alphabet=st.one_of(st.sampled_from("<>$\\\"'`#\n\t=-E OF[]{}"), st.characters(codec="utf-8")), max_size=40
)


@given(packages=st.lists(TEXT), apt=st.lists(TEXT), env=st.dictionaries(TEXT, TEXT), commands=st.lists(TEXT))
def test_no_value_leaves_its_instruction(
    packages: list[str], apt: list[str], env: dict[str, str], commands: list[str]
) -> None:
    spec = ImageSpec("x", packages=tuple(packages), apt_packages=tuple(apt), env=env, commands=tuple(commands))
    try:
        step = image_step(spec, BASE, "r")
    except Problem:
        return
    found = instructions(step.dockerfile)
    assert {one.keyword for one in found} <= KEYWORDS
    lines = 3 + len(env) + 2 * bool(apt) + 3 * bool(packages) + len(commands)
    assert len(found) == len(step.dockerfile.splitlines()) == lines
    runs = [argv(one.lines[0])[2:] for one in found if one.keyword == "RUN"]
    expected = [[f"/tmp/{APT_SCRIPT}", *apt]] if apt else []
    expected += [[f"/tmp/{PYTHON_SCRIPT}", VENV, "", "", *packages]] if packages else []
    assert runs == expected + [["-c", "--", command] for command in commands]
    assert "<<" not in step.dockerfile


@pytest.mark.parametrize("name", ["PATH", "HOME", "CARREL_TOKEN", "VIRTUAL_ENV", "path"])
def test_variables_that_an_image_or_carrel_has_are_refused(name: str) -> None:
    with pytest.raises(ValueError, match="use another name"):
        read_image_spec({"name": "x", "env": {name: "/x"}})


def test_an_image_may_say_how_its_programs_start_and_a_workspace_may_not() -> None:
    env = {"LD_LIBRARY_PATH": "/usr/local/cuda/lib64"}
    assert read_image_spec({"name": "x", "env": env}).env == env
    with pytest.raises(ValueError, match="LD_LIBRARY_PATH"):
        read_env(env)
