from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from tests.unit.devcontainer.repository import CONFIG, REQUEST, Image, Published, gathered, planned

from carrel.core.records import dump, load
from carrel.core.spec import GitSource
from carrel.devcontainer import EnvironmentPlan, plan
from carrel.devcontainer.metadata import LABEL

GO = Published(
    {"ghcr.io/c/go:1": {"id": "go", "version": "1.0.0", "options": {"version": {"type": "string", "default": "x"}}}}
)


WITH_GO: dict[str, Any] = {"features": {"ghcr.io/c/go:1": {}}}


DOCKERFILE: dict[str, Any] = {"build": {"dockerfile": "Dockerfile"}}


def dockerfile(text: str) -> dict[str, Any]:
    return {".devcontainer/Dockerfile": text}


def messages(environment: EnvironmentPlan) -> list[str]:
    return [f"{notice.level} {notice.key}" for notice in environment.notices]


@pytest.mark.conformance("C094", "C132")
async def test_an_image_without_features_is_run_as_it_is_and_the_container_has_the_label() -> None:
    environment = await planned({"image": "base", "remoteUser": "dev"})
    assert (environment.build.pulls, environment.build.steps) == (("base",), ())
    container = environment.primary_container()
    assert container.image == environment.image == "base"
    assert json.loads(container.labels[LABEL]) == [{"remoteUser": "dev"}]


@pytest.mark.conformance("C095", "C146", "C147", "C152")
async def test_a_dockerfile_is_one_step_with_the_label_and_the_target() -> None:
    value = {
        "build": {
            "dockerfile": "Dockerfile",
            "context": "..",
            "args": {"A": "1"},
            "target": "dev",
            "cacheFrom": ["cache"],
        },
        "remoteUser": "x",
    }
    environment = await planned(value, files=dockerfile("FROM base AS dev\nCOPY . /x\nFROM dev\nRUN false"))
    (step,) = environment.build.steps
    assert (step.context, step.target, step.args, step.cache_from) == (".", "dev", {"A": "1"}, ("cache",))
    assert json.loads(step.labels[LABEL]) == [{"remoteUser": "x"}]
    assert step.tag == environment.image


@pytest.mark.conformance("C095", "C141", "C146", "C147", "C252")
async def test_features_extend_the_result_of_the_dockerfile() -> None:
    environment = await planned({**DOCKERFILE, **WITH_GO}, files=dockerfile("FROM base\nUSER app"), published=GO)
    first, second = environment.build.steps
    assert first.labels == {}
    assert second.dockerfile.startswith(f"FROM {first.tag}\nUSER root\n")
    assert "USER app\nLABEL devcontainer.metadata=" in second.dockerfile
    assert "go_0/install.sh" in second.files


@pytest.mark.conformance("C140")
async def test_build_options_reach_the_step_and_refused_ones_the_notices() -> None:
    value = {
        "build": {
            "dockerfile": "Dockerfile",
            "options": ["--network=none", "--ssh=default", "--build-arg", "X=1", "--label=a=b"],
        }
    }
    environment = await planned(value, files=dockerfile("FROM base"))
    (step,) = environment.build.steps
    assert (step.options, step.args) == ({"network": "none"}, {"X": "1"})
    assert step.labels["a"] == "b"
    assert messages(environment) == ["refused build.options --ssh"]


@pytest.mark.conformance("C097")
async def test_a_large_label_goes_into_a_build_file() -> None:
    value = {**DOCKERFILE, "postCreateCommand": "x" * 100_000}
    first, second = (await planned(value, files=dockerfile("FROM base"))).build.steps
    assert LABEL not in first.labels
    assert "LABEL devcontainer.metadata=" in second.dockerfile


async def tags(
    value: dict[str, Any], request: Any = REQUEST, image: Image | None = None, files: Any = None
) -> list[str]:
    environment = await planned(value, request, image, files or dockerfile("FROM base\nCOPY . /x"), GO)
    return [step.tag for step in environment.build.steps]


@pytest.mark.conformance("C151", "C250")
async def test_an_unchanged_environment_has_the_same_tags_and_any_change_another() -> None:
    value: dict[str, Any] = {"build": {"dockerfile": "Dockerfile", "args": {"A": "1"}}, **WITH_GO}
    first = await tags(value)
    assert first == await tags(value)
    assert all(tag.startswith("carrel-env/default:") for tag in first)
    assert await tags({**value, "build": {**value["build"], "args": {"A": "2"}}}) != first
    assert await tags(value, image=Image(id="sha256:other")) != first
    assert await tags(value, replace(REQUEST, project="other")) != first
    assert await tags(value, files={**dockerfile("FROM base\nCOPY . /x"), ".devcontainer/x": "new"}) != first


async def test_what_a_dockerfile_does_not_read_changes_no_tag_and_is_not_sent() -> None:
    value: dict[str, Any] = {"build": {"dockerfile": "Dockerfile"}}
    plain = dockerfile("FROM base\nRUN make")
    (step,) = (await planned(value, files=plain)).build.steps
    assert step.context is None
    assert [step.tag] == await tags(value, files={**plain, ".devcontainer/x": "new"})
    base = Image(on_build=("COPY . /app",))
    (step,) = (await planned(value, image=base, files=plain)).build.steps
    assert step.context == ".devcontainer"
    assert [step.tag] != await tags(value, image=base, files={**plain, ".devcontainer/x": "new"})


@pytest.mark.conformance("C250")
async def test_other_options_of_a_feature_leave_the_users_image_as_it_is() -> None:
    files = {"docker/Dockerfile": "FROM base"}
    value = {"build": {"dockerfile": "../docker/Dockerfile"}, **WITH_GO}
    first = await tags(value, files=files)
    changed = await tags({**value, "features": {"ghcr.io/c/go:1": {"version": "2"}}}, files=files)
    assert changed[0] == first[0]
    assert changed[1] != first[1]


@pytest.mark.conformance("C334")
async def test_a_lockfile_that_was_written_into_the_context_changes_no_image() -> None:
    first = await tags({**DOCKERFILE, **WITH_GO})
    locked = {**dockerfile("FROM base\nCOPY . /x"), ".devcontainer/devcontainer-lock.json": ""}
    assert await tags({**DOCKERFILE, **WITH_GO}, files=locked) == first


async def test_the_builder_makes_no_other_image() -> None:
    assert await tags({**DOCKERFILE, **WITH_GO}, replace(REQUEST, builder="buildkit")) == await tags(
        {**DOCKERFILE, **WITH_GO}
    )


@pytest.mark.conformance("C047")
async def test_the_image_is_the_same_for_every_workspace() -> None:
    value = {
        **DOCKERFILE,
        **WITH_GO,
        "remoteEnv": {"ID": "${devcontainerId}"},
        "mounts": ["source=x-${devcontainerId},target=/x"],
    }
    assert await tags(value) == await tags(value, replace(REQUEST, workspace_id="other"))


async def test_projects_never_share_an_image_name() -> None:
    names = [
        (await tags(DOCKERFILE, replace(REQUEST, project=name)))[0].partition(":")[0]
        for name in ("a b", "a-b", "A-b", "ä")
    ]
    assert len(set(names)) == 4


@pytest.mark.conformance("C377", "C379", "C380")
async def test_initialize_command_is_carried_and_skipped_with_a_warning() -> None:
    environment = await planned({"initializeCommand": "mkdir -p x"})
    assert environment.initialize_command == {"": "mkdir -p x"}
    assert environment.agent.hooks == ()
    assert messages(environment) == ["warning initializeCommand"]


@pytest.mark.conformance("C369", "C442")
async def test_declared_secrets_and_the_name_are_carried() -> None:
    environment = await planned(
        {"name": "My box", "secrets": {"TOKEN": {"description": "d", "documentationUrl": "u"}, "B": {}, "no good": {}}}
    )
    assert environment.name == "My box"
    assert [(one.name, one.description, one.documentation_url) for one in environment.secrets] == [
        ("TOKEN", "d", "u"),
        ("B", "", ""),
    ]


async def test_a_plan_survives_the_database() -> None:
    environment = await planned(
        {**WITH_GO, "postCreateCommand": {"a": ["x"]}, "mounts": ["source=c,target=/c"]}, published=GO
    )
    assert load(EnvironmentPlan, json.loads(json.dumps(dump(environment)))) == environment


async def test_the_same_inputs_give_the_same_plan() -> None:
    inputs = await gathered(
        {CONFIG: {"image": "base", **WITH_GO}}, replace(REQUEST, source=GitSource("https://e.org/x")), published=GO
    )
    assert plan(inputs) == plan(inputs)


@pytest.mark.conformance("C232", "C238")
async def test_feature_warnings_reach_the_notices() -> None:
    published = Published({"ghcr.io/c/old:1": {"id": "old", "version": "1", "deprecated": True}})
    environment = await planned({"features": {"ghcr.io/c/old:1": {"x": "1"}}}, published=published)
    assert messages(environment) == ["warning features.ghcr.io/c/old:1.x", "warning features.ghcr.io/c/old:1"]
