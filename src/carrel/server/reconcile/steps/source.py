"""The step that brings the source into the project volume."""

from __future__ import annotations

from dataclasses import replace

from carrel.core.events import Event
from carrel.core.spec import GitSource
from carrel.runtimes.contract import SourceJob
from carrel.server.reconcile.context import StepContext, StepResult


async def fetch_source(context: StepContext) -> StepResult:
    """Clone, or check that the local folder can be mounted. A volume that is filled already is left alone."""
    workspace = context.workspace
    credential = None
    if isinstance(workspace.source, GitSource):
        credential = await context.environments.credentials.git(workspace, workspace.source.url)
    username, token = credential or ("", None)
    job = SourceJob(
        ref=workspace.ref(),
        source=workspace.source,
        toolbox=workspace.remembered.toolbox,
        username=username,
        token=token,
    )
    found = await context.runtime.fetch_source(job, context.log("source"))
    return StepResult(
        remembered=replace(workspace.remembered, fetched=True, commit=found.commit, branch=found.branch),
        events=(Event("source_fetched", {"commit": found.commit, "branch": found.branch}),),
    )
