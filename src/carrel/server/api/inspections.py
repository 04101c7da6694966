"""A look at a repository before there is a workspace of it: configurations, secrets that it would like to have, size."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field

from carrel.core.workspace import Workspace
from carrel.devcontainer.requirements import Requirements, unmet
from carrel.server.actions import given_secrets as secrets
from carrel.server.actions.projects import demand_work
from carrel.server.actions.quota import of_workspace
from carrel.server.actions.workspace_checks import check_devcontainer, checked_source
from carrel.server.api.asking import Asking, WithParts
from carrel.server.api.secrets import GIVEN_BY, WorkspaceSecret
from carrel.server.api.workspace_documents import ANSWER, REQUEST
from carrel.server.api.workspace_requests import FolderSourceInput, GitSourceInput, source_of

router = APIRouter(tags=["workspaces"])


class InspectionRequest(BaseModel):
    """What to look at."""

    model_config = {**REQUEST, "title": "InspectionInput"}

    source: Annotated[GitSourceInput | FolderSourceInput, Field(discriminator="kind")]
    devcontainer: str = ""
    """Path of the devcontainer.json, where there are several."""
    project: str = "default"


class Inspection(BaseModel):
    """What a repository asks for; its image and features may ask for more."""

    model_config = ANSWER

    configurations: list[str]
    """Paths of all that it has."""
    config_path: str
    """The one that would be used; empty: there is none."""
    name: str
    secrets: list[WorkspaceSecret]
    """What it would like to have, and by whom it would be given."""
    requirements: Requirements
    """hostRequirements, in numbers."""
    unmet: list[str]
    """What this server cannot give it, as sentences; it starts with less."""


@router.post("/inspections")
async def inspect_source(parts: WithParts, actor: Asking, body: InspectionRequest) -> Inspection:
    """Look at a repository: fetched and read, and left nowhere. The same problems as at creation."""
    demand_work(actor, body.project)
    source = checked_source(actor, parts.settings, source_of(body.source))
    wanted = Workspace(
        id="",
        owner_id=actor.user_id,
        owner=actor.name,
        name="inspection",
        source=source,
        devcontainer=check_devcontainer(body.devcontainer),
        project=body.project,
    )
    found = await parts.look(wanted)
    async with parts.store.reading() as session:
        given = (await secrets.given(session, secrets.Wanting(actor.user_id, body.project, source))).variables
    runtime, most = parts.runtime(), of_workspace(parts.settings)
    return Inspection(
        configurations=list(found.configurations),
        config_path=found.config_path,
        name=found.name,
        secrets=[
            WorkspaceSecret(
                name=one.name,
                description=one.description,
                documentation_url=one.documentation_url,
                declared=True,
                given_by=GIVEN_BY[given[one.name].scope] if one.name in given else "",
            )
            for one in found.secrets
        ],
        requirements=found.requirements,
        unmet=list(
            unmet(
                found.requirements,
                cpus=_least(runtime.cpus, most.cpus or 0),
                memory_bytes=int(_least(runtime.memory_bytes, most.memory_bytes or 0)),
                gpus=min(runtime.gpus, most.gpus or 0),
                disk_bytes=runtime.disk_bytes,
            )
        ),
    )


def _least(machine: float, ceiling: float) -> float:
    """The smaller of what the machine has and what one workspace may have; 0 is unknown or no limit."""
    return min([value for value in (machine, ceiling) if value], default=0)
