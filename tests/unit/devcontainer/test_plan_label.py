from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from tests.unit.devcontainer.repository import REQUEST, Published, labelled, planned

from carrel.devcontainer import EnvironmentPlan
from carrel.devcontainer.metadata import LABEL


def dockerfile(text: str) -> dict[str, Any]:
    return {".devcontainer/Dockerfile": text}


WITH_DEPENDENCY = Published(
    {
        "ghcr.io/c/b:1": {"id": "b", "version": "1.0.0", "dependsOn": {"ghcr.io/c/a:1": {}}, "init": True},
        "ghcr.io/c/a:1": {"id": "a", "version": "1.0.0", "customizations": {"vscode": {"extensions": ["a.a"]}}},
    }
)


def label(environment: EnvironmentPlan) -> list[dict[str, Any]]:
    """The entries in the build file's last instruction."""
    text = environment.build.steps[-1].dockerfile.partition(f"LABEL {LABEL}=")[2].partition("\n\n")[0]
    unquoted = (
        text.strip().strip('"').replace(" \\\n", "").replace("\\$", "$").replace('\\"', '"').replace("\\\\", "\\")
    )
    entries: list[dict[str, Any]] = json.loads(unquoted)
    return entries


@pytest.mark.conformance("C087", "C099", "C290")
async def test_the_label_has_the_images_entries_then_the_features_then_the_configurations() -> None:
    value = {"features": {"ghcr.io/c/b:1": {}}, "remoteEnv": {"A": "${localEnv:A}"}}
    environment = await planned(
        value, image=labelled({"remoteUser": "first"}, {"id": "old"}), published=WITH_DEPENDENCY
    )
    assert label(environment) == [
        {"remoteUser": "first"},
        {"id": "old"},
        {"id": "ghcr.io/c/a:1", "customizations": {"vscode": {"extensions": ["a.a"]}}},
        {"id": "ghcr.io/c/b:1", "init": True},
        {"remoteEnv": {"A": "${localEnv:A}"}},
    ]


@pytest.mark.conformance("C098")
async def test_feature_customizations_and_remote_env_can_be_left_out_of_the_label() -> None:
    value = {"features": {"ghcr.io/c/b:1": {}}, "remoteEnv": {"A": "1"}, "remoteUser": "me"}
    request = replace(REQUEST, omit_from_label=frozenset({"feature-customizations", "remoteEnv"}))
    inherited = {"id": "old", "customizations": {"vscode": {"extensions": ["o.o"]}}, "remoteEnv": {"B": "1"}}
    environment = await planned(value, request, labelled(inherited), published=WITH_DEPENDENCY)
    features = [{"id": "ghcr.io/c/a:1"}, {"id": "ghcr.io/c/b:1", "init": True}]
    assert label(environment) == [inherited, *features, {"remoteUser": "me"}]
    assert environment.agent.remote_env == {"A": "1", "B": "1"}
    assert environment.agent.editor_extensions == ("o.o", "a.a")


@pytest.mark.conformance("C100", "C294")
async def test_a_feature_in_the_images_label_contributes_and_is_not_installed_again() -> None:
    inherited = {"id": "ghcr.io/c/b:1", "postCreateCommand": "of b", "entrypoint": "/b", "dependsOn": {"x/y/z": {}}}
    environment = await planned({"postCreateCommand": "own"}, image=labelled(inherited))
    assert environment.build.steps == ()
    assert [(hook.origin, dict(hook.commands)) for hook in environment.agent.hooks] == [
        ("feature ghcr.io/c/b:1", {"": "of b"}),
        ("devcontainer.json", {"": "own"}),
    ]
    assert environment.primary_container().feature_entrypoints == ("/b",)


@pytest.mark.conformance("C441")
async def test_the_codespaces_part_of_an_image_has_no_effect() -> None:
    part = {"repositories": {"a/b": {"permissions": "write-all"}}, "openFiles": ["x"]}
    with_it = await planned({}, image=labelled({"customizations": {"codespaces": part}}))
    assert with_it.configuration["customizations"] == {"codespaces": [part]}
    assert replace(with_it, configuration={}, containers=()) == replace(
        await planned({}), configuration={}, containers=()
    )
