"""Accelerators: the names that people write, and what they mean to a runtime as plain data; pure (ADR 0035)."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from carrel.core.problems import Problem

GPU_LABEL = "cloud.google.com/gke-accelerator"
"""The node label that the names of workspace.yaml come from."""
NVIDIA = "nvidia.com/gpu"
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_RESOURCE = re.compile(r"(?:[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?/)?[A-Za-z0-9](?:[\w.-]{0,61}[A-Za-z0-9])?", re.ASCII)


@dataclass(frozen=True)
class Accelerator:
    """What one name means."""

    name: str
    resource: str = NVIDIA
    """The resource that a container asks for, as Kubernetes names it."""
    node_labels: Mapping[str, str] = field(default_factory=dict)
    """Of the nodes that have it."""
    product: str = ""
    """As its maker prints it on it, for engines that name what they have; empty: the name tells."""


@dataclass(frozen=True)
class Machine:
    """What a server's runtime has of accelerators, as far as it can tell."""

    gpus: int = 0
    """In number; 0: none."""
    is_counted: bool = False
    """Whether `gpus` is their number, not only whether there is any."""
    accelerator: str = ""
    """Which they are; empty: the runtime does not say."""


# A table: one accelerator a line.
# fmt: off
_KNOWN = (
    ("nvidia-l4", "NVIDIA L4"),
    ("nvidia-tesla-l4", "NVIDIA L4"),
    ("nvidia-l4-vws", "NVIDIA L4"),
    ("nvidia-tesla-t4", "Tesla T4"),
    ("nvidia-tesla-p4", "Tesla P4"),
    ("nvidia-tesla-p100", "Tesla P100"),
    ("nvidia-tesla-k80", "Tesla K80"),
    ("nvidia-tesla-m60", "Tesla M60"),
    ("nvidia-tesla-v100", "Tesla V100"),
    ("nvidia-tesla-a100", "NVIDIA A100"),
    ("nvidia-a100", "NVIDIA A100"),
    ("nvidia-a100-80gb", "NVIDIA A100 80GB"),
    ("nvidia-a10g", "NVIDIA A10G"),
    ("nvidia-l40s", "NVIDIA L40S"),
    ("nvidia-h100", "NVIDIA H100"),
    ("nvidia-h100-80gb", "NVIDIA H100 80GB"),
    ("nvidia-h100-mega-80gb", "NVIDIA H100 80GB"),
    ("nvidia-h200", "NVIDIA H200"),
    ("nvidia-h200-141gb", "NVIDIA H200"),
)
# fmt: on

ACCELERATORS: Mapping[str, Accelerator] = {
    name: Accelerator(name, NVIDIA, {GPU_LABEL: name}, product) for name, product in _KNOWN
}
"""Those that every installation knows; the setting `accelerators` adds to them, and changes them."""


def read_accelerators(lines: Sequence[str]) -> Mapping[str, Accelerator]:
    """The table with what an administrator adds, each as `NAME=RESOURCE[;LABEL=VALUE]...`.

    Raises:
        Problem: `bad_value` names the line and what would do.
    """
    return {**ACCELERATORS, **{one.name: one for one in map(_read, lines)}}


def _read(line: str) -> Accelerator:
    first, *rest = (part.strip() for part in line.split(";"))
    name, equals, resource = (part.strip() for part in first.partition("="))
    labels = [part.partition("=") for part in rest if part]
    good = _NAME.fullmatch(name) and equals and _RESOURCE.fullmatch(resource)
    if not good or any(not (label.strip() and value.strip()) for label, _, value in labels):
        raise Problem(
            "bad_value",
            f"accelerators: {line[:120]!r} is none.",
            hint="Write NAME=RESOURCE or NAME=RESOURCE;LABEL=VALUE, such as "
            "`nvidia-b200=nvidia.com/gpu;cloud.google.com/gke-accelerator=nvidia-b200`.",
        )
    return Accelerator(name, resource, {label.strip(): value.strip() for label, _, value in labels})


def check_accelerator(name: str, known: Mapping[str, Accelerator] = ACCELERATORS) -> Accelerator | None:
    """What a name means; None for the empty one. Raises `bad_value` naming the nearest known one."""
    if not name:
        return None
    if name in known:
        return known[name]
    near = difflib.get_close_matches(name.casefold().replace("_", "-").replace(" ", "-"), known, n=1, cutoff=0.5)
    meant = f"Did you mean {near[0]!r}? " if near else ""
    hint = f"{meant}Known are {', '.join(sorted(known))}; the setting `accelerators` adds others."
    raise Problem("bad_value", f"accelerator: there is no {name[:80]!r}.", hint=hint)


def check_machine(machine: Machine | None, accelerator: str, gpus: int, used: int) -> None:
    """Raise `no_accelerator` where a machine does not have what is asked for, or not as much of it free.

    Args:
        machine: what there is; None: nobody knows yet, and nothing is refused.
        accelerator: which is asked for; empty: any.
        gpus: how many of them.
        used: how many others have.
    """
    if machine is None or not gpus:
        return
    wanted = f"{gpus} x {accelerator}" if accelerator else f"{gpus} GPU{'s' if gpus > 1 else ''}"
    extra = {"accelerator": accelerator, "asked": gpus, "there": machine.gpus, "used": used}
    if not machine.gpus:
        detail = f"It asks for {wanted}, and this server's machine has no GPU."
        raise Problem("no_accelerator", detail, "Ask for none (`gpu: null`), or use a server with GPUs.", extra)
    if accelerator and machine.accelerator and not is_same(accelerator, machine.accelerator):
        detail = f"It asks for {wanted}, and this server has {machine.accelerator}."
        raise Problem("no_accelerator", detail, f"Ask for `accelerator: {machine.accelerator}`, or for none.", extra)
    if accelerator and not machine.accelerator:
        detail = f"It asks for {wanted}, and this server's engine does not say which GPUs it has."
        hint = "Leave the accelerator out, or have an administrator set `machine_accelerator`."
        raise Problem("no_accelerator", detail, hint, extra)
    if machine.is_counted and used + gpus > machine.gpus:
        free = max(0, machine.gpus - used)
        detail = f"It asks for {wanted}, and {free or 'none'} of {machine.gpus} {'is' if free < 2 else 'are'} free."
        raise Problem("no_accelerator", detail, "Wait until another workspace with a GPU stops.", extra)


def is_same(one: str, other: str) -> bool:
    """Whether two names mean the same product."""
    first, second = ACCELERATORS.get(one), ACCELERATORS.get(other)
    return one == other or (first is not None and second is not None and first.product == second.product)
