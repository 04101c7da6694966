"""Idempotency keys: the same request twice makes one thing."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from carrel.core.problems import Problem
from carrel.server.store.schema import idempotency_keys
from carrel.server.store.sessions import WriteSession

KEPT = timedelta(days=2)


async def begin(session: WriteSession, user_id: str, key: str, request_hash: str) -> str | None:
    """Reserve a key for this transaction; the answer of the request that had it before, or None: perform it.

    Of several that come at once one performs; the others wait for its transaction and get its answer.

    Raises:
        Problem: `idempotency_mismatch` where the key was used for another request.
    """
    insert = postgresql.insert if session.dialect == "postgresql" else sqlite.insert
    values = {"user_id": user_id, "key": key, "request_hash": request_hash, "answer": "", "created_at": session.now}
    reserved = insert(idempotency_keys).values(values).on_conflict_do_nothing()
    if await session.run(reserved):
        return None
    which = (idempotency_keys.c.user_id == user_id, idempotency_keys.c.key == key)
    row = await session.one(select(idempotency_keys).where(*which))
    if row is None or row.request_hash != request_hash:
        raise Problem("idempotency_mismatch", f"The key {key[:40]!r} belongs to an earlier request.")
    return str(row.answer)


async def finish(session: WriteSession, user_id: str, key: str, answer: str) -> None:
    """Note what was made."""
    which = (idempotency_keys.c.user_id == user_id, idempotency_keys.c.key == key)
    await session.run(update(idempotency_keys).where(*which).values(answer=answer))


async def remove_old(session: WriteSession) -> int:
    """Forget keys that nobody repeats any more; how many."""
    return await session.run(delete(idempotency_keys).where(idempotency_keys.c.created_at < session.now - KEPT))
