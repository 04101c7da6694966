"""Roles x actions: the table against what design.md promises."""

from __future__ import annotations

import itertools

import pytest

from carrel.core.access import (
    EVERYWHERE,
    GUESTS,
    KEPT,
    PROJECT_ROLES,
    ROLES,
    SCOPES,
    SHARES,
    VISIBILITIES,
    Action,
    Actor,
    Level,
    Reach,
    Resource,
    Role,
    Scope,
    Share,
    Visibility,
    allows,
    demand,
    given,
    opens,
    places,
    port_of,
    sees,
)
from carrel.core.problems import Problem

CHANGES = [a for a in Action if not a.value.endswith(".read")]
MINE = Resource("me", "default")
THEIRS = Resource("them", "default", "w1")
OTHER = Resource("them", "default", "w2")
WEB = Resource("them", "web", "w3", "staging")
USERS = [role for role in Role if role is not Role.GUEST]


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


@pytest.mark.parametrize(
    ("projects", "where"),
    [
        ({("web", ""): Role.MAINTAINER}, {("web", "staging"), ("web", "production"), ("web", "")}),
        ({("web", "staging"): Role.MAINTAINER}, {("web", "staging")}),
        ({("web", ""): Role.VIEWER, ("web", "staging"): Role.MAINTAINER}, {("web", "staging")}),
        (
            {("web", ""): Role.MAINTAINER, ("web", "staging"): Role.VIEWER},
            {("web", "staging"), ("web", "production"), ("web", "")},
        ),
        ({("default", ""): Role.MAINTAINER}, {("default", "staging"), ("default", "production"), ("default", "")}),
    ],
    ids=[
        "all domains",
        "one domain",
        "more in one domain",
        "less in one domain takes nothing away",
        "the default project",
    ],
)
def test_a_role_in_a_project_reaches_that_project_and_domain_only(
    projects: dict[tuple[str, str], Role], where: set[tuple[str, str]]
) -> None:
    maintainer = actor(Role.DEVELOPER, projects=projects)
    for project, domain in itertools.product(("web", "lab", "default"), ("", "staging", "production")):
        theirs = Resource("them", project, "w3", domain)
        assert allows(maintainer, Action.WORKSPACE_OPERATE, theirs) is ((project, domain) in where)
        assert not allows(maintainer, Action.WORKSPACE_USE, theirs)
    assert {key for key in where if key in projects} == places(maintainer, Action.WORKSPACE_OPERATE)


@pytest.mark.parametrize("role", [Role.VIEWER, Role.DEVELOPER, Role.MAINTAINER])
def test_who_is_no_member_has_of_his_own_workspaces_only_the_sight(role: Role) -> None:
    mine = Resource("me", "web", "w3", "staging")
    assert {one for one in Action if allows(actor(role), one, mine)} == KEPT
    assert not any(allows(actor(role), one, WEB) for one in Action)


def test_what_a_member_may_is_what_his_role_says_whatever_he_is_in_the_installation() -> None:
    mine = Resource("me", "web", "w3", "staging")
    for role, membership in itertools.product((Role.VIEWER, Role.DEVELOPER, Role.MAINTAINER), PROJECT_ROLES):
        who = actor(role, projects={("web", "staging"): membership})
        for action in Action:
            table = ROLES[membership][action]
            assert allows(who, action, mine) is (table is not Reach.NONE)
            assert allows(who, action, WEB) is (table >= Reach.PROJECT)


def test_no_membership_says_anything_to_an_auditor_or_a_guest_or_limits_who_is_over_the_installation() -> None:
    for role, resource, action in itertools.product(Role, (MINE, THEIRS, WEB), Action):
        if role in EVERYWHERE | {Role.GUEST}:
            for membership in PROJECT_ROLES:
                who = actor(role, projects={("web", ""): membership})
                more = membership is Role.MAINTAINER and role in {Role.ADMIN, Role.OWNER}
                assert allows(who, action, resource) is allows(actor(role), action, resource) or more


def test_everybody_belongs_to_the_default_project_and_sees_there_what_is_his() -> None:
    assert allows(actor(Role.DEVELOPER), Action.WORKSPACE_CREATE, MINE)
    assert not sees(actor(Role.DEVELOPER), THEIRS)
    assert not sees(actor(Role.VIEWER), THEIRS)
    assert allows(actor(Role.MAINTAINER), Action.WORKSPACE_OPERATE, THEIRS)
    assert not sees(actor(Role.MAINTAINER), WEB)


def test_a_role_in_a_project_takes_nothing_away() -> None:
    viewer = actor(Role.DEVELOPER, projects={("default", ""): Role.VIEWER})
    assert allows(viewer, Action.WORKSPACE_DELETE, MINE)


def test_what_has_no_project_one_needs_wherever_one_works() -> None:
    who = actor(Role.VIEWER, projects={("web", "staging"): Role.DEVELOPER})
    assert allows(who, Action.CREDENTIAL_MANAGE, Resource("me"))
    assert not allows(actor(Role.VIEWER), Action.CREDENTIAL_MANAGE, Resource("me"))
    assert not allows(who, Action.CREDENTIAL_MANAGE, Resource("them"))
    assert not allows(
        actor(Role.DEVELOPER, projects={("web", ""): Role.MAINTAINER}), Action.SECRET_MANAGE, Resource("them")
    )


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


# --- shares ----------------------------------------------------------------------------------------------------------


def shared(role: Role, level: Level, *ports: int, **members: object) -> Actor:
    """To whom `w1` was shared; a guest where the role says so."""
    return actor(role, shares={"w1": Share(level, frozenset(ports))}, **members)


def test_a_share_gives_what_the_table_says_of_that_workspace_and_nothing_of_another() -> None:
    for role, level, action in itertools.product(Role, Level, Action):
        table = GUESTS if role is Role.GUEST else SHARES
        gains = action in table[level] and role is not Role.AUDITOR
        who = shared(role, level)
        assert allows(who, action, THEIRS) is (allows(actor(role), action, THEIRS) or gains), (role, level, action)
        assert allows(who, action, OTHER) is allows(actor(role), action, OTHER)
        assert allows(who, action, MINE) is allows(actor(role), action, MINE)
        assert given(who, action) == (frozenset({"w1"}) if gains else frozenset())


def test_a_viewer_looks_and_an_editor_is_in_it_and_starts_it_and_no_more() -> None:
    may = {level: {a for a in Action if allows(shared(Role.DEVELOPER, level), a, THEIRS)} for level in Level}
    looks = {Action.WORKSPACE_READ, Action.WORKSPACE_WATCH}
    assert may == {Level.VIEW: looks, Level.EDIT: looks | {Action.WORKSPACE_USE, Action.WORKSPACE_START}}


def test_a_guest_who_looks_reads_no_log_and_no_guest_starts_or_shares() -> None:
    may = {level: {a for a in Action if allows(shared(Role.GUEST, level), a, THEIRS)} for level in Level}
    watches = {Action.WORKSPACE_WATCH}
    assert may == {Level.VIEW: watches, Level.EDIT: watches | {Action.WORKSPACE_READ, Action.WORKSPACE_USE}}


@pytest.mark.parametrize("action", list(Action))
def test_a_guest_without_a_share_has_nothing(action: Action) -> None:
    for resource in (MINE, THEIRS, Resource("me", "web", "w1")):
        assert not allows(actor(Role.GUEST), action, resource)


def test_only_the_owner_of_a_workspace_lets_others_in() -> None:
    for role, resource in itertools.product(Role, (MINE, THEIRS)):
        expected = resource is MINE and role not in {Role.VIEWER, Role.AUDITOR, Role.GUEST}
        looks_after = actor(role, projects={("default", ""): Role.MAINTAINER})
        is_somebody = resource is MINE and role not in {Role.AUDITOR, Role.GUEST}
        assert allows(looks_after, Action.WORKSPACE_SHARE, resource) is is_somebody
        assert allows(actor(role), Action.WORKSPACE_SHARE, resource) is expected
        assert not allows(shared(role, Level.EDIT), Action.WORKSPACE_SHARE, THEIRS)


def test_scopes_take_away_of_shares_too() -> None:
    for level, scope, action in itertools.product(Level, Scope, Action):
        narrow = shared(Role.DEVELOPER, level, scopes=frozenset({scope}))
        assert allows(narrow, action, THEIRS) is (action in SCOPES[scope] and action in SHARES[level])


def test_only_a_token_for_everything_or_of_scope_admin_shares() -> None:
    assert [scope for scope in Scope if Action.WORKSPACE_SHARE in SCOPES[scope]] == [Scope.ADMIN]


def test_what_a_guest_watches_is_refused_and_does_not_vanish() -> None:
    with pytest.raises(Problem) as caught:
        demand(shared(Role.GUEST, Level.VIEW), Action.WORKSPACE_READ, THEIRS)
    assert caught.value.kind == "not_allowed"
    with pytest.raises(Problem) as caught:
        demand(shared(Role.GUEST, Level.VIEW), Action.WORKSPACE_READ, OTHER)
    assert caught.value.kind == "not_found"
    assert sees(shared(Role.GUEST, Level.VIEW), THEIRS)
    assert not sees(shared(Role.GUEST, Level.VIEW), OTHER)


# --- ports -----------------------------------------------------------------------------------------------------------


def test_an_editor_and_the_ports_of_apps_are_opened_only_by_those_who_may_use_the_workspace() -> None:
    for role, visibility, resource in itertools.product(Role, Visibility, (MINE, THEIRS)):
        for who in (actor(role), shared(role, Level.VIEW, 8080, 29000), shared(role, Level.EDIT)):
            for app in ("code", "jupyter", "terminal", "29000", "29999", "7022"):
                assert opens(who, resource, app, visibility) is allows(who, Action.WORKSPACE_USE, resource)


def test_an_app_whose_configuration_says_so_is_opened_as_it_is_visible_and_a_share_names_none() -> None:
    for role, visibility in itertools.product(USERS, Visibility):
        for who in (actor(role), shared(role, Level.VIEW, 8080)):
            reads = allows(who, Action.WORKSPACE_READ, THEIRS) and role is not Role.AUDITOR
            expected = visibility is Visibility.PUBLIC or (visibility is Visibility.PROJECT and reads)
            assert opens(who, THEIRS, "docs", visibility) is expected


def test_a_port_is_opened_by_who_uses_the_workspace_or_to_whom_it_was_named_or_as_it_is_visible() -> None:
    for role, visibility, port in itertools.product(Role, Visibility, ("8080", "8081")):
        for level in (None, *Level):
            who = shared(role, level, 8080) if level else actor(role)
            reads = allows(who, Action.WORKSPACE_READ, THEIRS) and role is not Role.AUDITOR
            expected = (
                allows(who, Action.WORKSPACE_USE, THEIRS)
                or visibility is Visibility.PUBLIC
                or (visibility is Visibility.PROJECT and reads)
                or (level is not None and port == "8080" and role is not Role.AUDITOR)
            )
            assert opens(who, THEIRS, port, visibility) is expected, (role, visibility, port, level)


def test_a_token_that_may_only_read_opens_no_named_port() -> None:
    assert not opens(shared(Role.DEVELOPER, Level.VIEW, 8080, scopes=frozenset({Scope.READ})), THEIRS, "8080")
    assert opens(shared(Role.DEVELOPER, Level.VIEW, 8080, scopes=frozenset({Scope.USE})), THEIRS, "8080")


def test_visibilities_are_in_the_order_of_who_gets_in() -> None:
    assert VISIBILITIES == (Visibility.PRIVATE, Visibility.PROJECT, Visibility.PUBLIC)
    opened = [sum(opens(actor(role), THEIRS, "80", v) for role in USERS) for v in VISIBILITIES]
    assert opened == sorted(opened)


@pytest.mark.parametrize(
    ("text", "port"),
    [("1", 1), ("65535", 65535), ("0", None), ("65536", None), ("code", None), ("", None), ("\uff18", None)],
)
def test_a_port_is_a_number_from_1_to_65535(text: str, port: int | None) -> None:
    assert port_of(text) == port
