"""Metadata of any shape: a feature, template or lockfile of a stranger ends in a plan or in a problem, never in another error."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from tests.unit.devcontainer.repository import Published, planned

from carrel.core.problems import Problem
from carrel.devcontainer.features.archive import Packed
from carrel.devcontainer.features.lockfile import check_frozen, lock, read_lockfile
from carrel.devcontainer.publishing import pack
from carrel.devcontainer.templates import AddedFeature, Choice, apply_template, template_from

FEATURE = [
    "id",
    "version",
    "name",
    "description",
    "documentationURL",
    "options",
    "containerEnv",
    "privileged",
    "init",
    "capAdd",
    "securityOpt",
    "entrypoint",
    "customizations",
    "dependsOn",
    "installsAfter",
    "legacyIds",
    "currentId",
    "deprecated",
    "mounts",
    "onCreateCommand",
    "updateContentCommand",
    "postCreateCommand",
    "postStartCommand",
    "postAttachCommand",
    "extensions",
    "settings",
]
TEMPLATE = ["id", "version", "name", "options", "optionalPaths", "files", "platforms"]
VALUES: list[Any] = [
    None, True, 0, -1.5, "", "x", "${localEnv:X}", "\x00", "x" * 3000, [], [1], [None], [[]], [{}], {}, {"a": 1}, {"a": None},
    {"a": {}}, {"a": []}, {"a": {"type": 1, "default": []}}, {"a": {"type": "string", "enum": 3}}, {"vscode": 1},
    {"vscode": {"extensions": 1, "settings": []}}, {"ghcr.io/c/x": None}, {"": {}}, [{"source": 1, "target": []}],
]  # fmt: skip


@pytest.mark.conformance("C228")
@pytest.mark.parametrize("key", FEATURE)
async def test_a_features_metadata_of_any_type(key: str) -> None:
    for value in VALUES:
        metadata = {"id": "go", "version": "1.0.0", "name": "Go", key: value}
        with suppress(Problem):
            await planned({"features": {"ghcr.io/c/go:1": {}}}, published=Published({"ghcr.io/c/go:1": metadata}))


async def test_options_of_any_type() -> None:
    for given in VALUES:
        for declared in VALUES[::3]:
            metadata = {"id": "go", "version": "1", "options": {"version": declared, "a": declared}}
            with suppress(Problem):
                await planned(
                    {"features": {"ghcr.io/c/go:1": given}}, published=Published({"ghcr.io/c/go:1": metadata})
                )


@pytest.mark.parametrize("key", TEMPLATE)
def test_a_templates_metadata_of_any_type(key: str) -> None:
    for value in VALUES:
        files = {
            "devcontainer-template.json": Packed(
                json.dumps({"id": "t", "version": "1", "name": "T", key: value}).encode()
            ),
            ".devcontainer.json": Packed(json.dumps({"image": "x", "features": value}).encode()),
        }
        choice = Choice({"a": "1", "b": True}, ["docs/*"], [AddedFeature("ghcr.io/c/go")])
        with suppress(Problem):
            apply_template(template_from(files, "t"), choice)
        with suppress(Problem):
            pack("template", "t", files)


@pytest.mark.conformance("C336")
def test_a_lockfile_of_any_type() -> None:
    for value in VALUES:
        for document in (value, {"features": value}, {"features": {"a": value}}):
            content = json.dumps(document).encode()
            with suppress(Problem):
                read_lockfile(content, "lock")
            with suppress(Problem):
                check_frozen(content, lock([]))
