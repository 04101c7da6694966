"""Who comes by SSH: every identity with every login name, and what happens to it when something is taken away."""

from __future__ import annotations

import time
from datetime import timedelta
from statistics import median
from typing import TYPE_CHECKING, cast

import asyncssh
import pytest
from tests.integration.api.conftest import Client, Running, signed_in, token_of
from tests.integration.conftest import Clock, add_user, add_workspace

from carrel.core.access import Actor, Level, Role, Scope
from carrel.core.preferences import Preferences
from carrel.core.workspace import Goal, Phase, Workspace
from carrel.links.authority import LinkAuthority, make_key_pair
from carrel.links.visits import Destination, Visit
from carrel.server.actions import ssh_keys
from carrel.server.actions.installation import HostKeys
from carrel.server.actions.users import change_user
from carrel.server.live.gateway_authority import ServerGatewayAuthority
from carrel.server.live.targets import Targets
from carrel.server.settings import Settings
from carrel.server.store import audit, shares, users, workspaces
from carrel.server.store.engine import Store
from carrel.server.store.shares import NewShare

if TYPE_CHECKING:
    from carrel.links.pool import LinkPool


def authority_of(store: Store) -> ServerGatewayAuthority:
    targets = Targets(cast("LinkPool", None), HostKeys(store))
    return ServerGatewayAuthority(store, Settings(), targets, LinkAuthority(make_key_pair().private))


async def with_key(store: Store, actor: Actor) -> str:
    """A key of the actor's, stored; as a client shows it."""
    line = make_key_pair("laptop").public
    async with store.writing() as session:
        await ssh_keys.add_ssh_key(actor, session, line, "")
    return " ".join(line.split()[:2])


async def shared(store: Store, workspace: Workspace, user: Actor, level: Level) -> str:
    async with store.writing() as session:
        return (await shares.put(session, NewShare(workspace.id, level, workspace.owner_id, user.user_id))).id


@pytest.fixture
async def blog(store: Store, ben: Actor) -> Workspace:
    """Ben's workspace."""
    return await add_workspace(store, ben, name="blog", phase=Phase.RUNNING)


UNKNOWN, JUMP, WORKSPACE = Destination.UNKNOWN, Destination.JUMP, Destination.WORKSPACE


async def test_each_identity_and_each_login_name(store: Store, ben: Actor, blog: Workspace) -> None:
    authority = authority_of(store)
    people = {role.value: await add_user(store, f"a-{role.value}", role) for role in Role if role is not Role.GUEST}
    people |= {name: await add_user(store, name) for name in ("other", "looker", "editor")}
    await shared(store, blog, people["looker"], Level.VIEW)
    await shared(store, blog, people["editor"], Level.EDIT)
    await shared(store, blog, people["auditor"], Level.EDIT)
    own = await add_workspace(store, people["editor"], name="blog", phase=Phase.RUNNING)
    found: dict[tuple[str, str], Destination | None] = {}
    for name, actor in (people | {"ben": ben}).items():
        key = await with_key(store, actor)
        for login in (
            "blog--ben",
            "blog",
            "BLOG--Ben",
            "carrel",
            actor.name,
            blog.id,
            "",
            "no--ben",
            "blog--",
            "--ben",
        ):
            visit = await authority.visit(login, key)
            assert visit is not None
            assert (visit.user, visit.name) == (actor.user_id, actor.name)
            found[name, "self" if login == actor.name else login] = visit.destination
    assert {name for (name, login), where in found.items() if login == "blog--ben" and where is WORKSPACE} == {
        "ben",
        "editor",
    }
    assert {name for (name, login), where in found.items() if login == "BLOG--Ben" and where is WORKSPACE} == {
        "ben",
        "editor",
    }
    assert {name for (name, login), where in found.items() if login == "blog" and where is WORKSPACE} == {
        "ben",
        "editor",  # her own
    }
    assert {where for (_, login), where in found.items() if login in {"carrel", "self"}} == {JUMP}
    for login in (blog.id, "", "no--ben", "blog--", "--ben"):
        assert {where for (_, asked), where in found.items() if asked == login} == {UNKNOWN}, login
    key = await with_key(store, people["editor"])
    hers = await authority.visit("blog", key)
    assert hers is not None
    assert hers.workspace == own.id
    for strange in (
        make_key_pair().public,
        "ssh-ed25519 AAAA",
        "",
        "x" * 20000,
        "ssh-ed25519-cert-v01@openssh.com AAAA",
    ):
        assert await authority.visit("blog", strange) is None
    jump = await authority.visit("carrel", key)
    assert jump is not None
    through = await authority.doorway(jump, "blog--ben")
    assert through is not None
    assert through.workspace == blog.id
    assert [await authority.doorway(jump, name) for name in ("carrel", "nothing", "blog--other")] == [None] * 3


async def visited(store: Store, login: str, key: str) -> Visit:
    visit = await authority_of(store).visit(login, key)
    assert visit is not None
    return visit


async def test_what_is_taken_away_from_one_is_kept_by_the_others(store: Store, ben: Actor, blog: Workspace) -> None:
    authority = authority_of(store)
    editor, second = await add_user(store, "editor"), await add_user(store, "second")
    admin = await add_user(store, "admin", Role.ADMIN)
    share = await shared(store, blog, editor, Level.EDIT)
    await shared(store, blog, second, Level.EDIT)
    bens = await visited(store, "blog", await with_key(store, ben))
    other = await visited(store, "blog--ben", await with_key(store, ben))
    theirs = [await visited(store, "blog--ben", await with_key(store, one)) for one in (editor, second)]
    jumping = await visited(store, "carrel", bens.key)
    asked = [bens, other, *theirs, jumping]
    assert await authority.still_let_in(asked * 100) == [True] * 500
    async with store.writing() as session:
        await shares.remove(session, blog.id, share)
    assert await authority.still_let_in(asked) == [True, True, False, True, True]
    async with store.writing() as session:
        await change_user(admin, session, second.user_id, disabled=True)
    assert await authority.still_let_in(asked) == [True, True, False, False, True]
    async with store.writing() as session:
        [key] = [one for one in await ssh_keys.list_ssh_keys(ben, session) if one.public_key == bens.key]
        await ssh_keys.remove_ssh_key(ben, session, key.id)
    assert await authority.still_let_in(asked) == [False, True, False, False, False]
    for change in ({"name": "renamed"}, {"name": "blog", "owner_id": editor.user_id}, {"goal": Goal.DELETE}):
        async with store.writing() as session:
            await workspaces.change(session, blog.id, {"owner_id": ben.user_id, "goal": Goal.RUN, **change})
        assert await authority.still_let_in([other]) == [False], change


async def test_a_certificate_is_as_good_as_its_token_and_no_longer(
    running: Running, bens: Client, ben: Actor, clock: Clock
) -> None:
    store = running.parts.store
    blog = await add_workspace(store, ben, name="blog", phase=Phase.RUNNING)
    authority = authority_of(store)
    device = make_key_pair("device").public
    issued = (await bens.post("/api/v1/ssh-certificates", json={"public_key": device})).json()
    visit = await visited(store, "blog", issued["certificate"])
    assert (visit.workspace, visit.user) == (blog.id, ben.user_id)
    certificate = asyncssh.import_certificate(issued["certificate"])
    assert list(certificate.principals) == [ben.user_id]  # type: ignore[attr-defined]
    assert await authority.visit("blog", device) is None, "the key alone is nobody's"
    forged = asyncssh.generate_private_key("ssh-ed25519").generate_user_certificate(
        asyncssh.import_public_key(device), key_id="x", principals=[ben.user_id]
    )
    assert await authority.visit("blog", forged.export_certificate().decode().strip()) is None
    await bens.delete("/api/v1/session")
    assert await authority.still_let_in([visit]) == [False]
    async with signed_in(running, ben) as other:
        issued = (await other.post("/api/v1/ssh-certificates", json={"public_key": device})).json()
        clock.move(hours=13)
        assert await authority.visit("blog", issued["certificate"]) is None
    for scopes, status in ((frozenset({Scope.READ}), 403), (frozenset({Scope.USE}), 201)):
        token = await token_of(store, ben, scopes=scopes)
        headers = {"Authorization": f"Bearer {token.reveal()}"}
        answer = await bens.post("/api/v1/ssh-certificates", json={"public_key": device}, headers=headers)
        assert answer.status_code == status, answer.text
        added = await bens.post("/api/v1/ssh-keys", json={"public_key": device}, headers=headers)
        assert added.status_code == 403, "a narrow token stores no key that may do everything"


async def test_a_short_token_has_a_short_certificate(running: Running, ben: Actor) -> None:
    store = running.parts.store
    token = await token_of(store, ben, life=timedelta(minutes=5))
    headers = {"Authorization": f"Bearer {token.reveal()}"}
    async with signed_in(running, ben) as client:
        body = {"public_key": make_key_pair().public}
        issued = (await client.post("/api/v1/ssh-certificates", json=body, headers=headers)).json()
    async with store.reading() as session:
        assert issued["expires_at"] < (session.now + timedelta(minutes=6)).isoformat()


async def test_keys_are_listed_taken_once_and_audited(running: Running, bens: Client, ana: Actor) -> None:
    pair = make_key_pair("ben@desk")
    stored = (await bens.post("/api/v1/ssh-keys", json={"public_key": pair.public})).json()
    assert (stored["title"], stored["fingerprint"][:7]) == ("ben@desk", "SHA256:")
    async with signed_in(running, ana) as anas:
        taken = await anas.post("/api/v1/ssh-keys", json={"public_key": pair.public})
        assert (taken.status_code, "ben" in taken.text) == (409, False)
        assert (await anas.get("/api/v1/ssh-keys")).json() == {"items": []}
        assert (await anas.delete(f"/api/v1/ssh-keys/{stored['id']}")).status_code == 404
    visit = await visited(running.parts.store, "ben", stored["public_key"])
    await authority_of(running.parts.store).came_in(visit, "192.0.2.7")
    assert (await bens.get("/api/v1/ssh-keys")).json()["items"][0]["used_at"] is not None
    assert (await bens.delete(f"/api/v1/ssh-keys/{stored['id']}")).status_code == 204
    async with running.parts.store.reading() as session:
        rows = {row.action: row for row in await audit.newest(session, f"ssh_key:{stored['id']}")}
        entered = await audit.newest(session, f"user:{visit.user}")
    assert set(rows) == {"ssh_key.added", "ssh_key.removed"}
    assert (entered[0].action, entered[0].address) == ("ssh.entered", "192.0.2.7")


async def test_the_preference_travels_with_the_visit(store: Store, ben: Actor, blog: Workspace) -> None:
    key = await with_key(store, ben)
    assert not (await visited(store, "blog", key)).starts
    async with store.writing() as session:
        await users.set_preferences(session, ben.user_id, Preferences(start_on_connect=True))
    assert (await visited(store, "blog", key)).starts


async def test_a_certificate_of_a_token_that_starts_nothing_starts_nothing(running: Running, ben: Actor) -> None:
    store = running.parts.store
    await add_workspace(store, ben, name="blog", phase=Phase.STOPPED)
    async with store.writing() as session:
        await users.set_preferences(session, ben.user_id, Preferences(start_on_connect=True))
    async with signed_in(running, ben) as client:
        for scopes, starts in ((frozenset({Scope.USE}), False), (frozenset({Scope.USE, Scope.WRITE}), True)):
            headers = {"Authorization": f"Bearer {(await token_of(store, ben, scopes=scopes)).reveal()}"}
            body = {"public_key": make_key_pair().public}
            issued = (await client.post("/api/v1/ssh-certificates", json=body, headers=headers)).json()
            assert (await visited(store, "blog", issued["certificate"])).starts is starts


async def test_a_workspace_that_is_not_ones_own_takes_as_long_as_one_that_is_not_there(
    store: Store, ben: Actor, blog: Workspace, ana: Actor
) -> None:
    authority, key = authority_of(store), await with_key(store, ana)

    async def seconds(login: str) -> float:
        began = time.perf_counter()
        await authority.visit(login, key)
        return time.perf_counter() - began

    taken: dict[str, list[float]] = {"blog--ben": [], "nothing--ben": [], "blog--nobody": []}
    for _ in range(40):
        for login, times in taken.items():
            times.append(await seconds(login))
    slowest, fastest = max(map(median, taken.values())), min(map(median, taken.values()))
    assert slowest < 2 * fastest
