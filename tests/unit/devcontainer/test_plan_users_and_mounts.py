from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tests.unit.devcontainer.repository import CONFIG, REQUEST, Image, Published, gathered, labelled, planned

from carrel.core.problems import Problem
from carrel.core.spec import FolderSource, Mount, MountKind, VolumeSpec
from carrel.devcontainer import plan

GO = Published(
    {"ghcr.io/c/go:1": {"id": "go", "version": "1.0.0", "options": {"version": {"type": "string", "default": "x"}}}}
)


WITH_GO: dict[str, Any] = {"features": {"ghcr.io/c/go:1": {}}}


DOCKERFILE: dict[str, Any] = {"build": {"dockerfile": "Dockerfile"}}


def dockerfile(text: str) -> dict[str, Any]:
    return {".devcontainer/Dockerfile": text}


@pytest.mark.conformance("C144", "C163", "C235", "C237", "C352")
@pytest.mark.parametrize(
    ("value", "image", "container_user", "remote_user", "home"),
    [
        ({}, Image(), "root", "root", "/root"),
        ({}, Image(user="app"), "app", "app", "/home/app"),
        ({"remoteUser": "dev"}, Image(user="app"), "app", "dev", "/home/dev"),
        ({"containerUser": "c"}, Image(user="app"), "c", "c", "/home/c"),
        ({}, labelled({"remoteUser": "vscode"}), "root", "vscode", "/home/vscode"),
        ({"remoteUser": "root"}, labelled({"remoteUser": "vscode"}), "root", "root", "/root"),
        ({"runArgs": ["-u", "r"], "containerUser": "c"}, Image(), "r", "r", "/home/r"),
        ({"remoteUser": "dev:staff"}, Image(), "root", "dev", "/home/dev"),
    ],
)
async def test_users(value: dict[str, Any], image: Image, container_user: str, remote_user: str, home: str) -> None:
    environment = await planned(value, image=image)
    assert environment.primary_container().user == container_user
    assert environment.agent.remote_user == remote_user
    assert environment.home == home
    assert Mount(MountKind.VOLUME, home, "home") in environment.primary_container().mounts


@pytest.mark.conformance("C144")
async def test_the_user_of_a_dockerfile_is_its_last_one() -> None:
    environment = await planned(DOCKERFILE, image=Image(user="base"), files=dockerfile("FROM base\nUSER mine"))
    assert environment.agent.remote_user == "mine"
    environment = await planned(DOCKERFILE, image=Image(user="base"), files=dockerfile("FROM base"))
    assert environment.agent.remote_user == "base"


async def test_a_passwd_text_says_where_the_home_is() -> None:
    inputs = replace(
        await gathered({CONFIG: {"image": "base", "remoteUser": "dev"}}), passwd="dev:x:1000:1000::/srv/dev:/bin/sh\n"
    )
    assert plan(inputs).home == "/srv/dev"


@pytest.mark.conformance("C341", "C342", "C343", "C344", "C349", "C351")
@pytest.mark.parametrize(
    ("value", "owner", "updated"),
    [
        ({"remoteUser": "dev"}, (1234, 1235), True),
        ({"remoteUser": "dev", "updateRemoteUserUID": False}, (1234, 1235), False),
        ({"remoteUser": "dev"}, (0, 0), False),
        ({"remoteUser": "dev"}, None, False),
        ({}, (1234, 1235), True),
        ({"remoteUser": "root"}, (1234, 1235), False),
        ({"remoteUser": "1000"}, (1234, 1235), False),
    ],
)
async def test_the_uid_is_updated_for_a_mounted_folder_of_another_user(
    value: dict[str, Any], owner: Any, updated: bool
) -> None:
    request = replace(REQUEST, source=FolderSource("/src/blog"), folder_owner=owner)
    environment = await planned(value, request, Image(user="dev"))
    assert bool(environment.build.steps) is updated
    if updated:
        (step,) = environment.build.steps
        script = step.files["carrel-update-uid.sh"].decode()
        assert "user='dev'; want_uid=1234; want_gid=1235" in script
        assert step.dockerfile.splitlines()[-1] == "USER dev"


@pytest.mark.conformance("C063", "C075")
async def test_the_project_and_the_home_are_volumes() -> None:
    environment = await planned({})
    assert environment.volumes == (VolumeSpec("project"), VolumeSpec("home"))
    assert environment.primary_container().mounts == (
        Mount(MountKind.VOLUME, "/workspaces/blog", "project"),
        Mount(MountKind.VOLUME, "/root", "home"),
    )
    assert environment.agent.owned_paths == ("/root", "/workspaces/blog")
    assert environment.agent.workspace_folder == "/workspaces/blog"


async def test_a_local_folder_is_mounted_and_keeps_its_owner() -> None:
    environment = await planned({}, replace(REQUEST, source=FolderSource("/src/blog")))
    assert environment.volumes == (VolumeSpec("home"),)
    assert environment.primary_container().mounts[0] == Mount(MountKind.FOLDER, "/workspaces/blog", "/src/blog")
    assert environment.agent.owned_paths == ("/root",)


@pytest.mark.conformance("C068", "C070", "C075")
@pytest.mark.parametrize(
    ("mount", "expected", "levels"),
    [
        ("source=${localWorkspaceFolder},target=/w,type=bind", [Mount(MountKind.VOLUME, "/w", "project")], []),
        (
            "source=${localWorkspaceFolder}/app,target=/w,type=bind,readonly",
            [Mount(MountKind.VOLUME, "/w", "project", True, "app")],
            [],
        ),
        ("source=/etc,target=/w,type=bind", [Mount(MountKind.VOLUME, "/w", "project")], ["warning"]),
        ("source=other,target=/w,type=volume", [Mount(MountKind.VOLUME, "/w", "project")], ["warning"]),
        ("", [], []),
    ],
)
async def test_of_workspace_mount_the_target_counts(mount: str, expected: list[Mount], levels: list[str]) -> None:
    environment = await planned({"workspaceMount": mount, "workspaceFolder": "/w"})
    assert [one for one in environment.primary_container().mounts if one.source != "home"] == expected
    assert [notice.level for notice in environment.notices] == levels


async def test_the_repository_is_not_mounted_at_the_root() -> None:
    with pytest.raises(Problem, match="at /"):
        await planned({"workspaceMount": "source=${localWorkspaceFolder},target=/,type=bind", "workspaceFolder": "/"})


@pytest.mark.conformance("C045", "C046", "C054", "C061", "C287")
async def test_the_devcontainer_id_is_replaced_with_this_workspaces() -> None:
    published = Published(
        {
            "ghcr.io/c/dind:1": {
                "id": "dind",
                "version": "1",
                "mounts": [{"source": "dind-${devcontainerId}", "target": "/var/lib/docker", "type": "volume"}],
                "entrypoint": "/init-${devcontainerId}",
            }
        }
    )
    value = {
        "features": {"ghcr.io/c/dind:1": {}},
        "containerEnv": {"ID": "${devcontainerId}"},
        "remoteEnv": {"ID": "${devcontainerId}"},
        "postCreateCommand": "echo ${devcontainerId}",
    }
    environment = await planned(value, published=published)
    container = environment.primary_container()
    identity = container.env["ID"]
    assert len(identity) == 52
    assert environment.agent.remote_env["ID"] == identity
    assert environment.agent.hooks[0].commands == {"": f"echo {identity}"}
    assert container.feature_entrypoints == (f"/init-{identity}",)
    again = await planned({**value, "postStartCommand": "changed"}, published=published)
    assert again.primary_container().env["ID"] == identity
    other = await planned(value, replace(REQUEST, workspace_id="other"), published=published)
    assert other.primary_container().env["ID"] != identity
    assert [volume.name for volume in environment.volumes] == [volume.name for volume in other.volumes]
