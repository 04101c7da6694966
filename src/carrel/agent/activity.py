"""The ledger of signals: the latest evidence of each kind, folded by pure functions; the clock is a parameter."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from carrel.agent.proc import TICKS, Usage
from carrel.core.agent import BusyPolicy, Signal, SignalKind

TTY_GRAIN = timedelta(seconds=8)
"""The kernel writes the times of a terminal device no more often than this."""


@dataclass(frozen=True)
class Activity:
    """The latest signal of each kind."""

    latest: Mapping[SignalKind, Signal] = field(default_factory=dict)

    def noted(self, signal: Signal) -> Activity:
        """With one more signal; an older one than is known changes nothing."""
        known = self.latest.get(signal.kind)
        if known is not None and known.at >= signal.at:
            return self
        return Activity({**self.latest, signal.kind: signal})

    def signals(self) -> tuple[Signal, ...]:
        """All of them, the newest first."""
        return tuple(sorted(self.latest.values(), key=lambda signal: signal.at, reverse=True))


def fold(activity: Activity, signals: Iterable[Signal]) -> Activity:
    """`activity` with all of `signals`."""
    for signal in signals:
        activity = activity.noted(signal)
    return activity


@dataclass(frozen=True)
class TerminalDevice:
    """A PTY in /dev/pts: the kernel keeps when it was last read from (somebody typed) and written to (it printed)."""

    name: str
    read: datetime
    written: datetime


def terminal_signals(before: Mapping[str, TerminalDevice] | None, now: Iterable[TerminalDevice]) -> Iterable[Signal]:
    """Signals of terminals whose times moved since the last look; None: this is the first look, which tells nothing."""
    if before is None:
        return
    for device in now:
        known = before.get(device.name)
        if known is not None and device.read > known.read:
            yield Signal(SignalKind.INPUT, device.read, f"terminal pts/{device.name}")
        if known is None or device.written > known.written:
            yield Signal(SignalKind.OUTPUT, device.written, f"terminal pts/{device.name}")


@dataclass(frozen=True)
class CpuSample:
    """What every process had used at one time."""

    at: datetime
    usages: Mapping[tuple[int, int], Usage]
    """By (pid, start)."""


def cpu_sample(at: datetime, usages: Iterable[Usage]) -> CpuSample:
    """A sample."""
    return CpuSample(at, {(usage.pid, usage.started): usage for usage in usages})


def busiest(before: CpuSample, now: CpuSample) -> list[tuple[float, Usage]]:
    """Processes by the share of one processor they used between two samples, in percent, the busiest first.

    A process that began in between counts from its beginning.
    """
    elapsed = (now.at - before.at).total_seconds()
    if elapsed <= 0:
        return []
    shares = []
    for key, usage in now.usages.items():
        known = before.usages.get(key)
        ticks = usage.ticks - (known.ticks if known else 0)
        if ticks > 0:
            shares.append((100 * ticks / TICKS / elapsed, usage))
    return sorted(shares, key=lambda share: -share[0])


def busy_signal(policy: BusyPolicy, before: CpuSample, now: CpuSample, own: frozenset[int]) -> Signal | None:
    """The signal of the busiest process that the policy counts; None when there is none, or too little time passed."""
    if policy.cpu_percent <= 0 or (now.at - before.at).total_seconds() < policy.window_seconds:
        return None
    for percent, usage in busiest(before, now):
        if percent < policy.cpu_percent:
            return None
        if usage.pid not in own and usage.name not in policy.ignore:
            return Signal(SignalKind.BUSY, now.at, f"process {usage.name}")
    return None
