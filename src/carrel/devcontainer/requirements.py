"""hostRequirements: parsing of sizes, and their maximum over all metadata entries (C123-C128, C413-C420)."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_SIZE = re.compile(r"(\d+)([kmgt]b)?")
_MOST = 10**9
_DECIMAL = re.compile(r"\d{1,9}(\.\d{1,9})?")
_UNITS = {"kb": 2**10, "mb": 2**20, "gb": 2**30, "tb": 2**40}
_KEYS = ("cpus", "memory", "storage", "gpu")


@dataclass(frozen=True)
class Requirements:
    """What the environment asks of a machine; 0 asks for nothing."""

    cpus: int = 0
    memory_bytes: int = 0
    storage_bytes: int = 0
    gpu: bool = False
    gpu_optional: bool = False
    """A GPU is used where there is one, and nothing waits for it."""
    gpu_cores: int = 0
    gpu_memory_bytes: int = 0


def parse_size(text: Any) -> int:
    """Bytes of `8gb`; powers of 1024; 0 for what is no size (C126)."""
    written = str(text) if isinstance(text, int) and not isinstance(text, bool) else text
    match = _SIZE.fullmatch(written) if isinstance(written, str) else None
    return int(match.group(1)) * _UNITS.get(match.group(2) or "", 1) if match else 0


def merge_requirements(entries: Sequence[Mapping[str, Any]]) -> dict[str, Any] | None:
    """The maximum of all `hostRequirements`, in the shape of the merged configuration; None when nothing is asked."""
    wishes = [entry.get("hostRequirements") for entry in entries]
    asked: list[Mapping[str, Any]] = [wish if isinstance(wish, Mapping) else {} for wish in wishes]
    cpus = max((_number(one.get("cpus")) for one in asked), default=0)
    memory = max((parse_size(one.get("memory")) for one in asked), default=0)
    storage = max((parse_size(one.get("storage")) for one in asked), default=0)
    gpu: Any = None
    for one in asked:
        gpu = _merge_gpu(gpu, one.get("gpu"))
    if not (cpus or memory or storage or gpu):
        return None
    merged = {
        "cpus": cpus,
        "memory": str(memory) if memory else None,
        "storage": str(storage) if storage else None,
        "gpu": gpu,
    }
    return {key: merged[key] for key in _KEYS if merged[key] is not None}


def _number(value: Any) -> int | float:
    """A number, or a text that is one, as the reference takes it; else 0."""
    if isinstance(value, bool):
        return 0
    if isinstance(value, str) and _DECIMAL.fullmatch(value.strip()):
        value = float(value)
    if not isinstance(value, (int, float)):
        return 0
    return int(value) if float(value).is_integer() else value


def _whole(value: Any) -> int:
    return math.ceil(min(_number(value), _MOST))


def _merge_gpu(one: Any, other: Any) -> Any:
    if one is None or one is False:
        return other
    if other is None or other is False:
        return one
    if one == "optional" and other == "optional":
        return "optional"
    sides = [side if isinstance(side, Mapping) else {} for side in (one, other)]
    cores = max(_number(side.get("cores")) for side in sides)
    memory = max(parse_size(side.get("memory")) for side in sides)
    fields = {"cores": cores, "memory": str(memory) if memory else None}
    return {key: value for key, value in fields.items() if value} or True  # required, never {} (D23)


def unmet(wanted: Requirements, *, cpus: float, memory_bytes: int, gpus: int, disk_bytes: int = 0) -> tuple[str, ...]:
    """What a machine cannot give, as sentences (C414, D25); cpus, memory and disk are 0 where they are not known."""
    found = []
    if cpus and wanted.cpus > cpus:
        found.append(f"It asks for {wanted.cpus} CPUs; a workspace here has at most {cpus:g}.")
    if memory_bytes and wanted.memory_bytes > memory_bytes:
        asked, most = (f"{value / 2**30:.3g} GiB" for value in (wanted.memory_bytes, memory_bytes))
        found.append(f"It asks for {asked} of memory; a workspace here has at most {most}.")
    if disk_bytes and wanted.storage_bytes > disk_bytes:
        asked, most = (f"{value / 2**30:.3g} GiB" for value in (wanted.storage_bytes, disk_bytes))
        found.append(f"It asks for {asked} of storage; the disk here has {most}.")
    if wanted.gpu and not wanted.gpu_optional and not gpus:
        found.append("It asks for a GPU; a workspace here gets none.")
    return tuple(found)


def requirements_of(merged: Mapping[str, Any] | None) -> Requirements:
    """The merged `hostRequirements` as a record."""
    merged = merged or {}
    gpu = merged.get("gpu")
    details = gpu if isinstance(gpu, Mapping) else {}
    return Requirements(
        cpus=_whole(merged.get("cpus")),
        memory_bytes=parse_size(merged.get("memory")),
        storage_bytes=parse_size(merged.get("storage")),
        gpu=bool(gpu),
        gpu_optional=gpu == "optional",
        gpu_cores=_whole(details.get("cores")),
        gpu_memory_bytes=parse_size(details.get("memory")),
    )
