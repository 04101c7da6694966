"""Log streams of workspaces: chunks of lines, capped for each stream, keeping head and tail."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, insert, select, update

from carrel.server.store.schema import log_chunks, log_streams
from carrel.server.store.sessions import ReadSession, WriteSession
from carrel.server.store.wakeups import of_workspace

STREAM_CHARACTERS = 4 * 1024 * 1024
"""Most that a stream keeps."""
HEAD_CHARACTERS = 1024 * 1024
"""Of its beginning, which is never dropped."""
CHUNK_CHARACTERS = 64 * 1024


@dataclass(frozen=True)
class LogStream:
    """A stream as lists show it."""

    name: str
    characters: int
    """Kept."""
    dropped: int
    """Characters left out between head and tail."""
    began_at: datetime
    updated_at: datetime


@dataclass(frozen=True)
class LogChunk:
    """A piece of a stream; whole lines, each with its end."""

    seq: int
    at: datetime
    text: str


async def append(session: WriteSession, workspace_id: str, stream: str, text: str) -> None:
    """Append text to a stream, making it where it is new, and drop from the middle what is over the cap."""
    if not text:
        return
    pieces = [text[at : at + CHUNK_CHARACTERS] for at in range(0, len(text), CHUNK_CHARACTERS)]
    of_it = (log_streams.c.workspace_id == workspace_id, log_streams.c.stream == stream)
    row = await session.one(select(log_streams).where(*of_it).with_for_update())
    if row is None:
        key = {"workspace_id": workspace_id, "stream": stream}
        zero = {"last_seq": 0, "size": 0, "head_seq": 0, "dropped": 0}
        await session.run(insert(log_streams).values(**key, **zero, began_at=session.now, updated_at=session.now))
    last_seq, size, head_seq, dropped = (row.last_seq, row.size, row.head_seq, row.dropped) if row else (0, 0, 0, 0)
    rows: list[dict[str, object]] = []
    for seq, piece in enumerate(pieces, start=last_seq + 1):
        if size + len(piece) <= HEAD_CHARACTERS and not dropped:
            head_seq = seq
        size += len(piece)
        chunk = {"workspace_id": workspace_id, "stream": stream, "seq": seq, "at": session.now, "text": piece}
        rows.append({**chunk, "size": len(piece)})
    await session.run_many(insert(log_chunks), rows)
    if size > STREAM_CHARACTERS:
        cut = await _drop(session, workspace_id, stream, head_seq, size - STREAM_CHARACTERS)
        size, dropped = size - cut, dropped + cut
    values = {"last_seq": last_seq + len(rows), "size": size, "head_seq": head_seq, "dropped": dropped}
    await session.run(update(log_streams).where(*of_it).values(**values, updated_at=session.now))
    session.wake(of_workspace(workspace_id))


async def _drop(session: WriteSession, workspace_id: str, stream: str, head_seq: int, excess: int) -> int:
    """Remove the oldest chunks after the head until at least `excess` characters are gone; how many are."""
    of_it = (log_chunks.c.workspace_id == workspace_id, log_chunks.c.stream == stream, log_chunks.c.seq > head_seq)
    total = func.sum(log_chunks.c.size).over(order_by=log_chunks.c.seq)
    running = select(log_chunks.c.seq, total.label("total")).where(*of_it).subquery()
    enough = select(running.c.seq, running.c.total).where(running.c.total >= excess).order_by(running.c.seq).limit(1)
    last = await session.one(enough)
    if last is None:
        return 0
    await session.run(delete(log_chunks).where(*of_it, log_chunks.c.seq <= last.seq))
    return int(last.total)


async def streams(session: ReadSession, workspace_id: str) -> list[LogStream]:
    """The streams of a workspace, in the order of their begin."""
    of_it = select(log_streams).where(log_streams.c.workspace_id == workspace_id)
    rows = await session.all(of_it.order_by(log_streams.c.began_at, log_streams.c.stream))
    return [LogStream(row.stream, row.size, row.dropped, row.began_at, row.updated_at) for row in rows]


async def read(
    session: ReadSession, workspace_id: str, stream: str, after: int, limit: int, since: datetime | None = None
) -> list[LogChunk]:
    """At most `limit` chunks with a number above `after`, written at `since` or later.

    A gap in the numbers is told by a line of its own.
    """
    of_it = [log_chunks.c.workspace_id == workspace_id, log_chunks.c.stream == stream]
    if since is not None:
        of_it.append(log_chunks.c.at >= since)
    rows = await session.all(
        select(log_chunks).where(*of_it, log_chunks.c.seq > after).order_by(log_chunks.c.seq).limit(limit)
    )
    if not rows:
        return []
    gap = select(log_streams.c.dropped).where(
        log_streams.c.workspace_id == workspace_id, log_streams.c.stream == stream
    )
    dropped = int(await session.scalar(gap) or 0)
    chunks = []
    after = after if since is None else rows[0].seq - 1  # what is before `since` was left out on purpose
    for row in rows:
        marker = f"[... {dropped} characters are left out here ...]\n" if dropped and row.seq != after + 1 else ""
        chunks.append(LogChunk(row.seq, row.at, marker + row.text))
        after = row.seq
    return chunks
