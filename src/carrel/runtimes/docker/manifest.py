"""Workspace specs as the Engine API's JSON bodies. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network
from typing import Any

from carrel.core.problems import Problem
from carrel.core.spec import (
    BOOT_FOLDER,
    HOME_VOLUME,
    PROJECT_VOLUME,
    TOOLBOX_PATH,
    ContainerSpec,
    Egress,
    Limits,
    Mount,
    MountKind,
    VolumeSpec,
    WorkspaceRef,
    WorkspaceSpec,
)
from carrel.runtimes.docker.facts import Described
from carrel.runtimes.docker.fence import CAPABILITY, INIT, behind, fence, granted, health_behind
from carrel.runtimes.docker.init_record import RECORD_FILE, whole_command
from carrel.runtimes.docker.names import PREFIX, Names
from carrel.runtimes.docker.settings import DockerSettings

CAPABILITIES = (
    "AUDIT_WRITE",
    "CHOWN",
    "DAC_OVERRIDE",
    "FOWNER",
    "FSETID",
    "KILL",
    "NET_BIND_SERVICE",
    "SETFCAP",
    "SETGID",
    "SETPCAP",
    "SETUID",
    "SYS_CHROOT",
)
"""What development needs: sudo, package managers, servers on low ports; no raw sockets, no device nodes, no network set-up."""
PING_GROUPS = ("net.ipv4.ping_group_range", "0 2147483647")
"""Lets ping work without NET_RAW."""
CA_FILE = "/etc/carrel/ca-certificates.crt"
CA_VARIABLES = (
    "SSL_CERT_FILE",
    "CURL_CA_BUNDLE",
    "GIT_SSL_CAINFO",
    "NODE_EXTRA_CA_CERTS",
    "PIP_CERT",
    "REQUESTS_CA_BUNDLE",
    "npm_config_cafile",
)
"""The names by which common programs are told of a bundle."""
INDEX_VARIABLES = ("PIP_INDEX_URL", "UV_DEFAULT_INDEX")
_LOG = {"Type": "json-file", "Config": {"max-size": "10m", "max-file": "2"}}


@dataclass(frozen=True)
class Maker:
    """Makes manifests for one installation's settings."""

    settings: DockerSettings
    names: Names

    def volume(self, ref: WorkspaceRef, volume: VolumeSpec) -> dict[str, Any]:
        """Body of POST /volumes/create."""
        name = self.names.volume(ref, volume.name, shared=volume.shared)
        labels = self.names.labels(ref, volume=volume.name)
        if volume.shared:
            labels |= self.names.labels(WorkspaceRef("", "", ref.project), shared="true")
        return {"Name": name, "Labels": labels}

    def network(self, ref: WorkspaceRef, subnet: str, egress: Egress) -> dict[str, Any]:
        """Body of POST /networks/create."""
        return {
            "Name": self.names.network(ref),
            "CheckDuplicate": True,
            "Driver": "bridge",
            "Internal": egress is Egress.NONE,
            # The first address is the host's; init counts on it.
            "IPAM": {"Driver": "default", "Config": [{"Subnet": subnet, "Gateway": str(IPv4Network(subnet)[1])}]},
            "Labels": self.names.labels(ref),
        }

    def container(self, spec: WorkspaceSpec, container: ContainerSpec, image: Described) -> dict[str, Any]:
        """Body of POST /containers/create."""
        primary = container.name == spec.primary
        process = self._primary_process(container, image) if primary else _own_process(spec, container, image)
        body = {
            "Image": container.image,
            "Env": [f"{name}={value}" for name, value in self._env(container).items()],
            "Labels": self._labels(spec, container, image),
            "HostConfig": self._host_config(spec, container),
            **process,
        }
        if not container.shares_network_with:
            aliases = list(dict.fromkeys((container.name, *container.aliases)))
            body["NetworkingConfig"] = {"EndpointsConfig": {self.names.network(spec.ref): {"Aliases": aliases}}}
            if container.hostname:
                body["Hostname"] = container.hostname
        return body

    def _primary_process(self, container: ContainerSpec, image: Described) -> dict[str, Any]:
        argv = [INIT, "--record", f"{BOOT_FOLDER}/{RECORD_FILE}", "--", *self.settings.agent]
        process: dict[str, Any] = {"User": "0:0", "Entrypoint": argv, "Cmd": []}
        if container.override_command:
            process["Healthcheck"] = {"Test": ["NONE"]}  # the image's check is about a command that does not run
        elif health := health_behind(_health(container) or image.health, container.user or image.fact.user):
            process["Healthcheck"] = health
        return process

    def _env(self, container: ContainerSpec) -> dict[str, str]:
        return self.surroundings() | dict(container.env)

    def surroundings(self) -> dict[str, str]:
        """The organisation's proxies, certificates and index of packages, as environment variables."""
        env = self.proxies()
        if self.settings.ca_bundle:
            env |= dict.fromkeys(CA_VARIABLES, CA_FILE)
        return env | self.python_index()

    def python_index(self) -> dict[str, str]:
        """The organisation's index of Python packages, as pip and uv are told of it."""
        return dict.fromkeys(INDEX_VARIABLES, self.settings.python_index) if self.settings.python_index else {}

    def proxies(self) -> dict[str, str]:
        """The organisation's proxies, in the two spellings that programs look for."""
        proxies = dict(self.settings.proxies)
        return proxies | {name.lower(): value for name, value in proxies.items()}

    def _labels(self, spec: WorkspaceSpec, container: ContainerSpec, image: Described) -> dict[str, str]:
        inherited = dict.fromkeys((name for name in image.fact.labels if name.startswith(PREFIX)), "")
        theirs = {name: value for name, value in container.labels.items() if not name.startswith(PREFIX)}
        ours = self.names.labels(spec.ref, container=container.name, spec=spec.digest())
        if container.name == spec.primary:
            ours |= self.names.labels(spec.ref, primary="true")
        return inherited | theirs | ours  # a container inherits its image's labels: ours must not come from there

    def _host_config(self, spec: WorkspaceSpec, container: ContainerSpec) -> dict[str, Any]:
        grants = container.grants
        fenced = [CAPABILITY] if fence(spec, container).drops else []
        config: dict[str, Any] = {
            "Mounts": self._mounts(spec, container),
            "Privileged": grants.privileged,
            "CapDrop": ["ALL"],
            "CapAdd": sorted({*CAPABILITIES, *granted(container), *fenced}),
            "SecurityOpt": list(grants.security_options),
            "Devices": [_device(text) for text in grants.devices],
            "Ulimits": [
                {"Name": name, "Soft": soft, "Hard": hard} for name, (soft, hard) in sorted(container.ulimits.items())
            ],
            "LogConfig": _LOG,
            "RestartPolicy": _restart(spec, container),
            **_limits(container.limits, self.settings.limits),
        }
        return config | self._network_config(spec, container)

    def _network_config(self, spec: WorkspaceSpec, container: ContainerSpec) -> dict[str, Any]:
        if container.shares_network_with:
            sysctls = {name: value for name, value in container.sysctls.items() if not name.startswith("net.")}
            owner = self.names.container(spec.ref, container.shares_network_with)
            return {"NetworkMode": f"container:{owner}", "Sysctls": sysctls}
        config: dict[str, Any] = {
            "NetworkMode": self.names.network(spec.ref),
            "Sysctls": dict([PING_GROUPS]) | dict(container.sysctls),
            "ExtraHosts": list(container.extra_hosts),
        }
        if spec.egress is Egress.NONE:
            # An internal network's embedded DNS still asks the host's servers (CVE-2024-29018); here it asks nobody.
            config["Dns"] = ["127.0.0.1"]
        return config

    def _mounts(self, spec: WorkspaceSpec, container: ContainerSpec) -> list[dict[str, Any]]:
        shared = {volume.name: volume.shared for volume in spec.volumes}
        mounts = [self._mount(spec.ref, mount, shared) for mount in container.mounts]
        if spec.toolbox:
            mounts.append(toolbox_mount(spec.toolbox))
        return mounts

    def _mount(self, ref: WorkspaceRef, mount: Mount, shared: Mapping[str, bool]) -> dict[str, Any]:
        body: dict[str, Any] = {"Target": mount.target, "ReadOnly": mount.read_only}
        if mount.kind is MountKind.TMPFS:
            options = {"SizeBytes": mount.size_bytes} if mount.size_bytes else {}
            return {"Type": "tmpfs", "Target": mount.target, "TmpfsOptions": options}
        if mount.kind is MountKind.FOLDER:
            if mount.subpath:  # subpaths.py has made links of these
                raise Problem("engine_error", f"A part of the local folder cannot be mounted at {mount.target!r}.")
            return body | {"Type": "bind", "Source": mount.source, "BindOptions": {"Propagation": "rprivate"}}
        if mount.source not in shared:
            raise Problem("bad_configuration", f"The mount {mount.target!r} names an unknown volume {mount.source!r}.")
        name = self.names.volume(ref, mount.source, shared=shared[mount.source])
        volume_options: dict[str, Any] = {"NoCopy": mount.source == PROJECT_VOLUME}
        if mount.subpath:
            volume_options["Subpath"] = mount.subpath  # API 1.45 and newer
        return body | {"Type": "volume", "Source": name, "VolumeOptions": volume_options}


def toolbox_mount(toolbox: str) -> dict[str, Any]:
    """The toolbox, read-only."""
    return {
        "Type": "volume",
        "Source": toolbox,
        "Target": TOOLBOX_PATH,
        "ReadOnly": True,
        "VolumeOptions": {"NoCopy": True},
    }


def home_target(spec: WorkspaceSpec) -> str:
    """Where the primary container has the home volume, or an empty text."""
    mounts = spec.primary_container().mounts
    homes = [m.target for m in mounts if m.kind is MountKind.VOLUME and m.source == HOME_VOLUME and not m.subpath]
    return homes[0] if homes else ""


def _own_process(spec: WorkspaceSpec, container: ContainerSpec, image: Described) -> dict[str, Any]:
    """The process of a container without an agent: its own words or the image's, started behind the fence."""
    process: dict[str, Any] = {"WorkingDir": container.working_dir} if container.working_dir else {}
    own, user = fence(spec, container), container.user or image.fact.user
    if not own.networks:
        return process | _plain_process(container)
    entries = list(own.record())
    if user:
        entries.append(("user", user))
    env = {**image.fact.env, **container.env}
    if "HOME" in env:
        entries.append(("env", f"HOME={env['HOME']}"))
    process |= {"User": "0:0", "Entrypoint": behind(entries, whole_command(container, image.fact)), "Cmd": []}
    if health := health_behind(_health(container) or image.health, user):
        process["Healthcheck"] = health
    return process


def _plain_process(container: ContainerSpec) -> dict[str, Any]:
    process: dict[str, Any] = {"User": container.user} if container.user else {}
    if container.entrypoint is not None:
        process["Entrypoint"] = list(container.entrypoint)
    if container.command is not None:
        process["Cmd"] = list(container.command)
    if health := _health(container):
        process["Healthcheck"] = health
    return process


def _health(container: ContainerSpec) -> dict[str, Any] | None:
    check = container.health
    if check is None:
        return None
    test = list(check.test)
    return {
        "Test": test if test[:1] in (["CMD-SHELL"], ["NONE"], ["CMD"]) else ["CMD", *test],
        "Interval": _nanoseconds(check.interval_seconds),
        "Timeout": _nanoseconds(check.timeout_seconds),
        "StartPeriod": _nanoseconds(check.start_period_seconds),
        "Retries": check.retries,
    }


def _restart(spec: WorkspaceSpec, container: ContainerSpec) -> dict[str, Any]:
    """The loop starts the primary container again. `always` would also start, with the engine, what was stopped."""
    if container.name == spec.primary or container.restart == "no":
        return {"Name": "no"}
    if container.restart == "always":
        return {"Name": "unless-stopped"}
    return {"Name": "on-failure", "MaximumRetryCount": container.restart_attempts}


def _nanoseconds(seconds: float) -> int:
    return max(0, math.floor(seconds * 1e9))


def _limits(own: Limits, default: Limits) -> dict[str, Any]:
    cpus = own.cpus if own.cpus is not None else default.cpus
    memory = own.memory_bytes if own.memory_bytes is not None else default.memory_bytes
    pids = own.pids if own.pids is not None else default.pids
    shm = own.shm_bytes if own.shm_bytes is not None else default.shm_bytes
    config: dict[str, Any] = {"PidsLimit": pids}
    if cpus:
        config["NanoCpus"] = int(cpus * 1e9)
    if memory:
        config |= {"Memory": memory, "MemorySwap": memory}  # equal: no swap beyond the limit
    if shm:
        config["ShmSize"] = shm
    if own.gpus:
        config["DeviceRequests"] = [{"Driver": "", "Count": own.gpus, "Capabilities": [["gpu"]]}]
    return config


def _device(text: str) -> dict[str, str]:
    host, _, rest = text.partition(":")
    inside, _, rights = rest.partition(":")
    if inside and not inside.startswith("/"):
        inside, rights = "", inside
    return {"PathOnHost": host, "PathInContainer": inside or host, "CgroupPermissions": rights or "rwm"}
