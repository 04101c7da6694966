"""Roles x actions: the table against what design.md promises."""

from __future__ import annotations

import itertools

import pytest

from carrel.core.access import ROLES, SCOPES, Action, Actor, Reach, Resource, Role, Scope, allows, demand
from carrel.core.problems import Problem

CHANGES = [a for a in Action if not a.value.endswith(".read")]
MINE = Resource("me", "web")
THEIRS = Resource("them", "web")


def actor(role: Role, **members: object) -> Actor:
    return Actor("me", "me", role, **members)  # type: ignore[arg-type]


def test_every_role_has_a_reach_for_every_action() -> None:
    assert set(ROLES) == set(Role)
    for role in Role:
        assert set(ROLES[role]) == set(Action)


@pytest.mark.parametrize("role", list(Role))
def test_nobody_is_in_the_workspace_of_somebody_else(role: Role) -> None:
    assert not allows(actor(role), Action.WORKSPACE_USE, THEIRS)


@pytest.mark.parametrize("action", [a for a in CHANGES if a is not Action.TOKEN_MANAGE])
def test_an_auditor_and_a_viewer_change_nothing(action: Action) -> None:
    for role in (Role.AUDITOR, Role.VIEWER):
        assert not allows(actor(role), action, MINE)


def test_an_auditor_reads_everything() -> None:
    for action in (Action.WORKSPACE_READ, Action.AUDIT_READ, Action.SERVER_READ):
        assert allows(actor(Role.AUDITOR), action, THEIRS)


@pytest.mark.parametrize("action", list(Action))
def test_an_owner_may_do_everything_with_their_own(action: Action) -> None:
    assert allows(actor(Role.OWNER), action, MINE)


@pytest.mark.parametrize("action", [Action.WORKSPACE_GRANT, Action.FOLDER_USE])
def test_only_the_installations_owner_grants_and_uses_folders_and_only_for_themselves(action: Action) -> None:
    for role, resource in itertools.product(Role, (MINE, THEIRS)):
        assert allows(actor(role), action, resource) is (role is Role.OWNER and resource is MINE)


def test_a_developer_has_their_own_and_sees_nothing_else() -> None:
    for action in Action:
        assert not allows(actor(Role.DEVELOPER), action, THEIRS)
    for action in (Action.WORKSPACE_READ, Action.WORKSPACE_USE, Action.WORKSPACE_DELETE, Action.TOKEN_MANAGE):
        assert allows(actor(Role.DEVELOPER), action, MINE)


def test_a_role_in_a_project_reaches_that_project_only() -> None:
    maintainer = actor(Role.DEVELOPER, projects={"web": Role.MAINTAINER})
    assert allows(maintainer, Action.WORKSPACE_OPERATE, THEIRS)
    assert not allows(maintainer, Action.WORKSPACE_OPERATE, Resource("them", "lab"))
    assert not allows(maintainer, Action.WORKSPACE_USE, THEIRS)


def test_a_role_in_a_project_takes_nothing_away() -> None:
    viewer = actor(Role.DEVELOPER, projects={"web": Role.VIEWER})
    assert allows(viewer, Action.WORKSPACE_DELETE, MINE)


def test_scopes_only_ever_take_away() -> None:
    for role, scope, action, resource in itertools.product(Role, Scope, Action, (MINE, THEIRS)):
        narrow = allows(actor(role, scopes=frozenset({scope})), action, resource)
        assert narrow is (action in SCOPES[scope] and allows(actor(role), action, resource))


def test_what_one_may_not_see_does_not_exist_and_what_one_sees_is_refused() -> None:
    with pytest.raises(Problem) as caught:
        demand(actor(Role.DEVELOPER), Action.WORKSPACE_DELETE, THEIRS)
    assert caught.value.kind == "not_found"
    with pytest.raises(Problem) as caught:
        demand(actor(Role.AUDITOR), Action.WORKSPACE_DELETE, THEIRS)
    assert caught.value.kind == "not_allowed"
    with pytest.raises(Problem) as caught:
        demand(actor(Role.VIEWER), Action.WORKSPACE_CREATE, MINE)
    assert caught.value.kind == "not_allowed"
    demand(actor(Role.DEVELOPER), Action.WORKSPACE_DELETE, MINE)


def test_reaches_grow() -> None:
    assert Reach.NONE < Reach.OWN < Reach.PROJECT < Reach.ALL
