"""Life-cycle hooks of a running workspace: what became of each, and running a stage again."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter
from pydantic import BaseModel
from starlette.status import HTTP_202_ACCEPTED

from carrel.core.agent import HookStatus, Progress
from carrel.server.actions import hooks as actions
from carrel.server.api.asking import Asking, WithParts
from carrel.server.api.workspace_documents import ANSWER
from carrel.server.api.workspaces import find

router = APIRouter(tags=["hooks"])


class HookDocument(BaseModel):
    """One command of a hook."""

    model_config = {**ANSWER, "title": "Hook"}

    stage: str
    """`onCreate`, `updateContent`, `postCreate`, `dotfiles`, `postStart`, `postAttach`, or `extensions`."""
    name: str
    """Of a command that runs beside others; empty: the only one."""
    origin: str
    """`devcontainer.json`, `feature ID`, `image`."""
    state: Progress
    exit_code: int | None
    began: datetime | None
    ended: datetime | None
    detail: str
    """Why it failed, where the exit code does not say it."""
    log: str
    """Its log stream."""


class HookList(BaseModel):
    """The hooks of a workspace, in the order in which they run."""

    model_config = ANSWER

    items: list[HookDocument]


def _document(hook: HookStatus) -> HookDocument:
    return HookDocument(
        stage=hook.stage,
        name=hook.name,
        origin=hook.origin,
        state=hook.state,
        exit_code=hook.exit_code,
        began=hook.began,
        ended=hook.ended,
        detail=hook.detail,
        log=hook.stream(),
    )


@router.get("/workspaces/{workspace}/hooks")
async def list_hooks(parts: WithParts, actor: Asking, workspace: str) -> HookList:
    """What became of each hook in this start; none where it does not run."""
    found = await find(parts, actor, workspace)
    status = await parts.live.status(found)
    return HookList(items=[_document(hook) for hook in (status.hooks if status is not None else ())])


@router.post("/workspaces/{workspace}/hooks/{stage}/run", status_code=HTTP_202_ACCEPTED)
async def run_hooks(parts: WithParts, actor: Asking, workspace: str, stage: str) -> HookList:
    """Run a stage (`postCreate`, also `postCreateCommand`) again, and then what its failure had kept from running."""
    found = await find(parts, actor, workspace)
    stage = actions.check_run(actor, found, stage)
    await parts.live.run_hooks(found, stage)
    async with parts.store.writing() as session:
        await actions.note_run(actor, session, found, stage)
    status = await parts.live.status(found)
    return HookList(items=[_document(hook) for hook in (status.hooks if status is not None else ())])
