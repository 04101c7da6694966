"""Every entrance by an app's host name and by SSH x who comes; a new call of the interfaces behind them fails without an answer.

Entrances by HTTP and WebSocket are in tests/integration/api/test_entrances.py.
"""

from __future__ import annotations

import asyncssh
import httpx
import pytest
from tests.integration.together.conftest import House

from carrel.core.access import PRIVATE_APPS, Scope, Visibility
from carrel.core.problems import Problem
from carrel.links.access import Authority
from carrel.links.components import ComponentAuthority
from carrel.links.visits import Destination, GatewayAuthority

NAMED = "8001"
PORTS = {Visibility.PRIVATE: "8002", Visibility.PROJECT: "8003", Visibility.PUBLIC: "8004"}
"""One port of each visibility, and the app `docs`, which is opened to the project."""
ALL = {*PRIVATE_APPS, *PORTS.values(), NAMED, "docs", "29000", "7022"}
OPENS: dict[str, set[str]] = {
    "nobody": {PORTS[Visibility.PUBLIC]},
    "other": {PORTS[Visibility.PUBLIC]},
    "eye": {PORTS[Visibility.PUBLIC]},
    "viewer": {PORTS[Visibility.PUBLIC], PORTS[Visibility.PROJECT], "docs", NAMED},
    "admin": {PORTS[Visibility.PUBLIC], PORTS[Visibility.PROJECT], "docs"},
    "guest": {PORTS[Visibility.PUBLIC], NAMED},
    "guest who edits": ALL,
    "editor": ALL,
    "ben": ALL,
}
"""Who gets in where; what he may not open is answered as if it were not there."""
CALLS = {
    "resolve": "says nothing of anybody",
    "authorise": "OPENS",
    "still_held": "test_revocation",
    "redeem": "OPENS: one-time codes are made for who may open that host",
    "target": "after authorise or visit",
    "start_app": "after authorise",
    "start": "asks for workspace.start of that person",
    "revocations": "says nothing of anybody",
    "present": "after authorise or visit",
    "activity": "after authorise",
    "first_byte": "after authorise",
    "visit": "LOGINS",
    "came_in": "after visit",
    "still_let_in": "test_revocation",
    "doorway": "LOGINS",
    "credential": "after visit",
    "gateway_host_key": "for the gateway itself",
    "certificate": "for processes that show the component token",
    "names": "for processes that show the component token",
}
"""How each call that proxy and gateway can make is guarded."""


def calls(interface: type) -> set[str]:
    return {name for name in vars(interface) if not name.startswith("_")}


def test_every_call_of_proxy_and_gateway_has_an_answer() -> None:
    assert calls(Authority) | calls(GatewayAuthority) | calls(ComponentAuthority) == set(CALLS)


async def browsers(house: House) -> dict[str, httpx.AsyncClient]:
    """Everybody, after ben has shared what is shared."""
    house.people |= {"viewer": house.people["ana"], "editor": house.people["owner"]}
    await house.share(user="ana", level="view", ports=[int(NAMED)])
    await house.share(user=house.people["owner"].name, level="edit")
    await house.open_port(PORTS[Visibility.PROJECT], "project")
    await house.open_port(PORTS[Visibility.PUBLIC], "public")
    await house.open_port("docs", "project")
    found = {who: await house.browser(who) for who in ("other", "eye", "viewer", "admin", "editor", "ben")}
    for who, level in {"guest": "view", "guest who edits": "edit"}.items():
        link = await house.share(guest=True, level=level, ports=[int(NAMED)])
        found[who] = await house.browser(who, link["url"])
    return found


async def test_who_comes_to_an_apps_host_gets_in_where_he_may_and_nowhere_else(house: House) -> None:
    found = await browsers(house)
    tickets: dict[str, str] = {}
    for who, expected in OPENS.items():
        entered = set()
        for app in sorted(ALL):
            ticket = "" if who == "nobody" else (await house.ticket(found[who], app)).partition("=")[2]
            identity = await house.authority.authorise(ticket, house.host(app))
            if identity is not None:
                entered.add(app)
                assert identity.may_use == (who in {"guest who edits", "editor", "ben"}), (who, app)
            if ticket:
                tickets[house.host(app)] = ticket
        assert entered == expected, who
    house.clock.move(days=2)  # every ticket is over, and what was public is private again
    for host, ticket in tickets.items():
        assert await house.authority.authorise(ticket, host) is None, host
    assert await house.authority.authorise("", house.host(PORTS[Visibility.PUBLIC])) is None


async def test_a_ticket_is_for_one_host(house: House) -> None:
    ticket = (await house.ticket(await house.browser("ben"), "8001")).partition("=")[2]
    assert await house.authority.authorise(ticket, house.host("8001")) is not None
    for host in (house.host("8002"), house.host("code"), "8001--blog--ana.localhost", "localhost", ""):
        assert await house.authority.authorise(ticket, host) is None, host


LOGINS: dict[str, dict[str, Destination]] = {
    "blog--ben": {"ana": Destination.UNKNOWN, "editor": Destination.WORKSPACE, "ben": Destination.WORKSPACE},
    "blog": {"ben": Destination.WORKSPACE},
    "carrel": dict.fromkeys(("ana", "editor", "ben", "other", "admin", "eye"), Destination.JUMP),
    "ben": {"ben": Destination.JUMP},
    "nothing": {},
    "blog--other": {},
    "blog--ben--x": {},
    "x" * 300: {},
}
"""Where a login name leads; who is not named: to nothing."""


async def test_who_comes_by_ssh_gets_where_he_may_and_nowhere_else(house: House) -> None:
    house.people["editor"] = house.people["owner"]
    await house.share(user="ana", level="view", ports=[22])
    await house.share(user=house.people["owner"].name, level="edit")
    for who in ("ana", "editor", "ben", "other", "admin", "eye"):
        key, _ = await house.key(who)
        line = key.export_public_key().decode().strip()
        for login, leads in LOGINS.items():
            visit = await house.authority.visit(login, line)
            assert visit is not None
            expected = leads.get(who, Destination.UNKNOWN)
            assert (visit.destination, bool(visit.workspace)) == (expected, expected is Destination.WORKSPACE), (
                who,
                login[:20],
            )


async def test_who_has_no_key_of_a_person_comes_nowhere_by_ssh(house: House) -> None:
    stranger, _ = await house.key("ben")
    line = stranger.export_public_key().decode().strip()
    ben = await house.client("ben")
    listed = (await ben.get("/api/v1/ssh-keys")).json()["items"]
    assert (await ben.delete(f"/api/v1/ssh-keys/{listed[0]['id']}")).is_success
    for login in LOGINS:
        assert await house.authority.visit(login, line) is None


async def test_a_certificate_leads_like_a_key_until_it_is_over(house: House) -> None:
    key, _ = await house.key("other")
    ben = await house.client("ben")
    body = {"public_key": key.export_public_key().decode().strip()}
    issued = await ben.post("/api/v1/ssh-certificates", json=body)
    assert issued.status_code == 201, issued.text
    certificate = issued.json()["certificate"]
    visit = await house.authority.visit("blog", certificate)
    assert visit is not None
    assert (visit.user, visit.destination) == (house.people["ben"].user_id, Destination.WORKSPACE)
    house.clock.move(days=3)
    assert await house.authority.visit("blog", certificate) is None


@pytest.mark.parametrize("level", ["view", "edit"])
async def test_a_guest_gets_no_key_and_no_certificate(house: House, level: str) -> None:
    link = await house.share(guest=True, level=level)
    browser = await house.browser("guest", link["url"])
    line = asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode().strip()
    for path in ("ssh-keys", "ssh-certificates"):
        answer = await browser.post(f"/api/v1/{path}", json={"public_key": line})
        assert (answer.status_code, answer.json()["kind"]) == (403, "not_allowed"), path


async def test_the_button_starts_for_who_may_and_not_with_a_token_that_may_only_use(house: House) -> None:
    found = await browsers(house)
    narrow = await house.browser("ben", scopes=frozenset({Scope.USE}))
    may = {
        "ben": found["ben"],
        "editor": found["editor"],
        "guest who edits": found["guest who edits"],
        "narrow": narrow,
    }
    answers = {}
    for who, browser in may.items():
        ticket = (await house.ticket(browser, "code")).partition("=")[2]
        identity = await house.authority.authorise(ticket, house.host("code"))
        assert identity is not None
        try:
            await house.authority.start(house.workspace.id, identity)
            answers[who] = "started"
        except Problem as problem:
            answers[who] = problem.kind
    refused = dict.fromkeys(("guest who edits", "narrow"), "not_allowed")
    assert answers == {"ben": "started", "editor": "started"} | refused
