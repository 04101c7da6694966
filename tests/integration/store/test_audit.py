"""The audit keeps what it has, finds it by every filter, and forgets only what is older than its horizon."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from tests.integration.conftest import Clock, add_workspace

from carrel.core.access import Actor
from carrel.server.store import audit, audit_search, passwords
from carrel.server.store.audit import Outcome
from carrel.server.store.audit_search import Place, Search
from carrel.server.store.engine import Store


async def wrote(store: Store, actor: Actor, action: str, subject: str, outcome: Outcome = Outcome.DONE) -> None:
    async with store.writing() as session:
        await audit.append(session, actor, action, subject, outcome=outcome)


async def found(store: Store, wanted: Search, **more: object) -> list[str]:
    async with store.reading() as session:
        return [row.action for row in await audit_search.find(session, wanted, 100, **more)]  # type: ignore[arg-type]


CHANGES = {
    "update": "UPDATE audit SET actor = 'nobody'",
    "delete": "DELETE FROM audit",
    "horizon-back": "UPDATE audit_horizon SET before = before - 1",
    "horizon-gone": "DELETE FROM audit_horizon",
    "another-horizon": 'INSERT INTO audit_horizon ("row", before) VALUES (2, 9000000000000000)',
}


@pytest.mark.parametrize("statement", CHANGES.values(), ids=CHANGES)
async def test_the_database_itself_refuses_to_change_the_audit(store: Store, ana: Actor, statement: str) -> None:
    await wrote(store, ana, "workspace.created", "workspace:1")
    with pytest.raises(DBAPIError, match="audit"):
        async with store.writing() as session:
            await session.run(text(statement))
    assert await found(store, Search(actor="ana")) == ["workspace.created"]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_row_is_not_replaced_on_sqlite(store: Store, ana: Actor) -> None:
    await wrote(store, ana, "workspace.created", "workspace:1")
    replaced = (
        "INSERT OR REPLACE INTO audit (id, at, actor_id, actor, action, subject, detail, request_id, address) "
        "SELECT id, at, actor_id, 'nobody', action, subject, detail, request_id, address FROM audit"
    )
    with pytest.raises(DBAPIError, match="append-only"):
        async with store.writing() as session:
            await session.run(text(replaced))


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_the_table_is_not_emptied_on_postgresql(store: Store, ana: Actor) -> None:
    with pytest.raises(DBAPIError, match="append-only"):
        async with store.writing() as session:
            await session.run(text("TRUNCATE audit"))


async def test_what_is_older_than_the_horizon_goes_and_the_rest_stays(store: Store, ana: Actor, clock: Clock) -> None:
    await wrote(store, ana, "old", "user:1")
    clock.move(days=30)
    await wrote(store, ana, "new", "user:1")
    async with store.writing() as session:
        assert await audit.remove_before(session, clock.now - timedelta(days=7)) == 1
        assert await audit.remove_before(session, clock.now - timedelta(days=14)) == 0  # the horizon stays where it is
    assert await found(store, Search()) == ["new"]
    with pytest.raises(DBAPIError, match="append-only"):
        async with store.writing() as session:
            await session.run(text("DELETE FROM audit"))


async def test_every_filter_finds_its_rows(store: Store, ana: Actor, ben: Actor, clock: Clock) -> None:
    blog = await add_workspace(store, ana, name="blog", project="web", domain="production")
    await wrote(store, ana, "workspace.created", f"workspace:{blog.id}")
    clock.move(hours=1)
    began = clock.now
    await wrote(store, ben, "workspace.entered", f"workspace:{blog.id}", Outcome.REFUSED)
    clock.move(hours=1)
    await wrote(store, ben, "secret.stored", "secret:domain:web/staging:KEY")
    await wrote(store, ana, "secret.stored", "secret:project:docs:KEY")
    await wrote(store, ana, "workspaces.counted", "user:1")
    async with store.reading() as session:
        first = (await audit_search.find(session, Search(subject=f"workspace:{blog.id}"), 9))[-1]
    assert (first.project, first.domain, first.named) == ("web", "production", "ana/blog")
    everything = ["workspaces.counted", "secret.stored", "secret.stored", "workspace.entered", "workspace.created"]
    cases: list[tuple[Search, list[str]]] = [
        (Search(), everything),
        (Search(actor="ben"), ["secret.stored", "workspace.entered"]),
        (Search(action="workspace."), ["workspace.entered", "workspace.created"]),
        (Search(action="workspace.created"), ["workspace.created"]),
        (Search(action="workspace"), []),
        (Search(action="%."), []),
        (Search(project="web"), ["secret.stored", "workspace.entered", "workspace.created"]),
        (Search(project="web", domain="staging"), ["secret.stored"]),
        (Search(outcome=Outcome.REFUSED), ["workspace.entered"]),
        (Search(outcome=Outcome.DONE, actor="ben"), ["secret.stored"]),
        (Search(until=began), ["workspace.created"]),
        (Search(since=began, until=began + timedelta(seconds=1)), ["workspace.entered"]),
        (Search(within=frozenset({("web", "production"), ("docs", "")})), everything[2:]),
        (Search(within=frozenset()), []),
    ]
    for wanted, actions in cases:
        assert await found(store, wanted) == actions, wanted


async def test_rows_of_one_moment_are_paged_both_ways_without_loss(store: Store, ana: Actor) -> None:
    for number in range(7):
        await wrote(store, ana, f"a{number}", "user:1")
    seen: list[str] = []
    place: Place | None = None
    while True:
        async with store.reading() as session:
            rows = await audit_search.find(session, Search(), 3, before=place)
        if not rows:
            break
        seen += [row.action for row in rows]
        place = Place(rows[-1].at, rows[-1].id)
    assert seen == [f"a{number}" for number in reversed(range(7))]
    assert place is not None
    assert await found(store, Search(), after=place) == seen[-2::-1]


async def test_a_lock_out_is_told_of_when_it_begins_and_again_when_the_next_one_does(
    store: Store, ana: Actor, clock: Clock
) -> None:
    async def fails(times: int) -> list[bool]:
        told = []
        for _ in range(times):
            async with store.writing() as session:
                told.append(await passwords.record_failure(session, ana.user_id))
        return told

    assert await fails(1) == [False]  # there is no password yet
    async with store.writing() as session:
        await passwords.put(session, ana.user_id, "hash")
    told = await fails(20)
    assert told.count(True) == 1
    assert not told[0]
    clock.move(days=1)
    assert await fails(2) == [True, False]
