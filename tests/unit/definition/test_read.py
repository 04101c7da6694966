"""A workspace.yaml: what is read, and what people are told of what is not."""

from __future__ import annotations

import pytest

from carrel.core.definition import Definition, ImageSpec, TemplateUse, WantedSecret
from carrel.core.problems import Problem
from carrel.core.schedule import Schedule
from carrel.definition.read import read_workspace_file, with_requirements
from carrel.definition.starters import STARTERS, starter
from carrel.definition.workspace_file import WorkspaceFile

WHOLE = """\
name: Paper-One
description: |
  The paper,
  and its figures
project: physics
domain: staging
container_image:
  name: paper
  builder: union
  packages: [pandas, "torch>=2.4"]
  python_version: 3.10
  apt_packages: [git, libgl1]
  requirements: requirements.txt
  env: {SEED: 7, DEBUG: yes}
  commands: [echo done]
  base_image: python:3.10-slim
  registry: registry.example.com/team
resources:
  cpu: "2"
  mem: 4Gi
  gpu: "1"
accelerator: nvidia-l4
on_startup:
  - pip list
  - |
    make data
    make figures
ttl_seconds: 1200
secrets:
  - key: wandb
    env_var: WANDB_API_KEY
  - key: ssh-deploy
source: {url: https://example.org/team/paper.git, ref: main}
template: ml@2.1
parameters: {size: 3, fast: true, kind: big, share: 0.5}
apps:
  - {name: docs, command: mkdocs serve, port: 8000}
env: {STAGE: "1"}
schedule: {start: 8:30, stop: 19:00, days: [Friday, mon], time_zone: Europe/Berlin}
labels: {team: red, year: 2026}
"""


def test_every_key_is_read() -> None:
    image = ImageSpec(
        name="paper",
        packages=("pandas", "torch>=2.4"),
        python_version="3.10",
        apt_packages=("git", "libgl1"),
        env={"SEED": "7", "DEBUG": "yes"},
        commands=("echo done",),
        base_image="python:3.10-slim",
        registry="registry.example.com/team",
    )
    definition = Definition(
        description="The paper,\nand its figures",
        image_spec=image,
        accelerator="nvidia-l4",
        on_startup=("pip list", "make data\nmake figures"),
        env={"STAGE": "1"},
        secrets=(WantedSecret("wandb", "WANDB_API_KEY"), WantedSecret("ssh-deploy")),
        apps=({"name": "docs", "command": "mkdocs serve", "port": 8000},),
        template=TemplateUse("ml", "2.1", {"size": 3, "fast": True, "kind": "big", "share": 0.5}),
        schedule=Schedule("08:30", "19:00", ("mon", "fri"), "Europe/Berlin"),
    )
    assert read_workspace_file(WHOLE) == WorkspaceFile(
        name="paper-one",
        project="physics",
        domain="staging",
        cpus=2.0,
        memory_bytes=4 * 2**30,
        gpus=1,
        ttl_seconds=1200,
        source="https://example.org/team/paper.git",
        ref="main",
        labels={"team": "red", "year": "2026"},
        requirements="requirements.txt",
        definition=definition,
    )


def test_a_name_is_enough() -> None:
    assert read_workspace_file(b"\xef\xbb\xbfname: blog\n") == WorkspaceFile("blog")


def test_null_is_the_same_as_nothing() -> None:
    keys = (
        "description",
        "project",
        "domain",
        "container_image",
        "resources",
        "accelerator",
        "on_startup",
        "ttl_seconds",
    )
    more = ("secrets", "source", "template", "parameters", "devcontainer", "apps", "env", "schedule", "labels")
    text = "name: blog\n" + "".join(f"{key}: null\n" for key in (*keys, *more))
    assert read_workspace_file(text) == WorkspaceFile("blog")


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ('"2"', 2.0),
        ("2", 2.0),
        ("0.5", 0.5),
        ("500m", 0.5),
        ("null", None),
    ],
)
def test_cpus_may_be_text_or_number(written: str, expected: float | None) -> None:
    assert read_workspace_file(f"name: a\nresources: {{cpu: {written}}}\n").cpus == expected


@pytest.mark.parametrize("kind", sorted(STARTERS))
def test_what_init_writes_is_read_without_a_complaint(kind: str) -> None:
    found = read_workspace_file(starter(kind, "workspace.yaml", "blog"))
    assert (found.name, found.cpus, found.ttl_seconds) == ("blog", 2.0, 1200)
    assert bool(found.definition.image_spec) == (kind == "custom_image")


# What is wrong, where, and what would do: text of the file, and the sentence.
WRONG = {
    "empty": ("", "line 1, column 1: the file is empty"),
    "a list": ("- name: a\n", "line 1, column 1: it should be keys with values, not a list"),
    "no name": ("ttl_seconds: 5\n", "line 1, column 1: name: it is missing"),
    "typo": ("name: a\nttl_secnds: 5\n", "line 2, column 1: there is no key 'ttl_secnds' (did you mean 'ttl_seconds'?)"),
    "typo within": ("name: a\nresources: {cpus: 1}\n", "line 2, column 13: there is no key 'cpus' (did you mean 'cpu'?)"),
    "typo of half": ("name: a\nttl: 5\n", "line 2, column 1: there is no key 'ttl' (did you mean 'ttl_seconds'?)"),
    "typo of the end": ("name: a\nimage: x\n", "there is no key 'image' (did you mean 'container_image'?)"),
    "typo of letters": ("name: a\nON_STARTUP: x\n", "there is no key 'ON_STARTUP' (did you mean 'on_startup'?)"),
    "nothing near of few": ("name: a\nresources: {ram: 1Gi}\n", "line 2, column 13: there is no key 'ram': cpu, mem, gpu"),
    "twice": ("name: a\nenv: {A: 1}\nenv: {}\n", "line 3, column 1: 'env' is there a second time, first in line 2"),
    "twice within": ("name: a\nenv:\n  A: 1\n  A: 2\n", "line 4, column 3: 'A' is there a second time, first in line 3"),
    "4GB": ("name: a\nresources:\n  mem: 4GB\n", "line 3, column 8: resources.mem: '4GB' is no amount of memory: write \"4Gi\""),
    "mem 0": ("name: a\nresources: {mem: 0}\n", "resources.mem: '0' is too little: the least is \"16Mi\""),
    "mem without unit": ("name: a\nresources: {mem: 4}\n", 'did you mean "4Gi"?'),
    "mem -1": ("name: a\nresources: {mem: -1}\n", "resources.mem: '-1' is no amount of memory: write \"4Gi\" or \"512Mi\""),
    "mem 1e9Ti": ("name: a\nresources: {mem: 1e9Ti}\n", "resources.mem: '1e9Ti' is no amount of memory"),
    "mem too much": ("name: a\nresources: {mem: 999999Ti}\n", 'resources.mem: \'999999Ti\' is not possible: the most is "64Ti"'),
    "cpu 0": ("name: a\nresources: {cpu: 0}\n", 'resources.cpu: \'0\' is not possible: from "10m" to "4096" CPUs'),
    "cpu -1": ("name: a\nresources: {cpu: -1}\n", "resources.cpu: '-1' is no number of CPUs: write \"2\""),
    "cpu yes": ("name: a\nresources: {cpu: yes}\n", "resources.cpu: 'yes' is no number of CPUs"),
    "cpu list": ("name: a\nresources: {cpu: [2]}\n", "line 2, column 18: resources.cpu: it should be text, not a list"),
    "gpu half": ("name: a\nresources: {gpu: 0.5}\n", "resources.gpu: it should be a whole number, not '0.5'"),
    "gpu too many": ("name: a\nresources: {gpu: 1000}\n", "resources.gpu: 1000 is not possible"),
    "resources text": ("name: a\nresources: big\n", "resources: it should have keys with values, not text"),
    "ttl text": ("name: a\nttl_seconds: 20m\n", "ttl_seconds: it should be a whole number, not '20m'"),
    "ttl negative": ("name: a\nttl_seconds: -1\n", "ttl_seconds: -1 is not possible"),
    "accelerator": ("name: a\naccelerator: NVIDIA_L4\n", "line 2, column 14: accelerator: 'NVIDIA_L4' is no accelerator; did you mean 'nvidia-l4'?"),
    "accelerator sign": ("name: a\naccelerator: nvidia/l4\n", "'nvidia/l4' is no accelerator: write a name such as nvidia-l4, or null"),
    "name number": ("name: 12\n", "name: '12' cannot be the name of a workspace"),
    "name cyrillic": ("name: bl\u043eg\n", "('\u043e' is not a plain letter, however alike it looks)"),
    "name kelvin": ("name: \u212aelvin\n", "('\u212a' is not a plain letter, however alike it looks)"),
    "name invisible": ("name: bl\u200bog\n", "U+200B (zero width space)"),
    "domain": ("name: a\ndomain: prodution\n", "there is no domain 'prodution' (did you mean 'production'?)"),
    "project": ("name: a\nproject: a--b\n", "project: 'a--b' cannot be the name of a project"),
    "image upper case": ("name: a\ncontainer_image: Python:3\n", "'Python:3' is no image; did you mean 'python:3'?"),
    "image address": ("name: a\ncontainer_image: https://x/y\n", "is an address, not an image: leave out https://"),
    "image typo": ("name: a\ncontainer_image: python;3\n", "'python;3' is no image: write one such as python:3.12-slim"),
    "image key": ("name: a\ncontainer_image: {name: b, pakages: []}\n", "there is no key 'pakages' (did you mean 'packages'?)"),
    "image without name": ("name: a\ncontainer_image: {packages: []}\n", "container_image.name: it is missing"),
    "image package": ("name: a\ncontainer_image: {name: b, packages: [-r x]}\n", "container_image.packages[0]: '-r x' is no requirement"),
    "image builder": ("name: a\ncontainer_image: {name: b, builder: kaniko}\n", "'kaniko' is no builder: carrel"),
    "image python": ("name: a\ncontainer_image: {name: b, python_version: 4}\n", "'4' is no version of Python"),
    "image apt": ("name: a\ncontainer_image: {name: b, apt_packages: [--x]}\n", "'--x' is no package of Debian"),
    "image requirements": ("name: a\ncontainer_image: {name: b, requirements: [x]}\n", "it should be the path of a file"),
    "image and devcontainer": ("name: a\ncontainer_image: b\ndevcontainer: c\n", "line 3, column 1: `container_image` is there as well"),
    "secret typo": ("name: a\nsecrets: [{kye: x}]\n", "line 2, column 12: there is no key 'kye' (did you mean 'key'?)"),
    "secret text": ("name: a\nsecrets: [x]\n", "secrets[0]: it should be `key: NAME`, not text"),
    "secret without key": ("name: a\nsecrets: [{env_var: X}]\n", "secrets[0].key: it is missing"),
    "secret variable": ("name: a\nsecrets: [{key: x, env_var: 1X}]\n", "'1X' is no name of a variable"),
    "secret twice": ("name: a\nsecrets: [{key: x, env_var: X}, {key: y, env_var: X}]\n", "secrets[1]: X is there twice"),
    "env list": ("name: a\nenv: [A=1]\n", "env: it should have keys with values, not a list"),
    "env name": ("name: a\nenv: {A-B: 1}\n", "line 2, column 7: 'A-B' is no name of a variable"),
    "env own": ("name: a\nenv: {CARREL_X: 1}\n", "CARREL_X is set by Carrel"),
    "env null": ("name: a\nenv: {A: }\n", 'env.A: it has no value; write "" for an empty one'),
    "env nested": ("name: a\nenv: {A: {B: 1}}\n", "env.A: it should be text, not keys with values"),
    "startup": ("name: a\non_startup: [[x]]\n", "on_startup[0]: it should be a command, not a list"),
    "startup number": ("name: a\non_startup: 7\n", "on_startup: it should be a list of commands, not a number"),
    "schedule time": ("name: a\nschedule: {start: 25:00}\n", "'25:00' is no time of the day: write \"08:30\""),
    "schedule day": ("name: a\nschedule: {start: 8:00, days: [someday]}\n", "'someday' is no day of the week"),
    "schedule zone": ("name: a\nschedule: {start: 8:00, time_zone: Europe/Berln}\n", "(did you mean 'Europe/Berlin'?)"),
    "schedule off": ("name: a\nschedule: {off: perhaps}\n", "schedule: off: it should be true or false, not text"),
    "schedule off at times": ("name: a\nschedule: {off: true, stop: 19:00}\n", "schedule: it is off, and has times"),
    "schedule empty": ("name: a\nschedule: {days: [mon]}\n", "schedule: it has neither start nor stop"),
    "apps": ("name: a\napps: [{name: x, port: 99999}]\n", "line 2, column 24: apps[0].port: should be a port from 1 to 65535"),
    "parameters alone": ("name: a\nparameters: {a: 1}\n", "line 2, column 1: they are those of a template"),
    "parameter list": ("name: a\ntemplate: t\nparameters: {a: [1]}\n", "parameters.a: it should be text, a number, true or false"),
    "parameter nan": ("name: a\ntemplate: t\nparameters: {a: .nan}\n", "parameters.a: it is no number"),
    "template key": ("name: a\ntemplate: {nmae: t}\n", "there is no key 'nmae' (did you mean 'name'?)"),
    "label": ("name: a\nlabels: {carrel.prebuild: 1}\n", "labels that begin with `carrel.` are Carrel's own"),
    "tag": ("name: !!python/object/apply:os.system [x]\n", "line 1, column 7: the tag !!python/object/apply:os.system is not read"),
    "own tag": ("name: !secret x\n", "the tag !secret is not read here"),
    "alias": ("name: &a b\ndescription: *a\n", "line 1, column 7: anchors (`&`) and aliases (`*`) are not read here"),
    "merge": ("name: a\n<<: {b: c}\n", "line 2, column 1: there is no key '<<'"),
    "two documents": ("name: a\n---\nname: b\n", "line 2, column 1: a second document begins here"),
    "tab": ("name: a\nenv:\n\tA: 1\n", "line 3, column 1: it is not YAML"),
    "open quote": ("name: 'a\n", "it is not YAML: while scanning a quoted scalar found unexpected end of stream"),
    "bell": ("name: \x07\n", "line 1, column 7: U+0007 may not be in a YAML file"),
    "surrogate": ('name: a\nenv: {A: "\\ud800"}\n', "line 2, column 10: it holds half of a character"),
    "escape": ('name: a\nenv: {A: "\\e[2J"}\n', "env.A: it holds U+001B"),
    "list as key": ("name: a\n? [b]\n: c\n", "line 2, column 3: a key should be text"),
    "deep": ("name: " + "[" * 500, "it is nested too deeply"),
    "many": ("name: a\nsecrets: [" + "{key: x}," * 3000 + "]\n", "has more than 5000 values"),
    "large": ("name: a\ndescription: " + "x" * 70_000, "the file has 70021 bytes; at most 65536 are read"),
    "long": ("name: a\ndescription: " + "x" * 501, "description: it has 501 characters; at most 500 will do"),
}  # fmt: skip


@pytest.mark.parametrize("what", sorted(WRONG))
def test_what_is_wrong_is_told_with_its_place(what: str) -> None:
    text, sentence = WRONG[what]
    with pytest.raises(Problem) as raised:
        read_workspace_file(text)
    assert raised.value.kind == "bad_value"
    assert sentence in raised.value.detail
    assert raised.value.detail.startswith("workspace.yaml, line ")
    assert raised.value.hint


def test_all_that_is_wrong_is_told_at_once_in_the_order_of_the_file() -> None:
    text = "resources:\n  mem: 4GB\nnmae: a\nttl_seconds: soon\nname: a\nname: b\n"
    with pytest.raises(Problem) as raised:
        read_workspace_file(text, "w.yaml")
    lines = raised.value.detail.splitlines()
    assert [line.partition(":")[0] for line in lines] == [
        "w.yaml, line 2, column 8",
        "w.yaml, line 3, column 1",
        "w.yaml, line 4, column 14",
        "w.yaml, line 6, column 1",
    ]
    assert [(fault["line"], fault["column"]) for fault in raised.value.extra["faults"]] == [
        (2, 8),
        (3, 1),
        (4, 14),
        (6, 1),
    ]


def test_bytes_that_are_no_text_have_their_place_too() -> None:
    with pytest.raises(Problem, match="line 2, column 4: it is not UTF-8"):
        read_workspace_file(b"name: a\nx: \xff\n")


def test_lines_of_a_requirements_file_become_part_of_the_specification() -> None:
    file = read_workspace_file("name: a\ncontainer_image: {name: b, requirements: r.txt}\n")
    spec = with_requirements(file, ["# a comment", "", " numpy==2.1 ", "pandas"]).definition.image_spec
    assert spec is not None
    assert spec.requirements == ("numpy==2.1", "pandas")


def test_a_requirements_file_that_reads_others_is_refused_with_its_line() -> None:
    file = read_workspace_file("name: a\ncontainer_image: {name: b, requirements: r.txt}\n")
    with pytest.raises(Problem, match=r"r\.txt, line 2: '-r other\.txt' names another file"):
        with_requirements(file, ["numpy", "-r other.txt"])
