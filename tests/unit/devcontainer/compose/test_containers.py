from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tests.unit.devcontainer.compose.compose_repository import CONFIG, FILE, container, planned
from tests.unit.devcontainer.repository import REQUEST, Image, Published

from carrel.core.problems import Problem
from carrel.core.records import dump, load
from carrel.core.spec import Dependency, HealthCheck, Limits, Mount, MountKind, VolumeSpec
from carrel.devcontainer import EnvironmentPlan

APP = "services:\n  app:\n    image: a\n"
DB = f"{APP}  db:\n    image: d\n"
PROJECT = MountKind.VOLUME


async def app(more: str = "", configuration: dict[str, Any] | None = None, **options: Any) -> EnvironmentPlan:
    lines = "".join(f"    {line}\n" for line in more.splitlines())
    return await planned(f"{APP}{lines}volumes: {{v: {{}}}}\n", configuration, **options)


@pytest.mark.conformance("C184", "C187", "C195")
async def test_the_primary_container_is_the_service_and_the_wishes_of_the_configuration_are_its_own() -> None:
    made = await planned(
        DB, {"containerEnv": {"E": "1"}, "mounts": ["source=c,target=/c,type=volume"], "containerUser": "u"}
    )
    assert made.primary == "app"
    assert [one.name for one in made.containers] == ["app", "db"]
    assert container(made).env == {"E": "1"}
    assert container(made).user == "u"
    assert "/c" in {one.target for one in container(made).mounts}
    db = container(made, "db")
    assert (db.env, db.user, db.mounts) == ({}, "", ())
    assert made.build.pulls == ("a", "d")
    assert load(EnvironmentPlan, dump(made)) == made


@pytest.mark.conformance("C189", "C190", "C191")
@pytest.mark.parametrize(
    ("given", "expected"), [({}, False), ({"overrideCommand": False}, False), ({"overrideCommand": True}, True)]
)
async def test_override_command_is_false_unless_it_is_true(given: dict[str, Any], expected: bool) -> None:
    assert container(await app("", given)).override_command is expected


@pytest.mark.conformance("C192", "C193")
async def test_entrypoint_and_command_are_split_as_a_shell_does() -> None:
    one = container(await app("entrypoint: /e 'a b'\ncommand: sh -c \"x y\""))
    assert one.entrypoint == ("/e", "a b")
    assert one.command == ("sh", "-c", "x y")
    alone = container(await app("entrypoint: [/e]"))
    assert (alone.entrypoint, alone.command) == (("/e",), None)
    assert container(await app("command: []")).command == ()


@pytest.mark.conformance("C194")
async def test_the_service_s_user_is_the_container_user_and_the_remote_user() -> None:
    made = await app("user: '1000:1000'")
    assert (container(made).user, made.agent.remote_user) == ("1000:1000", "1000")
    made = await app("user: x", {"containerUser": "c", "remoteUser": "r"})
    assert (container(made).user, made.agent.remote_user) == ("c", "r")


@pytest.mark.conformance("C072", "C073", "C204")
@pytest.mark.parametrize(
    ("volume", "target", "subpath"),
    [
        ("..:/w", "/w", ""),
        ("../..:/workspaces:cached", "/workspaces/blog", ""),
        ("../src:/s", "/s", "src"),
        (".:/c", "/c", ".devcontainer"),
    ],
)
async def test_binds_of_the_repository_are_the_project_volume(volume: str, target: str, subpath: str) -> None:
    made = await planned({FILE: f"{APP}    volumes: ['{volume}']\n", "src/x": ""})
    assert Mount(PROJECT, target, "project", subpath=subpath) in container(made).mounts


@pytest.mark.conformance("C073")
async def test_nothing_is_mounted_by_itself_and_the_workspace_folder_defaults_to_the_root() -> None:
    made = await app()
    assert [one.target for one in container(made).mounts] == ["/root"]
    assert made.agent.workspace_folder == "/"
    assert made.agent.owned_paths == ("/root",)
    made = await app("volumes: ['..:/w']", {"workspaceFolder": "/w/x"})
    assert made.agent.owned_paths == ("/root", "/w")


@pytest.mark.conformance("C196", "C197")
async def test_volumes_belong_to_the_workspace_and_keep_their_options() -> None:
    made = await app(
        "volumes: ['v:/v:ro', /anonymous, {type: tmpfs, target: /t, tmpfs: {size: 64m}}]\ntmpfs: /run:size=1m"
    )
    assert Mount(PROJECT, "/v", "mount-v", read_only=True) in container(made).mounts
    assert Mount(MountKind.TMPFS, "/t", size_bytes=64 << 20) in container(made).mounts
    assert Mount(MountKind.TMPFS, "/run", size_bytes=1 << 20) in container(made).mounts
    assert VolumeSpec("mount-v") in made.volumes
    assert any("anonymous" in one.name for one in made.volumes)


async def test_an_anonymous_volume_is_the_service_s_own() -> None:
    made = await planned("services: {app: {image: a, volumes: [/x]}, db: {image: d, volumes: [/x]}}")
    assert container(made).mounts[0].source != container(made, "db").mounts[0].source


async def test_a_folder_that_is_not_there_is_a_volume() -> None:
    made = await planned(f"{APP}    volumes: ['../data:/data']\n")
    mount = container(made).mounts[0]
    assert (mount.target, mount.subpath) == ("/data", "")
    assert mount.source.startswith("mount-folder-data")


@pytest.mark.parametrize("grant", [frozenset[str](), frozenset({"shared-volumes"})])
async def test_only_an_external_volume_is_shared_and_only_with_the_grant(grant: frozenset[str]) -> None:
    text = f"{APP}    volumes: ['v:/v', 'own:/o', 'named:/n']\nvolumes: {{v: {{external: true}}, own: , named: {{name: x}}}}"
    made = await planned(text, granted=grant)
    shared = {one.name: one.shared for one in made.volumes}
    assert shared["mount-own"] is False
    assert shared["mount-v"] is shared["mount-x"] is bool(grant)


async def test_secrets_and_configs_are_files_of_the_repository() -> None:
    text = f"{APP}    secrets: [s, {{source: s, target: t}}]\n    configs: [c]\nsecrets: {{s: {{file: ./s.txt}}}}\nconfigs: {{c: {{file: ./c.txt}}}}"
    made = await planned({FILE: text, ".devcontainer/s.txt": "s", ".devcontainer/c.txt": "c"})
    targets = {one.target: (one.subpath, one.read_only) for one in container(made).mounts if one.source == "project"}
    assert targets == {
        "/run/secrets/s": (".devcontainer/s.txt", True),
        "/run/secrets/t": (".devcontainer/s.txt", True),
        "/c": (".devcontainer/c.txt", True),
    }


async def test_volumes_from_another_service() -> None:
    made = await planned(
        "services: {app: {image: a, volumes_from: ['db:ro']}, db: {image: d, volumes: ['v:/v']}}\nvolumes: {v: }"
    )
    assert Mount(PROJECT, "/v", "mount-v", read_only=True) in container(made).mounts


@pytest.mark.conformance("C204", "C205")
async def test_dependencies_health_and_network_of_another_service() -> None:
    text = """
services:
  app: {image: a, network_mode: 'service:db', depends_on: {job: {condition: service_completed_successfully}}}
  db:
    image: d
    healthcheck: {test: pg_isready, interval: 1m30s, timeout: 500ms, retries: 7, start_period: 2s}
  job: {image: j, depends_on: {db: {condition: service_healthy}}}
  none: {image: n, healthcheck: {disable: true}, depends_on: [db]}
"""
    made = await planned(text)
    assert container(made).shares_network_with == "db"
    assert Dependency("job", "completed") in container(made).dependencies
    assert container(made, "job").dependencies == (Dependency("db", "healthy"),)
    assert container(made, "none").dependencies == (Dependency("db", "started"),)
    assert container(made, "db").health == HealthCheck(("CMD-SHELL", "pg_isready"), 90.0, 0.5, 2.0, 7)
    assert container(made, "none").health == HealthCheck(("NONE",))


async def test_other_names_in_the_one_network() -> None:
    text = """
services:
  app: {image: a, links: ['db:database'], networks: [front, back]}
  db: {image: d, container_name: pg, networks: {back: {aliases: [store]}}}
networks: {front: , back: {internal: true}}
"""
    made = await planned(text)
    assert container(made, "db").aliases == ("store", "pg", "database")
    assert container(made).dependencies == (Dependency("db", "started"),)
    assert {one.key for one in made.notices} == {"networks", "networks.back.internal"}


@pytest.mark.conformance("C203", "C405")
async def test_ports_are_forwarded_and_never_published() -> None:
    made = await planned(
        "services: {app: {image: a, ports: ['8080:80', '53:53/udp']}, db: {image: d}}",
        {"forwardPorts": ["db:5432", 3000]},
    )
    assert made.agent.forward_ports == ("db:5432", "3000", "80")
    assert [one.key for one in made.notices] == ["ports"]


@pytest.mark.conformance("C185", "C186")
async def test_each_service_with_a_build_is_a_step_with_a_tag_of_its_content() -> None:
    files = {
        FILE: "services:\n  app: {build: .., image: x}\n  db: {build: {context: ../db, dockerfile: D, target: t, args: {A: $B}}}\n"
        "  same: {build: {context: ../db, dockerfile: D, target: t, args: [A=]}}\n"
        "  text: {build: {context: ../db, dockerfile_inline: FROM t}}\n",
        "Dockerfile": "FROM base\nUSER dev\nCOPY . /app\n",
        "db/D": "FROM db:1 AS t\nCOPY x /x\n",
        "db/x": "1",
    }
    made = await planned(files)
    steps = {one.tag: one for one in made.build.steps}
    assert [one.context for one in steps.values()] == [".", "db", "db"] or len(steps) == 3
    assert container(made, "db").image == container(made, "same").image
    assert container(made).user == "dev"
    db = steps[container(made, "db").image]
    assert (db.context, db.target, dict(db.args)) == ("db", "t", {"A": ""})
    assert steps[container(made, "text").image].dockerfile == "FROM t"
    assert made.build.pulls == ()
    changed = await planned({**files, "db/x": "2"})
    assert container(changed, "db").image != container(made, "db").image
    assert container(changed).image != container(made).image


@pytest.mark.conformance("C185", "C195")
async def test_features_extend_the_primary_image_only() -> None:
    published = Published({"ghcr.io/c/go:1": {"id": "go", "version": "1", "containerEnv": {"GO": "1"}}})
    made = await planned(DB, {"features": {"ghcr.io/c/go:1": {}}}, published=published, images={"a": Image(user="u")})
    assert [one.title for one in made.build.steps] == ["Install features: go"]
    assert made.build.steps[0].dockerfile.startswith("FROM a\n")
    assert container(made).image == made.build.steps[0].tag == made.image
    assert container(made, "db").image == "d"
    assert container(made).env == {"GO": "1"} or "GO" not in container(made, "db").env


@pytest.mark.conformance("C234", "C235")
async def test_remaining_settings_of_a_service() -> None:
    made = await app(
        "hostname: h\nworking_dir: /w\nextra_hosts: ['x:1.2.3.4']\nulimits: {nofile: 10}\nshm_size: 128m\nlabels: {l: 1}\n"
        "environment: {A: 1}\nsysctls: {net.core.somaxconn: 1024}\ninit: true\nrestart: always"
    )
    one = container(made)
    assert (one.hostname, one.working_dir, one.extra_hosts, one.ulimits) == (
        "h",
        "/w",
        ("x:1.2.3.4",),
        {"nofile": (10, 10)},
    )
    assert (one.limits.shm_bytes, one.labels["l"], one.env, one.sysctls) == (
        128 << 20,
        "1",
        {"A": "1"},
        {"net.core.somaxconn": "1024"},
    )


async def test_other_services_are_within_the_workspace_s_size() -> None:
    request = replace(REQUEST, limits=Limits(cpus=2, memory_bytes=1 << 30))
    text = f"{APP}  b: {{image: b, deploy: {{resources: {{limits: {{cpus: '8', memory: 256M}}}}}}}}\n  c: {{image: c, mem_limit: 4g}}"
    made = await planned(text, request=request)
    assert (container(made, "b").limits.cpus, container(made, "b").limits.memory_bytes) == (2, 256 << 20)
    assert (container(made, "c").limits.cpus, container(made, "c").limits.memory_bytes) == (2, 1 << 30)


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ("volumes: ['gone:/x']", "'gone' is not declared"),
        ("networks: [gone]", "'gone' is not declared"),
        ("secrets: [gone]", "'gone' is not declared"),
        ("depends_on: {db: {condition: ready}}", "'ready' is not known"),
        ("depends_on: [gone]", "names the service 'gone'"),
        ("healthcheck: {test: x, interval: soon}", "'soon' is no duration"),
        ("shm_size: much", "'much' is no size"),
        ("ulimits: {nofile: many}", "is no limit"),
        ("cap_add: all", "cap_add: must be a list"),
        ("user: [x]", "user: must be a text"),
    ],
)
async def test_bad_values_say_file_and_line(lines: str, words: str) -> None:
    with pytest.raises(Problem, match=words) as caught:
        await planned(f"services:\n  db: {{image: d}}\n  app:\n    image: a\n    {lines}\n")
    if "names the service" not in words:
        assert f"{FILE}:5" in caught.value.detail


@pytest.mark.parametrize("lines", ["build: ../..", "build: {context: ., dockerfile: ../../D}"])
async def test_builds_stay_in_the_repository(lines: str) -> None:
    with pytest.raises(Problem) as caught:
        await planned(f"services:\n  app:\n    {lines}\n")
    assert caught.value.kind == "refused_by_policy"


@pytest.mark.conformance("C180")
async def test_a_service_that_does_not_exist_is_named() -> None:
    with pytest.raises(Problem, match="'web'"):
        await planned(APP, {"service": "web"})


async def test_run_args_have_no_effect_and_say_so() -> None:
    made = await app("", {"runArgs": ["--privileged"]})
    assert [(one.level, one.key) for one in made.notices] == [("info", "runArgs")]
    assert made.config_path == CONFIG


@pytest.mark.conformance("C188")
async def test_values_of_the_configuration_are_taken_literally() -> None:
    env = {"A": "$HOME ${X} $$", "B": 'it\'s "so"', "C": "one\ntwo"}
    assert container(await app("", {"containerEnv": env})).env == env


@pytest.mark.conformance("C198")
async def test_version_has_no_effect() -> None:
    made = await planned(f'version: "2.4"\n{APP}')
    assert made.notices == ()


@pytest.mark.conformance("C419")
async def test_a_gpu_reservation_is_within_the_workspace_s_size() -> None:
    lines = "deploy: {resources: {reservations: {devices: [{driver: nvidia, count: 2, capabilities: [gpu]}]}}}"
    made = await app(lines)
    assert container(made).limits.gpus == 0
    assert [one.key for one in made.notices] == ["gpus"]
    granted = replace(REQUEST, policy=replace(REQUEST.policy, max_gpus=4))
    assert container(await app(lines, request=granted)).limits.gpus == 2


@pytest.mark.conformance("C204")
@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ("labels: {a: b}", ("no", 0)),
        ("restart: 'no'", ("no", 0)),
        ("restart: no", ("no", 0)),
        ("restart: always", ("always", 0)),
        ("restart: unless-stopped", ("always", 0)),
        ("restart: on-failure", ("failure", 0)),
        ("restart: on-failure:3", ("failure", 3)),
        ("restart: always\ndeploy: {restart_policy: {condition: on-failure, max_attempts: 2}}", ("failure", 2)),
        ("deploy: {restart_policy: {condition: none}}", ("no", 0)),
        ("deploy: {restart_policy: {}}", ("always", 0)),
    ],
)
async def test_the_restart_policy_of_a_service(settings: str, expected: tuple[str, int]) -> None:
    one = container(await planned(with_database(settings)), "db")
    assert (one.restart, one.restart_attempts) == expected


async def test_a_restart_policy_that_does_not_exist_is_a_problem_with_a_place() -> None:
    with pytest.raises(Problem, match="no restart policy 'sometimes'"):
        await planned(with_database("restart: sometimes"))


def with_database(settings: str) -> str:
    """A project whose service `db` has further settings."""
    return DB + "".join(f"    {line}\n" for line in settings.splitlines())
