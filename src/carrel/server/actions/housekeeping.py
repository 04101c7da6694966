"""What a server tidies up now and then: what has expired, and the remains of workspaces that are gone."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta

import structlog

from carrel.core.problems import Problem
from carrel.server.actions.audit import trim
from carrel.server.store import idempotency, openings, shares, tokens, workspaces
from carrel.server.store.engine import Store

log = structlog.get_logger(__name__)
PAUSE = timedelta(hours=1)
TOMBSTONE_LIFE = timedelta(days=30)
"""How long the events of a purged workspace can still be asked for by those who watched it."""


@dataclass(frozen=True)
class Tidied:
    """How much was removed."""

    tokens: int
    idempotency_keys: int
    tombstones: int


async def tidy(store: Store) -> Tidied:
    """Remove expired tokens, old idempotency keys and old tombstones; the audit stays."""
    async with store.writing() as session:
        await shares.remove_expired(session)
        await openings.remove_expired(session)
        return Tidied(
            tokens=await tokens.remove_expired(session),
            idempotency_keys=await idempotency.remove_old(session),
            tombstones=await workspaces.remove_tombstones(session, session.now - TOMBSTONE_LIFE),
        )


async def keep_tidying(store: Store, audit_days: int = 0) -> None:
    """Tidy now, and then every hour, until cancelled; rows of the audit go after so many days (0: never)."""
    while True:
        try:
            await tidy(store)
            await trim(store, audit_days)
        except Problem as problem:
            log.warning("tidying_failed", kind=problem.kind, detail=problem.detail)
        await asyncio.sleep(PAUSE.total_seconds())
