"""A prebuild: a workspace that runs everything up to and including updateContentCommand, stops, and waits for its user (ADR 0016)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from carrel.core.agent import AgentPlan, AgentStatus, Progress
from carrel.core.events import Event
from carrel.core.workspace import Goal, Workspace
from carrel.devcontainer import EnvironmentPlan
from carrel.server.store.leases import Outcome

STAGES = frozenset({"onCreate", "updateContent"})
"""C393: never postCreate, which belongs to a person."""
READY = "The prebuild is ready."


def prebuild_plan(plan: AgentPlan) -> AgentPlan:
    """What of a plan a prebuild carries out: nothing that is a person's. Its secrets are its project's already (C376)."""
    hooks = tuple(hook for hook in plan.hooks if hook.stage in STAGES)
    return replace(
        plan,
        hooks=hooks,
        wait_for="updateContent",
        apps=(),
        git_name="",
        git_email="",
        git_signing_key="",
        editor_extensions=(),
    )


def prebuild_end(workspace: Workspace, status: AgentStatus, outcome: Outcome, made: EnvironmentPlan) -> Outcome:
    """The outcome of a prebuild whose agent is ready: it stops, and is kept where nothing failed.

    Args:
        workspace: the prebuild.
        status: its agent's.
        outcome: what would be recorded of a workspace that runs.
        made: its environment.
    """
    memory = outcome.remembered or workspace.remembered
    failed = next(
        (f"{one.stage} of {one.origin}" for one in status.hooks if one.state is Progress.FAILED), made.recovery
    )
    reason = f"The prebuild failed: {failed}" if failed else READY
    goal = Event("goal_changed", {"goal": Goal.STOP, "by": "policy", "reason": reason})
    told = Event("prebuilt", {"image": made.image, "commit": memory.commit, "failed": bool(failed)})
    return replace(
        outcome,
        goal=Goal.STOP,
        stop_reason=reason,
        remembered=replace(memory, prebuilt="" if failed else made.image),
        events=(*outcome.events, told, goal),
        wake_at=timedelta(0),
    )
