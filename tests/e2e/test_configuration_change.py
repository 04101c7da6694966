"""Somebody edits devcontainer.json in a running workspace: the rebuild is offered, and applies it."""

from __future__ import annotations

import json

import pytest
from tests.contract.images import busybox_image
from tests.e2e.installation import Installation
from tests.e2e.repositories import Repositories


@pytest.mark.conformance("C426")
def test_an_edited_configuration_is_offered_as_a_rebuild(
    installation: Installation, repositories: Repositories
) -> None:
    workspace = installation.create(repositories.tiny("edited"), name="edited")["id"]
    assert installation.until_phase(workspace, "running")["rebuild_offered"] == []
    path = ".devcontainer.json"
    changed = json.dumps({"image": busybox_image(), "containerEnv": {"COLOUR": "blue"}})
    installation.sh("edited", f"echo '{changed}' >{path}")
    installation.api("POST", f"/workspaces/{workspace}/extend", {"seconds": 60})  # the loop looks at once
    now = installation.until(workspace, lambda w: w["rebuild_offered"] != [], seconds=75)
    assert (now["phase"], now["rebuild_offered"]) == ("running", [path])
    assert [event["data"] for event in installation.events(workspace, "configuration_changed")] == [{"files": [path]}]
    assert "running (rebuild offered)" in installation.carrel("ls").stdout.decode()
    shown = installation.carrel("show", "edited").stdout.decode()
    assert f"{path} changed; `carrel rebuild edited` applies it" in shown

    installation.carrel("rebuild", "edited")
    assert installation.sh("edited", "echo $COLOUR") == "blue"
    assert installation.until(workspace, lambda w: w["phase"] == "running")["rebuild_offered"] == []
