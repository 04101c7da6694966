"""What a workspace on a real engine may not do, and what it gets."""

from __future__ import annotations

import asyncio
import json
import socket
from typing import Any

import pytest
from tests.contract.docker_bench import DockerBench
from tests.contract.images import run
from tests.contract.workbench import BOOT, Wanted, main_container, new_ref, quiet, up, workspace

from carrel.core.problems import Problem
from carrel.core.spec import (
    ContainerSpec,
    Egress,
    Grants,
    HealthCheck,
    Limits,
    Mount,
    MountKind,
    WorkspaceSpec,
)
from carrel.runtimes.docker.manifest import CAPABILITIES
from carrel.runtimes.docker.runtime import DockerRuntime

pytestmark = pytest.mark.docker

BUSYBOX = "/opt/carrel/bin/busybox"
SERVE = "import socket; s = socket.create_server(('', 8000)); print('serving', flush=True)\nwhile True: s.accept()[0].close()"
NUMBERS = {
    "CHOWN": 0, "DAC_OVERRIDE": 1, "FOWNER": 3, "FSETID": 4, "KILL": 5, "SETGID": 6, "SETUID": 7, "SETPCAP": 8,
    "NET_BIND_SERVICE": 10, "SYS_CHROOT": 18, "AUDIT_WRITE": 29, "SETFCAP": 31,
}  # fmt: skip


def inspected(bench: DockerBench, spec: WorkspaceSpec, container: str = "main") -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run("inspect", bench.names.container(spec.ref, container)))[0]
    return found


async def test_no_process_of_a_workspace_has_more_than_the_documented_capabilities(docker_bench: DockerBench) -> None:
    worker = ContainerSpec(
        "worker", docker_bench.image, command=("sh", "-c", "grep CapBnd /proc/self/status; sleep 600")
    )
    shell = ("sh", "-c", "grep CapBnd /proc/self/status; sleep 600")
    main = {"override_command": False, "command": shell, "entrypoint": (), "user": "dev"}
    spec = workspace(docker_bench, new_ref(), Wanted(others=(worker,), main=main))
    await up(docker_bench, spec)
    wanted = sum(1 << NUMBERS[name] for name in CAPABILITIES)
    for container in ("worker", "main"):
        text = await said(docker_bench, spec, container, "CapBnd")
        bounding = next(line for line in text.splitlines() if line.startswith("CapBnd"))
        assert int(bounding.split()[1], 16) == wanted, container


async def said(bench: DockerBench, spec: WorkspaceSpec, container: str, word: str) -> str:
    """A container's log, as soon as it has a word in it."""
    async with asyncio.timeout(60):
        while word not in (text := await bench.runtime.container_log(spec.ref, container)):
            await asyncio.sleep(0.05)
    return text


async def test_the_engine_is_asked_for_nothing_that_weakens_isolation(docker_bench: DockerBench) -> None:
    spec = workspace(
        docker_bench, new_ref(), Wanted(others=(ContainerSpec("db", docker_bench.image, command=("sleep", "600")),))
    )
    await up(docker_bench, spec)
    for container in ("main", "db"):
        host = inspected(docker_bench, spec, container)["HostConfig"]
        assert host["Privileged"] is False
        assert (host["PidMode"], host["IpcMode"], host["UTSMode"], host["UsernsMode"]) == ("", "private", "", "")
        assert host["NetworkMode"] == docker_bench.names.network(spec.ref)
        assert host["CapDrop"] == ["ALL"]
        assert not host["SecurityOpt"]
        assert host["Binds"] is None
        assert {mount["Type"] for mount in host["Mounts"]} == {"volume"}
        assert host["Devices"] == []
        assert host["PortBindings"] in (None, {})
        assert host["RestartPolicy"]["Name"] == "no"
        assert host["PidsLimit"] == 4096
        assert host["LogConfig"]["Config"]["max-size"] == "10m"


PAST_ROUTES = ("/opt/carrel/bin/python3", "-I", "-S", "-c", """
import socket
for address in ("169.254.169.254", "192.0.2.1"):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.setsockopt(socket.SOL_SOCKET, 25, b"eth0")  # SO_BINDTODEVICE
        try: s.sendto(b"x", (address, 53)); print("sent")
        except OSError as error: print(type(error).__name__)
""")  # fmt: skip


async def test_link_local_addresses_are_out_of_reach_of_every_container(docker_bench: DockerBench) -> None:
    others = (ContainerSpec("db", docker_bench.image, command=("sleep", "600")),)
    spec = workspace(docker_bench, new_ref(), Wanted(others=others))
    await up(docker_bench, spec)
    for _ in range(2):
        for container in ("main", "db"):
            _, routes = await docker_bench.inside(spec.ref, BUSYBOX, "ip", "route", container=container)
            assert "unreachable 169.254.0.0/16" in routes, container
            _, past_routes = await docker_bench.inside(spec.ref, *PAST_ROUTES, container=container)
            assert past_routes.split() == ["PermissionError", "sent"], container
        await docker_bench.runtime.stop(spec.ref, grace_seconds=1)
        await up(docker_bench, spec)


async def test_nobody_in_a_workspace_can_take_the_fence_down(docker_bench: DockerBench) -> None:
    attack = f"{BUSYBOX} ip route del 169.254.0.0/16 2>&1; echo tried; sleep 600"
    others = (ContainerSpec("db", docker_bench.image, command=("sh", "-c", attack)),)
    main = {"override_command": False, "command": ("sh", "-c", attack), "entrypoint": ()}
    spec = workspace(docker_bench, new_ref(), Wanted(others=others, main=main))
    await up(docker_bench, spec)
    for container in ("main", "db"):
        assert "Operation not permitted" in await said(docker_bench, spec, container, "tried")
        _, routes = await docker_bench.inside(spec.ref, BUSYBOX, "ip", "route", container=container)
        assert "unreachable 169.254.0.0/16" in routes


async def test_a_health_check_cannot_take_the_fence_down(docker_bench: DockerBench) -> None:
    line = f"{BUSYBOX} ip route del 169.254.0.0/16; {BUSYBOX} id -u | grep -q 1000"
    check = HealthCheck(("CMD-SHELL", line), interval_seconds=0.2, retries=1)
    others = (ContainerSpec("db", docker_bench.image, command=("sleep", "600"), user="dev", health=check),)
    spec = workspace(docker_bench, new_ref(), Wanted(others=others))
    await up(docker_bench, spec)
    async with asyncio.timeout(60):
        while inspected(docker_bench, spec, "db")["State"]["Health"]["Status"] == "starting":
            await asyncio.sleep(0.1)
    assert inspected(docker_bench, spec, "db")["State"]["Health"]["Status"] == "healthy"
    _, routes = await docker_bench.inside(spec.ref, BUSYBOX, "ip", "route", container="db")
    assert "unreachable 169.254.0.0/16" in routes


async def test_egress_none_leaves_no_route_and_no_name_server(docker_bench: DockerBench) -> None:
    spec = workspace(docker_bench, new_ref(), Wanted(egress=Egress.NONE))
    await up(docker_bench, spec)
    _, routes = await docker_bench.inside(spec.ref, BUSYBOX, "ip", "route")
    assert "default via" not in routes
    code, _ = await docker_bench.inside(spec.ref, BUSYBOX, "ping", "-c", "1", "-W", "1", "1.1.1.1")
    assert code != 0
    assert inspected(docker_bench, spec)["HostConfig"]["Dns"] == ["127.0.0.1"]


REACHES = """
import socket, sys
def reaches(address, port, **bound):
    with socket.socket() as s:
        s.settimeout(1)
        try:
            if bound: s.setsockopt(socket.SOL_SOCKET, 25, b'eth0')  # SO_BINDTODEVICE: past all routes
            s.connect((address, int(port)))
        except OSError as error: return type(error).__name__
        return "reached"
print(*(reaches(*target.split(":"), **bound) for target in sys.argv[1:] for bound in ({}, {"eth0": True})))
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
    try: s.sendto(b"x", (sys.argv[1].split(":")[0], 53)); print("sent")
    except OSError as error: print(type(error).__name__)
"""


async def test_egress_none_reaches_neighbours_by_name_and_no_address_of_the_host(docker_bench: DockerBench) -> None:
    serve = ("/opt/carrel/bin/python3", "-I", "-S", "-c", SERVE)
    web = ContainerSpec("web", docker_bench.image, command=serve)
    closed = workspace(docker_bench, new_ref(), Wanted(egress=Egress.NONE, others=(web,)))
    opened = workspace(docker_bench, new_ref())
    await up(docker_bench, closed)
    await up(docker_bench, opened)
    await said(docker_bench, closed, "web", "serving")
    hosts = [inspect_gateway(docker_bench, spec) for spec in (closed, opened)]
    with socket.create_server(("0.0.0.0", 0)) as server:
        targets = [f"{host}:{server.getsockname()[1]}" for host in hosts]
        python = ("/opt/carrel/bin/python3", "-I", "-S", "-c", REACHES)
        _, reached = await docker_bench.inside(opened.ref, *python, targets[1])
        assert reached.split() == ["reached", "reached", "sent"]
        for container in ("main", "web"):
            _, reached = await docker_bench.inside(closed.ref, *python, *targets, container=container)
            assert "reached" not in reached, container
            assert "sent" not in reached, container
            _, reached = await docker_bench.inside(closed.ref, *python, "web:8000", container=container)
            assert reached.split()[0] == "reached", container
    endpoint = (await docker_bench.runtime.observe(closed.ref)).endpoint
    assert endpoint is not None
    assert endpoint.kind == "tcp"


def inspect_gateway(bench: DockerBench, spec: WorkspaceSpec) -> str:
    """The host's address in a workspace's network."""
    [network] = json.loads(run("network", "inspect", bench.names.network(spec.ref)))
    address: str = network["IPAM"]["Config"][0]["Gateway"]
    return address


async def test_workspaces_cannot_reach_each_other(docker_bench: DockerBench) -> None:
    serve = ("/opt/carrel/bin/python3", "-I", "-S", "-c", SERVE)
    listener = ContainerSpec("web", docker_bench.image, command=serve)
    one = workspace(docker_bench, new_ref(), Wanted(others=(listener,)))
    other = workspace(docker_bench, new_ref())
    await up(docker_bench, one)
    await up(docker_bench, other)
    networks = inspected(docker_bench, one, "web")["NetworkSettings"]["Networks"]
    address = networks[docker_bench.names.network(one.ref)]["IPAddress"]
    await said(docker_bench, one, "web", "serving")
    connect = "import socket,sys; socket.create_connection((sys.argv[1], 8000), 1)"
    python = ("/opt/carrel/bin/python3", "-I", "-S", "-c", connect)
    assert (await docker_bench.inside(one.ref, *python, "web"))[0] == 0
    assert (await docker_bench.inside(one.ref, *python, address))[0] == 0
    assert (await docker_bench.inside(other.ref, *python, address))[0] != 0


async def test_boot_files_are_for_root_alone(docker_bench: DockerBench) -> None:
    spec = workspace(docker_bench, new_ref())
    await up(docker_bench, spec)
    _, listed = await docker_bench.inside(spec.ref, BUSYBOX, "stat", "-c", "%a %U %n", "/.carrel", "/.carrel/boot.json")
    assert listed.splitlines() == ["700 root /.carrel", "600 root /.carrel/boot.json"]
    _, text = await docker_bench.inside(spec.ref, "su", "dev", "-c", "id -un; cat /.carrel/boot.json")
    assert text.startswith("dev\n")
    assert "Permission denied" in text


async def test_limits_reach_the_kernel(docker_bench: DockerBench) -> None:
    limits = Limits(cpus=0.5, memory_bytes=256 << 20, pids=77, shm_bytes=32 << 20)
    main = {"limits": limits, "ulimits": {"nofile": (1000, 2000)}, "hostname": "desk"}
    spec = workspace(docker_bench, new_ref(), Wanted(main=main))
    await up(docker_bench, spec)
    host = inspected(docker_bench, spec)["HostConfig"]
    assert (host["NanoCpus"], host["Memory"], host["MemorySwap"]) == (500_000_000, 256 << 20, 256 << 20)
    _, size = await docker_bench.inside(spec.ref, BUSYBOX, "df", "-k", "/dev/shm")
    assert "32768" in size
    # The hard limit: of the soft one the engine's own exec sometimes makes the hard one (runc issue 4195).
    _, files = await docker_bench.inside(spec.ref, "sh", "-c", "ulimit -Hn; hostname")
    assert files.split() == ["2000", "desk"]
    assert host["Ulimits"] == [{"Name": "nofile", "Soft": 1000, "Hard": 2000}]
    code, _ = await docker_bench.inside(spec.ref, "sh", "-c", "for i in $(seq 200); do sleep 5 & done")
    assert code != 0


@pytest.mark.conformance("C083")
async def test_a_configurations_labels_cannot_pass_for_ours(docker_bench: DockerBench) -> None:
    labels = {"dev.carrel.installation": "other", "dev.carrel.workspace": "other", "devcontainer.metadata": "[]"}
    spec = workspace(docker_bench, new_ref(), Wanted(main={"labels": labels}))
    await up(docker_bench, spec)
    found = inspected(docker_bench, spec)["Config"]["Labels"]
    assert found["dev.carrel.installation"] == docker_bench.installation
    assert found["dev.carrel.workspace"] == spec.ref.id
    assert found["devcontainer.metadata"] == "[]"


async def test_what_a_policy_granted_is_granted(docker_bench: DockerBench) -> None:
    grants = Grants(capabilities=("SYS_PTRACE", "CAP_NET_ADMIN"), security_options=("seccomp=unconfined",))
    spec = workspace(docker_bench, new_ref(), Wanted(main={"grants": grants}))
    await up(docker_bench, spec)
    host = inspected(docker_bench, spec)["HostConfig"]
    assert {"SYS_PTRACE", "NET_ADMIN"} <= {name.removeprefix("CAP_") for name in host["CapAdd"]}
    assert host["SecurityOpt"] == ["seccomp=unconfined"]
    code, _ = await docker_bench.inside(spec.ref, BUSYBOX, "ip", "link", "set", "lo", "up")
    assert code == 0


@pytest.mark.conformance("C168")
async def test_the_images_command_and_feature_entrypoints_run_as_the_container_user(docker_bench: DockerBench) -> None:
    image = await docker_bench.make_image(
        "talking", {}, ("USER dev", 'ENTRYPOINT ["sh", "-c"]', 'CMD ["echo command $(id -un) in $PWD; sleep 600"]')
    )
    main = {
        "image": image,
        "override_command": False,
        "working_dir": "/tmp",
        "feature_entrypoints": ("echo first $(id -un)",),
    }
    spec = workspace(docker_bench, new_ref(), Wanted(main=main))
    await up(docker_bench, spec)
    text = await said(docker_bench, spec, "main", "command")
    assert "first dev" in text
    assert "command dev in /tmp" in text
    assert text.index("first dev") < text.index("command dev")


async def test_services_run_as_the_engine_would_run_them(docker_bench: DockerBench) -> None:
    image = await docker_bench.make_image(
        "serving", {}, ("USER dev", "ENV NAME=image", 'ENTRYPOINT ["echo"]', 'CMD ["$NAME"]', "WORKDIR /tmp")
    )
    cases = {
        "plain": ContainerSpec("plain", image),
        "command": ContainerSpec("command", image, command=("words",)),
        "entrypoint": ContainerSpec("entrypoint", image, entrypoint=("id", "-un")),
        "user": ContainerSpec(
            "user", image, entrypoint=("sh", "-c", "id -un; echo $HOME $PWD $NAME"), user="root", env={"NAME": "spec"}
        ),
        "dev": ContainerSpec("dev", image, entrypoint=("sh", "-c", "id -un; echo $HOME"), working_dir="/"),
    }
    spec = workspace(docker_bench, new_ref(), Wanted(others=tuple(cases.values())))
    await up(docker_bench, spec)
    said_by = {name: (await said(docker_bench, spec, name, "\n")).split() for name in cases}
    assert said_by["plain"] == ["$NAME"]
    assert said_by["command"] == ["words"]
    assert said_by["entrypoint"] == ["dev"]
    assert said_by["user"] == ["root", "/root", "/tmp", "spec"]
    assert said_by["dev"] == ["dev", "/home/dev"]


async def test_tmpfs_read_only_and_shared_network(docker_bench: DockerBench) -> None:
    main = main_container(docker_bench)
    mounts = (
        *main.mounts,
        Mount(MountKind.TMPFS, "/scratch", size_bytes=1 << 20),
        Mount(MountKind.VOLUME, "/again", "home", read_only=True),
    )
    sidecar = ContainerSpec("sidecar", docker_bench.image, command=("sleep", "600"), shares_network_with="main")
    spec = workspace(docker_bench, new_ref(), Wanted(others=(sidecar,), main={"mounts": mounts}))
    await up(docker_bench, spec)
    code, _ = await docker_bench.inside(
        spec.ref, "sh", "-c", "touch /scratch/a && ! touch /again/a && ! touch /opt/carrel/a"
    )
    assert code == 0
    assert (await docker_bench.inside(spec.ref, "sh", "-c", "head -c 2000000 /dev/zero > /scratch/b"))[0] != 0
    addresses = [
        await docker_bench.inside(spec.ref, BUSYBOX, "hostname", "-i", container=name) for name in ("main", "sidecar")
    ]
    assert addresses[0] == addresses[1]
    await docker_bench.runtime.stop(spec.ref, grace_seconds=1)
    await up(docker_bench, spec)
    _, routes = await docker_bench.inside(spec.ref, BUSYBOX, "ip", "route", container="sidecar")
    assert "unreachable 169.254.0.0/16" in routes


async def test_certificates_and_proxies_reach_every_container(docker_bench: DockerBench) -> None:
    settings = docker_bench.settings(
        docker_bench.installation, ca_bundle=b"the bundle", proxies={"HTTPS_PROXY": "http://proxy:3128"}
    )
    runtime = DockerRuntime(settings)
    spec = workspace(
        docker_bench, new_ref(), Wanted(others=(ContainerSpec("db", docker_bench.image, command=("sleep", "600")),))
    )
    await runtime.create_volumes(spec.ref, spec.volumes)
    await runtime.create(spec, quiet)
    await runtime.start(spec, BOOT, quiet)
    for container in ("main", "db"):
        show = "id -un; cat $SSL_CERT_FILE; echo; echo $https_proxy $HTTPS_PROXY"
        _, text = await docker_bench.inside(spec.ref, "su", "dev", "-c", show, container=container)
        assert text.split() == ["dev", "the", "bundle", "http://proxy:3128", "http://proxy:3128"]
    await runtime.close()


@pytest.mark.parametrize(
    "link", ["mkdir /opt && ln -s /workspaces/blog /opt/carrel", "ln -s /workspaces /opt", "ln -s /home /.carrel"]
)
async def test_no_image_puts_a_link_where_the_first_process_is_mounted(docker_bench: DockerBench, link: str) -> None:
    tag = f"carrel-test/linked:{docker_bench.installation}"
    run("build", "--tag", tag, "-", stdin=f"FROM {docker_bench.image}\nRUN {link}\n".encode())
    try:
        spec = workspace(docker_bench, new_ref(), Wanted(main={"image": tag}))
        with pytest.raises(Problem) as refused:
            await up(docker_bench, spec)
        assert refused.value.kind == "refused_by_policy"
        assert "has a link at /" in refused.value.detail
        assert inspected(docker_bench, spec)["State"]["Status"] == "created"
        await docker_bench.runtime.remove(spec.ref)
    finally:
        run("rmi", tag)


async def test_no_mount_reaches_the_toolbox_by_a_link_of_the_image(docker_bench: DockerBench) -> None:
    tag = f"carrel-test/linked:{docker_bench.installation}"
    run("build", "--tag", tag, "-", stdin=f"FROM {docker_bench.image}\nRUN ln -s /opt/carrel /a\n".encode())
    try:
        mounts = (Mount(MountKind.VOLUME, "/a/bin", "project"), Mount(MountKind.VOLUME, "/home/dev", "home"))
        spec = workspace(docker_bench, new_ref(), Wanted(main={"image": tag, "mounts": mounts}))
        with pytest.raises(Problem) as refused:
            await up(docker_bench, spec)
        assert "/a/bin would be mounted at /opt/carrel/bin" in refused.value.detail
        await docker_bench.runtime.remove(spec.ref)
    finally:
        run("rmi", tag)


async def test_nothing_in_a_workspace_moves_the_toolbox_away_for_the_next_start(docker_bench: DockerBench) -> None:
    spec = workspace(docker_bench, new_ref())
    await up(docker_bench, spec)
    script = "mv /opt /away && ln -s /workspaces /opt"
    run("exec", docker_bench.names.container(spec.ref, "main"), BUSYBOX, "sh", "-c", script)
    await docker_bench.runtime.stop(spec.ref)
    with pytest.raises(Problem) as refused:
        await docker_bench.runtime.start(spec, BOOT, quiet)
    assert refused.value.kind == "refused_by_policy"
