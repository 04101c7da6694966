from __future__ import annotations

import pytest
from tests.unit.devcontainer.compose.compose_repository import FILE, container, planned, refused

APP = "services:\n  app:\n    image: a\n"

REFUSALS = [
    ("privileged: true", "privileged", "privileged"),
    ("cap_add: [SYS_ADMIN]", "cap_add SYS_ADMIN", "capabilities"),
    ("security_opt: ['seccomp:unconfined']", "security_opt seccomp=unconfined", "security-options"),
    ("devices: ['/dev/kvm:/dev/kvm']", "devices /dev/kvm:/dev/kvm", "devices"),
    ("pid: host", "pid: host", ""),
    ("ipc: host", "ipc: host", ""),
    ("uts: host", "uts: host", ""),
    ("userns_mode: host", "userns_mode: host", ""),
    ("cgroup: host", "cgroup: host", ""),
    ("network_mode: host", "network_mode: host", ""),
    ("network_mode: 'container:x'", "network_mode: container:x", ""),
    ("cgroup_parent: /x", "cgroup_parent", ""),
    ("device_cgroup_rules: ['c 1:1 rwm']", "device_cgroup_rules", ""),
    ("runtime: other", "runtime", ""),
    ("oom_score_adj: -1000", "oom_score_adj", ""),
    ("sysctls: {kernel.core_pattern: x}", "sysctls kernel.core_pattern", ""),
    ("labels: {dev.carrel.workspace: x}", "labels", ""),
    ("volumes: ['/:/host']", "volumes /host", ""),
    ("volumes: ['/var/run/docker.sock:/var/run/docker.sock']", "volumes /var/run/docker.sock", ""),
    ("volumes: ['../../..:/up']", "volumes /up", ""),
    ("volumes: ['~/.ssh:/ssh']", "volumes /ssh", ""),
    ("volumes: [{type: npipe, source: x, target: /n}]", "volumes /n", ""),
    ("volumes: ['../x:/opt/carrel/x']", "volumes /opt/carrel/x", ""),
    ("build: {context: ., network: host}", "build.options --network", ""),
    ("build: {context: ., ssh: [default]}", "build.ssh", ""),
]  # fmt: skip


@pytest.mark.parametrize("service", ["app", "db"])
@pytest.mark.parametrize(("lines", "key", "grant"), REFUSALS, ids=[row[1] for row in REFUSALS])
async def test_the_policy_holds_for_every_service(service: str, lines: str, key: str, grant: str) -> None:
    other = "db" if service == "app" else "app"
    text = f"services:\n  {other}: {{image: o}}\n  {service}:\n    image: i\n    {lines}\n"
    files = {FILE: text, ".devcontainer/Dockerfile": "FROM x", "x/y": ""}
    made = await planned(files)
    assert refused(made) == {(key, f"service {service}")}
    one = container(made, service)
    assert (one.grants.privileged, one.grants.capabilities, one.grants.security_options, one.grants.devices) == (
        False,
        (),
        (),
        (),
    )
    assert one.shares_network_with == ""
    assert {mount.target for mount in one.mounts} <= {"/root"}
    who = next(notice.who for notice in made.notices if notice.level == "refused")
    assert (f"'{grant}'" in who) if grant else True
    if grant:
        assert refused(await planned(files, granted=frozenset({grant}))) == set()


@pytest.mark.parametrize(
    ("top", "key"),
    [
        ("volumes: {v: {driver_opts: {type: none, o: bind, device: /}}}", "volumes.v.driver_opts"),
        ("networks: {n: {external: true}}", "networks.n"),
    ],
)
async def test_the_top_level_is_under_the_policy_too(top: str, key: str) -> None:
    assert refused(await planned(f"{APP}{top}\n")) == {(key, "Compose")}
