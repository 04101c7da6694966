"""A prebuild on a real engine: the next workspace of the repository takes it, and runs only the hooks that remain."""

from __future__ import annotations

import pytest
from tests.e2e.installation import Installation
from tests.e2e.repositories import Repositories

NOTE = "echo {} $(cat /proc/sys/kernel/random/uuid) >> /hooks-that-ran"


@pytest.mark.conformance("C393")
def test_the_next_workspace_begins_where_the_prebuild_ended(
    installation: Installation, repositories: Repositories
) -> None:
    hooks = ("onCreateCommand", "updateContentCommand", "postCreateCommand", "postStartCommand")
    url = repositories.tiny("warm", {name: NOTE.format(name) for name in hooks} | {"waitFor": "postStartCommand"})
    done = installation.carrel("prebuild", url)
    assert b"prebuild-warm is ready" in done.stderr
    (prebuild,) = installation.api("GET", "/prebuilds")["items"]
    assert (prebuild["ready"], prebuild["phase"], prebuild["image"]) == (True, "stopped", done.stdout.decode().strip())
    assert b"stopped (prebuild)" in installation.carrel("ls").stdout
    containers = installation.container_ids(prebuild["workspace"])

    installation.carrel("up", url, "--no-open")
    workspace = installation.workspace("warm")
    assert workspace["id"] == prebuild["workspace"]
    assert installation.container_ids(workspace["id"]) == containers, "nothing is made anew"
    ran = [line.split()[0] for line in installation.sh("warm", "cat /hooks-that-ran").splitlines()]
    assert ran == list(hooks)
    assert installation.events(workspace["id"], "prebuild_taken")[0]["data"]["commit"] == prebuild["commit"]
    assert installation.api("GET", "/prebuilds")["items"] == []

    other = installation.create(url, name="cold")["id"]
    assert other != workspace["id"], "one prebuild is one workspace"
    installation.until_phase(other, "running")

    failing = repositories.tiny("failing", {"onCreateCommand": "echo the reason; exit 3"})
    done = installation.carrel("prebuild", failing, check=False)
    assert done.returncode == 1
    assert b"onCreate of devcontainer.json" in done.stderr
    assert installation.create(failing, name="mended", start=False)["name"] == "mended"
