"""Why a workspace is alive and when it will stop, or why it was stopped."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter
from pydantic import BaseModel

from carrel.core.agent import SignalKind
from carrel.core.idle import evaluate
from carrel.core.workspace import Goal, Phase, Retention, Workspace
from carrel.server.api.asking import Asking, WithParts
from carrel.server.api.workspace_documents import ANSWER
from carrel.server.api.workspaces import find

router = APIRouter(tags=["workspaces"])


class SignalDocument(BaseModel):
    """The latest evidence of one kind of activity."""

    model_config = {**ANSWER, "title": "Signal"}

    kind: SignalKind
    at: datetime
    detail: str


class Why(BaseModel):
    """What policy makes of the evidence."""

    model_config = ANSWER

    alive: bool
    reason: str
    """A sentence: why it lives, or why it was stopped."""
    degraded: str
    """Why a person should look although it runs; empty: all is well."""
    stops_at: datetime | None
    """When it will stop if nothing happens; null: never, or unknown."""
    deadline: datetime | None
    """End of life of this start, extensions included."""
    idle_since: datetime | None
    retention: Retention
    signals: list[SignalDocument] | None
    """Newest first; null: the agent could not be asked."""


@router.get("/workspaces/{workspace}/why")
async def get_why(parts: WithParts, actor: Asking, workspace: str) -> Why:
    """Why it is alive and when it will stop, from recorded signals."""
    found = await find(parts, actor, workspace)
    if found.phase is not Phase.RUNNING or found.goal is not Goal.RUN or found.running_since is None:
        return _not_running(found)
    status = await parts.live.status(found)
    signals = status.signals if status is not None else None
    verdict = evaluate(found.retention, found.running_since, signals, found.deadline, parts.store.clock())
    documents = [SignalDocument(kind=s.kind, at=s.at, detail=s.detail) for s in signals or ()]
    return Why(
        alive=verdict.end is None,
        reason=verdict.reason,
        degraded=found.degraded,
        stops_at=verdict.stops_at,
        deadline=verdict.deadline,
        idle_since=verdict.idle_since,
        retention=found.retention,
        signals=sorted(documents, key=lambda s: s.at, reverse=True) if signals is not None else None,
    )


def _not_running(workspace: Workspace) -> Why:
    reason = workspace.stop_reason
    if workspace.goal is Goal.RUN:
        reason = f"It is to run, and is {workspace.phase.value} now."
        if workspace.failure is not None:
            reason += f" {workspace.failure.detail}".rstrip()
    return Why(
        alive=False,
        reason=reason or "It was never started.",
        degraded="",
        stops_at=None,
        deadline=None,
        idle_since=None,
        retention=workspace.retention,
        signals=None,
    )
