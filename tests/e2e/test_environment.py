"""One environment with features, hooks, volumes and entrypoints on a real engine: what is made of it, and what outlives what."""

from __future__ import annotations

import json
import platform
from typing import Any

import pytest
from tests.contract.images import busybox_image
from tests.e2e.installation import Installation
from tests.e2e.repositories import Repositories

CONFIG = ".devcontainer/devcontainer.json"
OTHER = ".devcontainer/other/devcontainer.json"
INSTALL = """#!/bin/sh
set -e
mkdir -p /usr/local/share/outer
{ id -u; basename "$PWD"; uname -m; [ -w hook.sh ] && stat -c '%u %a' hook.sh; echo "$WORD"; ls /usr/local/share; } > /usr/local/share/outer/log
cp hook.sh /usr/local/share/outer/hook.sh
mkdir -m 777 /usr/local/share/outer/open /cache
"""
OUTSIDE = "/usr/local/share/outer/open/outside"
"""A file that is in no volume."""
HOOK = '#!/bin/sh\necho "$PWD $(id -un)" > ~/hook\n'
ENTRYPOINT = "id -un > /tmp/entrypoint; false"
CONFIGURATION: dict[str, Any] = {
    "remoteUser": "dev",
    "features": {"./outer": {"word": "two words"}},
    "containerEnv": {"MARK": "first"},
    "remoteEnv": {"SEEN": "${containerEnv:MARK} and ${localWorkspaceFolderBasename}"},
    "mounts": ["source=cache-${devcontainerId},target=/cache,type=volume"],
    "postCreateCommand": "echo created >> ~/history",
    "postStartCommand": "echo started >> ~/history",
}


def feature(name: str, install: str, **more: Any) -> dict[str, Any]:
    """The files of a feature in the repository."""
    metadata = {"id": name, "version": "1.0.0", "name": name, **more}
    return {
        f".devcontainer/{name}/devcontainer-feature.json": metadata,
        f".devcontainer/{name}/install.sh": install,
    }


@pytest.fixture(scope="module")
def url(repositories: Repositories) -> str:
    """A repository with two configurations; the first has a feature that depends on another."""
    outer = feature(
        "outer",
        INSTALL,
        dependsOn={"./inner": {}},
        options={"word": {"type": "string", "default": "none"}},
        postCreateCommand="/usr/local/share/outer/hook.sh",
        entrypoint=ENTRYPOINT,
    )
    inner = feature("inner", "#!/bin/sh\nmkdir -p /usr/local/share/inner\n")
    image = {"image": busybox_image()}
    return repositories.make(
        "environment",
        {
            CONFIG: {**image, **CONFIGURATION},
            OTHER: {**image, "name": "other", "remoteUser": "dev"},
            ".devcontainer/outer/hook.sh": HOOK,
            **outer,
            **inner,
        },
    )


@pytest.fixture(scope="module")
def workspace(shared: Installation, url: str) -> str:
    """The id of a workspace with the first configuration."""
    made: str = shared.create(url, name="environment", devcontainer=CONFIG)["id"]
    shared.until_phase(made, "running")
    return made


def inspected(shared: Installation, workspace: str) -> Any:
    """What the engine says of the container."""
    return json.loads("\n".join(shared.docker("inspect", *shared.container_ids(workspace))))[0]


@pytest.mark.conformance("C082", "C095", "C099", "C286")
def test_the_image_carries_the_metadata_of_features_their_dependencies_and_the_configuration(
    shared: Installation, workspace: str
) -> None:
    container = inspected(shared, workspace)
    label = json.loads(container["Config"]["Labels"]["devcontainer.metadata"])
    assert [entry.get("id", "configuration") for entry in label] == ["./inner", "./outer", "configuration"]
    assert label[1]["entrypoint"] == ENTRYPOINT
    assert label[2]["mounts"] == CONFIGURATION["mounts"], "nothing that is this workspace's own is in the image"
    assert "features" not in label[2]


@pytest.mark.conformance("C076", "C077", "C080", "C083")
def test_a_container_is_found_by_our_labels_and_has_no_path_of_the_machine(
    shared: Installation, workspace: str
) -> None:
    labels = inspected(shared, workspace)["Config"]["Labels"]
    assert labels["dev.carrel.workspace"] == workspace
    assert not [key for key in labels if key.startswith(("devcontainer.local_folder", "devcontainer.config_file"))]


@pytest.mark.conformance("C240", "C241", "C242", "C244", "C253", "C256")
def test_features_are_installed_by_root_each_in_its_own_folder_after_what_they_depend_on(
    shared: Installation, workspace: str
) -> None:
    user, folder, machine, rights, word, *there = shared.sh("environment", "cat /usr/local/share/outer/log").split("\n")
    assert (user, folder, machine) == ("0", "outer_1", platform.machine())
    assert rights == "0 755"
    assert word == "two words"
    assert "inner" in there


@pytest.mark.conformance("C172", "C291", "C292")
def test_the_features_hook_and_entrypoint_run_as_their_users_and_a_failing_entrypoint_stops_nothing(
    shared: Installation, workspace: str
) -> None:
    assert shared.sh("environment", "cat ~/hook /tmp/entrypoint") == "/workspaces/environment dev\nroot"


@pytest.mark.conformance("C161", "C245", "C363", "C366")
def test_processes_have_the_environment_and_no_file_of_the_image_was_changed_for_it(
    shared: Installation, workspace: str
) -> None:
    told = shared.sh("environment", "echo $MARK; echo $SEEN; ls /etc/environment /etc/profile 2>/dev/null || true")
    assert told == "first\nfirst and environment"


@pytest.mark.conformance("C079")
def test_another_configuration_of_the_repository_is_another_container(
    shared: Installation, workspace: str, url: str
) -> None:
    other = shared.create(url, name="other", devcontainer=OTHER)["id"]
    shared.until_phase(other, "running")
    assert shared.container_ids(other) != shared.container_ids(workspace)
    assert shared.sh("other", "echo [$MARK]; ls /usr/local 2>/dev/null || true") == "[]"


@pytest.mark.conformance("C171", "C387", "C391", "C424", "C425", "C428")
def test_a_stop_is_clean_and_a_start_finds_the_container_as_it_was(shared: Installation, workspace: str) -> None:
    shared.sh("environment", f"echo kept > {OUTSIDE}; echo kept > /cache/inside")
    before = shared.container_ids(workspace)
    shared.api("POST", f"/workspaces/{workspace}/stop")
    shared.until_phase(workspace, "stopped")
    assert inspected(shared, workspace)["State"]["ExitCode"] == 0
    shared.api("POST", f"/workspaces/{workspace}/start")
    shared.until(workspace, lambda w: w["phase"] == "running" and len(shared.events(workspace, "ready")) == 2)
    shared.api("POST", f"/workspaces/{workspace}/start")
    shared.until_phase(workspace, "running")
    assert shared.container_ids(workspace) == before
    assert shared.sh("environment", f"cat {OUTSIDE} ~/history") == "kept\ncreated\nstarted\nstarted"


@pytest.mark.conformance("C101", "C368", "C426")
def test_a_changed_configuration_counts_from_the_rebuild_on_and_volumes_stay(
    shared: Installation, workspace: str
) -> None:
    shared.sh("environment", f"sed -i 's/first/second/' {CONFIG}")
    source = next(one["Name"] for one in inspected(shared, workspace)["Mounts"] if one["Destination"] == "/cache")
    ready = len(shared.events(workspace, "ready"))
    shared.api("POST", f"/workspaces/{workspace}/restart")
    shared.until(workspace, lambda w: w["phase"] == "running" and len(shared.events(workspace, "ready")) > ready)
    assert shared.sh("environment", "echo $MARK") == "first"
    shared.api("POST", f"/workspaces/{workspace}/rebuild", {})
    shared.until(workspace, lambda w: w["phase"] == "running" and len(shared.events(workspace, "ready")) > ready + 1)
    shared.sh("environment", "until tail -n 2 ~/history | grep -q created; do sleep 0.1; done")
    assert shared.sh(
        "environment", f"echo $MARK; tail -n 2 ~/history; cat /cache/inside; ls {OUTSIDE} || echo gone"
    ) == ("second\ncreated\nstarted\nkept\ngone")
    assert source in {one.get("Name") for one in inspected(shared, workspace)["Mounts"]}
