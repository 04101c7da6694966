"""Projects and members, service accounts, tokens, invitations."""

from __future__ import annotations

import re

from tests.integration.api.conftest import Running
from tests.integration.cli.commands.conftest import BLOG, Carrel
from tests.integration.conftest import add_user

from carrel.core.access import Role


async def test_projects_are_made_described_given_members_and_removed(running: Running, carrel: Carrel) -> None:
    await add_user(running.parts.store, "ana")
    made = await carrel("project", "create", "Web", "--description", "The site.")
    assert (made.status, "Made web." in made.err) == (0, True), made.err
    again = await carrel("project", "create", "WEB")
    assert (again.status, "There is a project 'web' already." in again.err) == (1, True), again.err
    added = await carrel("project", "member", "add", "web", "ana", "--role", "maintainer", "--domain", "staging")
    assert added.err == "ana is a maintainer in web, staging.\n"
    assert "no role of a project" in (await carrel("project", "member", "add", "web", "ana", "--role", "owner")).err
    wrong = await carrel("project", "member", "add", "web", "ana", "--domain", "prod")
    assert "There is no domain 'prod'; there are development, staging, production." in wrong.err
    assert "Did you mean 'production'?" in wrong.err
    shown = await carrel("project", "show", "web")
    assert re.search(r"ana +maintainer +staging", shown.out), shown.out
    assert (await carrel("project", "update", "web", "--description", "The old site.")).status == 0
    assert re.search(r"web +The old site\.", (await carrel("project", "list")).out)
    assert (await carrel("project", "member", "remove", "web", "ana")).status == 3
    assert (await carrel("project", "member", "remove", "web", "ana", "--domain", "staging")).status == 0
    assert (await carrel("project", "member", "list", "web", "-o", "json")).json == []
    made = await carrel("up", BLOG, "--project", "web", "--domain", "staging", "-d", "-o", "json")
    assert (made.status, made.json["project"], made.json["domain"]) == (0, "web", "staging"), made.err
    assert "1 workspace" in (await carrel("project", "delete", "web")).err
    assert (await carrel("project", "create", "empty")).status == 0
    assert (await carrel("project", "delete", "empty")).err == "Removed empty.\n"
    unknown = await carrel("project", "show", "wbe")
    assert (unknown.status, "You may use: web, default." in unknown.err) == (3, True), unknown.err


async def test_a_service_account_has_tokens_and_no_other_way_in(running: Running, carrel: Carrel) -> None:
    added = await carrel("user", "add", "robot", "--service", "--role", "viewer")
    assert "robot is a service account, viewer." in added.err
    assert re.search(r"robot +viewer +service", (await carrel("user", "list")).out)
    assert (await carrel("user", "invite", "robot")).status != 0
    made = await carrel("user", "token", "create", "robot", "--title", "nightly", "--scope", "read", "-o", "json")
    assert made.json["token"].startswith("carrel_personal_")
    assert made.json["scopes"] == ["read"]
    listed = await carrel("user", "token", "list", "robot")
    assert re.search(r"personal +nightly +read", listed.out), listed.out
    assert (await carrel("user", "token", "revoke", "robot", made.json["id"])).status == 0
    await add_user(running.parts.store, "ana")
    assert "who makes tokens himself" in (await carrel("user", "token", "create", "ana")).err


async def test_ones_own_tokens_and_invitations(running: Running, carrel: Carrel) -> None:
    made = await carrel("token", "create", "--title", "laptop", "--for", "2h")
    assert re.fullmatch(r"carrel_personal_[\w-]{43}\n", made.out)
    laptop = next(one for one in (await carrel("token", "list", "-o", "json")).json if one["title"] == "laptop")
    assert "token" not in laptop
    assert (await carrel("token", "revoke", laptop["id"])).status == 0
    assert (await carrel("token", "revoke", laptop["id"])).status == 3
    assert "Ended 0 browser sessions." in (await carrel("token", "sign-out-everywhere")).err
    await add_user(running.parts.store, "ana", Role.DEVELOPER)
    invited = await carrel("user", "invite", "ana", "--for", "2h")
    assert re.fullmatch(r"http://127.0.0.1:\d+/invite#carrel_invite_[\w-]{43}\n", invited.out)
