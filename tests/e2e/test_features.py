"""Features that the reference CLI published: they install in our builds as in the reference's, and are locked alike."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.contract.images import busybox_image
from tests.e2e.installation import DOCKER, Installation, docker
from tests.e2e.repositories import Repositories
from tests.oci_registry import PASSWORD, USER, OciRegistry, oci_registry
from tests.reference_cli import reference_answer

CONFIG = ".devcontainer/devcontainer.json"
LOCK = ".devcontainer/devcontainer-lock.json"
INSTALL = """\
#!/bin/sh
set -e
echo "$(basename "$PWD") who=${WHO-} loud=${LOUD-} level=${LEVEL-} $(cat inner/data.txt)" >> /features.log
echo "user=$(id -u) remote=$_REMOTE_USER:$_REMOTE_USER_HOME container=$_CONTAINER_USER:$_CONTAINER_USER_HOME" >> /features.log
echo "hello=${HELLO-} path=$PATH" >> /features.log
ls -l install.sh | cut -c 1-10 >> /features.log
mkdir -p /usr/local/share
name=$(sed 's/data of //' inner/data.txt)
printf '#!/bin/sh\\necho %s >> /tmp/entrypoints\\n' "$name" > "/usr/local/share/$name.sh"
chmod +x /usr/local/share/*.sh
"""


def feature(name: str, **more: Any) -> dict[str, str]:
    metadata = {"id": name, "version": "1.0.0", "name": name, **more}
    return {
        f"{name}/devcontainer-feature.json": json.dumps(metadata),
        f"{name}/install.sh": INSTALL,
        f"{name}/inner/data.txt": f"data of {name}",
    }


def collection(place: str) -> dict[str, str]:
    level = {"level": {"type": "string", "default": "low"}}
    return {
        **feature("base", options=level, containerEnv={"HELLO": 'say "hi"', "PATH": "/opt/base/bin:${PATH}"}),
        **feature(
            "hello",
            dependsOn={f"{place}/base:1": {"level": "high"}},
            options={"who": {"type": "string", "default": "world"}, "loud": {"type": "boolean", "default": False}},
            entrypoint="/usr/local/share/hello.sh",
            mounts=[{"source": "hello-${devcontainerId}", "target": "/var/hello", "type": "volume"}],
            postCreateCommand="echo created by hello >> /tmp/hooks",
            customizations={"vscode": {"extensions": ["a.b"]}},
        ),
        **feature("last", postCreateCommand={"one": ["sh", "-c", "echo created by last >> /tmp/hooks"]}),
    }


@pytest.fixture(scope="module")
def published(reference_cli: tuple[str, ...], tmp_path_factory: pytest.TempPathFactory) -> Iterator[OciRegistry]:
    """A registry with the collection."""
    with oci_registry() as registry:
        folder = tmp_path_factory.mktemp("collection")
        for path, content in collection(f"{registry.host}/team/features").items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(content)
        words = ["--registry", registry.host, "--namespace", "team/features", str(folder)]
        reference_answer(["features", "publish", *words])
        yield registry


def metadata_of(image: str) -> Any:
    """The label."""
    found = docker("inspect", "--format", '{{index .Config.Labels "devcontainer.metadata"}}', image)
    return json.loads(found[0])


@pytest.mark.conformance("C240", "C242", "C244", "C245", "C246", "C286", "C289", "C291", "C334", "C099")
def test_features_install_and_are_locked_as_by_the_reference(
    shared: Installation, repositories: Repositories, published: OciRegistry, tmp_path: Path
) -> None:
    place = f"{published.host}/team/features"
    configuration = {
        "image": busybox_image(),
        "features": {f"{place}/hello": {"who": "ana maria", "loud": True}, f"{place}/last:1.0": {}},
        "postCreateCommand": "echo created by the configuration >> /tmp/hooks",
    }
    (tmp_path / ".devcontainer").mkdir()
    (tmp_path / CONFIG).write_text(json.dumps(configuration))
    words = ["build", "--workspace-folder", str(tmp_path), "--docker-path", DOCKER, "--image-name", "carrel-oracle:1"]
    assert reference_answer(words, timeout=240)["outcome"] == "success"
    workspace = shared.create(repositories.make("features", {CONFIG: configuration}))
    shared.until_phase(workspace["id"], "running")
    name = workspace["name"]
    try:
        theirs = "\n".join(docker("run", "--rm", "carrel-oracle:1", "cat", "/features.log"))
        assert shared.sh(name, "cat /features.log") == theirs
        assert "who=ana maria loud=true" in theirs
        assert shared.sh(name, f"cat {LOCK}") == (tmp_path / LOCK).read_text().rstrip("\n")
        environment = docker("run", "--rm", "carrel-oracle:1", "sh", "-c", "echo $HELLO $PATH")
        image = docker("inspect", "--format", "{{.Config.Image}}", *shared.containers_of(workspace["id"]))[0]
        assert docker("run", "--rm", "--entrypoint", "sh", image, "-c", "echo $HELLO $PATH") == environment
        assert metadata_of(image) == metadata_of("carrel-oracle:1")
    finally:
        docker("rmi", "carrel-oracle:1")
    assert shared.sh(name, "cat /tmp/entrypoints; ls -d /var/hello") == "hello\n/var/hello"
    shared.until(workspace["id"], lambda _: "configuration" in shared.sh(name, "cat /tmp/hooks"))
    assert shared.sh(name, "cat /tmp/hooks").splitlines() == [
        "created by last",
        "created by hello",
        "created by the configuration",
    ]
    assert shared.sh(name, "git status --porcelain") == f"?? {LOCK}"
    shared.carrel("rebuild", name)
    shared.until_phase(workspace["id"], "running")
    again = docker("inspect", "--format", "{{.Config.Image}}", *shared.containers_of(workspace["id"]))
    assert again == [image], "a rebuild with the lockfile builds nothing"


@pytest.mark.conformance("C306", "C314")
def test_a_feature_from_a_private_registry(
    repositories: Repositories, reference_cli: tuple[str, ...], tmp_path: Path
) -> None:
    with oci_registry(password=True) as registry:
        for path, content in feature("base").items():
            (tmp_path / "src" / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / "src" / path).write_text(content)
        words = ["--registry", registry.host, "--namespace", "team/features", str(tmp_path / "src")]
        environment = {"DEVCONTAINERS_OCI_AUTH": f"{registry.host}|{USER}|{PASSWORD}"}
        reference_answer(["features", "publish", *words], environment)
        features: dict[str, Any] = {f"{registry.host}/team/features/base:1": {}}
        url = repositories.make("private-feature", {CONFIG: {"image": busybox_image(), "features": features}})
        credentials = tmp_path / "config.json"
        installation = Installation(tmp_path / "data", CARREL_REGISTRY_AUTH=str(credentials))
        installation.start()
        try:
            workspace = installation.create(url)["id"]
            installation.until_phase(workspace, "running")
            recovery = installation.events(workspace, "recovery")
            assert [event["data"]["kind"] for event in recovery] == ["registry_denied"]
            installation.stop()
            auth = b64encode(f"{USER}:{PASSWORD}".encode()).decode()
            credentials.write_text(json.dumps({"auths": {registry.host: {"auth": auth}}}))
            installation.start()
            name = installation.workspace(workspace)["name"]
            installation.carrel("rebuild", name)
            installation.until(workspace, lambda now: now["phase"] == "running" and not now["degraded"])
            assert "data of base" in installation.sh(name, "cat /features.log")
            assert PASSWORD not in installation.log()
        finally:
            installation.destroy()
