"""What an engine is and can do."""

from __future__ import annotations

import asyncio
import secrets
import shutil
import tempfile
from pathlib import Path
from typing import Any

from carrel.core.accelerators import ACCELERATORS
from carrel.core.problems import Problem
from carrel.core.spec import WorkspaceRef
from carrel.runtimes.contract import Capacity, RuntimeInfo
from carrel.runtimes.docker.build import Builds
from carrel.runtimes.docker.connection import SUBPATH_API, Engine, Request
from carrel.runtimes.docker.helpers import Helper, helper_manifest
from carrel.runtimes.docker.images import Images
from carrel.runtimes.docker.manifest import Maker

_SEEN = "probe file seen"


async def probe(engine: Engine, builds: Builds, shares_files: str) -> RuntimeInfo:
    """Connect, negotiate, measure. Raises `no_engine`, `engine_too_old`."""
    await engine.docker()
    info = await engine.get("info")
    return RuntimeInfo(
        name="docker",
        version=str(engine.version.get("Version", "")),
        architecture=str(engine.version.get("Arch", "")),
        capacity=_capacity(info, _disk(info) if shares_files else 0),
        builder=await builds.builder(),
        shares_files_with=shares_files,
        notices=_notices(engine, info),
    )


def _capacity(info: dict[str, Any], disk_bytes: int) -> Capacity:
    gpus, is_counted, accelerator = gpus_of(info)
    return Capacity(int(info["NCPU"]), int(info["MemTotal"]), gpus, disk_bytes, is_counted, accelerator)


def gpus_of(info: dict[str, Any]) -> tuple[int, bool, str]:
    """How many GPUs there are, whether that is their number, and which they are.

    What an administrator declares counts (dockerd's `node-generic-resources`, by the names of core/accelerators.py), then
    the devices that the engine found (CDI, API 1.50). That it has NVIDIA's runtime says only: at least one.
    """
    declared: dict[str, int] = {}
    for one in info.get("GenericResources") or ():
        named, counted = one.get("NamedResourceSpec") or {}, one.get("DiscreteResourceSpec") or {}
        kind = str((named or counted).get("Kind", "")).casefold()
        if kind in ACCELERATORS or "gpu" in kind:
            declared[kind] = declared.get(kind, 0) + (int(counted.get("Value", 0)) if counted else 1)
    if declared:
        only = next(iter(declared)) if len(declared) == 1 else ""
        return sum(declared.values()), True, only if only in ACCELERATORS else ""
    found = {str(one.get("ID", "")) for one in info.get("DiscoveredDevices") or () if one.get("Source") == "cdi"}
    numbered = [one for one in found if "gpu=" in one and one.rpartition("=")[2].isdecimal()]
    if numbered:
        return len(numbered), True, ""
    return int("nvidia" in (info.get("Runtimes") or {})), False, ""


def _disk(info: dict[str, Any]) -> int:
    """Of an engine on this machine: nobody else's disk can be asked."""
    try:
        return shutil.disk_usage(str(info.get("DockerRootDir", ""))).total
    except OSError:
        return 0


def _notices(engine: Engine, info: dict[str, Any]) -> tuple[str, ...]:
    notices = [str(warning) for warning in info.get("Warnings") or ()]
    if engine.api < SUBPATH_API:
        notices.append(
            "This engine has no volume sub-paths (API 1.45): Compose binds of folders in the repository are links into it."
        )
    options = info.get("SecurityOptions") or ()
    if not any("seccomp" in option for option in options):
        notices.append("This engine has no seccomp: workspaces are less isolated.")
    return tuple(notices)


async def shares_files(engine: Engine, maker: Maker, images: Images) -> str:
    """Why local folders can be mounted, or an empty text: a file written here is seen by a container of the engine."""
    if not maker.settings.local_folders:
        return ""
    with tempfile.TemporaryDirectory(prefix="carrel-probe-") as folder:
        secret = secrets.token_hex(16)
        await asyncio.to_thread((Path(folder) / secret).touch)
        mount = {"Type": "bind", "Source": folder, "Target": "/source", "ReadOnly": True}
        helper = Helper(WorkspaceRef("", "", ""), "probe", await images.scratch(), (mount,))
        body = helper_manifest(maker, helper)
        name = f"{maker.names.start}-probe-{secret[:8]}"
        try:
            made = await engine.post("containers/create", body, name=name)
        except Problem:
            return ""  # the engine says that there is no such folder
        try:
            await engine.ask(Request("HEAD", f"containers/{made['Id']}/archive", {"path": f"/source/{secret}"}))
        except Problem:
            return ""
        finally:
            await asyncio.shield(engine.delete(f"containers/{made['Id']}", force=True))
    return _SEEN
