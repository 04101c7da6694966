"""The step that brings the source into the project volume, and the template's files beside it."""

from __future__ import annotations

from dataclasses import replace

from carrel.core.events import Event
from carrel.core.spec import GitSource
from carrel.core.workspace import Remembered
from carrel.runtimes.contract import SourceJob
from carrel.server.reconcile.context import StepContext, StepResult
from carrel.server.reconcile.template_files import place_template_files


async def fetch_source(context: StepContext) -> StepResult:
    """Clone, or check that the local folder can be mounted; then place the files of the template.

    A volume that is filled already is left alone. Of another version of the template only the files are placed; the
    environment is resolved anew where that changed any.
    """
    job = await _job(context)
    memory, events = await _fetched(context, job)
    placed = await place_template_files(context, job)
    memory = replace(memory, template_placed=placed.version, resolved=0 if placed.changed else memory.resolved)
    return StepResult(remembered=memory, events=(*events, *placed.events))


async def _job(context: StepContext) -> SourceJob:
    workspace = context.workspace
    credential = None
    if isinstance(workspace.source, GitSource) and not workspace.remembered.fetched:
        credential = await context.environments.credentials.git(workspace, workspace.source.url)
    username, token = credential or ("", None)
    return SourceJob(
        ref=workspace.ref(),
        source=workspace.source,
        toolbox=workspace.remembered.toolbox,
        username=username,
        token=token,
    )


async def _fetched(context: StepContext, job: SourceJob) -> tuple[Remembered, tuple[Event, ...]]:
    memory = context.workspace.remembered
    if memory.fetched:
        return memory, ()
    found = await context.runtime.fetch_source(job, context.log("source"))
    event = Event("source_fetched", {"commit": found.commit, "branch": found.branch})
    return replace(memory, fetched=True, commit=found.commit, branch=found.branch), (event,)
