from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal

import pytest

from carrel.core.problems import Problem
from carrel.core.spec import (
    HOME_VOLUME,
    PROJECT_VOLUME,
    ContainerSpec,
    Egress,
    Grants,
    HealthCheck,
    Limits,
    Mount,
    MountKind,
    VolumeSpec,
    WorkspaceRef,
    WorkspaceSpec,
)
from carrel.runtimes.contract import ImageFact
from carrel.runtimes.docker.facts import Described
from carrel.runtimes.docker.fence import fence
from carrel.runtimes.docker.init_record import init_record
from carrel.runtimes.docker.manifest import CAPABILITIES, Maker, home_target
from carrel.runtimes.docker.names import Names
from carrel.runtimes.docker.settings import DockerSettings

MAKER = Maker(
    DockerSettings("0123456789ab", limits=Limits(cpus=2, memory_bytes=1 << 30, pids=500)), Names("0123456789ab")
)
REF = WorkspaceRef("aaaaaaaaaaaa", "blog--ana")
VOLUMES = (VolumeSpec(PROJECT_VOLUME), VolumeSpec(HOME_VOLUME), VolumeSpec("cache", shared=True))
IMAGE = Described(
    ImageFact("sha256:1", user="dev", env={"A": "1"}, entrypoint=("/entry",), command=("serve",), working_dir="/srv")
)


def spec(*containers: ContainerSpec, **changes: Any) -> WorkspaceSpec:
    return replace(WorkspaceSpec(REF, containers, VOLUMES, toolbox="toolbox"), **changes)


def made(container: ContainerSpec, image: Described = IMAGE, **changes: Any) -> dict[str, Any]:
    containers = (container,) if container.name == "main" else (ContainerSpec("main", "image"), container)
    return MAKER.container(spec(*containers, **changes), container, image)


def test_the_primary_container_runs_init_as_root_with_the_agent() -> None:
    body = made(ContainerSpec("main", "image", user="dev"))
    assert body["User"] == "0:0"
    assert body["Entrypoint"][:4] == ["/opt/carrel/bin/init", "--record", "/.carrel/init", "--"]
    assert body["Entrypoint"][4:] == list(MAKER.settings.agent)
    assert body["Cmd"] == []
    assert body["Healthcheck"] == {"Test": ["NONE"]}


def test_the_fence_brings_its_capability_unless_a_policy_granted_it() -> None:
    usual = made(ContainerSpec("main", "image"))["HostConfig"]
    assert usual["CapAdd"] == sorted({*CAPABILITIES, "NET_ADMIN"})
    shared = made(ContainerSpec("web", "image", shares_network_with="main"))["HostConfig"]
    assert shared["CapAdd"] == sorted(CAPABILITIES)
    record = init_record(ContainerSpec("main", "image"), IMAGE.fact, fence(spec(), ContainerSpec("main", "image")))
    assert record.startswith(b"unreachable=169.254.0.0/16\0drop-net-admin=1\0")
    own = ContainerSpec("main", "image", grants=Grants(capabilities=("CAP_NET_ADMIN",)))
    assert not fence(spec(), own).drops
    assert not fence(spec(), ContainerSpec("main", "image", grants=Grants(privileged=True))).drops


def test_without_egress_only_neighbours_are_reached_and_the_agent_answers_the_host() -> None:
    main, db = ContainerSpec("main", "image"), ContainerSpec("db", "image")
    closed = spec(main, db, egress=Egress.NONE)
    record = dict(fence(closed, main).record())
    assert {"neighbours-only": "1", "answers": "7022", "unreachable": "default"}.items() <= record.items()
    assert "answers" not in dict(fence(closed, db).record())
    shared = spec(replace(main, shares_network_with="db"), db, egress=Egress.NONE)
    assert dict(fence(shared, db).record())["answers"] == "7022"
    assert not list(fence(shared, shared.primary_container()).record())


def test_services_are_started_again_as_compose_says_and_the_primary_container_never_by_the_engine() -> None:
    policies: dict[tuple[Literal["no", "failure", "always"], int], dict[str, Any]] = {
        ("no", 0): {"Name": "no"},
        ("always", 0): {"Name": "unless-stopped"},
        ("failure", 3): {"Name": "on-failure", "MaximumRetryCount": 3},
    }
    for (kind, attempts), expected in policies.items():
        for name in ("db", "main"):
            container = replace(ContainerSpec(name, "image"), restart=kind, restart_attempts=attempts)
            policy = made(container)["HostConfig"]["RestartPolicy"]
            assert policy == (expected if name == "db" else {"Name": "no"})


def test_limits_fall_back_to_the_settings() -> None:
    usual = made(ContainerSpec("main", "image", limits=Limits(pids=None)))["HostConfig"]
    assert (usual["NanoCpus"], usual["Memory"], usual["PidsLimit"]) == (2_000_000_000, 1 << 30, 500)
    own = made(ContainerSpec("main", "image", limits=Limits(cpus=0.25, memory_bytes=1 << 20, pids=9, gpus=2)))[
        "HostConfig"
    ]
    assert (own["NanoCpus"], own["Memory"], own["MemorySwap"], own["PidsLimit"]) == (250_000_000, 1 << 20, 1 << 20, 9)
    assert own["DeviceRequests"] == [{"Driver": "", "Count": 2, "Capabilities": [["gpu"]]}]


def test_mounts() -> None:
    mounts = (
        Mount(MountKind.VOLUME, "/p", PROJECT_VOLUME),
        Mount(MountKind.VOLUME, "/h", HOME_VOLUME),
        Mount(MountKind.VOLUME, "/c", "cache", subpath="deep", read_only=True),
        Mount(MountKind.FOLDER, "/f", "/srv/folder"),
        Mount(MountKind.TMPFS, "/t", size_bytes=5),
    )
    body = {one["Target"]: one for one in made(ContainerSpec("main", "image", mounts=mounts))["HostConfig"]["Mounts"]}
    assert body["/p"]["VolumeOptions"] == {"NoCopy": True}
    assert body["/h"]["VolumeOptions"] == {"NoCopy": False}
    assert body["/c"]["VolumeOptions"] == {"NoCopy": False, "Subpath": "deep"}
    assert body["/c"]["Source"] == MAKER.names.volume(REF, "cache", shared=True)
    assert body["/f"]["Type"] == "bind"
    assert body["/t"]["TmpfsOptions"] == {"SizeBytes": 5}
    assert body["/opt/carrel"]["ReadOnly"] is True
    assert home_target(spec(ContainerSpec("main", "image", mounts=mounts))) == "/h"


def test_a_mount_of_an_unknown_volume_is_a_mistake_of_the_configuration() -> None:
    with pytest.raises(Problem) as caught:
        made(ContainerSpec("main", "image", mounts=(Mount(MountKind.VOLUME, "/x", "unknown"),)))
    assert caught.value.kind == "bad_configuration"


def entries(record: bytes) -> list[tuple[str, str]]:
    return [tuple(entry.split("=", 1)) for entry in record.decode().split("\0") if entry]  # type: ignore[misc]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, []),
        ({"override_command": False}, ["/entry", "serve"]),
        ({"override_command": False, "command": ("other",)}, ["/entry", "other"]),
        ({"override_command": False, "entrypoint": ("/mine",)}, ["/mine"]),
        ({"override_command": False, "entrypoint": ("/mine",), "command": ("a",)}, ["/mine", "a"]),
        ({"override_command": False, "entrypoint": ()}, []),
    ],
)
def test_what_runs_beside_the_agent(changes: Mapping[str, Any], words: list[str]) -> None:
    container = replace(ContainerSpec("main", "image"), **changes)
    record = entries(init_record(container, IMAGE.fact, fence(spec(), container)))
    assert [value for key, value in record if key == "arg"] == words
    assert ("user", "dev") in record
    assert ("cwd", "/srv") in record


def test_an_init_of_the_image_becomes_pid_1() -> None:
    container = ContainerSpec("main", "image", override_command=False, entrypoint=("/sbin/init",), user="root")
    record = entries(init_record(container, IMAGE.fact, fence(spec(), container)))
    assert ("exec-command", "1") in record
    assert ("user", "root") in record


def test_feature_entrypoints_keep_their_order_and_their_line_ends() -> None:
    container = ContainerSpec("main", "image", feature_entrypoints=("one\ntwo", "three=3"))
    record = entries(init_record(container, IMAGE.fact, fence(spec(), container)))
    assert [value for key, value in record if key == "entrypoint"] == ["one\ntwo", "three=3"]


def test_a_service_is_started_by_init_as_its_user() -> None:
    body = made(ContainerSpec("web", "image", working_dir="/w", env={"HOME": "/elsewhere"}))
    assert body["User"] == "0:0"
    assert body["WorkingDir"] == "/w"
    init, service, record, dashes, *argv = body["Entrypoint"]
    assert (init, service, dashes) == ("/opt/carrel/bin/init", "--service", "--")
    assert record.splitlines() == ["unreachable=169.254.0.0/16", "drop-net-admin=1", "user=dev", "env=HOME=/elsewhere"]
    assert argv == ["/entry", "serve"]


def test_a_service_that_shares_a_network_runs_as_it_is() -> None:
    body = made(ContainerSpec("web", "image", user="dev", command=("x",), shares_network_with="main"))
    assert body["User"] == "dev"
    assert body["Cmd"] == ["x"]
    assert "Entrypoint" not in body
    assert "NetworkingConfig" not in body
    assert body["HostConfig"]["NetworkMode"] == f"container:{MAKER.names.container(REF, 'main')}"
    assert body["HostConfig"]["Sysctls"] == {}


@pytest.mark.parametrize(
    ("test", "argv"),
    [
        (("CMD-SHELL", "curl x || exit 1"), ["/bin/sh", "-c", "curl x || exit 1"]),
        (("CMD", "curl", "x"), ["curl", "x"]),
        (("curl", "x"), ["curl", "x"]),
    ],
)
def test_health_checks_run_without_the_right_to_change_routes(test: tuple[str, ...], argv: list[str]) -> None:
    check = HealthCheck(test, interval_seconds=1.5, retries=7)
    body = made(ContainerSpec("web", "image", health=check))["Healthcheck"]
    assert body["Test"] == ["CMD", "/opt/carrel/bin/init", "--service", "drop-net-admin=1\nuser=dev", "--", *argv]
    assert (body["Interval"], body["Retries"]) == (1_500_000_000, 7)


def test_an_images_own_health_check_too() -> None:
    image = replace(IMAGE, health={"Test": ["CMD-SHELL", "true"], "Interval": 5})
    assert made(ContainerSpec("web", "image"), image)["Healthcheck"]["Test"][-2:] == ["-c", "true"]
    assert made(ContainerSpec("main", "image"), image)["Healthcheck"] == {"Test": ["NONE"]}


def test_a_service_has_no_word_of_docker_in_it_that_reaches_the_host() -> None:
    host = made(ContainerSpec("web", "image"))["HostConfig"]
    assert not {"Binds", "PortBindings", "PidMode", "IpcMode", "UTSMode", "UsernsMode", "CgroupParent"} & set(host)


def test_devices() -> None:
    grants = Grants(devices=("/dev/kvm", "/dev/a:/dev/b:r", "/dev/c:rw"))
    assert made(ContainerSpec("main", "image", grants=grants))["HostConfig"]["Devices"] == [
        {"PathOnHost": "/dev/kvm", "PathInContainer": "/dev/kvm", "CgroupPermissions": "rwm"},
        {"PathOnHost": "/dev/a", "PathInContainer": "/dev/b", "CgroupPermissions": "r"},
        {"PathOnHost": "/dev/c", "PathInContainer": "/dev/c", "CgroupPermissions": "rw"},
    ]


def test_an_image_s_labels_never_count_as_ours() -> None:
    image = Described(
        ImageFact("sha256:x", labels={"dev.carrel.primary": "true", "dev.carrel.helper": "x", "own": "1"})
    )
    labels = made(ContainerSpec("db", "d"), image)["Labels"]
    assert labels["dev.carrel.primary"] == labels["dev.carrel.helper"] == ""
    assert labels["dev.carrel.container"] == "db"


def test_the_organisations_index_of_python_packages_reaches_every_process() -> None:
    index = "https://pypi.example.com/simple"
    maker = Maker(DockerSettings("0123456789ab", python_index=index), Names("0123456789ab"))
    assert maker.surroundings() == {"PIP_INDEX_URL": index, "UV_DEFAULT_INDEX": index}
    assert MAKER.surroundings() == {}
