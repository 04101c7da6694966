"""A real registry as the build cache: one installation builds and pushes, another pulls in the place of building."""

from __future__ import annotations

import json
import secrets
import time
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.contract.images import busybox_image
from tests.e2e.installation import Installation, docker
from tests.e2e.repositories import Repositories
from tests.oci_registry import PASSWORD, USER, OciRegistry, oci_registry


@pytest.fixture
def registry() -> Iterator[OciRegistry]:
    with oci_registry(password=True) as made:
        yield made


def installation_with(folder: Path, cache: str, auth: dict[str, str]) -> Installation:
    """Started, with a build cache and credentials."""
    folder.mkdir()
    (folder / "auth.json").write_text(json.dumps({"auths": {host: {"auth": text} for host, text in auth.items()}}))
    made = Installation(folder / "data", CARREL_BUILD_CACHE=cache, CARREL_REGISTRY_AUTH=str(folder / "auth.json"))
    made.start()
    return made


def until_pushed(registry: OciRegistry, repository: str) -> None:
    """Pushes are in the background."""
    until = time.monotonic() + 30
    while not registry.tags(repository):
        assert time.monotonic() < until, "nothing was pushed"
        time.sleep(0.1)


def test_another_installation_pulls_what_one_has_built(
    registry: OciRegistry, repositories: Repositories, tmp_path: Path
) -> None:
    word = secrets.token_hex(8)
    url = repositories.built("cached", f"FROM {busybox_image()}\nRUN echo {word} >/word; cat /proc/uptime >/built\n")
    auth = {registry.host: b64encode(f"{USER}:{PASSWORD}".encode()).decode()}
    cache = f"{registry.host}/team/cache"
    first = installation_with(tmp_path / "first", cache, auth)
    try:
        workspace = first.create(url, name="first")["id"]
        first.until_phase(workspace, "running")
        built = first.sh("first", "cat /built")
        assert first.events(workspace, "image_ready")[0]["data"]["built"]
        until_pushed(registry, "team/cache/default")
    finally:
        first.destroy()  # with its images: the engine has them no more
    second = installation_with(tmp_path / "second", cache, auth)
    try:
        workspace = second.create(url, name="second")["id"]
        second.until_phase(workspace, "running")
        (ready,) = second.events(workspace, "image_ready")
        assert (ready["data"]["built"], ready["data"]["fetched"]) == (False, True)
        assert second.sh("second", "cat /word /built").split("\n", 1) == [word, built]
        names = docker("images", "--format", "{{.Repository}}:{{.Tag}}")
        assert not [name for name in names if name.startswith(registry.host)], "no name of the registry is left here"
        (tmp_path / "project").mkdir()
        (tmp_path / "project/.devcontainer.json").write_text('{"build": {"dockerfile": "Dockerfile"}}')
        dockerfile = f"FROM {busybox_image()}\nRUN echo {secrets.token_hex(8)} >/word\n"
        (tmp_path / "project/Dockerfile").write_text(dockerfile)
        before = set(registry.tags("team/cache/default"))
        image = second.carrel("devcontainer", "build", str(tmp_path / "project")).stdout.decode().strip()
        assert {*before, image.rpartition(":")[2]} == set(registry.tags("team/cache/default"))
        docker("rmi", image)
        log = second.carrel("devcontainer", "build", str(tmp_path / "project")).stderr.decode()
        assert ("From the build cache" in log, "Building" in log) == (True, False)
        docker("rmi", image)
    finally:
        second.destroy()


def test_a_cache_that_cannot_be_reached_fails_no_start(repositories: Repositories, tmp_path: Path) -> None:
    url = repositories.built("alone", f"FROM {busybox_image()}\nRUN echo {secrets.token_hex(8)} >/word\n")
    installation = installation_with(tmp_path / "alone", "127.0.0.1:1/team", {})
    try:
        workspace = installation.create(url, name="alone")["id"]
        installation.until_phase(workspace, "running")
        assert installation.events(workspace, "image_ready")[0]["data"]["built"]
        assert "connection refused" in installation.events(workspace, "build_cache")[0]["data"]["detail"]
    finally:
        installation.destroy()
