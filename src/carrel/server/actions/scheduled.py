"""Starts by a schedule: the same checks as of a person's start, recorded as the policy's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from carrel.core.access import Actor, Role
from carrel.core.problems import Problem
from carrel.core.workspace import Workspace
from carrel.server.actions import goals
from carrel.server.settings import Settings
from carrel.server.store.engine import Store

POLICY = Actor("policy", "policy", Role.OWNER)
"""Who does what a policy does; no account has this id."""


class Starts(Protocol):
    """Starts workspaces for the loop."""

    async def start(self, workspace: Workspace) -> Problem | None:
        """Ask for it to run; why that was refused, or None."""


@dataclass(frozen=True)
class ScheduledStarts:
    """Starts by the actions' own rules."""

    store: Store
    settings: Settings

    async def start(self, workspace: Workspace) -> Problem | None:
        """Ask for it to run within its owner's limits; why that was refused, or None."""
        try:
            async with self.store.writing() as session:
                await goals.start(POLICY, session, self.settings, workspace.id)
        except Problem as problem:
            if problem.kind == "unavailable":  # says nothing of the workspace: the loop comes back
                raise
            return problem
        return None
