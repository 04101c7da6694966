"""Why a workspace is alive and when it will stop: policy and recorded signals in, a verdict out (promise 7)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from carrel.core.agent import Signal, SignalKind
from carrel.core.workspace import OnEnd, Retention

BUSY_KINDS = frozenset({SignalKind.BUSY, SignalKind.AI_AGENT})
"""Signals that extend the maximum life in steps of EXTENSION while they last."""
BUSY_FRESH = timedelta(minutes=5)
"""A busy signal lasts when its latest evidence is not older than this."""
EXTENSION = timedelta(hours=1)


@dataclass(frozen=True)
class Verdict:
    """What policy makes of the evidence.

    `end` is None while the workspace lives; `reason` is then why it lives, otherwise why it ends, as a sentence.
    """

    end: OnEnd | None
    reason: str
    stops_at: datetime | None
    """When it will end if nothing happens; None: never, or unknown."""
    deadline: datetime | None
    """End of life of this start, extensions included."""
    idle_since: datetime | None
    extended: bool = False
    """The deadline was moved by this evaluation."""
    rule: str = ""
    """What stops it at `stops_at`, or ended it: `idle`, `deadline`, `schedule`; empty: nothing does."""


def evaluate(
    retention: Retention,
    running_since: datetime,
    signals: Sequence[Signal] | None,
    deadline: datetime | None,
    now: datetime,
) -> Verdict:
    """Whether a running workspace lives on, and why.

    Args:
        retention: the policy.
        running_since: when this start became ready; counts as activity.
        signals: latest evidence of each kind; None: the agent could not be asked. Missing evidence is unknown, and
            unknown never stops a workspace for idleness.
        deadline: end of life as last extended; None: running_since + maximum life.
        now: timezone-aware UTC.
    """
    if deadline is None and retention.max_life_seconds:
        deadline = running_since + timedelta(seconds=retention.max_life_seconds)
    last = _latest(signals, running_since)
    idle_since = last[0] if last else None
    if deadline is not None and deadline <= now:
        moved = _extend(retention, running_since, signals, deadline, now)
        if moved is None:
            return Verdict(
                retention.on_deadline,
                _deadline_reason(retention, running_since),
                now,
                deadline,
                idle_since,
                rule="deadline",
            )
        cause = phrase(busy_signal(signals, now)) if signals is not None else "its activity is unknown"
        reason = f"Its life was extended to {moved:%Y-%m-%d %H:%M} UTC because {cause}."
        return Verdict(None, reason, moved, moved, idle_since, extended=True, rule="deadline")
    if not retention.ttl_seconds:
        return Verdict(
            None, "It has no idle limit.", deadline, deadline, idle_since, rule="deadline" if deadline else ""
        )
    if last is None:
        return Verdict(
            None, "Its activity is unknown: the agent could not be asked.", deadline, deadline, None, rule="deadline"
        )
    at, signal = last
    idle_stop = at + timedelta(seconds=retention.ttl_seconds)
    if idle_stop <= now:
        reason = f"It was idle for {_span(now - at)} (limit {_span(timedelta(seconds=retention.ttl_seconds))}); last: {phrase(signal)}."
        return Verdict(retention.on_idle, reason, now, deadline, at, rule="idle")
    stops_at, rule = (deadline, "deadline") if deadline and deadline < idle_stop else (idle_stop, "idle")
    return Verdict(None, f"Active {_span(now - at)} ago: {phrase(signal)}.", stops_at, deadline, at, rule=rule)


def _latest(signals: Sequence[Signal] | None, running_since: datetime) -> tuple[datetime, Signal | None] | None:
    if signals is None:
        return None
    newest = max(signals, key=lambda s: s.at, default=None)
    if newest is None or newest.at < running_since:
        return running_since, None
    return newest.at, newest


def busy_signal(signals: Sequence[Signal] | None, now: datetime) -> Signal | None:
    """The counted busy signal that lasts, if there is one."""
    fresh = [s for s in signals or () if s.kind in BUSY_KINDS and now - s.at <= BUSY_FRESH]
    return max(fresh, key=lambda s: s.at, default=None)


def _extend(
    retention: Retention, running_since: datetime, signals: Sequence[Signal] | None, deadline: datetime, now: datetime
) -> datetime | None:
    """The next deadline while a counted busy signal lasts, within the hard ceiling; None: it is not extended."""
    if signals is not None and busy_signal(signals, now) is None:
        return None
    moved = deadline
    while moved <= now:
        moved += EXTENSION
    if retention.hard_life_seconds:
        moved = min(moved, running_since + timedelta(seconds=retention.hard_life_seconds))
    return moved if moved > now else None


def _deadline_reason(retention: Retention, running_since: datetime) -> str:
    return f"It reached its maximum life of {_span(timedelta(seconds=retention.max_life_seconds))}, running since {running_since:%Y-%m-%d %H:%M} UTC."


def phrase(signal: Signal | None) -> str:
    """What a signal says, in words; None: only that it was started."""
    if signal is None:
        return "it was started"
    words = {
        SignalKind.INPUT: "somebody typed",
        SignalKind.OUTPUT: "a terminal printed",
        SignalKind.EXEC: "a command was run",
        SignalKind.EDITOR: "somebody worked in the editor",
        SignalKind.BUSY: "a process is busy",
        SignalKind.AI_AGENT: "an AI agent had a turn",
        SignalKind.OPENED: "somebody opened it",
    }[signal.kind]
    return f"{words} ({signal.detail})" if signal.detail else words


def _span(duration: timedelta) -> str:
    seconds = max(0, int(duration.total_seconds()))
    if seconds < 120:
        return f"{seconds} s"
    if seconds < 7200:
        return f"{seconds // 60} min"
    hours, minutes = divmod(seconds // 60, 60)
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"
