from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.unit.devcontainer.repository import CONFIG, REQUEST, Images, Published, Repository

from carrel.core.spec import FolderSource, GitSource
from carrel.devcontainer import EnvironmentPlan, Request, gather, plan
from carrel.devcontainer.configuration_files import RecordingFiles, digest_of, with_configuration_files

GIT = GitSource("https://git.example/ana/app.git")
CLONED = replace(REQUEST, source=GIT, repository="app")


async def watched(files: dict[str, Any], request: Request = CLONED) -> EnvironmentPlan:
    recording = RecordingFiles(Repository(files))
    published = Published({"ghcr.io/c/go:1": {"id": "go", "version": "1"}})
    made = plan(await gather(request, recording, Images(), published))
    return with_configuration_files(made, recording.digests, request.source, request.place)


def places(made: EnvironmentPlan) -> dict[str, str]:
    return {one.name: one.place for one in made.agent.configuration}


async def test_the_files_that_were_read_are_watched_where_the_container_has_them() -> None:
    files = {
        CONFIG: {"build": {"dockerfile": "Dockerfile"}, "features": {"./own": {}}},
        ".devcontainer/Dockerfile": "FROM base\nCOPY x /x",
        ".devcontainer/own/devcontainer-feature.json": {"id": "own", "version": "1"},
        ".devcontainer/own/install.sh": "true",
        ".devcontainer/x": "content",
    }
    made = await watched(files)
    found = places(made)
    assert found[CONFIG] == f"/workspaces/app/{CONFIG}"
    assert {name for name in found if "own/" in name} == set(files) & {name for name in files if "own/" in name}
    assert ".devcontainer/Dockerfile" in found
    assert ".devcontainer/x" not in found, "what a build copies is content"
    digests = {one.name: one.digests for one in made.agent.configuration}
    assert digests[".devcontainer/Dockerfile"] == (digest_of(b"FROM base\nCOPY x /x"),)
    assert digests[".devcontainer/.dockerignore"] == ("",), "what is absent may come"


async def test_a_lockfile_may_be_written_without_being_a_change() -> None:
    made = await watched({CONFIG: {"image": "base", "features": {"ghcr.io/c/go:1": {}}}})
    assert made.lockfile is not None
    digests = {one.name: one.digests for one in made.agent.configuration}
    assert digests[made.lockfile_path] == ("", digest_of(made.lockfile.encode()))


async def test_a_repository_without_a_configuration_may_get_one() -> None:
    made = await watched({"README": "x"})
    assert [(one.name, one.digests) for one in made.agent.configuration] == [
        (".devcontainer.json", ("",)),
        (CONFIG, ("",)),
    ]


async def test_compose_files_are_watched_as_far_as_the_container_has_them() -> None:
    files = {
        CONFIG: {"dockerComposeFile": "compose.yml", "service": "app", "workspaceFolder": "/app"},
        ".devcontainer/compose.yml": "services:\n  app: {image: base, volumes: ['..:/app']}\n",
    }
    assert places(await watched(files))[".devcontainer/compose.yml"] == "/app/.devcontainer/compose.yml"
    files[".devcontainer/compose.yml"] = "services:\n  app: {image: base, volumes: ['../src:/app']}\n"
    assert CONFIG not in places(await watched({**files, "src/x": ""}))


async def test_a_local_folder_is_watched_where_it_is_mounted() -> None:
    request = replace(REQUEST, source=FolderSource("/home/ana/app"), repository="app")
    assert places(await watched({CONFIG: {"image": "base"}}, request))[CONFIG] == f"/workspaces/app/{CONFIG}"
