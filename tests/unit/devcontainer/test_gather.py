from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tests.unit.devcontainer.repository import (
    CONFIG,
    REQUEST,
    Image,
    Images,
    Published,
    Repository,
    gathered,
    labelled,
    planned,
)

from carrel.core.problems import Problem
from carrel.devcontainer import Request, gather

DOCKERFILE: dict[str, Any] = {
    CONFIG: {"build": {"dockerfile": "Dockerfile", "context": "..", "args": {"V": "1"}}},
    ".devcontainer/Dockerfile": "ARG V\nFROM base:$V\nCOPY . /app",
}
META = {"id": "go", "version": "1.0.0"}


@pytest.mark.conformance("C005")
async def test_without_a_configuration_the_default_image_is_used_and_that_is_said() -> None:
    inputs = await gathered({"README.md": "x"}, replace(REQUEST, default_image="debian:12"))
    assert not inputs.found
    assert inputs.image.reference == "debian:12"
    assert "no devcontainer.json" in inputs.configuration.notices[0].message


@pytest.mark.conformance("C005")
async def test_a_configuration_without_image_gets_the_default_image() -> None:
    inputs = await gathered({CONFIG: {"remoteUser": "x"}})
    assert inputs.found
    assert inputs.image.reference == "debian:12"
    assert inputs.configuration.values["remoteUser"] == "x"


async def test_a_chosen_file_that_is_absent_is_named() -> None:
    with pytest.raises(Problem, match=r"no other\.json \(found: \.devcontainer/devcontainer\.json\)"):
        await gathered({CONFIG: {"image": "x"}}, replace(REQUEST, configuration="other.json"))


async def test_an_endless_configuration_is_refused() -> None:
    with pytest.raises(Problem, match="larger than"):
        await gathered({CONFIG: "/" * (2**20 + 1)})


@pytest.mark.conformance("C132")
async def test_an_image_is_inspected() -> None:
    images = Images({"mine:1": Image(id="sha256:1", user="dev", labels={"a": "b"})})
    inputs = await gather(REQUEST, Repository({CONFIG: {"image": "mine:1"}}), images, Published())
    assert (inputs.image.reference, inputs.image.id, inputs.image.user) == ("mine:1", "sha256:1", "dev")
    assert images.asked == ["mine:1"]


@pytest.mark.parametrize("image", ["-v", "a b", "--privileged"])
async def test_an_image_that_looks_like_an_option_is_refused(image: str) -> None:
    with pytest.raises(Problem, match="is no image"):
        await gathered({CONFIG: {"image": image}})


async def test_an_absent_image_is_its_own_problem() -> None:
    with pytest.raises(Problem) as caught:
        await gathered({CONFIG: {"image": "absent/x"}})
    assert caught.value.kind == "image_missing"


@pytest.mark.conformance("C134", "C143", "C145")
async def test_the_base_of_a_dockerfile_is_inspected_with_its_arguments() -> None:
    inputs = await gathered(DOCKERFILE, images={"base:1": Image(id="sha256:b1", labels={"x": "y"})})
    assert inputs.build is not None
    assert (inputs.image.reference, inputs.image.id) == ("base:1", "sha256:b1")
    assert inputs.build.base_ids == {"base:1": "sha256:b1"}


@pytest.mark.conformance("C134")
async def test_a_missing_dockerfile_is_named() -> None:
    with pytest.raises(Problem, match=r"\.devcontainer/Dockerfile does not exist"):
        await gathered({CONFIG: {"build": {"dockerfile": "Dockerfile"}}})


async def test_a_dockerfile_from_scratch_has_nothing_to_inspect() -> None:
    inputs = await gathered({CONFIG: {"build": {"dockerfile": "D"}}, ".devcontainer/D": "FROM scratch\nCOPY x /"})
    assert inputs.image.reference == "scratch"


@pytest.mark.conformance("C149")
async def test_the_context_digest_knows_the_ignore_file_that_applies() -> None:
    async def digest(**more: str) -> str:
        inputs = await gathered({**DOCKERFILE, "x": "1", **more})
        assert inputs.build is not None
        return inputs.build.context_digest

    plain = await digest()
    assert await digest(x="2") != plain
    root = await digest(**{".dockerignore": "x"})
    assert root != plain
    assert await digest(**{".dockerignore": "x", ".devcontainer/Dockerfile.dockerignore": "y"}) != root


def features(lock: str | None = None, **wanted: Any) -> dict[str, Any]:
    files: dict[str, Any] = {CONFIG: {"image": "base", "features": wanted or {"ghcr.io/c/go:1": {}}}}
    return files if lock is None else {**files, ".devcontainer/devcontainer-lock.json": lock}


@pytest.mark.conformance("C334", "C340")
async def test_a_lockfile_is_to_be_written_where_it_is_new_and_not_where_it_says_the_same() -> None:
    published = Published({"ghcr.io/c/go:1": META})
    first = await gathered(features(), published=published)
    assert first.lockfile is not None
    assert (await gathered(features(first.lockfile), published=published)).lockfile is None
    assert (await gathered(features(""), published=published)).lockfile == first.lockfile


@pytest.mark.conformance("C337", "C338")
async def test_frozen_and_ignored_lockfiles() -> None:
    published = Published({"ghcr.io/c/go:1": META})
    frozen: Request = replace(REQUEST, lockfile="frozen")
    with pytest.raises(Problem, match=r"Lockfile does not exist\."):
        await gathered(features(), frozen, published=published)
    text = (await gathered(features(), published=published)).lockfile
    assert (await gathered(features(text), frozen, published=published)).lockfile is None
    ignored: Request = replace(REQUEST, lockfile="ignore")
    assert (await gathered(features("broken"), ignored, published=published)).lockfile is None


@pytest.mark.conformance("C224", "C333")
async def test_additional_features_are_appended_unless_the_configuration_has_them() -> None:
    published = Published({"ghcr.io/c/go:1": META, "ghcr.io/c/x:latest": {"id": "x", "version": "1"}})
    request = replace(REQUEST, additional_features={"ghcr.io/c/go:1": {"a": "no"}, "ghcr.io/c/x": {}})
    inputs = await gathered(features(), request, published=published)
    assert [(one.reference.id, one.given) for one in inputs.features] == [("go", {}), ("x", {})]
    assert inputs.lockfile is not None
    assert "ghcr.io/c/x" not in inputs.lockfile


async def test_folders_that_are_to_be_mounted_and_are_not_there_are_known() -> None:
    mounts = [f"source=${{localWorkspaceFolder}}/{name},target=/{name},type=bind" for name in ("data", "gone", "file")]
    configuration = {"image": "base", "mounts": mounts, "runArgs": ["-v", "${localWorkspaceFolder}/also:/also"]}
    inputs = await gathered({CONFIG: configuration, "data/x": "1", "file": "1"})
    assert inputs.absent_binds == {"gone", "also"}


async def test_a_link_that_leaves_the_repository_counts_as_absent() -> None:
    class Linked(Repository):
        async def list(self, path: str) -> Any:
            if path == "link":
                raise Problem("refused_by_policy", "leaves")
            return await super().list(path)

    configuration = {"image": "base", "mounts": ["source=${localWorkspaceFolder}/link,target=/x,type=bind"]}
    inputs = await gather(REQUEST, Linked({CONFIG: configuration}), Images(), Published())
    assert inputs.absent_binds == {"link"}


@pytest.mark.parametrize("value", [None, 1, True, "text", {"a": 1}])
async def test_mounts_of_an_image_s_label_that_are_no_mounts_are_left_out(value: Any) -> None:
    environment = await planned({"image": "base"}, image=labelled({"mounts": value, "remoteUser": "me"}))
    assert environment.agent.remote_user == "me"
    assert [notice.key for notice in environment.notices] == ([] if value is None else ["mounts"])
