"""Every combination of filters finds what a plain loop finds, by whichever way; and no way reads the whole audit."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator
from dataclasses import fields
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, text
from sqlalchemy.dialects import sqlite
from tests.integration.conftest import Clock

from carrel.server.store import audit_search
from carrel.server.store.audit import AuditRow, Outcome
from carrel.server.store.audit_search import FEW, Search, Span
from carrel.server.store.engine import Store
from carrel.server.store.schema import audit
from carrel.server.store.sessions import ReadSession

ROWS = 240
LIMIT = 20
ACTIONS = ("workspace.created", "workspace.start", "workspaces.counted", "token.made", "workspace.stop")
FILTERS: dict[str, dict[str, Any]] = {
    "actor": {"actor": "bot"},
    "rare-actor": {"actor": "ben"},
    "action": {"action": "workspace.start"},
    "kind": {"action": "workspace."},
    "no-kind": {"action": "nothing."},
    "subject": {"subject": "workspace:3"},
    "subjects": {"subjects": frozenset({"workspace:1", "workspace:2", "workspace:99"})},
    "named": {"named": "ben/blog"},
    "project": {"project": "web"},
    "domain": {"domain": "production"},
    "project-and-domain": {"project": "docs", "domain": "production"},
    "refused": {"outcome": Outcome.REFUSED},
    "done": {"outcome": Outcome.DONE},
    "within": {"within": frozenset({("web", ""), ("web", "production"), ("docs", "production")})},
    "within-nothing": {"within": frozenset()},
}


def row_of(clock: Clock, number: int) -> dict[str, Any]:
    """Two thirds are one program's; production and refusals are rare; three rows have the same moment."""
    which = number * 7 % 11
    name = "bot" if number % 3 else ("ana", "ben")[number % 4 // 3]
    return {
        "at": clock.now + timedelta(seconds=number // 3),
        "actor_id": name,
        "actor": name,
        "action": ACTIONS[number % len(ACTIONS)],
        "subject": f"workspace:{which}",
        "detail": {},
        "request_id": f"{number}",
        "address": "",
        "outcome": Outcome.REFUSED if number % 17 == 0 else Outcome.DONE,
        "project": ("web", "docs", "")[which % 3],
        "domain": "production" if which == 1 else "development" if which % 3 < 2 else "",
        "named": f"{name}/blog",
    }


def is_wanted(row: AuditRow, wanted: Search) -> bool:
    """The same, as one would say it."""
    for one in fields(Search):
        value = getattr(wanted, one.name)
        match one.name:
            case "action" if value.endswith("."):
                is_so = row.action.startswith(value)
            case "subjects":
                is_so = not value or row.subject in value
            case "within":
                is_so = value is None or any(row.project == p and d in {"", row.domain} for p, d in value)
            case name:
                is_so = not value or getattr(row, name) == value
        if not is_so:
            return False
    return True


@pytest.fixture
async def filled(store: Store, clock: Clock) -> AsyncIterator[ReadSession]:
    async with store.writing() as session:
        await session.run_many(insert(audit), [row_of(clock, number) for number in range(ROWS)])
    async with store.reading() as reading:
        yield reading


def combinations(size: int) -> list[Search]:
    """All of so many filters that do not say the same thing twice."""
    found = []
    for names in itertools.combinations(FILTERS, size):
        said = [key for name in names for key in FILTERS[name]]
        if len(set(said)) == len(said):
            found.append(Search(**{key: value for name in names for key, value in FILTERS[name].items()}))
    return found


@pytest.mark.parametrize("few", [FEW, 12, 1], ids=["few", "some", "many"])
async def test_every_pair_of_filters_finds_what_a_plain_loop_finds(filled: ReadSession, few: int) -> None:
    everything = await audit_search.find(filled, Search(), ROWS)
    assert [row.request_id for row in everything] == [f"{number}" for number in reversed(range(ROWS))]
    for wanted in [*combinations(1), *combinations(2)]:
        rest = [audit.c.outcome == Outcome.DONE] if wanted.outcome is Outcome.DONE else []
        statement = await audit_search.query(filled, wanted, Span([], rest, newest_first=True, limit=LIMIT, few=few))
        found = [row.id for row in await filled.all(statement)] if statement is not None else []
        assert found == [row.id for row in everything if is_wanted(row, wanted)][:LIMIT], wanted


async def test_all_filters_together_find_what_a_plain_loop_finds_from_a_place_on(filled: ReadSession) -> None:
    everything = await audit_search.find(filled, Search(), ROWS)
    middle = audit_search.Place(everything[100].at, everything[100].id)
    for wanted in combinations(3)[::5]:
        older = await audit_search.find(filled, wanted, LIMIT, before=middle)
        assert older == [row for row in everything[101:] if is_wanted(row, wanted)][:LIMIT], wanted
        newer = await audit_search.find(filled, wanted, LIMIT, after=middle)
        assert newer == [row for row in everything[99::-1] if is_wanted(row, wanted)][:LIMIT], wanted


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_no_filter_and_no_pair_of_them_reads_the_whole_audit(filled: ReadSession) -> None:
    """Also without statistics, which SQLite does not keep: each walk begins where its column has the value."""
    for wanted in [*combinations(1), *combinations(2)]:
        statement = await audit_search.query(filled, wanted, Span([], [], newest_first=True, limit=LIMIT))
        if statement is None:
            continue
        words = str(statement.compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True}))
        plan = [row.detail for row in await filled.all(text(f"EXPLAIN QUERY PLAN {words.replace(':', chr(92) + ':')}"))]
        scans = [step for step in plan if step.startswith("SCAN audit") and "ix_audit_refused" not in step]
        assert not scans or wanted == Search(outcome=Outcome.DONE), (wanted, plan)
