"""What somebody wanted and was refused, in the audit: a transaction of its own, for the wish's own was rolled back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from carrel.core.access import Actor, Role
from carrel.core.problems import Problem
from carrel.server.store import audit, workspaces
from carrel.server.store.audit import Outcome
from carrel.server.store.sessions import ReadSession, WriteSession

LEFT_OUT = "refusals.left_out"


@dataclass(frozen=True)
class Refusal:
    """Who was refused what."""

    actor: Actor
    """Of somebody who did not sign in: without an id, and with the name that he claims to have."""
    action: str
    on: tuple[str, str]
    """Kind and name as the address has them; empty: nothing in particular."""
    detail: Mapping[str, Any]


async def record(session: WriteSession, refusal: Refusal) -> None:
    """Write it down."""
    subject = await _subject(session, refusal.actor, *refusal.on)
    await audit.append(session, refusal.actor, refusal.action, subject, dict(refusal.detail), Outcome.REFUSED)


async def record_left_out(session: WriteSession, count: int, by: Mapping[str, int]) -> None:
    """Write down how many were not."""
    detail = {"count": count, "by": dict(by)}
    await audit.append(session, Actor("", "", Role.GUEST), LEFT_OUT, "audit", detail, Outcome.REFUSED)


async def _subject(session: ReadSession, actor: Actor, kind: str, name: str) -> str:
    """As rows of what was done have it, also where the actor may not know that it exists."""
    if not kind:
        return ""
    if kind == "workspace":
        found = await workspaces.find(session, name)
        try:
            found = found or await workspaces.get(session, actor, name)
        except Problem:
            return f"{kind}:{name}"
        return f"{kind}:{found.id}"
    return f"{kind}:{name}"
