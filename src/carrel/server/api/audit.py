"""The audit: pages of it, and all of it as JSON lines."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from pydantic import AwareDatetime, BaseModel
from starlette.responses import StreamingResponse

from carrel.core.access import Actor
from carrel.core.problems import Problem
from carrel.server.actions import audit as actions
from carrel.server.actions.refusals import record_left_out
from carrel.server.api.asking import Asking, WithParts
from carrel.server.api.cursor import format_cursor, parse_cursor
from carrel.server.api.parts import Parts
from carrel.server.api.workspace_documents import ANSWER
from carrel.server.store.audit import AuditRow, Outcome
from carrel.server.store.audit_search import Place, Search
from carrel.server.store.sessions import ReadSession

router = APIRouter(tags=["audit"])
LINES = "application/x-ndjson"
LINES_ANSWER: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {LINES: {"schema": {"type": "string"}}},
        "description": "One JSON document (`AuditRow`) a line, the oldest first.",
    }
}


class AuditDocument(BaseModel):
    """Who did what to what, or was refused."""

    model_config = {**ANSWER, "title": "AuditRow"}

    id: int
    at: datetime
    actor: str
    """The user's name; `guest ...` of a guest; empty: somebody who did not sign in."""
    actor_id: str
    action: str
    """`workspace.created`; of a refused request `request.` and its operation."""
    subject: str
    """`workspace:ID`, `user:ID` ..."""
    named: str
    """Of a workspace: `OWNER/NAME` at that time."""
    project: str
    domain: str
    outcome: Outcome
    address: str
    """From where."""
    request_id: str
    detail: dict[str, Any]


class AuditPage(BaseModel):
    """Rows, the newest first."""

    model_config = ANSWER

    items: list[AuditDocument]
    next_cursor: str | None


def _document(row: AuditRow) -> AuditDocument:
    return AuditDocument(**vars(row))


class Wanted:
    """The filter of a request."""

    def __init__(  # noqa: PLR0913, PLR0917  each is a part of the query string
        self,
        actor: Annotated[str, Query(max_length=40, description="The user's name.")] = "",
        action: Annotated[
            str, Query(max_length=40, description="`workspace.created`, or all of a kind: `workspace.`")
        ] = "",
        workspace: Annotated[str, Query(max_length=100, description="Its id, `NAME` or `OWNER/NAME`.")] = "",
        subject: Annotated[str, Query(max_length=80, description="`user:ID`, `token:ID` ...")] = "",
        project: Annotated[str, Query(max_length=40)] = "",
        domain: Annotated[str, Query(max_length=40)] = "",
        outcome: Outcome | None = None,
        since: Annotated[AwareDatetime | None, Query(description="From then on.")] = None,
        until: Annotated[AwareDatetime | None, Query(description="Before then.")] = None,
    ) -> None:
        """Each is a part of the query string; what is left out restricts nothing."""
        self._workspace = workspace
        self._search = Search(
            actor=actor.casefold() if " " not in actor else actor,
            action=action,
            subject=subject,
            project=project.casefold(),
            domain=domain.casefold(),
            outcome=outcome,
            since=since,
            until=until,
        )

    async def search(self, session: ReadSession) -> Search:
        """As the store takes it."""
        if not self._workspace:
            return self._search
        return await actions.of_workspace(session, self._search, self._workspace)


Filter = Annotated[Wanted, Depends()]


@router.get("/audit")
async def list_audit(
    parts: WithParts,
    actor: Asking,
    wanted: Filter,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    cursor: Annotated[str, Query(max_length=200)] = "",
) -> AuditPage:
    """Who did what, and what was refused, the newest first: all for auditors, of their projects for maintainers."""
    before = _place(cursor) if cursor else None
    await _flush(parts)
    async with parts.store.reading() as session:
        rows = await actions.read(actor, session, await wanted.search(session), limit + 1, before)
    page = rows[:limit]
    more = format_cursor(page[-1].at, str(page[-1].id)) if len(rows) > limit else None
    return AuditPage(items=[_document(row) for row in page], next_cursor=more)


@router.get("/audit/export", response_class=StreamingResponse, responses=LINES_ANSWER)
async def export_audit(parts: WithParts, actor: Asking, wanted: Filter) -> StreamingResponse:
    """Everything that matches up to now as JSON lines, the oldest first; the export is a row of the audit itself."""
    await _flush(parts)
    async with parts.store.writing() as session:
        search = await actions.begin_export(actor, session, await wanted.search(session))
    headers = {"Content-Disposition": 'attachment; filename="carrel-audit.jsonl"'}
    return StreamingResponse(_lines(parts, actor, search), media_type=LINES, headers=headers)


async def _lines(parts: Parts, actor: Actor, search: Search) -> AsyncIterator[bytes]:
    async for rows in actions.export(actor, parts.store, search):
        yield _as_lines(rows)


def _as_lines(rows: Sequence[AuditRow]) -> bytes:
    """Without Pydantic: there may be millions."""
    lines = (
        json.dumps(vars(row) | {"at": row.at.isoformat().replace("+00:00", "Z")}, separators=(",", ":")) for row in rows
    )
    return "".join(f"{line}\n" for line in lines).encode()


def _place(cursor: str) -> Place:
    at, row_id = parse_cursor(cursor)
    if not row_id.isdecimal() or len(row_id) > 18:
        raise Problem("bad_value", "The cursor is not one of ours.", hint="Begin again without `cursor`.")
    return Place(at, int(row_id))


async def _flush(parts: Parts) -> None:
    """Who reads the audit finds how many refusals were left out of it."""
    missed = parts.refusals.left_out()
    if missed is not None:
        async with parts.store.writing() as session:
            await record_left_out(session, missed.count, missed.by)
