"""Gathers evidence of activity: terminal devices, busy processes, and what programs declare in a folder."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from carrel.agent.activity import Activity, CpuSample, TerminalDevice, busy_signal, cpu_sample, fold, terminal_signals
from carrel.agent.proc import is_platform, usages
from carrel.agent.users import RemoteUser
from carrel.core.agent import BusyPolicy, Signal, SignalKind

ACTIVITY_VARIABLE = "CARREL_ACTIVITY"
"""Environment of every process: the folder in which a program declares itself, `touch "$CARREL_ACTIVITY/busy"`."""
DECLARED = {"editor": SignalKind.EDITOR, "busy": SignalKind.BUSY, "ai_agent": SignalKind.AI_AGENT}
NOTE_EVERY = 1.0
"""Seconds between notes of one kind that change anything: typing is not worth more."""


class Evidence:
    """What is known of activity in this workspace."""

    def __init__(self, policy: BusyPolicy = BusyPolicy()) -> None:  # noqa: B008  frozen
        """Nothing is known yet; counting begins now."""
        self.activity = Activity()
        self.policy = policy
        self._seen = self.activity
        self._folder: Path | None = None
        self._devices: dict[str, TerminalDevice] | None = None
        self._sample: CpuSample | None = None
        self._noted: dict[SignalKind, float] = {}
        self._began = datetime.now(UTC)

    def note(self, kind: SignalKind, detail: str) -> None:
        """Take a signal from inside the agent: cheap, as it is called for every key."""
        now = time.monotonic()
        if now - self._noted.get(kind, -NOTE_EVERY) >= NOTE_EVERY:
            self._noted[kind] = now
            self.activity = self.activity.noted(Signal(kind, datetime.now(UTC), detail))

    def declare_in(self, folder: Path, user: RemoteUser) -> None:
        """Look for declarations in `folder`, which is made for `user`."""
        folder.mkdir(mode=0o755, parents=True, exist_ok=True)
        if user.is_switch():
            os.chown(folder, user.uid, user.gid)
        self._folder = folder

    def look(self, now: datetime) -> bool:
        """Gather; whether anything new is known since the last look."""
        devices = read_devices()
        found = [*terminal_signals(self._devices, devices), *self._declared(now)]
        self._devices = {device.name: device for device in devices}
        busy = self._busy(now)
        self.activity = fold(self.activity, [*found, *([busy] if busy else [])])
        before, self._seen = self._seen, self.activity
        return self.activity is not before

    def _busy(self, now: datetime) -> Signal | None:
        window = timedelta(seconds=self.policy.window_seconds)
        if self._sample is not None and now - self._sample.at < window:
            return None
        before, self._sample = self._sample, cpu_sample(now, usages())
        if before is None:
            return None
        own = frozenset(pid for pid, _ in self._sample.usages if is_platform(pid))
        return busy_signal(self.policy, before, self._sample, own | {os.getpid()})

    def _declared(self, now: datetime) -> Iterable[Signal]:
        if self._folder is None:
            return
        for name, kind in DECLARED.items():
            try:
                at = datetime.fromtimestamp((self._folder / name).lstat().st_mtime, UTC)
            except OSError:
                continue
            if self._began <= at:
                yield Signal(kind, min(at, now), "declared")


def read_devices(folder: str = "/dev/pts") -> list[TerminalDevice]:
    """The terminals of this container."""
    devices = []
    try:
        names = os.listdir(folder)  # noqa: PTH208
    except OSError:
        return []
    for name in names:
        if not name.isdecimal():
            continue
        try:
            found = os.stat(f"{folder}/{name}")  # noqa: PTH116
        except OSError:
            continue
        read, written = (datetime.fromtimestamp(at, UTC) for at in (found.st_atime, found.st_mtime))
        devices.append(TerminalDevice(name, read, written))
    return devices
