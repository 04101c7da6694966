"""What the server tells the proxy: of ports, and of what was taken away."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

from tests.integration.conftest import add_user, add_workspace

from carrel.core.access import Actor, Visibility
from carrel.core.agent import PortStatus
from carrel.core.urls import AppAddress as AppName
from carrel.core.urls import app_host
from carrel.core.workspace import Goal, Phase, Remembered, Workspace
from carrel.links.access import AppAddress, Held, Identity, Revocation
from carrel.server.actions import login
from carrel.server.live.authority import ServerAuthority
from carrel.server.settings import Settings
from carrel.server.store import environments, openings, tokens, workspaces
from carrel.server.store.engine import Store
from carrel.server.store.environments import StoredEnvironment
from carrel.server.store.openings import Opening
from carrel.server.store.tokens import NewToken, TokenKind

if TYPE_CHECKING:
    from carrel.server.live.targets import Targets


class SeeingTargets:
    """Leads to an agent who has asked two ports what they speak."""

    async def link(self, _workspace: Workspace) -> SimpleNamespace:
        async def status() -> SimpleNamespace:
            return SimpleNamespace(ports=(PortStatus(8080, protocol="https"), PortStatus(3001, protocol="https")))

        return SimpleNamespace(control=SimpleNamespace(status=status))


async def test_ports_that_configuration_or_agent_call_https_speak_tls(store: Store, ben: Actor) -> None:
    made = await add_workspace(store, ben, phase=Phase.RUNNING, remembered=Remembered(resolved=1))
    authority = ServerAuthority(store, Settings(), cast("Targets", SeeingTargets()))
    assert await authority.start_app(made.id, "8443") == AppAddress(8443)
    secure = {"protocol": "https"}
    plan = {"agent": {"ports": {"8443": secure, "9000-9010": secure, "8080": {"protocol": "http"}}}}
    async with store.writing() as session:
        await environments.put(session, StoredEnvironment(made.id, 1, "d", plan))
    found = [(await authority.start_app(made.id, port)).tls for port in ("8443", "9005", "8080", "3000", "3001")]
    assert found == [True, True, False, False, True]


HOST = "code--blog--ben.localhost"


async def entered(store: Store, actor: Actor) -> tuple[str, Held]:
    """A browser session of the actor's in front of his editor: the session's id, and what the proxy holds."""
    async with store.writing() as session:
        _, token = await tokens.make(session, NewToken(actor.user_id, TokenKind.SESSION))
        browser = Actor(actor.user_id, actor.name, actor.role, token_id=token.id)
        code = await login.make_app_code(browser, session, Settings(), "code--blog--ben", HOST)
        ticket, shown = await login.redeem_app_code(session, Settings(), code, HOST, login.Request())
    return token.id, Held(ticket.reveal(), HOST, Identity(actor.user_id, shown.workspace.id))


async def test_many_tickets_are_asked_about_at_once_and_each_gets_its_own_answer(store: Store, ben: Actor) -> None:
    await add_workspace(store, ben, name="blog", phase=Phase.RUNNING)
    authority = ServerAuthority(store, Settings(), cast("Targets", None))
    session_id, held = await entered(store, ben)
    _, other = await entered(store, ben)
    strange = [
        Held("carrel_ticket_no", HOST, held.identity),
        Held(held.ticket, "3000--blog--ben.localhost", held.identity),
        Held(held.ticket, HOST, Identity("somebody", held.identity.workspace)),
    ]
    asked = [held, *strange, other] * 300
    assert await authority.still_held(asked) == [True, False, False, False, True] * 300
    async with store.writing() as session:
        await tokens.remove(session, ben.user_id, session_id)
    assert await authority.still_held([held, other]) == [False, True]


async def test_what_is_taken_away_is_told_at_once(store: Store, ben: Actor) -> None:
    await add_workspace(store, ben, name="blog", phase=Phase.RUNNING)
    authority = ServerAuthority(store, Settings(), cast("Targets", None))
    session_id, _ = await entered(store, ben)
    revocations = authority.revocations()
    assert await anext(revocations) == Revocation(is_unnamed=True)  # it listens
    async with store.writing() as session:
        await tokens.remove(session, ben.user_id, session_id)
    async with asyncio.timeout(60):
        assert await anext(revocations) == Revocation(is_unnamed=True)


async def test_anybody_gets_in_where_a_port_is_public_whatever_the_length_of_its_names(
    store: Store, ben: Actor
) -> None:
    long = "a-very-long-name-of-a-workspace-it-is"
    owner = await add_user(store, "somebody-with-a-rather-long-name")
    made = {who.name: await add_workspace(store, who, name=long) for who in (ben, owner)}
    authority = ServerAuthority(store, Settings(), cast("Targets", None))
    hosts = {who.name: app_host(AppName("8080", long, who.name), "localhost") for who in (ben, owner)}
    assert [await authority.authorise("", host) for host in hosts.values()] == [None, None]
    for workspace in made.values():
        async with store.writing() as session:
            wanted = Opening(workspace.id, "8080", Visibility.PUBLIC, workspace.owner_id, session.now)
            await openings.put(session, wanted)
    for name, host in hosts.items():
        for shown in (host, host.upper(), f"{host}:7070"):
            assert await authority.authorise("", shown) == Identity("", made[name].id, may_use=False, may_start=False)
    strange = (
        "8081--" + hosts["ben"].partition("--")[2],
        "8080--other--ben.localhost",
        "8080",
        "localhost",
        "",
        "8080--",
    )
    assert [await authority.authorise("", host) for host in strange] == [None] * len(strange)
    held = [Held("", host, Identity("", made[name].id, may_use=False, may_start=False)) for name, host in hosts.items()]
    assert await authority.still_held(held) == [True, True]
    async with store.writing() as session:
        await workspaces.change(session, made["ben"].id, {"goal": Goal.DELETE})
    assert await authority.still_held(held) == [False, True]
    narrow = ServerAuthority(store, Settings(port_visibility_ceiling="project"), cast("Targets", None))
    assert await narrow.still_held(held) == [False, False]
    assert await narrow.authorise("", hosts[owner.name]) is None
