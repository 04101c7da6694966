from __future__ import annotations

from typing import Any

import pytest
from tests.unit.devcontainer.repository import REQUEST, planned

from carrel.core.problems import Problem
from carrel.core.spec import Mount, MountKind
from carrel.devcontainer import BaseImage, recovery_plan

PROBLEM = Problem("build_failed", "step 3 of 5 failed")
IMAGE = BaseImage("debian:12", "sha256:d", env={"PATH": "/bin"})


def test_a_recovery_environment_has_the_project_and_the_home_and_nothing_else() -> None:
    environment = recovery_plan(REQUEST, IMAGE, PROBLEM)
    container = environment.primary_container()
    assert container.image == "debian:12"
    assert container.mounts == (
        Mount(MountKind.VOLUME, "/workspaces/blog", "project"),
        Mount(MountKind.VOLUME, "/root", "home"),
    )
    assert (environment.build.pulls, environment.build.steps) == (("debian:12",), ())
    assert environment.agent.hooks == ()
    assert environment.agent.remote_user == "root"
    assert environment.recovery == str(PROBLEM)
    assert "step 3 of 5 failed" in environment.notices[0].message


async def test_after_a_failed_build_the_volumes_and_the_place_of_the_project_stay() -> None:
    value: dict[str, Any] = {
        "workspaceMount": "source=${localWorkspaceFolder},target=/w/blog,type=bind",
        "workspaceFolder": "/w/blog/app",
        "mounts": ["source=data,target=/data", "source=/etc,target=/e,type=bind"],
        "remoteUser": "dev",
        "postCreateCommand": "x",
    }
    failed = await planned(value)
    environment = recovery_plan(REQUEST, IMAGE, PROBLEM, failed)
    assert environment.agent.workspace_folder == "/w/blog/app"
    assert Mount(MountKind.VOLUME, "/w/blog", "project") in environment.primary_container().mounts
    assert {volume.name for volume in environment.volumes} == {"project", "home", "mount-data"}
    assert environment.agent.hooks == ()
    assert environment.config_path == ".devcontainer/devcontainer.json"
    assert environment.notices[1:] == failed.notices


@pytest.mark.parametrize("mount", ["", "source=${localWorkspaceFolder},target=/,type=bind"])
def test_a_broken_configuration_has_no_say_in_the_recovery(mount: str) -> None:
    assert (
        recovery_plan(REQUEST, IMAGE, Problem("bad_configuration", mount)).agent.workspace_folder == "/workspaces/blog"
    )
