"""Limits on what people may have and run: what is asked for, what counts already, what is the most; pure (ADR 0035)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from enum import StrEnum

from carrel.core.problems import Problem
from carrel.core.spec import Limits

NAMED = 3
"""How many of the biggest holders a refusal names."""
_ROUNDING = 1e-9
"""Sums of fractions of CPUs differ by so much from what they are on paper."""


class Tier(StrEnum):
    """Whose limit it is, the narrowest first."""

    WORKSPACE = "workspace"
    USER = "user"
    PROJECT = "project"
    INSTALLATION = "installation"


class Measure(StrEnum):
    """What is limited."""

    WORKSPACES = "workspaces"
    """In number, the trash excluded."""
    RUNNING = "running"
    """In number, with the goal `run`."""
    CPUS = "cpus"
    """Of those that run."""
    MEMORY = "memory"
    """Of those that run, in bytes."""
    GPUS = "gpus"
    """Of those that run."""
    DISK = "disk"
    """Of all volumes as last measured, in bytes, those in the trash included."""


MEMBER: Mapping[Measure, str] = {
    measure: f"{measure}_bytes" if measure in {Measure.MEMORY, Measure.DISK} else measure.value for measure in Measure
}
"""The member of `Ceilings` and `Amounts` in which a measure is."""


@dataclass(frozen=True)
class Ceilings:
    """The most of each; None: nothing is said, and 0 is none at all."""

    workspaces: int | None = None
    running: int | None = None
    cpus: float | None = None
    memory_bytes: int | None = None
    gpus: int | None = None
    disk_bytes: int | None = None

    def of(self, measure: Measure) -> float | None:
        """The most of one."""
        most: float | None = getattr(self, MEMBER[measure])
        return most

    def over(self, others: Ceilings) -> Ceilings:
        """These, and where they say nothing the others."""
        return Ceilings(
            **{f.name: getattr(others if getattr(self, f.name) is None else self, f.name) for f in fields(Ceilings)}
        )

    def __bool__(self) -> bool:
        """Whether they say anything."""
        return any(getattr(self, f.name) is not None for f in fields(self))


@dataclass(frozen=True)
class Amounts:
    """So much of each."""

    workspaces: int = 0
    running: int = 0
    cpus: float = 0.0
    memory_bytes: int = 0
    gpus: int = 0
    disk_bytes: int = 0

    def of(self, measure: Measure) -> float:
        """So much of one."""
        amount: float = getattr(self, MEMBER[measure])
        return amount


@dataclass(frozen=True)
class Holder:
    """A workspace that counts, as the asker may see it."""

    name: str
    """`NAME`, or `OWNER/NAME` where it is somebody else's."""
    amount: float
    """Of the measure that it is about."""
    trashed: bool = False


@dataclass(frozen=True)
class Standing:
    """How a tier stands: the most, and what counts there without what is asked for."""

    tier: Tier
    name: str
    """The user's, or the project's; empty: the installation."""
    ceilings: Ceilings
    used: Amounts = Amounts()


@dataclass(frozen=True)
class Excess:
    """What is over which limit."""

    standing: Standing
    measure: Measure
    asked: float | None
    """None: no size was given, and what takes all it can get cannot be counted."""

    @property
    def used(self) -> float:
        """So much counts already."""
        return self.standing.used.of(self.measure)

    @property
    def ceiling(self) -> float:
        """The most."""
        return self.standing.ceilings.of(self.measure) or 0


Asked = Mapping[Measure, float | None]
"""How much more of what; a measure that is not in it is not looked at."""


def asked_by_start(limits: Limits, disk_bytes: int = 0) -> Asked:
    """What a workspace of this size adds when it starts, with the disk that its volumes have."""
    return {
        Measure.RUNNING: 1,
        Measure.CPUS: limits.cpus,
        Measure.MEMORY: limits.memory_bytes,
        Measure.GPUS: limits.gpus,
        Measure.DISK: disk_bytes,
    }


def asked_by_resize(before: Limits, after: Limits) -> Asked:
    """What a running workspace asks for with another size: what does not grow is nobody's matter.

    What runs counts with its size before, so that the standings are to be made without it.
    """
    sizes = (
        (Measure.CPUS, before.cpus, after.cpus),
        (Measure.MEMORY, before.memory_bytes, after.memory_bytes),
        (Measure.GPUS, before.gpus, after.gpus),
    )
    return {
        measure: new for measure, old, new in sizes if new != old and (new is None or (old is not None and new > old))
    }


def find_excess(asked: Asked, standings: Iterable[Standing]) -> Excess | None:
    """The first limit, the narrowest tier first, that does not allow what is asked for; None: all do."""
    for standing in standings:
        for measure, amount in asked.items():
            most = standing.ceilings.of(measure)
            if most is None:
                continue
            if amount is None or standing.used.of(measure) + amount > most + _ROUNDING:
                return Excess(standing, measure, amount)
    return None


def room(measure: Measure, standings: Iterable[Standing]) -> float | None:
    """How much more the standings allow of one measure; None: they set no limit. Never negative."""
    left = [
        most - standing.used.of(measure)
        for standing in standings
        if (most := standing.ceilings.of(measure)) is not None
    ]
    return max(0, min(left)) if left else None


def refusal(excess: Excess, holders: Iterable[Holder] = (), others: int = 0) -> Problem:
    """The problem of what is over a limit: names it, what counts against it, and how to free it.

    Args:
        excess: of `find_excess`.
        holders: what the asker may see of what counts, the biggest first.
        others: how many more workspaces count.
    """
    measure, standing = excess.measure, excess.standing
    seen = list(holders)
    whose = f" of the {standing.tier} {standing.name}" if standing.name else f" of the {standing.tier}"
    used, most = amount(measure, excess.used), amount(measure, excess.ceiling)
    if excess.asked is None:
        said = "the workspace says no size, and would take what it can get"
    else:
        said = f"{used} of {most} used, {amount(measure, excess.asked)} more asked for"
        if measure is Measure.DISK:
            said = f"{amount(measure, excess.used + excess.asked)} of {most} used"
    detail = f"The limit {measure.value!r}{whose}: {said}.{_counted(measure, seen, others)}"
    extra = {
        "limit": measure.value,
        "level": standing.tier.value,
        "used": excess.used,
        "asked": excess.asked,
        "ceiling": excess.ceiling,
    }
    return Problem("over_quota", detail, hint=_way_out(excess, seen), extra=extra)


def _counted(measure: Measure, seen: list[Holder], others: int) -> str:
    if not seen and not others:
        return ""
    sized = measure not in {Measure.WORKSPACES, Measure.RUNNING}
    names = [
        f"{one.name} ({amount(measure, one.amount)}{', in the trash' if one.trashed else ''})" if sized else one.name
        for one in seen[:NAMED]
    ]
    more = len(seen) - len(names) + others
    if more:
        names.append(f"{more} {'other' if names else 'workspace'}{'s' if more > 1 else ''}")
    listed = " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else names[0]
    return f" What counts: {listed}."


def _way_out(excess: Excess, seen: list[Holder]) -> str:
    measure = excess.measure
    if excess.asked is None:
        option = "--cpus" if measure is Measure.CPUS else "--memory"
        return f"Give it a size (`{option}`), or have an administrator set `default_{MEMBER[measure]}`."
    if measure is Measure.DISK:
        trashed = next((one for one in seen if one.trashed), None)
        if trashed is not None:
            return f"`carrel rm --purge {trashed.name}` frees {amount(measure, trashed.amount)}; it is in the trash."
        biggest = f"`carrel rm --purge {seen[0].name}`, " if seen else ""
        return f"{biggest}remove files in a workspace that runs, or ask an administrator for more."
    if not seen:
        return "Wait until others stop theirs, or ask an administrator for more."
    verb = "carrel rm" if measure is Measure.WORKSPACES else "carrel stop"
    smaller = (
        " or ask for less" if (excess.asked or 0) > 0 and measure not in {Measure.WORKSPACES, Measure.RUNNING} else ""
    )
    return f"`{verb} {seen[0].name}` frees {_freed(measure, seen[0])}{smaller}; an administrator can allow more."


def _freed(measure: Measure, holder: Holder) -> str:
    return "a place" if measure in {Measure.WORKSPACES, Measure.RUNNING} else amount(measure, holder.amount)


def amount(measure: Measure, value: float) -> str:
    """An amount as people read it: `8 GiB`, `1.5`."""
    if measure not in {Measure.MEMORY, Measure.DISK}:
        return f"{value:g}"
    shown, unit = float(value), 0
    while shown >= 1024 and unit < 4:
        shown, unit = shown / 1024, unit + 1
    return f"{shown:.1f}".removesuffix(".0") + f" {('B', 'KiB', 'MiB', 'GiB', 'TiB')[unit]}"


# --- one workspace ---------------------------------------------------------------------------------------------------


def check_limits(asked: Limits, ceilings: Ceilings) -> None:
    """Raise `over_quota` where one workspace asks for more than one may have, naming the limit."""
    sizes = ((Measure.CPUS, asked.cpus), (Measure.MEMORY, asked.memory_bytes), (Measure.GPUS, asked.gpus))
    for measure, wanted in sizes:
        most = ceilings.of(measure)
        if most is None or (wanted or 0) <= most:
            continue
        shown = f"{amount(measure, wanted or 0)} asked for, at most {amount(measure, most)} for one workspace"
        extra = {"limit": measure.value, "level": Tier.WORKSPACE.value, "used": 0, "asked": wanted, "ceiling": most}
        hint = "Ask for less, or ask an administrator for more." if most else "An administrator can allow some."
        raise Problem("over_quota", f"The limit {measure.value!r}: {shown}.", hint=hint, extra=extra)
