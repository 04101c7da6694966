"""How somebody stands against the limits, and what administrators allow one project and one user."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field

from carrel.core.accelerators import read_accelerators
from carrel.core.project import DEFAULT_DOMAIN, DEFAULT_PROJECT
from carrel.core.quota import Ceilings, Standing
from carrel.server.actions import limits as actions
from carrel.server.api.asking import Asking, WithParts
from carrel.server.api.problems import ProblemDocument
from carrel.server.api.workspace_documents import ANSWER, REQUEST

router = APIRouter(tags=["limits"])
Number = Annotated[int, Field(ge=0, le=2**53)]
Fraction = Annotated[float, Field(ge=0, le=2**20, allow_inf_nan=False)]


class CeilingsDocument(BaseModel):
    """The most of each; null: no limit."""

    model_config = {**ANSWER, "title": "Ceilings"}

    workspaces: int | None = None
    running: int | None = None
    cpus: float | None = None
    memory_bytes: int | None = None
    gpus: int | None = None
    disk_bytes: int | None = None


class AmountsDocument(BaseModel):
    """So much of each."""

    model_config = {**ANSWER, "title": "Amounts"}

    workspaces: int
    """The trash excluded."""
    running: int
    cpus: float
    """Of those that run."""
    memory_bytes: int
    gpus: int
    disk_bytes: int
    """As last measured, the trash included."""


class TierDocument(BaseModel):
    """How the user, the project or the installation stands."""

    model_config = {**ANSWER, "title": "Tier"}

    level: str
    """`user`, `project` or `installation`."""
    name: str
    ceilings: CeilingsDocument
    used: AmountsDocument


class AcceleratorDocument(BaseModel):
    """An accelerator that may be named."""

    model_config = {**ANSWER, "title": "Accelerator"}

    name: str
    resource: str


class MachineDocument(BaseModel):
    """What the server's machine has of GPUs."""

    model_config = {**ANSWER, "title": "Machine"}

    gpus: int
    counted: bool
    """False: the engine says only that there are some."""
    accelerator: str
    """Which they are; empty: the engine does not say."""
    gpus_used: int


class Quota(BaseModel):
    """How you stand in a project, before you ask for anything."""

    model_config = ANSWER

    project: str
    domain: str
    tiers: list[TierDocument]
    """Yours, the project's, the installation's."""
    workspace: CeilingsDocument
    """The most of one workspace."""
    most: CeilingsDocument
    """What one more workspace that runs may ask for now: cpus, memory_bytes, gpus."""
    workspaces_left: int | None
    """Null: no limit."""
    running_left: int | None
    create_problem: ProblemDocument | None
    """Why none can be made; null: one can."""
    start_problem: ProblemDocument | None
    """Why none can be started, however small; null: one can."""
    accelerators: list[AcceleratorDocument]
    machine: MachineDocument | None
    """Null: the runtime was not asked yet."""


class LimitsDocument(BaseModel):
    """What one project or user may have in all."""

    model_config = {**ANSWER, "title": "LimitsOf"}

    own: CeilingsDocument
    """What was said of this one; null: as the settings say."""
    ceilings: CeilingsDocument
    """What holds."""
    used: AmountsDocument


class CeilingsInput(BaseModel):
    """What one project or user may have in all; null: as the settings say, 0: none."""

    model_config = REQUEST

    workspaces: Number | None = None
    running: Number | None = None
    cpus: Fraction | None = None
    memory_bytes: Number | None = None
    gpus: Number | None = None
    disk_bytes: Number | None = None

    def ceilings(self) -> Ceilings:
        """As the core has it."""
        return Ceilings(**self.model_dump())


@router.get("/quota")
async def get_quota(
    parts: WithParts, actor: Asking, project: str = DEFAULT_PROJECT, domain: str = DEFAULT_DOMAIN
) -> Quota:
    """How you stand in a project: limits, what counts, what you may still ask for."""
    async with parts.store.reading() as session:
        found = await actions.view(actor, session, parts.settings, project, domain)
    known = read_accelerators(parts.settings.accelerators)
    machine = None
    if found.machine is not None:
        has = found.machine
        machine = MachineDocument(
            gpus=has.gpus, counted=has.is_counted, accelerator=has.accelerator, gpus_used=found.gpus_used
        )
    return Quota(
        project=project.casefold(),
        domain=domain,
        tiers=[
            TierDocument(level=one.tier, name=one.name, ceilings=_ceilings(one.ceilings), used=_used(one))
            for one in found.standings
        ],
        workspace=_ceilings(found.one),
        most=_ceilings(found.most),
        workspaces_left=found.workspaces_left,
        running_left=found.running_left,
        create_problem=ProblemDocument(**found.create.document()) if found.create else None,
        start_problem=ProblemDocument(**found.start.document()) if found.start else None,
        accelerators=[AcceleratorDocument(name=one.name, resource=one.resource) for one in known.values()],
        machine=machine,
    )


@router.get("/projects/{project}/limits")
async def get_project_limits(parts: WithParts, actor: Asking, project: str) -> LimitsDocument:
    """What a project may have in all, and what it has."""
    async with parts.store.reading() as session:
        return _limits(*await actions.project_limits(actor, session, parts.settings, project))


@router.put("/projects/{project}/limits")
async def set_project_limits(parts: WithParts, actor: Asking, project: str, body: CeilingsInput) -> LimitsDocument:
    """Say what a project may have in all; what runs goes on running."""
    async with parts.store.writing() as session:
        await actions.set_project_limits(actor, session, project, body.ceilings())
        return _limits(*await actions.project_limits(actor, session, parts.settings, project))


@router.get("/users/{user}/limits")
async def get_user_limits(parts: WithParts, actor: Asking, user: str) -> LimitsDocument:
    """What a user may have in all, and what he has; others' only for who manages people."""
    async with parts.store.reading() as session:
        return _limits(*await actions.user_limits(actor, session, parts.settings, user))


@router.put("/users/{user}/limits")
async def set_user_limits(parts: WithParts, actor: Asking, user: str, body: CeilingsInput) -> LimitsDocument:
    """Say what a user may have in all; what runs goes on running."""
    async with parts.store.writing() as session:
        await actions.set_user_limits(actor, session, user, body.ceilings())
        return _limits(*await actions.user_limits(actor, session, parts.settings, user))


def _limits(own: Ceilings, standing: Standing) -> LimitsDocument:
    return LimitsDocument(own=_ceilings(own), ceilings=_ceilings(standing.ceilings), used=_used(standing))


def _ceilings(ceilings: Ceilings) -> CeilingsDocument:
    return CeilingsDocument(**asdict(ceilings))


def _used(standing: Standing) -> AmountsDocument:
    return AmountsDocument(**asdict(standing.used))
