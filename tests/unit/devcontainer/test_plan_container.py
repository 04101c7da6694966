from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tests.unit.devcontainer.repository import REQUEST, Image, Published, labelled, planned

from carrel.core.agent import Hook
from carrel.core.spec import Limits, Mount, MountKind
from carrel.devcontainer import EnvironmentPlan, Policy, complete

GO = Published(
    {"ghcr.io/c/go:1": {"id": "go", "version": "1.0.0", "options": {"version": {"type": "string", "default": "x"}}}}
)


WITH_GO: dict[str, Any] = {"features": {"ghcr.io/c/go:1": {}}}


def dockerfile(text: str) -> dict[str, Any]:
    return {".devcontainer/Dockerfile": text}


def messages(environment: EnvironmentPlan) -> list[str]:
    return [f"{notice.level} {notice.key}" for notice in environment.notices]


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
