"""The resolved environment of a workspace: what its configuration came to, after all merging."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel

from carrel.server.api.asking import Asking, WithParts
from carrel.server.api.workspace_documents import ANSWER
from carrel.server.api.workspaces import find
from carrel.server.store import environments
from carrel.server.store.environments import StoredEnvironment

router = APIRouter(tags=["workspaces"])


class NoticeDocument(BaseModel):
    """A refusal by policy, or a warning."""

    model_config = {**ANSWER, "title": "Notice"}

    level: str
    key: str
    message: str
    who: str
    """Who can allow it."""


class EnvironmentDocument(BaseModel):
    """The environment of the revision that is in use."""

    model_config = {**ANSWER, "title": "Environment"}

    revision: int = 0
    """0: its configuration was not read yet, and the rest says nothing."""
    name: str = ""
    """Display name from the configuration."""
    config_path: str = ""
    """The configuration that was used; empty: the repository has none."""
    image: str = ""
    remote_user: str = ""
    """Empty: the container's own."""
    workspace_folder: str = ""
    forward_ports: list[str] = []
    """`3000`, or `db:5432` of another service."""
    ports: dict[str, dict[str, Any]] = {}
    """portsAttributes by key; `*` has otherPortsAttributes."""
    requirements: dict[str, Any] = {}
    """hostRequirements, in numbers."""
    customizations: dict[str, list[Any]] = {}
    """Of every tool, as they were written: one entry for each place that says something, the configuration's last."""
    notices: list[NoticeDocument] = []
    recovery: str = ""
    """Why it is a recovery environment; empty: it is none."""


@router.get("/workspaces/{workspace}/environment")
async def get_environment(parts: WithParts, actor: Asking, workspace: str) -> EnvironmentDocument:
    """What its configuration came to."""
    found = await find(parts, actor, workspace)
    async with parts.store.reading() as session:
        stored = await environments.get(session, found.id, found.remembered.resolved)
    return _document(stored) if stored is not None else EnvironmentDocument()


def _document(stored: StoredEnvironment) -> EnvironmentDocument:
    plan: dict[str, Any] = stored.plan
    agent, customizations = plan["agent"], plan["configuration"].get("customizations") or {}
    return EnvironmentDocument(
        revision=stored.revision,
        name=plan["name"],
        config_path=plan["config_path"],
        image=plan["image"],
        remote_user=agent["remote_user"],
        workspace_folder=agent["workspace_folder"],
        forward_ports=agent["forward_ports"],
        ports=agent["ports"],
        requirements=plan["requirements"],
        customizations={tool: part if isinstance(part, list) else [part] for tool, part in customizations.items()},
        notices=[NoticeDocument.model_validate(one) for one in plan["notices"]],
        recovery=plan["recovery"],
    )
