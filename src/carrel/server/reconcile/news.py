"""What of an outcome is new: what the row says already is not written again, and nobody is woken for it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from carrel.core.workspace import Workspace
from carrel.server.store.leases import ENDED, PLAIN, Outcome

TOGETHER = timedelta(seconds=5)
"""Looks that nothing hurries happen at whole multiples of this time: many are claimed and given back at once."""


def news(outcome: Outcome, workspace: Workspace) -> Outcome:
    """`outcome` without what `workspace`, as it was claimed, says already."""
    ended = outcome.ended and any(getattr(workspace, name) != value for name, value in ENDED.items())
    same = {
        name: None
        for name in PLAIN
        if getattr(outcome, name) is not None
        and getattr(outcome, name) == getattr(workspace, name)
        and not (ended and name in ENDED)
    }
    cleared = frozenset(name for name in outcome.cleared if getattr(workspace, name) is not None)
    return replace(outcome, ended=ended, cleared=cleared, **same)  # type: ignore[arg-type]  # the names are PLAIN's


def together(moment: datetime) -> datetime:
    """The next moment at which many are looked at."""
    since = moment - datetime(1970, 1, 1, tzinfo=UTC)
    return moment + (-since) % TOGETHER
