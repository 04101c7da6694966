"""What applies to a workspace: settings, project, and what was asked, within bounds."""

from __future__ import annotations

from dataclasses import replace

import pytest

from carrel.core.definition import Definition
from carrel.core.policy import (
    Origin,
    Policy,
    check_asked,
    check_project,
    effective,
    life_origin,
    of_workspace,
    retention,
    schedule_of,
    ttl_origin,
)
from carrel.core.problems import Problem
from carrel.core.project import ProjectPolicy
from carrel.core.schedule import Schedule
from carrel.core.template import TemplateStanding, Update
from carrel.core.workspace import AskedRetention, Workspace

TEAM = Policy(ttl_min_seconds=300, ttl_max_seconds=86400, hard_life_seconds=172800)
LOCAL = Policy()


def test_a_project_that_says_nothing_changes_nothing() -> None:
    assert effective(TEAM, ProjectPolicy()) == effective(TEAM, None) == TEAM


def test_a_project_narrows_bounds_and_never_widens_them() -> None:
    wide = ProjectPolicy(ttl_min_seconds=60, ttl_max_seconds=10**6, hard_life_seconds=0)
    policy = effective(TEAM, wide)
    assert (policy.ttl_min_seconds, policy.ttl_max_seconds, policy.hard_life_seconds) == (300, 86400, 172800)
    narrow = effective(TEAM, ProjectPolicy(ttl_min_seconds=900, ttl_max_seconds=7200, hard_life_seconds=3600))
    assert (narrow.ttl_min_seconds, narrow.ttl_max_seconds, narrow.hard_life_seconds) == (900, 7200, 3600)
    assert narrow.origin("ttl_max_seconds") is Origin.PROJECT
    assert narrow.origin("trash_days") is Origin.INSTALLATION


def test_a_template_comes_after_the_project() -> None:
    policy = effective(TEAM, ProjectPolicy(ttl_seconds=600, trash_days=3), ProjectPolicy(ttl_seconds=900))
    assert (policy.ttl_seconds, policy.origin("ttl_seconds")) == (900, Origin.TEMPLATE)
    assert (policy.trash_days, policy.origin("trash_days")) == (3, Origin.PROJECT)


@pytest.mark.parametrize(
    ("policy", "asked", "ttl"),
    [
        (LOCAL, None, 1800),
        (LOCAL, 0, 0),
        (LOCAL, 30, 60),
        (TEAM, None, 1800),
        (TEAM, 0, 86400),
        (TEAM, 60, 300),
        (TEAM, 10**6, 86400),
        (TEAM, 5000, 5000),
    ],
)
def test_what_was_asked_is_kept_within_the_bounds_of_now(policy: Policy, asked: int | None, ttl: int) -> None:
    assert retention(policy, AskedRetention(ttl_seconds=asked)).ttl_seconds == ttl


def test_no_life_is_longer_than_the_ceiling() -> None:
    for asked in (0, 10**6):
        assert retention(TEAM, AskedRetention(max_life_seconds=asked)).max_life_seconds == 172800
    assert retention(LOCAL, AskedRetention(max_life_seconds=0)).max_life_seconds == 0


def test_it_is_known_whose_setting_applies() -> None:
    policy = effective(TEAM, ProjectPolicy(ttl_max_seconds=3600))
    assert ttl_origin(policy, AskedRetention()) is Origin.INSTALLATION
    assert ttl_origin(policy, AskedRetention(ttl_seconds=900)) is Origin.WORKSPACE
    assert ttl_origin(policy, AskedRetention(ttl_seconds=7200)) is Origin.PROJECT
    assert ttl_origin(policy, AskedRetention(ttl_seconds=60)) is Origin.INSTALLATION
    assert life_origin(policy, AskedRetention()) is Origin.INSTALLATION
    assert life_origin(policy, AskedRetention(max_life_seconds=600)) is Origin.WORKSPACE
    assert life_origin(effective(TEAM, ProjectPolicy(hard_life_seconds=60)), AskedRetention()) is Origin.PROJECT


@pytest.mark.parametrize(
    ("policy", "ttl", "words"),
    [
        (TEAM, 0, "ttl_seconds: 0 (never) is not possible here; the installation's ceiling is 86400."),
        (TEAM, 299, "ttl_seconds: 299 is too short; the installation's floor is 300."),
        (TEAM, -1, "ttl_seconds: -1 is too short; the installation's floor is 300."),
        (TEAM, 86401, "ttl_seconds: 86401 is too long; the installation's ceiling is 86400."),
        (LOCAL, 59, "ttl_seconds: 59 is too short; the installation's floor is 60."),
        (LOCAL, 10**9 + 1, "ttl_seconds: 1000000001 is too long; the installation's ceiling is 1000000000."),
        (effective(TEAM, ProjectPolicy(ttl_max_seconds=600)), 601, "the project's ceiling is 600."),
    ],
)
def test_a_ttl_out_of_bounds_is_refused_with_the_bounds(policy: Policy, ttl: int, words: str) -> None:
    with pytest.raises(Problem) as refused:
        check_asked(policy, ttl, None)
    assert refused.value.kind == "bad_value"
    assert words in refused.value.detail
    assert str(policy.ttl_min_seconds) in refused.value.hint


@pytest.mark.parametrize(("policy", "ttl"), [(TEAM, 300), (TEAM, 86400), (LOCAL, 0), (LOCAL, 60), (LOCAL, 10**9)])
def test_a_ttl_on_a_bound_is_accepted(policy: Policy, ttl: int) -> None:
    check_asked(policy, ttl, None)


@pytest.mark.parametrize(
    ("policy", "life", "is_fine"),
    [
        (TEAM, 0, False),
        (TEAM, 172801, False),
        (TEAM, 172800, True),
        (LOCAL, 0, True),
        (LOCAL, 59, False),
        (LOCAL, -5, False),
    ],
)
def test_a_maximum_life_has_bounds_too(policy: Policy, life: int, is_fine: bool) -> None:
    if is_fine:
        check_asked(policy, None, life)
        return
    with pytest.raises(Problem, match="max_life_seconds"):
        check_asked(policy, None, life)


@pytest.mark.parametrize(
    ("chosen", "words"),
    [
        (ProjectPolicy(ttl_max_seconds=90000), "above the installation's ceiling, 86400"),
        (ProjectPolicy(ttl_max_seconds=0), "0 (none)"),
        (ProjectPolicy(hard_life_seconds=200000), "above the installation's ceiling"),
        (ProjectPolicy(ttl_min_seconds=60), "below the installation's floor, 300"),
        (ProjectPolicy(ttl_min_seconds=4000, ttl_max_seconds=3600), "above its ceiling"),
        (ProjectPolicy(ttl_seconds=60), "too short"),
        (ProjectPolicy(ttl_seconds=0), "not possible here"),
        (ProjectPolicy(trash_days=-1), "trash_days: -1"),
        (ProjectPolicy(archive_after_days=4000), "archive_after_days: 4000"),
        (ProjectPolicy(schedule=Schedule("25:00", "19:00")), "schedule.start: '25:00'"),
    ],
)
def test_a_project_policy_that_cannot_be_is_refused(chosen: ProjectPolicy, words: str) -> None:
    with pytest.raises(Problem) as refused:
        check_project(TEAM, chosen)
    assert refused.value.kind == "bad_value"
    assert words in refused.value.detail


def test_a_project_policy_is_kept_in_normal_form() -> None:
    kept = check_project(
        TEAM, ProjectPolicy(ttl_seconds=600, schedule=Schedule("8:30", "", ("Friday", "MON"), "europe/berlin"))
    )
    assert kept.schedule == Schedule("08:30", "", ("mon", "fri"), "Europe/Berlin")


def test_a_schedule_of_its_own_takes_the_place_of_the_projects() -> None:
    policy = effective(LOCAL, ProjectPolicy(schedule=Schedule("08:00", "18:00")))
    workspace = Workspace("id", "u", "ana", "blog")
    own = Schedule("09:00")
    assert schedule_of(policy, workspace) == (policy.schedule, Origin.PROJECT)
    with_own = Workspace("id", "u", "ana", "blog", definition=Definition(schedule=own))
    assert schedule_of(policy, with_own) == (own, Origin.WORKSPACE)
    assert schedule_of(LOCAL, workspace) == (None, Origin.INSTALLATION)


def test_a_template_narrows_what_its_project_gives_and_is_named() -> None:
    standing = TemplateStanding("ml", "", 2, withdrawn=False, update=Update.ON_DEMAND, policy=None)
    chosen = ProjectPolicy(ttl_seconds=900, ttl_max_seconds=7200, hard_life_seconds=600, schedule=Schedule("", "19:00"))
    project = ProjectPolicy(ttl_max_seconds=3600)
    workspace = Workspace("abc", "u", "ana", "blog", policy=project, template=standing)
    assert of_workspace(TEAM, workspace) == effective(TEAM, project)
    policy = of_workspace(TEAM, replace(workspace, template=replace(standing, policy=chosen)))
    assert (policy.ttl_max_seconds, policy.origin("ttl_max_seconds")) == (3600, Origin.PROJECT)
    assert (policy.hard_life_seconds, policy.origin("hard_life_seconds")) == (600, Origin.TEMPLATE)
    assert ttl_origin(policy, AskedRetention()) is Origin.TEMPLATE
    assert retention(policy, AskedRetention()).ttl_seconds == 900
    assert schedule_of(policy, workspace) == (chosen.schedule, Origin.TEMPLATE)
