"""Sharing, guest links, ports opened to others, who is here, people with an account."""

from __future__ import annotations

import io
import re

import pytest
from tests.integration.api.conftest import Running, agent_status
from tests.integration.cli.commands.conftest import BLOG, Carrel
from tests.integration.conftest import add_user

from carrel.core.access import Actor
from carrel.core.agent import Person
from carrel.server.store import workspaces


async def test_sharing_asks_before_power_is_given_lists_and_takes_away(
    running: Running, carrel: Carrel, monkeypatch: pytest.MonkeyPatch
) -> None:
    await carrel("up", BLOG)
    await add_user(running.parts.store, "ana")
    assert "nobody" in (await carrel("share", "blog")).err
    viewed = await carrel("share", "blog", "ana", "--port", "8080", "--for", "2h")
    assert (viewed.status, "look at blog for" in viewed.err) == (0, True), viewed.err
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    refused = await carrel("share", "blog", "ana", "--edit")
    assert refused.status != 0
    assert "files, secrets in its environment, credentials" in refused.err
    given = await carrel("share", "blog", "ana", "--edit", "--yes")
    assert (given.status, "secrets in its environment" in given.err, "work in blog" in given.err) == (0, True, True)
    assert re.search(r"ana +edit", (await carrel("share", "blog")).out)
    assert (await carrel("share", "blog", "nobody")).status == 3
    link = await carrel("guest-link", "blog", "--title", "Kim", "--for", "30m", "-o", "json")
    assert re.search(r"guest Kim +view", (await carrel("share", "blog")).out)
    assert "for ever" in (await carrel("guest-link", "blog", "--for", "never")).err
    printed = await carrel("guest-link", "blog")
    assert re.fullmatch(r"http://127.0.0.1:\d+/guest#carrel_guest_[\w-]{43}\n", printed.out)
    assert (await carrel("unshare", "blog", "cleo")).status == 3
    assert "1 share" in (await carrel("unshare", "blog", "Ana")).err
    assert "1 share" in (await carrel("unshare", "blog", link.json["id"])).err
    assert "1 share" in (await carrel("unshare", "blog")).err
    assert (await carrel("share", "blog", "-o", "json")).json == []


async def test_ports_are_opened_and_closed_and_who_is_here_is_listed(
    running: Running, carrel: Carrel, owner: Actor
) -> None:
    await carrel("up", BLOG)
    opened = await carrel("port", "share", "blog", "8080", "--public", "--for", "2h")
    assert opened.out.startswith("http://8080--blog--")
    assert "without signing in for 2 h." in opened.err
    assert "private" in (await carrel("port", "share", "blog", "8080", "--private")).err
    for words in ((), ("--public", "--private")):
        assert "Give one of" in (await carrel("port", "share", "blog", "8080", *words)).err
    assert (await carrel("port", "share", "blog", "code", "--public")).status != 0
    assert (await carrel("port", "share", "blog", "0", "--public")).status == 1
    assert "Nobody" in (await carrel("who", "blog")).err
    async with running.parts.store.reading() as session:
        found = await workspaces.get(session, owner, "blog")
    now = running.parts.store.clock()
    running.live.statuses[found.id] = agent_status(found, people=(Person("ana", ("ssh", "terminal main"), now, now),))
    assert re.search(r"ana +ssh, terminal main", (await carrel("who", "blog")).out)


async def test_people_are_added_listed_disabled_and_let_in(carrel: Carrel) -> None:
    added = await carrel("user", "add", "ana")
    assert re.fullmatch(r"http://127.0.0.1:\d+/login\?code=carrel_login_[\w-]{43}\n", added.out)
    assert (await carrel("user", "add", "ana")).status != 0
    assert (await carrel("user", "role", "ana", "viewer")).err == "ana is a viewer.\n"
    assert "disabled" in (await carrel("user", "disable", "ana")).err
    assert re.search(r"ana +viewer +disabled", (await carrel("user", "list")).out)
    assert (await carrel("user", "login-link", "ana")).status != 0
    assert "enabled" in (await carrel("user", "enable", "ana")).err
    link = await carrel("user", "login-link", "ana", "--for", "2h")
    assert (link.status, "within 2 h" in link.err or "within 120 min" in link.err) == (0, True), link.err


async def test_ls_shows_what_others_share(running: Running, carrel: Carrel) -> None:
    await carrel("up", BLOG)
    assert (await carrel("ls", "--shared", "-o", "json")).json == []
