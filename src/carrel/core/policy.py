"""What applies to a workspace now: settings, project, template and what its owner asked, in one pure function (ADR 0036).

A row keeps only what a person asked, so that an edit of a policy applies to everything at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from carrel.core.durations import in_words
from carrel.core.problems import Problem
from carrel.core.project import ProjectPolicy
from carrel.core.schedule import OFF, Schedule, check_schedule
from carrel.core.workspace import AskedRetention, Retention, Workspace

LONGEST_SECONDS = 10**9
LONGEST_DAYS = 3650


class Origin(StrEnum):
    """Whose setting it is."""

    INSTALLATION = "installation"
    PROJECT = "project"
    TEMPLATE = "template"
    WORKSPACE = "workspace"


@dataclass(frozen=True)
class Policy:
    """What applies where a workspace asks for nothing, and within which bounds it may ask."""

    ttl_seconds: int = 1800
    """0: never."""
    ttl_min_seconds: int = 60
    ttl_max_seconds: int = 0
    """0: no ceiling, and never is possible."""
    max_life_seconds: int = 86400
    """0: no cap."""
    hard_life_seconds: int = 0
    """0: none."""
    warning_seconds: int = 900
    """How long before the end of its life people are warned."""
    archive_after_days: int = 14
    """Days at rest; 0: never."""
    delete_after_days: int = 30
    """Days at rest; 0: never."""
    trash_days: int = 7
    notice_days: tuple[int, ...] = (2, 1)
    """How long before each step of retirement its notices are given, longest first."""
    schedule: Schedule | None = None
    origins: tuple[tuple[str, Origin], ...] = ()
    """Whose these members are; those that are not named: the installation's."""

    def origin(self, member: str) -> Origin:
        """Whose setting a member is."""
        return dict(self.origins).get(member, Origin.INSTALLATION)


PLAIN = Policy()
"""Of an installation that says nothing."""


def effective(defaults: Policy, project: ProjectPolicy | None, template: ProjectPolicy | None = None) -> Policy:
    """What applies in a project.

    Args:
        defaults: the installation's.
        project: what the project chose; None: nothing.
        template: what a template chose; it is narrower than the project's.
    """
    policy = defaults
    for chosen, origin in ((project, Origin.PROJECT), (template, Origin.TEMPLATE)):
        if chosen is not None:
            policy = _over(policy, chosen, origin)
    return policy


def _over(below: Policy, chosen: ProjectPolicy, origin: Origin) -> Policy:
    members = {name: value for name, value in vars(chosen).items() if value is not None}
    # Bounds are only ever narrowed: a project cannot give what the installation does not.
    for name in ("ttl_max_seconds", "hard_life_seconds"):
        if name in members:
            members[name] = _lowest(getattr(below, name), members[name])
    if "ttl_min_seconds" in members:
        members["ttl_min_seconds"] = max(below.ttl_min_seconds, members["ttl_min_seconds"])
    changed = {name for name, value in members.items() if value != getattr(below, name)}
    told = dict.fromkeys(changed | {"ttl_seconds", "max_life_seconds"} & set(members), origin)
    merged = vars(below) | members | {"origins": tuple(sorted((dict(below.origins) | told).items()))}
    return Policy(**merged)


def _lowest(*ceilings: int) -> int:
    """The lowest of some ceilings, of which 0 is none."""
    return min((one for one in ceilings if one), default=0)


def of_workspace(defaults: Policy, workspace: Workspace) -> Policy:
    """What applies to a workspace where it asks for nothing."""
    template = workspace.template.policy if workspace.template is not None else None
    return effective(defaults, workspace.policy, template)


def retention(policy: Policy, asked: AskedRetention) -> Retention:
    """When a workspace ends by itself: what was asked, within the bounds as they are now."""
    ttl = policy.ttl_seconds if asked.ttl_seconds is None else asked.ttl_seconds
    life = policy.max_life_seconds if asked.max_life_seconds is None else asked.max_life_seconds
    return Retention(
        ttl_seconds=_clamped(ttl, policy),
        max_life_seconds=_lowest(life, policy.hard_life_seconds),
        hard_life_seconds=policy.hard_life_seconds,
        on_idle=asked.on_idle,
        on_deadline=asked.on_deadline,
    )


def _clamped(ttl: int, policy: Policy) -> int:
    if not ttl:
        return policy.ttl_max_seconds
    return _lowest(max(ttl, policy.ttl_min_seconds), policy.ttl_max_seconds)


def schedule_of(policy: Policy, workspace: Workspace) -> tuple[Schedule | None, Origin]:
    """The schedule that applies, and whose it is; a workspace's own may be that there is none."""
    own = workspace.definition.schedule if workspace.definition is not None else None
    if own is None:
        return policy.schedule, policy.origin("schedule")
    return (None if own == OFF else own), Origin.WORKSPACE


def ttl_origin(policy: Policy, asked: AskedRetention) -> Origin:
    """Whose setting the idle TTL is that applies."""
    if asked.ttl_seconds is None:
        in_force, origin = policy.ttl_seconds, policy.origin("ttl_seconds")
    else:
        in_force, origin = asked.ttl_seconds, Origin.WORKSPACE
    now = _clamped(in_force, policy)
    if now == in_force:
        return origin
    return policy.origin("ttl_max_seconds" if now == policy.ttl_max_seconds else "ttl_min_seconds")


def life_origin(policy: Policy, asked: AskedRetention) -> Origin:
    """Whose setting the maximum life is that applies."""
    life = policy.max_life_seconds if asked.max_life_seconds is None else asked.max_life_seconds
    if _lowest(life, policy.hard_life_seconds) != life:
        return policy.origin("hard_life_seconds")
    return policy.origin("max_life_seconds") if asked.max_life_seconds is None else Origin.WORKSPACE


# --- what may be asked -----------------------------------------------------------------------------------------------


def check_asked(policy: Policy, ttl_seconds: int | None, max_life_seconds: int | None) -> None:
    """Raise `bad_value` for a time outside the bounds, which are named."""
    if ttl_seconds is not None:
        _check_ttl(policy, ttl_seconds)
    if max_life_seconds is not None:
        _check_life(policy, max_life_seconds)


def _check_ttl(policy: Policy, ttl: int) -> None:
    floor, ceiling = policy.ttl_min_seconds, policy.ttl_max_seconds
    bounds = f"{floor} ({in_words(floor)})"
    if ceiling:
        bounds = f"from {bounds} to {ceiling} ({in_words(ceiling)})"
    hint = f"Give {bounds}." if ceiling else f"Use 0 (never) or at least {bounds}."
    if ttl == 0 and ceiling:
        owner = policy.origin("ttl_max_seconds").value
        detail = f"ttl_seconds: 0 (never) is not possible here; the {owner}'s ceiling is {ceiling}."
        raise Problem("bad_value", detail, hint)
    if ttl and ttl < floor:
        owner = policy.origin("ttl_min_seconds").value
        raise Problem("bad_value", f"ttl_seconds: {ttl} is too short; the {owner}'s floor is {floor}.", hint)
    if ttl > (ceiling or LONGEST_SECONDS):
        owner = policy.origin("ttl_max_seconds").value
        detail = f"ttl_seconds: {ttl} is too long; the {owner}'s ceiling is {ceiling or LONGEST_SECONDS}."
        raise Problem("bad_value", detail, hint)


def _check_life(policy: Policy, life: int) -> None:
    hard = policy.hard_life_seconds
    if life and life < 60:
        raise Problem("bad_value", f"max_life_seconds: {life} s is too short.", "Use 0 (no cap) or at least 60.")
    if life > (hard or LONGEST_SECONDS) or (hard and not life):
        owner, most = policy.origin("hard_life_seconds").value, hard or LONGEST_SECONDS
        asked = f"{life}" if life else "0 (no cap)"
        detail = f"max_life_seconds: {asked} is too long; the {owner}'s ceiling is {most}."
        raise Problem("bad_value", detail, f"Give 60 to {most} ({in_words(most)}).")


def check_project(defaults: Policy, chosen: ProjectPolicy) -> ProjectPolicy:
    """What a project may choose, in normal form.

    Raises:
        Problem: `bad_value`: a member is out of range, wider than the installation, or at odds with another one.
    """
    for name, value in vars(chosen).items():
        most = LONGEST_DAYS if name.endswith("_days") else LONGEST_SECONDS
        if isinstance(value, int) and not 0 <= value <= most:
            raise Problem("bad_value", f"{name}: {value} is not possible.", f"Give 0 to {most}.")
    for name in ("ttl_max_seconds", "hard_life_seconds"):
        value, most = getattr(chosen, name), getattr(defaults, name)
        if value is not None and most and (value > most or not value):
            detail = f"{name}: {value or '0 (none)'} is above the installation's ceiling, {most} ({in_words(most)})."
            raise Problem("bad_value", detail, f"Give at most {most}, or have the setting `{name}` raised.")
    lowest = chosen.ttl_min_seconds
    if lowest is not None and lowest < defaults.ttl_min_seconds:
        detail = f"ttl_min_seconds: {lowest} is below the installation's floor, {defaults.ttl_min_seconds}."
        raise Problem("bad_value", detail, "Give more, or have the setting `ttl_min_seconds` lowered.")
    policy = effective(defaults, chosen)
    if policy.ttl_max_seconds and policy.ttl_min_seconds > policy.ttl_max_seconds:
        detail = f"The floor of the idle TTL, {policy.ttl_min_seconds}, is above its ceiling, {policy.ttl_max_seconds}."
        raise Problem("bad_value", detail, "Lower `ttl_min_seconds`, or raise `ttl_max_seconds`.")
    check_asked(policy, chosen.ttl_seconds, chosen.max_life_seconds)
    if chosen.schedule is None:
        return chosen
    return ProjectPolicy(**vars(chosen) | {"schedule": check_schedule(chosen.schedule)})


def warning_lead(policy: Policy, retention: Retention) -> timedelta:
    """How long before the end of its life people are warned: at most half of that life."""
    half = retention.max_life_seconds / 2 if retention.max_life_seconds else policy.warning_seconds
    return timedelta(seconds=min(policy.warning_seconds, half))
