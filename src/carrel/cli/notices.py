"""Lines beside a result: what is about to happen to one's own workspaces."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from carrel.cli.output import clean, note, paint
from carrel.cli.quantities import format_moment, format_until

if TYPE_CHECKING:
    from carrel.client.client import Client
    from carrel.client.documents import PolicyNotice, Workspace

MOST = 10
"""So many lines at most; the rest is counted."""
OWN = "share"
"""What one may do only with one's own workspaces."""


def say_notices(workspaces: Iterable[Workspace], *, everybody: bool = False) -> None:
    """A line on stderr for each notice of one's own workspaces, or of all of these."""
    now = datetime.now(UTC)
    mine = [one for one in workspaces if everybody or OWN in one.may]
    told = [(one, notice) for one in mine for notice in one.notices]
    told.sort(key=lambda pair: (pair[1].at or now, pair[0].name))
    for workspace, notice in told[:MOST]:
        note(paint(f"notice: {workspace.name}: {sentence(notice, now)}", "yellow"))
    if len(told) > MOST:
        note(f"notice: and {len(told) - MOST} more.")


def sentence(notice: PolicyNotice, now: datetime) -> str:
    """When, and what."""
    when = f"{format_until(notice.at, now)} ({format_moment(notice.at)}): " if notice.at else ""
    return when + clean(notice.text)


async def with_notices(client: Client) -> list[Workspace]:
    """One's own workspaces, put aside and in the trash too, that something is about to happen to."""
    from carrel.client.workspaces import Chosen  # noqa: PLC0415  with httpx

    user = (await client.session()).user
    found: list[Workspace] = []
    for deleted in (False, True):
        chosen = Chosen(owner=user, deleted=deleted)
        found += [one async for one in client.workspaces.each(chosen) if one.notices]
    return found
