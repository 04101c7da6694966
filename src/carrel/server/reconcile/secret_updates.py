"""Changed secrets reach a workspace that runs: what its agent has is compared with what it is to have (ADR 0031)."""

from __future__ import annotations

import structlog

from carrel.core.agent import NewSecrets
from carrel.core.events import Event
from carrel.core.problems import Problem
from carrel.core.records import dump
from carrel.core.workspace import Workspace
from carrel.server.reconcile.agents import Agents
from carrel.server.reconcile.environments import Credentials
from carrel.server.reconcile.observe import Observation

log = structlog.get_logger(__name__)


async def bring_secrets(
    agents: Agents, credentials: Credentials, workspace: Workspace, seen: Observation
) -> tuple[Event, ...]:
    """Give the agent other secrets where it has outdated ones; what is told of it.

    An agent that cannot be reached now is asked again at the next look. A key that is missing by now is taken away: the
    next start fails of it, this one goes on.
    """
    endpoint, status = seen.runtime.endpoint, seen.status
    if status is None or status.secrets_version is None or endpoint is None or seen.environment is None:
        return ()
    if await credentials.secrets_version(workspace) == status.secrets_version:
        return ()
    now = await credentials.secrets(workspace)
    own = seen.environment.plan.agent.secrets
    new = NewSecrets(now.version, {**own, **now.variables}, now.files)
    try:
        change = await agents.give_secrets(workspace, endpoint, new)
    except Problem as problem:
        log.warning("secrets_not_brought", workspace=workspace.id, kind=problem.kind)
        return ()
    return (Event("secrets_changed", dump(change)),) if change else ()
