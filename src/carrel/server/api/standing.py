"""How a workspace stands under its policy: what is in force, what comes next, what its people are told."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from carrel.core import policy as policies
from carrel.core.policy import Policy
from carrel.core.project import ProjectPolicy
from carrel.core.retirement import TOLD, Due, next_step
from carrel.core.workspace import Goal, Workspace
from carrel.server.actions.policies import defaults_of
from carrel.server.settings import Settings


class PolicyNotice(BaseModel):
    """Something that is about to happen to a workspace, and that its people should know."""

    model_config = ConfigDict(use_attribute_docstrings=True, json_schema_serialization_defaults_required=True)

    kind: Literal["ending_soon", "archive", "trash", "purge", "schedule_refused"]
    at: datetime | None
    """When it happens; null: it did."""
    text: str
    """A sentence, with what to do."""


@dataclass
class Standing:
    """What policy says of workspaces at a moment, for answers."""

    settings: Settings
    now: datetime
    defaults: Policy = field(init=False)
    _known: dict[tuple[ProjectPolicy | None, ProjectPolicy | None], Policy] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Look the installation's policy up, once for all workspaces of an answer."""
        self.defaults = defaults_of(self.settings)

    def policy(self, workspace: Workspace) -> Policy:
        """What applies to a workspace."""
        key = (workspace.policy, workspace.template.policy if workspace.template is not None else None)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = policies.effective(self.defaults, *key)
        return found

    def members(self, workspace: Workspace) -> dict[str, Any]:
        """Members of a workspace's document."""
        policy = self.policy(workspace)
        due = None if workspace.goal is Goal.RUN else next_step(workspace, policy, self.now)
        return {
            "retention": policies.retention(policy, workspace.retention),
            "asked_retention": workspace.retention,
            "next_step": due.step.value if due else "",
            "next_step_at": due.at if due else None,
            "notices": notices(workspace, due),
        }


def notices(workspace: Workspace, due: Due | None) -> list[PolicyNotice]:
    """What people are told now; `due` is the next step of its retirement."""
    memory = workspace.remembered.policy
    found: list[PolicyNotice] = []
    if workspace.goal is Goal.RUN:
        if workspace.deadline is not None and memory.warned_end == workspace.deadline:
            hint = f"`carrel extend {workspace.name}` gives it more time."
            found.append(_notice("ending_soon", workspace.deadline, f"Its life ends then. {hint}"))
        if memory.stop_from is not None and workspace.stops_at == memory.stop_from:
            hint = f"`carrel schedule {workspace.name} --off` keeps it running."
            found.append(_notice("ending_soon", memory.stop_from, f"Its schedule stops it then. {hint}"))
        return found
    if memory.start_refused and workspace.goal is Goal.STOP:
        text = f"Its schedule could not start it: {memory.start_refused}"
        found.append(PolicyNotice(kind="schedule_refused", at=None, text=text))
    if due is not None and due.given:
        verb = "undelete" if workspace.goal is Goal.DELETE else "unarchive" if workspace.archived else "start"
        text = f"It will be {TOLD[due.step]}. `carrel {verb} {workspace.name}` keeps it."
        found.append(_notice(due.step.value, due.at, text))
    return found


def _notice(kind: Any, at: datetime, text: str) -> PolicyNotice:
    return PolicyNotice(kind=kind, at=at, text=text)
