"""The agent's one object: what it was told, what it has done, what it knows."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from carrel import __version__
from carrel.agent.changes import Changes
from carrel.agent.state_folder import StateFolder
from carrel.agent.user_env import Environment, environment, identity, probe
from carrel.agent.users import RemoteUser, resolve_user
from carrel.core.agent import PROTOCOL, AgentPlan, AgentState, AgentStatus, Boot, SignalKind
from carrel.core.problems import Problem

log = logging.getLogger("carrel.agent")

PATIENCE_SECONDS = 30.0
"""How long a session waits for `begin` and the environment."""
OPERATIONS_KEPT = 256


class Workspace:
    """One start of the workspace, as the agent sees it."""

    version = __version__

    def __init__(self, boot: Boot, state: StateFolder, container_env: Mapping[str, str]) -> None:
        """Nothing is done before `begin`."""
        self.boot = boot
        self.boot_id = read_boot_id()
        self.state = AgentState.WAITING
        self.changes = Changes()
        self._folder = state
        self._container_env = container_env
        self._plan: AgentPlan | None = None
        self._environment: Environment | None = None
        self._environment_known = asyncio.Event()
        self._preparation: asyncio.Task[None] | None = None
        self._watchers = 0

    async def begin(self, operation: str, plan: AgentPlan) -> bool:
        """Carry out `plan`; performed once for each operation id. Returns whether it had been performed before."""
        performed = self._performed()
        if operation in performed:
            return True
        self._remember(operation, performed)
        self._plan = plan
        if self.state is AgentState.WAITING:
            self._set_state(AgentState.PREPARING)
        self._preparation = asyncio.create_task(self._prepare(plan))
        return False

    def _performed(self) -> list[str]:
        known = self._folder.read("operations") or {}
        return list(known.get("performed", ())) if known.get("boot_id") == self.boot_id else []

    def _remember(self, operation: str, performed: list[str]) -> None:
        kept = [*performed, operation][-OPERATIONS_KEPT:]
        self._folder.write("operations", {"boot_id": self.boot_id, "performed": kept})

    async def _prepare(self, plan: AgentPlan) -> None:
        user = resolve_user(plan.remote_user or self.boot.container_user, self._container_env)
        probed = await self._probe(plan, user)
        self._environment = environment(plan, user, self._container_env, probed)
        self._environment_known.set()
        self._set_state(AgentState.READY)

    async def _probe(self, plan: AgentPlan, user: RemoteUser) -> dict[str, str]:
        try:
            return await probe(plan.user_env_probe, user, identity(self._container_env, user), plan.workspace_folder)
        except (TimeoutError, OSError) as error:
            log.warning("probe_failed user=%s error=%r", user.name, error)
            return {}

    def _set_state(self, state: AgentState) -> None:
        if self.state is not state:
            self.state = state
            log.info("state state=%s", state.value)
            self.changes.note()

    async def environment(self) -> Environment:
        """The environment of people's processes, as soon as it is known.

        Raises:
            Problem: `wrong_state` when `begin` does not come within PATIENCE_SECONDS.
        """
        if self._environment is None:
            try:
                async with asyncio.timeout(PATIENCE_SECONDS):
                    await self._environment_known.wait()
            except TimeoutError as error:
                raise Problem("wrong_state", "The workspace has not been told to begin.") from error
        assert self._environment is not None  # noqa: S101  the event says so
        return self._environment

    def note(self, kind: SignalKind, detail: str) -> None:
        """Take evidence of activity."""

    @contextmanager
    def watched(self) -> Iterator[None]:
        """While somebody watches, the observers look more often."""
        self._watchers += 1
        try:
            yield
        finally:
            self._watchers -= 1

    def news(self) -> Any:
        """What a watcher is told of when it differs."""
        return (self.state,)

    async def status(self) -> AgentStatus:
        """The ledger, now."""
        known = self._environment
        return AgentStatus(
            protocol=PROTOCOL,
            version=self.version,
            workspace=self.boot.workspace,
            start=self.boot.start,
            boot_id=self.boot_id,
            now=datetime.now(UTC),
            state=self.state,
            remote_user=known.user.name if known else "",
            shell=known.shell() if known else "",
            home=known.user.home if known else "",
        )


def read_boot_id(read: Callable[[str], str] = lambda path: Path(path).read_text()) -> str:
    """Tells one run of the container's PID 1 from the next: the kernel's boot and PID 1's start time."""
    try:
        started = read("/proc/1/stat").rpartition(")")[2].split()[19]
        kernel = read("/proc/sys/kernel/random/boot_id").strip()
    except (OSError, IndexError):
        return str(os.getppid())
    return hashlib.sha256(f"{kernel} {started}".encode()).hexdigest()[:16]
