"""Policies of projects: how long their workspaces run, rest and stay in the trash."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel

from carrel.core.policy import Origin, Policy, effective
from carrel.core.project import ProjectPolicy
from carrel.core.schedule import Schedule
from carrel.server.actions import policies
from carrel.server.api.asking import Asking, WithParts
from carrel.server.api.definition_documents import ScheduleDocument
from carrel.server.api.workspace_documents import ANSWER, REQUEST
from carrel.server.settings import Settings

router = APIRouter(tags=["projects"])


class PolicyPut(BaseModel):
    """What a project chooses; null or absent: as the settings say."""

    model_config = {**REQUEST, "title": "ProjectPolicyInput"}

    ttl_seconds: int | None = None
    """Idle TTL of workspaces that ask for none; 0: never."""
    ttl_min_seconds: int | None = None
    """Shortest idle TTL."""
    ttl_max_seconds: int | None = None
    """Longest idle TTL, not above the installation's; 0: none of its own."""
    max_life_seconds: int | None = None
    """Longest life of one start, of workspaces that ask for none; 0: no cap."""
    hard_life_seconds: int | None = None
    """Ceiling that no extension passes, not above the installation's; 0: none of its own."""
    archive_after_days: int | None = None
    """Days at rest; 0: never."""
    delete_after_days: int | None = None
    """Days at rest after which a workspace goes to the trash; 0: never."""
    trash_days: int | None = None
    schedule: ScheduleDocument | None = None
    """Of workspaces that have none of their own."""

    def chosen(self) -> ProjectPolicy:
        """As the core has it."""
        values = self.model_dump(exclude={"schedule"})
        own = self.schedule
        schedule = Schedule(own.start, own.stop, tuple(own.days), own.time_zone) if own is not None else None
        return ProjectPolicy(**values, schedule=schedule)


class PolicyInForce(BaseModel):
    """What applies in a project to a workspace that asks for nothing, and within which bounds it may ask."""

    model_config = ANSWER

    ttl_seconds: int
    ttl_min_seconds: int
    ttl_max_seconds: int
    max_life_seconds: int
    hard_life_seconds: int
    warning_seconds: int
    archive_after_days: int
    delete_after_days: int
    trash_days: int
    notice_days: tuple[int, ...]
    """How long before each step of retirement people are told."""
    schedule: ScheduleDocument | None
    set_by: dict[str, Origin]
    """Members that are not the installation's own."""


class ProjectPolicyDocument(BaseModel):
    """The policy of a project."""

    model_config = {**ANSWER, "title": "ProjectPolicy"}

    project: str
    chosen: PolicyPut
    """What its administrators chose; null: as the settings say."""
    in_force: PolicyInForce


def _document(settings: Settings, project: str, chosen: ProjectPolicy) -> ProjectPolicyDocument:
    policy: Policy = effective(policies.defaults_of(settings), chosen)
    in_force = vars(policy) | {"schedule": _schedule(policy.schedule), "set_by": dict(policy.origins)}
    in_force.pop("origins")
    own = vars(chosen) | {"schedule": _schedule(chosen.schedule)}
    return ProjectPolicyDocument.model_validate({"project": project, "chosen": own, "in_force": in_force})


def _schedule(schedule: Schedule | None) -> dict[str, object] | None:
    return None if schedule is None else vars(schedule) | {"days": list(schedule.days)}


@router.get("/projects/{project}/policy")
async def get_policy(parts: WithParts, actor: Asking, project: str) -> ProjectPolicyDocument:
    """How long workspaces of a project run, rest and stay in the trash."""
    async with parts.store.reading() as session:
        return _document(parts.settings, *await policies.get_policy(actor, session, project))


@router.put("/projects/{project}/policy")
async def put_policy(parts: WithParts, actor: Asking, project: str, body: PolicyPut) -> ProjectPolicyDocument:
    """Choose the policy of a project, for administrators; it applies to its workspaces at once."""
    async with parts.store.writing() as session:
        chosen = await policies.put_policy(actor, session, parts.settings, project, body.chosen())
    return _document(parts.settings, *chosen)
