"""A prebuild: a workspace that runs everything up to and including updateContentCommand, stops, and waits for its user (ADR 0016)."""

from __future__ import annotations

from dataclasses import replace

from carrel.core.agent import AgentPlan, AgentStatus, Progress
from carrel.core.events import Event
from carrel.core.workspace import Goal, Workspace
from carrel.server.store.leases import Outcome

STAGES = frozenset({"onCreate", "updateContent"})
"""C393: never postCreate, which belongs to a person."""
READY = "The prebuild is ready."


def prebuild_plan(plan: AgentPlan) -> AgentPlan:
    """What of a plan a prebuild carries out: nothing that is a person's, neither hooks nor secrets nor apps (C376)."""
    hooks = tuple(hook for hook in plan.hooks if hook.stage in STAGES)
    return replace(plan, hooks=hooks, wait_for="updateContent", secrets={}, apps=(), git_name="", git_email="")


def prebuild_end(workspace: Workspace, status: AgentStatus, outcome: Outcome, image: str) -> Outcome:
    """The outcome of a prebuild whose agent is ready: it stops, and is kept where nothing failed.

    Args:
        workspace: the prebuild.
        status: its agent's.
        outcome: what would be recorded of a workspace that runs.
        image: what its primary container runs.
    """
    memory = outcome.remembered or workspace.remembered
    failed = [hook for hook in status.hooks if hook.state is Progress.FAILED]
    reason = f"The prebuild failed: {failed[0].stage} of {failed[0].origin}." if failed else READY
    kept = "" if failed else image
    goal = Event("goal_changed", {"goal": Goal.STOP, "by": "policy", "reason": reason})
    told = Event("prebuilt", {"image": image, "commit": memory.commit, "failed": bool(failed)})
    return replace(
        outcome,
        goal=Goal.STOP,
        stop_reason=reason,
        remembered=replace(memory, prebuilt=kept),
        events=(*outcome.events, told, goal),
    )
