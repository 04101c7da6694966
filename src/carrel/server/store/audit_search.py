"""Which rows of the audit somebody wants, and the shortest way to them.

Each index has one column that is asked for and behind it the order of the answer, `(actor, at, id)`: whoever walks along
it stops when the page is full. So alternatives (the actions of a kind, the projects of a maintainer) become pieces, one
walk each, and are merged. Where several columns are asked for, the walk goes along the one with the fewest rows, which
are counted first, up to a bound: SQLite keeps no statistics by itself, and both databases misjudge rare values in them
(ADR 0041).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    func,
    literal,
    literal_column,
    or_,
    select,
    text,
    tuple_,
    union_all,
)

from carrel.server.store.audit import AuditRow, Outcome
from carrel.server.store.schema import audit, users, workspaces
from carrel.server.store.sessions import ReadSession

FEW = 10_000
"""Of an index: counting so many takes a millisecond or two."""
MOST_PIECES = 200
"""SQLite takes 500 in one statement."""
_MOST_SUBJECTS = 100
_EXACT = ("actor", "subject", "named")
_REFUSED = text("outcome = 'refused'")
"""In these words, not as a parameter: the partial index is for them."""


class Place(NamedTuple):
    """A row's place in the order of the audit."""

    at: datetime
    id: int


@dataclass(frozen=True)
class Search:
    """Which rows; empty: any."""

    actor: str = ""
    """The name."""
    action: str = ""
    """`workspace.created`, or a beginning that ends with a dot: `workspace.`."""
    subject: str = ""
    subjects: frozenset[str] = frozenset()
    """One of these."""
    named: str = ""
    project: str = ""
    domain: str = ""
    outcome: Outcome | None = None
    since: datetime | None = None
    """From then on."""
    until: datetime | None = None
    """Before then."""
    within: frozenset[tuple[str, str]] | None = None
    """The projects and domains (empty: all) that the reader may see; None: everything."""


class _Asked(NamedTuple):
    """One thing that is asked for, and that an index has."""

    lead: Any
    """What holds for all of it; an index finds that."""
    other: ColumnElement[bool]
    """What is asked for, said so that no database takes an index for it."""
    pieces: Sequence[Any]
    """One of these holds, and never two."""


class Span(NamedTuple):
    """A stretch of the audit and how it is read."""

    bounds: Sequence[ColumnElement[bool]]
    """In time."""
    rest: Sequence[ColumnElement[bool]]
    """What no index has."""
    newest_first: bool
    limit: int
    few: int = FEW
    """So many entries of an index are counted, and no more."""

    def order(self, columns: Any) -> tuple[Any, Any]:
        """As the rows are answered."""
        return (columns.at.desc(), columns.id.desc()) if self.newest_first else (columns.at, columns.id)

    def piece(self, *conditions: Any) -> Select[Any]:
        """The places of those that are wanted."""
        found = select(audit.c.at, audit.c.id).where(*conditions, *self.rest, *self.bounds)
        return found.order_by(*self.order(audit.c)).limit(self.limit)


async def find(
    session: ReadSession, wanted: Search, limit: int, before: Place | None = None, after: Place | None = None
) -> list[AuditRow]:
    """Rows, the newest first; those after a place the oldest first. Who may read them is asked before.

    Args:
        session: one view of the database.
        wanted: which.
        limit: how many at most.
        before: only what is older than this.
        after: only what is newer than this.
    """
    rest = [audit.c.outcome == Outcome.DONE] if wanted.outcome is Outcome.DONE else []
    statement = await query(session, wanted, Span(_bounds(wanted, before, after), rest, after is None, limit))
    found = await session.all(statement) if statement is not None else []
    return [AuditRow(**row._mapping) for row in found]  # noqa: SLF001  public in SQLAlchemy


async def query(session: ReadSession, wanted: Search, span: Span) -> Select[Any] | None:
    """The statement that finds these rows; None: there can be none."""
    asked = await _asked(session, wanted)
    if any(not one.pieces for one in asked):
        return None
    pieces = await _pieces(session, asked, span)
    if len(pieces) > 1:
        together = union_all(*(select(piece.subquery()) for piece in pieces)).subquery()
        pieces = [select(together).order_by(*span.order(together.c)).limit(span.limit)]
    places = pieces[0].subquery()
    return select(audit).join(places, places.c.id == audit.c.id).order_by(*span.order(places.c))


async def _pieces(session: ReadSession, asked: Sequence[_Asked], span: Span) -> list[Select[Any]]:
    """The walks whose merged beginnings are the answer."""
    if not asked:
        return [span.piece()]
    lead = await _lead(session, asked, span)
    others = [one.other for one in asked if one is not lead]
    walks = lead.pieces if len(lead.pieces) <= MOST_PIECES else [lead.other]
    return [span.piece(walk, *others) for walk in walks]


async def _lead(session: ReadSession, asked: Sequence[_Asked], span: Span) -> _Asked:
    """What has the fewest rows in this stretch of time; where all have many: what has the fewest where the walk begins."""
    asked = [one for one in asked if len(one.pieces) <= MOST_PIECES] or asked
    if len(asked) == 1:
        return asked[0]
    entries = [select(audit.c.at).where(one.lead, *span.bounds).limit(span.few) for one in asked]
    counts = [select(func.count()).select_from(some.subquery()).scalar_subquery() for some in entries]
    row = await session.one(select(*counts))
    assert row is not None  # noqa: S101  it has no FROM
    count, which = min((count, which) for which, count in enumerate(row))
    single = [which for which, one in enumerate(asked) if len(one.pieces) == 1]
    if count < span.few or not single:
        return asked[which]
    last = func.min if span.newest_first else func.max
    walks = [select(audit.c.at).where(asked[which].pieces[0], *span.bounds) for which in single]
    first = [walk.order_by(*span.order(audit.c)).limit(span.few).subquery() for walk in walks]
    edges = await session.one(select(*(select(last(some.c.at)).scalar_subquery() for some in first)))
    assert edges is not None  # noqa: S101  it has no FROM
    farthest = min(edges) if span.newest_first else max(edges)
    return asked[single[list(edges).index(farthest)]]


async def _asked(session: ReadSession, wanted: Search) -> list[_Asked]:
    asked = [_one_of(name, [value]) for name in _EXACT if (value := getattr(wanted, name))]
    if wanted.action.endswith("."):
        kind = [one for one in await _values(session, "action") if one.startswith(wanted.action)]
        asked.append(_one_of("action", kind))
    elif wanted.action:
        asked.append(_one_of("action", [wanted.action]))
    if wanted.subjects:
        asked.append(_one_of("subject", sorted(wanted.subjects)))
    if wanted.project:
        places = frozenset({(wanted.project, wanted.domain)})
        asked.append(_inside(places, await _values(session, "domain")))
    elif wanted.domain:
        asked.append(_one_of("domain", [wanted.domain]))
    if wanted.within is not None:
        asked.append(_inside(wanted.within, await _values(session, "domain")))
    if wanted.outcome is Outcome.REFUSED:
        asked.append(_Asked(_REFUSED, _hidden("outcome") == Outcome.REFUSED, [_REFUSED]))
    return asked


def _one_of(name: str, values: Sequence[str]) -> _Asked:
    column = audit.c[name]
    return _Asked(column.in_(values), _hidden(name).in_(values), [column == value for value in values])


def _inside(places: frozenset[tuple[str, str]], domains: Sequence[str]) -> _Asked:
    """In one of these projects, or of those with a domain in that; `domains`: all that there are."""
    whole = {project for project, domain in places if not domain}
    parts = {(project, domain) for project, domain in places if domain and project not in whole}
    project_is, domain_is = _hidden("project"), _hidden("domain")
    other = or_(
        project_is.in_(sorted(whole)),
        *(and_(project_is == project, domain_is == domain) for project, domain in sorted(parts)),
    )
    pieces = sorted(parts | {(project, domain) for project in whole for domain in domains})
    return _Asked(
        audit.c.project.in_(sorted({project for project, _ in places})),
        other,
        [and_(audit.c.project == project, audit.c.domain == domain) for project, domain in pieces],
    )


def _hidden(name: str) -> Any:
    """A column's value, as no index has it."""
    return audit.c[name].concat(literal_column("''"))


def _bounds(wanted: Search, before: Place | None, after: Place | None) -> list[ColumnElement[bool]]:
    place = tuple_(audit.c.at, audit.c.id)
    bounds: list[ColumnElement[bool]] = []
    if wanted.since is not None:
        bounds.append(audit.c.at >= wanted.since)
    if wanted.until is not None:
        bounds.append(audit.c.at < wanted.until)
    if before is not None:
        bounds.append(place < _bound(before))
    if after is not None:
        bounds.append(place > _bound(after))
    return bounds


def _bound(place: Place) -> Any:
    return tuple_(literal(place.at, audit.c.at.type), literal(place.id, audit.c.id.type))


async def _values(session: ReadSession, name: str) -> list[str]:
    """Every value that a column has: one step in its index for each."""
    column = audit.c[name]
    first = select(func.min(column).label("value")).cte("one", recursive=True)
    above = select(func.min(column)).where(column > first.c.value).scalar_subquery()
    chain = first.union_all(select(above).where(first.c.value.is_not(None)))
    return [row.value for row in await session.all(select(chain.c.value)) if row.value is not None]


async def workspaces_called(session: ReadSession, owner: str, name: str) -> frozenset[str]:
    """The subjects of all workspaces of this name and owner (empty: anybody) whose rows are still there."""
    statement = select(workspaces.c.id).where(workspaces.c.name == name.casefold()).limit(_MOST_SUBJECTS)
    if owner:
        statement = statement.join(users, users.c.id == workspaces.c.owner_id).where(users.c.name == owner.casefold())
    return frozenset(f"workspace:{row.id}" for row in await session.all(statement))
