from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from tests.unit.devcontainer.repository import CONFIG, REQUEST, Image, Published, gathered, labelled, planned

from carrel.core.agent import Hook
from carrel.core.problems import Problem
from carrel.core.records import dump, load
from carrel.core.spec import FolderSource, GitSource, Limits, Mount, MountKind, VolumeSpec
from carrel.devcontainer import EnvironmentPlan, Policy, complete, plan
from carrel.devcontainer.metadata import LABEL

GO = Published(
    {"ghcr.io/c/go:1": {"id": "go", "version": "1.0.0", "options": {"version": {"type": "string", "default": "x"}}}}
)
WITH_GO: dict[str, Any] = {"features": {"ghcr.io/c/go:1": {}}}
DOCKERFILE: dict[str, Any] = {"build": {"dockerfile": "Dockerfile"}}


def dockerfile(text: str) -> dict[str, Any]:
    return {".devcontainer/Dockerfile": text}


def messages(environment: EnvironmentPlan) -> list[str]:
    return [f"{notice.level} {notice.key}" for notice in environment.notices]


# --- image and build ---


@pytest.mark.conformance("C094", "C132")
async def test_an_image_without_features_is_run_as_it_is_and_the_container_has_the_label() -> None:
    environment = await planned({"image": "base", "remoteUser": "dev"})
    assert (environment.build.pulls, environment.build.steps) == (("base",), ())
    container = environment.primary_container()
    assert container.image == environment.image == "base"
    assert json.loads(container.labels[LABEL]) == [{"remoteUser": "dev"}]


@pytest.mark.conformance("C095", "C146", "C147", "C152")
async def test_a_dockerfile_is_one_step_with_the_label_and_the_target() -> None:
    value = {
        "build": {
            "dockerfile": "Dockerfile",
            "context": "..",
            "args": {"A": "1"},
            "target": "dev",
            "cacheFrom": ["cache"],
        },
        "remoteUser": "x",
    }
    environment = await planned(value, files=dockerfile("FROM base AS dev\nCOPY . /x\nFROM dev\nRUN false"))
    (step,) = environment.build.steps
    assert (step.context, step.target, step.args, step.cache_from) == (".", "dev", {"A": "1"}, ("cache",))
    assert json.loads(step.labels[LABEL]) == [{"remoteUser": "x"}]
    assert step.tag == environment.image


@pytest.mark.conformance("C095", "C141", "C146", "C147", "C252")
async def test_features_extend_the_result_of_the_dockerfile() -> None:
    environment = await planned({**DOCKERFILE, **WITH_GO}, files=dockerfile("FROM base\nUSER app"), published=GO)
    first, second = environment.build.steps
    assert first.labels == {}
    assert second.dockerfile.startswith(f"FROM {first.tag}\nUSER root\n")
    assert "USER app\nLABEL devcontainer.metadata=" in second.dockerfile
    assert "go_0/install.sh" in second.files


@pytest.mark.conformance("C140")
async def test_build_options_reach_the_step_and_refused_ones_the_notices() -> None:
    value = {
        "build": {
            "dockerfile": "Dockerfile",
            "options": ["--network=none", "--ssh=default", "--build-arg", "X=1", "--label=a=b"],
        }
    }
    environment = await planned(value, files=dockerfile("FROM base"))
    (step,) = environment.build.steps
    assert (step.options, step.args) == ({"network": "none"}, {"X": "1"})
    assert step.labels["a"] == "b"
    assert messages(environment) == ["refused build.options --ssh"]


@pytest.mark.conformance("C097")
async def test_a_large_label_goes_into_a_build_file() -> None:
    value = {**DOCKERFILE, "postCreateCommand": "x" * 100_000}
    first, second = (await planned(value, files=dockerfile("FROM base"))).build.steps
    assert LABEL not in first.labels
    assert "LABEL devcontainer.metadata=" in second.dockerfile


async def tags(
    value: dict[str, Any], request: Any = REQUEST, image: Image | None = None, files: Any = None
) -> list[str]:
    environment = await planned(value, request, image, files or dockerfile("FROM base\nCOPY . /x"), GO)
    return [step.tag for step in environment.build.steps]


@pytest.mark.conformance("C151", "C250")
async def test_an_unchanged_environment_has_the_same_tags_and_any_change_another() -> None:
    value: dict[str, Any] = {"build": {"dockerfile": "Dockerfile", "args": {"A": "1"}}, **WITH_GO}
    first = await tags(value)
    assert first == await tags(value)
    assert all(tag.startswith("carrel-env/default:") for tag in first)
    assert await tags({**value, "build": {**value["build"], "args": {"A": "2"}}}) != first
    assert await tags(value, image=Image(id="sha256:other")) != first
    assert await tags(value, replace(REQUEST, project="other")) != first
    assert await tags(value, files={**dockerfile("FROM base\nCOPY . /x"), ".devcontainer/x": "new"}) != first


async def test_what_a_dockerfile_does_not_read_changes_no_tag_and_is_not_sent() -> None:
    value: dict[str, Any] = {"build": {"dockerfile": "Dockerfile"}}
    plain = dockerfile("FROM base\nRUN make")
    (step,) = (await planned(value, files=plain)).build.steps
    assert step.context is None
    assert [step.tag] == await tags(value, files={**plain, ".devcontainer/x": "new"})
    base = Image(on_build=("COPY . /app",))
    (step,) = (await planned(value, image=base, files=plain)).build.steps
    assert step.context == ".devcontainer"
    assert [step.tag] != await tags(value, image=base, files={**plain, ".devcontainer/x": "new"})


@pytest.mark.conformance("C250")
async def test_other_options_of_a_feature_leave_the_users_image_as_it_is() -> None:
    files = {"docker/Dockerfile": "FROM base"}
    value = {"build": {"dockerfile": "../docker/Dockerfile"}, **WITH_GO}
    first = await tags(value, files=files)
    changed = await tags({**value, "features": {"ghcr.io/c/go:1": {"version": "2"}}}, files=files)
    assert changed[0] == first[0]
    assert changed[1] != first[1]


@pytest.mark.conformance("C334")
async def test_a_lockfile_that_was_written_into_the_context_changes_no_image() -> None:
    first = await tags({**DOCKERFILE, **WITH_GO})
    locked = {**dockerfile("FROM base\nCOPY . /x"), ".devcontainer/devcontainer-lock.json": ""}
    assert await tags({**DOCKERFILE, **WITH_GO}, files=locked) == first


async def test_the_builder_makes_no_other_image() -> None:
    assert await tags({**DOCKERFILE, **WITH_GO}, replace(REQUEST, builder="buildkit")) == await tags(
        {**DOCKERFILE, **WITH_GO}
    )


async def test_projects_never_share_an_image_name() -> None:
    names = [
        (await tags(DOCKERFILE, replace(REQUEST, project=name)))[0].partition(":")[0]
        for name in ("a b", "a-b", "A-b", "ä")
    ]
    assert len(set(names)) == 4


# --- users and homes ---


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


# --- mounts and volumes ---


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


@pytest.mark.conformance("C047")
async def test_the_image_is_the_same_for_every_workspace() -> None:
    value = {
        **DOCKERFILE,
        **WITH_GO,
        "remoteEnv": {"ID": "${devcontainerId}"},
        "mounts": ["source=x-${devcontainerId},target=/x"],
    }
    assert await tags(value) == await tags(value, replace(REQUEST, workspace_id="other"))


# --- the container ---


@pytest.mark.conformance("C161", "C169", "C170", "C107", "C288")
async def test_container_settings() -> None:
    value = {"containerEnv": {"A": "1"}, "overrideCommand": False, "runArgs": ["-e", "A=2", "--hostname=h"]}
    environment = await planned(value, image=labelled({"entrypoint": "/a"}, {"containerEnv": {"B": "3"}}))
    container = environment.primary_container()
    assert container.env == {"A": "2", "B": "3"}
    assert (container.hostname, container.override_command) == ("h", False)
    assert container.feature_entrypoints == ("/a",)
    assert (await planned({})).primary_container().override_command is True


@pytest.mark.conformance("C414", "C416", "C418")
async def test_requirements_are_compared_with_the_size() -> None:
    request = replace(REQUEST, limits=Limits(cpus=2, memory_bytes=2**30))
    environment = await planned(
        {"hostRequirements": {"cpus": 4, "memory": "8gb"}}, request, labelled({"hostRequirements": {"gpu": True}})
    )
    assert environment.requirements.cpus == 4
    assert messages(environment) == [
        "warning hostRequirements.cpus",
        "warning hostRequirements.memory",
        "warning hostRequirements.gpu",
    ]
    assert environment.primary_container().limits == Limits(cpus=2, memory_bytes=2**30)


@pytest.mark.conformance("C414")
async def test_requirements_are_compared_with_the_machine() -> None:
    request = replace(REQUEST, limits=Limits(), machine_cpus=2, machine_memory_bytes=2**30, machine_disk_bytes=2**34)
    environment = await planned({"hostRequirements": {"cpus": 4, "memory": "8gb", "storage": "32gb"}}, request)
    asked = ("cpus", "memory", "storage")
    assert messages(environment) == [f"warning hostRequirements.{name}" for name in asked]
    fitting = await planned({"hostRequirements": {"cpus": 2, "memory": "1gb", "storage": "16gb"}}, request)
    assert messages(fitting) == []


@pytest.mark.conformance("C416", "C417", "C420")
@pytest.mark.parametrize(
    ("available", "wish", "gpus", "warned"),
    [(2, True, 1, False), (0, "optional", 0, False), (1, "optional", 1, False), (0, True, 0, True)],
)
async def test_gpus_are_given_where_there_are_some(available: int, wish: Any, gpus: int, warned: bool) -> None:
    environment = await planned(
        {"hostRequirements": {"gpu": wish}}, replace(REQUEST, policy=Policy(max_gpus=available))
    )
    assert environment.primary_container().limits.gpus == gpus
    assert bool(environment.notices) is warned


# --- the agent ---


@pytest.mark.conformance("C111", "C286", "C289", "C290", "C357", "C395", "C403", "C410")
async def test_the_agents_plan() -> None:
    published = Published({"ghcr.io/c/go:1": {"id": "go", "version": "1", "postCreateCommand": "f"}})
    value = {
        "features": {"ghcr.io/c/go:1": {}},
        "postCreateCommand": ["d", "e"],
        "waitFor": "postCreateCommand",
        "remoteEnv": {"A": "1", "B": None},
        "userEnvProbe": "loginShell",
        "forwardPorts": [3000, "db:5432"],
        "appPort": "8080:80",
        "portsAttributes": {"3000": {"label": "web"}},
        "otherPortsAttributes": {"onAutoForward": "ignore"},
        "customizations": {"vscode": {"extensions": ["a.b"], "settings": {"x": 1}}},
    }
    agent = (await planned(value, image=labelled({"postCreateCommand": "i"}), published=published)).agent
    assert agent.hooks == (
        Hook("postCreate", "image", {"": "i"}),
        Hook("postCreate", "feature ghcr.io/c/go:1", {"": "f"}),
        Hook("postCreate", "devcontainer.json", {"": ("d", "e")}),
    )
    assert (agent.wait_for, agent.user_env_probe) == ("postCreate", "loginShell")
    assert agent.remote_env == {"A": "1", "B": None}
    assert agent.forward_ports == ("3000", "db:5432", "80")
    assert agent.ports == {"3000": {"label": "web"}, "*": {"onAutoForward": "ignore"}}
    assert (agent.editor_extensions, agent.editor_settings) == (("a.b",), {"x": 1})


@pytest.mark.conformance("C052", "C233")
async def test_numbers_and_booleans_become_the_texts_that_the_reference_makes_of_them() -> None:
    values = {"T": True, "F": False, "N": 2.0, "H": 2.5, "S": "x"}
    texts = {"T": "true", "F": "false", "N": "2", "H": "2.5", "S": "x"}
    environment = await planned(
        {"build": {"dockerfile": "Dockerfile", "args": values}, "containerEnv": values, "remoteEnv": values},
        files=dockerfile("FROM base"),
    )
    assert dict(environment.build.steps[0].args) == texts
    assert dict(environment.primary_container().env) == texts
    assert dict(environment.agent.remote_env) == texts


async def test_values_that_nobody_knows_are_not_used_and_all_is_waited_for() -> None:
    own = await planned({"userEnvProbe": "sometimes", "waitFor": "postAttachCommand"})
    assert (own.agent.user_env_probe, own.agent.wait_for) == ("loginInteractiveShell", "postStart")
    assert messages(own) == ["warning userEnvProbe", "warning waitFor"]
    label = await planned({}, image=labelled({"userEnvProbe": "none"}, {"userEnvProbe": "sometimes"}))
    assert label.agent.user_env_probe == "none"
    assert [notice.origin for notice in label.notices] == ["image"]


@pytest.mark.conformance("C035", "C036", "C037", "C038", "C363")
async def test_the_containers_environment_is_filled_in_when_it_is_known() -> None:
    value = {
        "containerEnv": {"C": "c"},
        "remoteEnv": {"P": "${containerEnv:PATH}:/x", "C": "${containerEnv:C}"},
        "postStartCommand": {"a": "echo ${containerEnv:C}", "b": ["${containerEnv:PATH}"]},
    }
    plain = (await planned(value, image=Image(env={}))).agent
    assert plain.remote_env["P"] == "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/x"
    assert plain.hooks[0].commands == {
        "a": "echo c",
        "b": ("/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",),
    }
    built = await planned({**value, **WITH_GO}, published=GO)
    assert built.agent.remote_env["P"] == "${containerEnv:PATH}:/x"
    done = complete(built, Image(env={"PATH": "/go/bin"}))
    assert done.agent.remote_env == {"P": "/go/bin:/x", "C": "c"}
    assert complete(done, Image(env={"PATH": "/other"})) == done


async def test_completing_with_a_passwd_moves_the_home() -> None:
    environment = complete(await planned({"remoteUser": "dev"}), Image(), "dev:x:1:1::/srv/dev:/bin/sh\n")
    assert environment.home == "/srv/dev"
    assert Mount(MountKind.VOLUME, "/srv/dev", "home") in environment.primary_container().mounts
    assert environment.agent.owned_paths == ("/srv/dev", "/workspaces/blog")


# --- the rest ---


@pytest.mark.conformance("C377", "C379", "C380")
async def test_initialize_command_is_carried_and_skipped_with_a_warning() -> None:
    environment = await planned({"initializeCommand": "mkdir -p x"})
    assert environment.initialize_command == {"": "mkdir -p x"}
    assert environment.agent.hooks == ()
    assert messages(environment) == ["warning initializeCommand"]


@pytest.mark.conformance("C369", "C442")
async def test_declared_secrets_and_the_name_are_carried() -> None:
    environment = await planned(
        {"name": "My box", "secrets": {"TOKEN": {"description": "d", "documentationUrl": "u"}, "B": {}, "no good": {}}}
    )
    assert environment.name == "My box"
    assert [(one.name, one.description, one.documentation_url) for one in environment.secrets] == [
        ("TOKEN", "d", "u"),
        ("B", "", ""),
    ]


async def test_a_plan_survives_the_database() -> None:
    environment = await planned(
        {**WITH_GO, "postCreateCommand": {"a": ["x"]}, "mounts": ["source=c,target=/c"]}, published=GO
    )
    assert load(EnvironmentPlan, json.loads(json.dumps(dump(environment)))) == environment


async def test_the_same_inputs_give_the_same_plan() -> None:
    inputs = await gathered(
        {CONFIG: {"image": "base", **WITH_GO}}, replace(REQUEST, source=GitSource("https://e.org/x")), published=GO
    )
    assert plan(inputs) == plan(inputs)


@pytest.mark.conformance("C232", "C238")
async def test_feature_warnings_reach_the_notices() -> None:
    published = Published({"ghcr.io/c/old:1": {"id": "old", "version": "1", "deprecated": True}})
    environment = await planned({"features": {"ghcr.io/c/old:1": {"x": "1"}}}, published=published)
    assert messages(environment) == ["warning features.ghcr.io/c/old:1.x", "warning features.ghcr.io/c/old:1"]


# --- the label ---


WITH_DEPENDENCY = Published(
    {
        "ghcr.io/c/b:1": {"id": "b", "version": "1.0.0", "dependsOn": {"ghcr.io/c/a:1": {}}, "init": True},
        "ghcr.io/c/a:1": {"id": "a", "version": "1.0.0", "customizations": {"vscode": {"extensions": ["a.a"]}}},
    }
)


def label(environment: EnvironmentPlan) -> list[dict[str, Any]]:
    """The entries in the build file's last instruction."""
    text = environment.build.steps[-1].dockerfile.partition(f"LABEL {LABEL}=")[2].partition("\n\n")[0]
    unquoted = (
        text.strip().strip('"').replace(" \\\n", "").replace("\\$", "$").replace('\\"', '"').replace("\\\\", "\\")
    )
    entries: list[dict[str, Any]] = json.loads(unquoted)
    return entries


@pytest.mark.conformance("C087", "C099", "C290")
async def test_the_label_has_the_images_entries_then_the_features_then_the_configurations() -> None:
    value = {"features": {"ghcr.io/c/b:1": {}}, "remoteEnv": {"A": "${localEnv:A}"}}
    environment = await planned(
        value, image=labelled({"remoteUser": "first"}, {"id": "old"}), published=WITH_DEPENDENCY
    )
    assert label(environment) == [
        {"remoteUser": "first"},
        {"id": "old"},
        {"id": "ghcr.io/c/a:1", "customizations": {"vscode": {"extensions": ["a.a"]}}},
        {"id": "ghcr.io/c/b:1", "init": True},
        {"remoteEnv": {"A": "${localEnv:A}"}},
    ]


@pytest.mark.conformance("C098")
async def test_feature_customizations_and_remote_env_can_be_left_out_of_the_label() -> None:
    value = {"features": {"ghcr.io/c/b:1": {}}, "remoteEnv": {"A": "1"}, "remoteUser": "me"}
    request = replace(REQUEST, omit_from_label=frozenset({"feature-customizations", "remoteEnv"}))
    inherited = {"id": "old", "customizations": {"vscode": {"extensions": ["o.o"]}}, "remoteEnv": {"B": "1"}}
    environment = await planned(value, request, labelled(inherited), published=WITH_DEPENDENCY)
    features = [{"id": "ghcr.io/c/a:1"}, {"id": "ghcr.io/c/b:1", "init": True}]
    assert label(environment) == [inherited, *features, {"remoteUser": "me"}]
    assert environment.agent.remote_env == {"A": "1", "B": "1"}
    assert environment.agent.editor_extensions == ("o.o", "a.a")


@pytest.mark.conformance("C100", "C294")
async def test_a_feature_in_the_images_label_contributes_and_is_not_installed_again() -> None:
    inherited = {"id": "ghcr.io/c/b:1", "postCreateCommand": "of b", "entrypoint": "/b", "dependsOn": {"x/y/z": {}}}
    environment = await planned({"postCreateCommand": "own"}, image=labelled(inherited))
    assert environment.build.steps == ()
    assert [(hook.origin, dict(hook.commands)) for hook in environment.agent.hooks] == [
        ("feature ghcr.io/c/b:1", {"": "of b"}),
        ("devcontainer.json", {"": "own"}),
    ]
    assert environment.primary_container().feature_entrypoints == ("/b",)


@pytest.mark.conformance("C441")
async def test_the_codespaces_part_of_an_image_has_no_effect() -> None:
    part = {"repositories": {"a/b": {"permissions": "write-all"}}, "openFiles": ["x"]}
    with_it = await planned({}, image=labelled({"customizations": {"codespaces": part}}))
    assert with_it.configuration["customizations"] == {"codespaces": [part]}
    assert replace(with_it, configuration={}, containers=()) == replace(
        await planned({}), configuration={}, containers=()
    )


# --- what comes from who starts it ---


@pytest.mark.conformance("C154", "C162")
async def test_what_run_arguments_say_wins_over_the_rest() -> None:
    value = {
        "containerEnv": {"A": "1", "B": "1"},
        "containerUser": "one",
        "mounts": ["source=a,target=/x,type=volume"],
        "runArgs": ["-e", "A=2", "-u", "two", "-u", "three", "--mount", "type=volume,source=b,target=/y"],
    }
    environment = await planned(value)
    container = environment.primary_container()
    assert container.env == {"A": "2", "B": "1"}
    assert container.user == "three"
    assert [mount.target for mount in container.mounts][-2:] == ["/x", "/y"]


@pytest.mark.conformance("C423")
@pytest.mark.parametrize("action", ["none", "stopContainer", "stopCompose"])
async def test_a_shutdown_action_is_kept_and_the_workspaces_own_policy_decides(action: str) -> None:
    environment = await planned({"shutdownAction": action})
    assert environment.configuration["shutdownAction"] == action
    plain = await planned({})
    assert environment.agent == plain.agent
    assert not environment.notices
