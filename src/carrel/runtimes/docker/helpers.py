"""Throw-away containers: made of the empty image and the toolbox, or of a given image; on a network only by need, and fenced."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from carrel.core.spec import TOOLBOX_PATH, WorkspaceRef
from carrel.runtimes.docker import names
from carrel.runtimes.docker.fence import CAPABILITY, LINK_LOCAL, Fence, behind
from carrel.runtimes.docker.manifest import Maker, toolbox_mount


@dataclass(frozen=True)
class Helper:
    """What a throw-away container is for."""

    ref: WorkspaceRef
    kind: str
    """`source`, `files`, `seed`."""
    image: str
    mounts: tuple[dict[str, Any], ...] = ()
    command: tuple[str, ...] = ("/none",)
    """Not run where the container is never started."""
    network: str = "none"
    toolbox: str = ""
    job: str = ""
    env: dict[str, str] = field(default_factory=dict)
    capabilities: tuple[str, ...] = ()


def helper_manifest(maker: Maker, helper: Helper) -> dict[str, Any]:
    """Body of POST /containers/create."""
    mounts = [*helper.mounts, *([toolbox_mount(helper.toolbox)] if helper.toolbox else [])]
    fenced = helper.network == "bridge" and bool(helper.toolbox)
    command = behind(Fence((LINK_LOCAL,), drops=True).record(), helper.command) if fenced else helper.command
    capabilities = {*helper.capabilities, *((CAPABILITY, "SETPCAP") if fenced else ())}
    labels = maker.names.labels(helper.ref, helper=helper.kind) | ({names.JOB: helper.job} if helper.job else {})
    path = f"{TOOLBOX_PATH}/bin:/bin"
    return {
        "Image": helper.image,
        "User": "0:0",
        "WorkingDir": "/",
        "Entrypoint": list(command),
        "Cmd": [],
        "Env": [f"{name}={value}" for name, value in {"PATH": path, **helper.env}.items()],
        "Healthcheck": {"Test": ["NONE"]},
        "Labels": labels,
        "OpenStdin": True,
        "StdinOnce": False,
        "AttachStdin": True,
        "NetworkDisabled": helper.network == "none",
        "HostConfig": {
            "Mounts": mounts,
            "Tmpfs": {"/run": "exec,mode=0700", "/tmp": "mode=1777"},  # noqa: S108  inside the container
            "NetworkMode": helper.network,
            "CapDrop": ["ALL"],
            "CapAdd": sorted(capabilities),
            "SecurityOpt": ["no-new-privileges"],
            "PidsLimit": 512,
            "LogConfig": {"Type": "json-file", "Config": {"max-size": "10m", "max-file": "1"}},
            "RestartPolicy": {"Name": "no"},
        },
    }


def volume_mount(volume: str, target: str, *, read_only: bool = False) -> dict[str, Any]:
    """A volume by its name in the engine; what the image has at `target` is not copied into it."""
    options = {"NoCopy": True}
    return {"Type": "volume", "Source": volume, "Target": target, "ReadOnly": read_only, "VolumeOptions": options}
