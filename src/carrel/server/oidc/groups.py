"""What a person is by his groups at the provider: a role in the installation, memberships of projects."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from carrel.core.access import Role
from carrel.core.names import check_name
from carrel.core.problems import Problem
from carrel.core.project import DOMAINS

STRENGTH = (Role.VIEWER, Role.DEVELOPER, Role.MAINTAINER, Role.AUDITOR, Role.ADMIN)
"""From the weakest to the strongest: of several groups the strongest role counts. Nobody becomes an owner by a group."""
IN_PROJECTS = (Role.VIEWER, Role.DEVELOPER, Role.MAINTAINER, Role.ADMIN)
HINT = "Write GROUP=ROLE, GROUP=PROJECT:ROLE or GROUP=PROJECT/DOMAIN:ROLE, as in `platform=admin, ml=vision/staging:developer`."

Place = tuple[str, str]
"""Project and domain; empty: the installation, or all domains."""


@dataclass(frozen=True)
class Standing:
    """What somebody is by his groups."""

    role: Role | None = None
    """In the installation; None: the groups say nothing of it."""
    memberships: Mapping[Place, Role] | None = None


@dataclass(frozen=True)
class GroupRule:
    """One line of the setting `oidc_groups`."""

    group: str
    place: Place
    role: Role


def parse_rules(lines: Sequence[str]) -> tuple[GroupRule, ...]:
    """The setting `oidc_groups`. Raises `bad_value` with the line that is wrong."""
    return tuple(_parse(line) for line in lines)


def _parse(line: str) -> GroupRule:
    group, equals, what = line.rpartition("=")  # a group may be `cn=a,ou=b`
    where, colon, role = what.strip().rpartition(":")
    project, slash, domain = where.strip().partition("/")
    try:
        rule = GroupRule(group.strip(), (project.casefold(), domain.casefold()), Role(role.strip().casefold()))
    except ValueError as error:
        raise Problem("bad_value", f"oidc_groups: {line[:120]!r}: {role[:40]!r} is no role.", HINT) from error
    allowed = IN_PROJECTS if project else STRENGTH
    is_place = bool(domain in DOMAINS or not slash) and (bool(project) or not colon)
    if not equals or not rule.group or not is_place or rule.role not in allowed:
        raise Problem("bad_value", f"oidc_groups: {line[:120]!r} is no rule.", HINT)
    if project:
        check_name(project, what="project")
    return rule


def standing(rules: Sequence[GroupRule], groups: Collection[str], default: Role) -> Standing:
    """What these groups give; a role only where a rule is about roles, `default` where none of those applies."""
    mine = [rule for rule in rules if rule.group in groups]
    memberships: dict[Place, Role] = {}
    for rule in mine:
        if rule.place[0]:
            memberships[rule.place] = _stronger(memberships.get(rule.place), rule.role)
    role: Role | None = None
    if any(not rule.place[0] for rule in rules):
        for rule in mine:
            if not rule.place[0]:
                role = _stronger(role, rule.role)
        role = role or default
    return Standing(role, memberships)


def _stronger(one: Role | None, other: Role) -> Role:
    return other if one is None else max(one, other, key=STRENGTH.index)
