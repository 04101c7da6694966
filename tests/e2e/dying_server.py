"""A server that notes in a journal which steps it performs, and that ends or freezes at step boundaries.

`python -m tests.e2e.dying_server`, with the settings of a server in the environment and:

* DYING_JOURNAL: file of JSON lines `{pid, workspace, wish, step, moment}`, appended to; the moment is before or after.
* DYING_AT: `everywhere`: `kill -9` of itself at each boundary that is in the journal for the first time, and another
  process takes its place; `STEP:MOMENT`: SIGSTOP of itself there, once.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import uvloop

from carrel.core.lifecycle import Step
from carrel.serve import announced, running
from carrel.server.logs import configure_logs
from carrel.server.reconcile.context import StepContext, StepResult
from carrel.server.reconcile.steps import STEPS, Perform
from carrel.server.settings import load_settings

SERVER = (sys.executable, "-m", "tests.e2e.dying_server")
"""Its argv."""


@dataclass
class Journal:
    """The steps that servers began and ended; shared by processes, one whole line at a write."""

    path: Path
    die_at: str = ""
    frozen: bool = field(default=False, init=False)

    def entries(self) -> Iterator[dict[str, Any]]:
        """Everything noted, oldest first."""
        if self.path.exists():
            for line in self.path.read_text(encoding="utf-8").splitlines():
                yield json.loads(line)

    def pass_by(self, context: StepContext, step: Step, moment: str) -> None:
        """Note a boundary, and perhaps go no further."""
        workspace = context.workspace
        wish = f"{workspace.generation}:{workspace.start}:{workspace.revision}:{workspace.goal}"
        entry = {"workspace": workspace.id, "wish": wish, "step": step, "moment": moment}
        is_new = entry not in [{name: old[name] for name in entry} for old in self.entries()]
        line = json.dumps({"pid": os.getpid(), **entry}) + "\n"
        descriptor = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        os.write(descriptor, line.encode())
        os.close(descriptor)
        if self.die_at == "everywhere" and is_new:
            os.kill(os.getpid(), signal.SIGKILL)
        if self.die_at == f"{step}:{moment}" and not self.frozen:
            self.frozen = True
            os.kill(os.getpid(), signal.SIGSTOP)

    def noted(self, step: Step, perform: Perform) -> Perform:
        """The same step, with its boundaries noted."""

        async def perform_noted(context: StepContext) -> StepResult:
            self.pass_by(context, step, "before")
            result = await perform(context)
            self.pass_by(context, step, "after")
            return result

        return perform_noted


async def main() -> None:
    """Run until SIGTERM, or until it dies of itself."""
    settings = load_settings(os.environ)
    configure_logs(settings)
    journal = Journal(Path(os.environ["DYING_JOURNAL"]), os.environ.get("DYING_AT", ""))
    steps = {step: journal.noted(step, perform) for step, perform in STEPS.items()}
    ended = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ended.set)
    async with running(settings, steps=steps) as server, announced(settings, server.proxy.port):
        await ended.wait()


def live() -> None:
    """Be a server."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main())


def live_again_and_again() -> int:
    """Be the parent of one server after the other, as each is killed; returns the exit status of the last.

    A child is forked before anything but imports has happened here: it is as fresh as a new process, and there at once.
    """
    child = 0
    signal.signal(signal.SIGTERM, lambda *_: os.kill(child, signal.SIGTERM))
    while True:
        child = os.fork()
        if child == 0:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            live()
            os._exit(0)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        if status != -signal.SIGKILL:
            return status


if __name__ == "__main__":
    if os.environ.get("DYING_AT") == "everywhere":
        sys.exit(live_again_and_again())
    live()
