"""Apps and ports of a running workspace, as its agent sees them now."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict

from carrel.core.agent import Progress
from carrel.server.api.asking import Asking, WithParts
from carrel.server.api.workspace_documents import ANSWER, AppDocument, AppUrls
from carrel.server.api.workspaces import find

router = APIRouter(tags=["apps"])


class AppState(AppDocument):
    """An app and how it is."""

    model_config = ConfigDict(**ANSWER, title="AppState")

    state: Progress
    """`pending`: it starts when it is opened. `done`: it answers."""
    detail: str
    restarts: int


class AppList(BaseModel):
    """The apps of a workspace."""

    model_config = ANSWER

    items: list[AppState]


class PortDocument(BaseModel):
    """A listening port; private to the owner."""

    model_config = {**ANSWER, "title": "Port"}

    port: int
    process: str
    protocol: str
    """http, https, tcp, or empty: unknown yet."""
    label: str
    url: str
    """Address on a host of its own."""


class PortList(BaseModel):
    """The listening ports of a workspace."""

    model_config = ANSWER

    items: list[PortDocument]


@router.get("/workspaces/{workspace}/apps")
async def list_apps(parts: WithParts, actor: Asking, workspace: str) -> AppList:
    """Apps with address and state."""
    found = await find(parts, actor, workspace)
    status = await parts.live.status(found)
    states = {app.name: app for app in status.apps} if status is not None else {}
    urls = AppUrls(parts.settings)
    items = []
    for app in found.apps:
        state = states.get(app.name)
        items.append(
            AppState(
                **urls.members(found, app),
                state=state.state if state else Progress.PENDING,
                detail=state.detail if state else "",
                restarts=state.restarts if state else 0,
            )
        )
    return AppList(items=items)


@router.get("/workspaces/{workspace}/ports")
async def list_ports(parts: WithParts, actor: Asking, workspace: str) -> PortList:
    """Ports that something listens on."""
    found = await find(parts, actor, workspace)
    status = await parts.live.status(found)
    urls = AppUrls(parts.settings)
    items = [
        PortDocument(
            port=port.port,
            process=port.process,
            protocol=port.protocol,
            label=port.label,
            url=urls.url(found, str(port.port)),
        )
        for port in (status.ports if status is not None else ())
    ]
    return PortList(items=items)
