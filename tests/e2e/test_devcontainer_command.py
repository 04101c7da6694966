"""`carrel devcontainer` on a folder, with a real engine and without a server."""

from __future__ import annotations

import json
import os
import re
import secrets
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.contract.images import busybox_image
from tests.e2e.installation import BIN, LABEL, docker
from tests.oci_registry import oci_registry

FEATURES = {"one": "echo one > /one", "two": 'echo "$GREETING" > /two'}


class Folder:
    """A repository's folder, and the command on it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.environment = os.environ | {"CARREL_DATA_DIR": str(root / "data"), "NO_COLOR": "1"}
        self.images: set[str] = set()

    def write(self, path: str, content: str) -> None:
        """A file."""
        place = self.root / "project" / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(content)

    def configuration(self, **values: Any) -> None:
        """The devcontainer.json."""
        self.write(".devcontainer/devcontainer.json", json.dumps(values, indent=1))

    def feature(self, name: str, script: str) -> None:
        """A local feature."""
        metadata = {"id": name, "version": "1.2.0", "options": {"greeting": {"type": "string", "default": "hello"}}}
        self.write(f".devcontainer/{name}/devcontainer-feature.json", json.dumps(metadata))
        self.write(f".devcontainer/{name}/install.sh", f"#!/bin/sh\nset -e\n{script}\n")

    def carrel(self, verb: str, *words: str) -> subprocess.CompletedProcess[str]:
        """Run `carrel devcontainer`."""
        argv = [str(BIN / "carrel"), "devcontainer", verb, str(self.root / "project"), *words]
        done = subprocess.run(argv, env=self.environment, capture_output=True, text=True, check=False)
        self.images |= set(re.findall(r"carrel-env/default:[0-9a-f]{24}", done.stderr))
        return done

    def build(self, *words: str) -> tuple[str, str]:
        """The image's name, and the log."""
        done = self.carrel("build", *words)
        assert done.returncode == 0, done.stderr
        self.images |= set(done.stdout.split())
        return done.stdout.strip(), done.stderr

    def clean(self) -> None:
        """Remove what was built, and what was built anew without cache."""
        replaced = docker("images", "-q", "--filter", "dangling=true", "--filter", f"label={LABEL}=devcontainer")
        docker("rmi", "-f", *self.images, *replaced)


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Folder]:
    made = Folder(tmp_path)
    made.write(
        "Dockerfile", f"FROM {busybox_image()}\nRUN cat /proc/sys/kernel/random/uuid > /id # {secrets.token_hex(8)}\n"
    )
    for name, script in FEATURES.items():
        made.feature(name, script)
    made.configuration(build={"dockerfile": "../Dockerfile"}, features={"./one": {}}, remoteUser="dev")
    yield made
    if made.images:
        made.clean()


@pytest.mark.conformance("C445")
def test_reading_prints_both_configurations_and_warnings_with_their_places(folder: Folder) -> None:
    folder.configuration(
        image=busybox_image(), features={"./two": {"greeting": "hey"}}, wrong=1, runArgs=["--pid=host"], init=True
    )
    done = folder.carrel("read")
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert answer["configurations"] == [".devcontainer/devcontainer.json"]
    assert answer["configuration"]["runArgs"] == ["--pid=host"]
    assert answer["workspace"]["workspaceFolder"] == "/workspaces/project"
    assert answer["mergedConfiguration"]["init"] is True
    assert answer["features"] == [{"id": "./two", "version": "1.2.0", "digest": "", "options": {"greeting": "hey"}}]
    places = [line.split(" ", 1)[0] for line in done.stderr.splitlines()]
    assert places == [".devcontainer/devcontainer.json:8:11:", ".devcontainer/devcontainer.json:9:13:"], done.stderr

    folder.write(".devcontainer/devcontainer.json", '{\n  "image": 7\n}')
    done = folder.carrel("read")
    assert (done.returncode, done.stdout) == (1, "")
    assert ".devcontainer/devcontainer.json:2:12: image must be a string." in done.stderr

    (folder.root / "project/.devcontainer/devcontainer.json").unlink()
    assert folder.carrel("read").returncode == 3


def test_features_are_listed_in_their_order(folder: Folder) -> None:
    folder.configuration(features={"./one": {}, "./two": {}}, overrideFeatureInstallOrder=["./two"], image="absent")
    listed = json.loads(folder.carrel("features", "-o", "json").stdout)["features"]
    assert [(one["id"], one["version"], one["options"]) for one in listed] == [
        ("./two", "1.2.0", {"greeting": "hello"}),
        ("./one", "1.2.0", {"greeting": "hello"}),
    ]
    assert listed[0]["metadata"]["id"] == "two"
    lines = folder.carrel("features").stdout.splitlines()
    assert [line.split()[1] for line in lines[1:]] == ["./two", "./one"]


@pytest.mark.conformance("C250", "C448", "C152")
def test_an_added_feature_builds_its_own_layer_and_nothing_else(folder: Folder) -> None:
    first, log = folder.build()
    assert "Building: Build Dockerfile" in log
    again, log = folder.build()
    assert (again, "Building" in log) == (first, False)

    folder.configuration(
        build={"dockerfile": "../Dockerfile"}, features={"./one": {}, "./two": {"greeting": "hey"}}, remoteUser="dev"
    )
    second, log = folder.build("--image-name", "carrel-test/named:1", "--image-name", "carrel-test/named:2")
    assert second.split() == ["carrel-test/named:1", "carrel-test/named:2"]
    assert _layers(second.split()[0])[: len(_layers(first))] == _layers(first), "the first feature's layer is shared"
    assert docker("run", "--rm", "--network", "none", second.split()[1], "cat", "/one", "/two", "/id")[:2] == [
        "one",
        "hey",
    ]
    label = docker("inspect", "--format", '{{index .Config.Labels "devcontainer.metadata"}}', second.split()[0])
    assert json.loads("".join(label)) == [{"id": "./one"}, {"id": "./two"}, {"remoteUser": "dev"}]


@pytest.mark.conformance("C249")
def test_a_build_that_fails_names_the_feature_or_the_line_and_shows_the_end_of_the_log(folder: Folder) -> None:
    folder.feature("two", "echo the reason >&2; exit 7")
    folder.configuration(build={"dockerfile": "../Dockerfile"}, features={"./one": {}, "./two": {}})
    done = folder.carrel("build")
    assert done.returncode == 1
    said = done.stderr[done.stderr.rindex("The image build failed") :]
    assert "The feature ./two failed: exit code 7" in said
    assert "the reason" in said
    assert "./one" not in said

    folder.write("Dockerfile", f"FROM {busybox_image()}\nRUN true\n\nRUN echo mine >&2 && exit 9\n")
    said = folder.carrel("build").stderr
    assert "Dockerfile:4: RUN echo mine >&2 && exit 9: exit code 9" in said
    assert said.rstrip().splitlines()[-2].strip() == "mine"


@pytest.mark.conformance("C153")
def test_options_that_do_not_go_together_are_refused_before_anything_is_built(folder: Folder) -> None:
    for words, expected in ((("--push",), "--image-name"), (("--platform", "linux/a,linux/b"), "one platform")):
        done = folder.carrel("build", *words)
        assert (done.returncode, expected in done.stderr, "Building" in done.stderr) == (1, True, False)


@pytest.mark.conformance("C152")
def test_an_image_of_a_configuration_without_a_build_gets_the_metadata_and_is_pushed(folder: Folder) -> None:
    folder.configuration(image=busybox_image(), remoteUser="dev", postCreateCommand="true")
    with oci_registry() as registry:
        name = f"{registry.host}/team/plain:1"
        built, _ = folder.build("--image-name", name, "--push", "--platform", "linux/amd64")
        assert built == name
        assert registry.tags("team/plain") == ["1"]
    folder.configuration(image=name)
    merged = json.loads(folder.carrel("read").stdout)["mergedConfiguration"]
    assert (merged["remoteUser"], merged["postCreateCommands"]) == ("dev", ["true"])


@pytest.mark.conformance("C427")
def test_without_cache_every_step_is_built_anew(folder: Folder) -> None:
    image, _ = folder.build()
    before = docker("run", "--rm", "--network", "none", image, "cat", "/id")
    again, _ = folder.build("--no-cache")
    assert again == image
    assert docker("run", "--rm", "--network", "none", image, "cat", "/id") != before


def _layers(image: str) -> list[str]:
    found: list[str] = json.loads("".join(docker("inspect", "--format", "{{json .RootFS.Layers}}", image)))
    return found
