"""A workspace.yaml written: what is read of it is what was written."""

from __future__ import annotations

import json
from contextlib import suppress

import yaml
from hypothesis import given, settings
from hypothesis import strategies as some

from carrel.core.definition import Definition, ImageSpec, TemplateUse, WantedSecret
from carrel.core.problems import Problem
from carrel.core.project import DOMAINS
from carrel.core.schedule import OFF, Schedule
from carrel.definition.keys import KEYS, json_schema
from carrel.definition.members import read_members, written_members
from carrel.definition.quantities import format_cpu, format_memory, read_cpu, read_memory
from carrel.definition.read import read_workspace_file
from carrel.definition.values import DAYS
from carrel.definition.workspace_file import WorkspaceFile
from carrel.definition.write import definition_text, values_of, write_workspace_file

names = some.from_regex(r"[a-z]([a-z0-9]|-[a-z0-9]){0,12}", fullmatch=True).filter(lambda n: n not in {"api", "www"})
variables = some.from_regex(r"X[A-Z0-9_]{0,8}", fullmatch=True)
texts = some.text(some.characters(categories=("L", "N", "P", "S"), include_characters=" "), max_size=30)
lines = texts.map(str.strip).filter(bool)
words = some.from_regex(r"[a-z][a-z0-9]{0,8}", fullmatch=True)
env = some.dictionaries(variables, texts, max_size=3)
tuples_of_lines = some.lists(lines, max_size=3).map(tuple)
specs = some.builds(
    ImageSpec,
    name=words,
    packages=some.lists(words, max_size=3).map(tuple),
    python_version=some.sampled_from(["", "3.9", "3.10", "3.12.1"]),
    apt_packages=some.lists(words.map(lambda word: f"lib{word}"), max_size=3).map(tuple),
    env=env,
    commands=tuples_of_lines,
    base_image=some.sampled_from(["", "python:3.12", "registry.example.com:5000/team/base@sha256:" + "0" * 64]),
    registry=some.sampled_from(["", "registry.example.com/team"]),
)
parameters = some.dictionaries(
    words, some.one_of(lines, some.booleans(), some.integers(-99, 99), some.floats(-9, 9)), max_size=3
)
schedules = some.just(OFF) | some.builds(
    Schedule,
    start=some.sampled_from(["", "00:00", "08:30"]),
    stop=some.sampled_from(["18:00", "23:59"]),
    days=some.sets(some.sampled_from(DAYS), min_size=1).map(lambda days: tuple(day for day in DAYS if day in days)),
    time_zone=some.sampled_from(["UTC", "Europe/Berlin"]),
)
secrets = some.lists(
    some.builds(WantedSecret, key=words, env_var=some.just("")), max_size=3, unique_by=lambda secret: secret.key
).map(tuple)


@some.composite
def definitions(draw: some.DrawFn) -> Definition:
    spec = draw(some.none() | specs)
    return Definition(
        description=draw(texts.map(str.strip)),
        image="" if spec else draw(some.sampled_from(["", "debian:12", "localhost/base"])),
        image_spec=spec,
        accelerator=draw(some.sampled_from(["", "nvidia-l4"])),
        on_startup=draw(tuples_of_lines),
        env=draw(env),
        secrets=draw(secrets),
        apps=draw(some.sampled_from([(), ({"name": "docs", "port": 8000},)])),
        template=draw(
            some.none() | some.builds(TemplateUse, name=names, version=words | some.just(""), parameters=parameters)
        ),
        schedule=draw(some.none() | schedules),
    )


@some.composite
def files(draw: some.DrawFn) -> WorkspaceFile:
    definition = draw(definitions())
    has_image = bool(definition.image or definition.image_spec)
    source = draw(some.sampled_from(["", ".", "https://example.org/a/b.git"]))
    return WorkspaceFile(
        name=draw(names),
        project=draw(names | some.just("")),
        domain=draw(some.sampled_from(["", *DOMAINS])),
        cpus=draw(some.none() | some.integers(10, 64_000).map(lambda millis: millis / 1000)),
        memory_bytes=draw(some.none() | some.integers(2**24, 2**45)),
        gpus=draw(some.integers(0, 8)),
        ttl_seconds=draw(some.none() | some.integers(0, 10**6)),
        source=source,
        ref=draw(some.sampled_from(["", "main"])) if source else "",
        devcontainer="" if has_image else draw(some.sampled_from(["", ".devcontainer/a/devcontainer.json"])),
        labels=draw(some.dictionaries(words, texts, max_size=3)),
        requirements=draw(some.sampled_from(["", "requirements.txt"])) if definition.image_spec else "",
        definition=definition,
    )


@given(files())
@settings(max_examples=40, deadline=None)
def test_what_was_written_is_read_as_it_was(file: WorkspaceFile) -> None:
    assert read_workspace_file(write_workspace_file(file)) == file


@given(definitions())
@settings(max_examples=40, deadline=None)
def test_members_of_a_request_are_read_as_they_were_written(definition: Definition) -> None:
    written = json.loads(json.dumps(written_members(definition)))
    assert Definition(**read_members(written)) == definition


@given(some.integers(10, 4_096_000))
def test_cpus_are_read_as_they_were_written(millis: int) -> None:
    assert read_cpu(format_cpu(millis / 1000)) == millis / 1000


@given(some.integers(16 * 2**20, 64 * 2**40))
def test_memory_is_read_as_it_was_written(size: int) -> None:
    assert read_memory(format_memory(size)) == size


@settings(max_examples=60, deadline=None)
@given(some.text(max_size=200) | some.binary(max_size=200))
def test_any_text_is_read_or_refused_and_nothing_else(data: bytes | str) -> None:
    with suppress(Problem):
        read_workspace_file(data)


def test_the_definition_is_shown_in_braces() -> None:
    text = """\
name: paper
container_image: {name: paper, packages: [pandas, polars]}
resources: {cpu: 1500m, mem: 4Gi, gpu: "1"}
on_startup: echo "hello"
ttl_seconds: 0
secrets: [{key: wandb, env_var: WANDB}]
"""
    shown = definition_text(values_of(read_workspace_file(text)))
    assert (
        shown
        == """\
workspace_definition {
  name: "paper"
  container_image {
    name: "paper"
    builder: "carrel"
    packages: "pandas"
    packages: "polars"
  }
  resources {
    cpu: "1500m"
    mem: "4Gi"
    gpu: "1"
  }
  on_startup: "echo \\"hello\\""
  ttl_seconds: 0
  secrets {
    key: "wandb"
    env_var: "WANDB"
  }
}"""
    )


def test_the_schema_names_every_key_and_no_other() -> None:
    schema = json_schema()
    assert set(schema["properties"]) == set(KEYS)
    assert schema["additionalProperties"] is False
    assert schema["required"] == ["name"]
    assert json.loads(json.dumps(schema)) == schema


def test_what_is_written_is_plain_yaml() -> None:
    text = write_workspace_file(WorkspaceFile("blog", cpus=2.0, definition=Definition(schedule=Schedule("", "18:00"))))
    assert yaml.safe_load(text)["schedule"]["stop"] == "18:00"
