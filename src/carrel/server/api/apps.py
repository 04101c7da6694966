"""Apps and ports of a running workspace, as its agent sees them now."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict

from carrel.core.agent import PortStatus, Progress
from carrel.core.workspace import Workspace
from carrel.devcontainer.ports import attributes_of
from carrel.server.api.asking import Asking, WithParts
from carrel.server.api.parts import Parts
from carrel.server.api.workspace_documents import ANSWER, AppDocument, AppUrls
from carrel.server.api.workspaces import find
from carrel.server.store import environments

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
    """A port that something listens on, or that the configuration forwards; private to the owner."""

    model_config = {**ANSWER, "title": "Port"}

    port: int
    process: str
    protocol: str
    """http, https, tcp, or empty: unknown yet."""
    label: str
    on_auto_forward: str
    """What a tool does when something begins to listen: `notify`, `openBrowser`, `openBrowserOnce`, `openPreview`,
    `silent`, `ignore`."""
    require_local_port: bool
    """A tool on the person's machine must use the same number there."""
    elevate_if_needed: bool
    listening: bool
    """False: it is in `forwardPorts`, and nothing listens yet."""
    url: str
    """Address on a host of its own."""


class PortList(BaseModel):
    """The ports of a workspace."""

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
    """Ports that something listens on, and those that the configuration forwards."""
    found = await find(parts, actor, workspace)
    status = await parts.live.status(found)
    if status is None:
        return PortList(items=[])
    urls = AppUrls(parts.settings)
    listening = {port.port: port for port in status.ports}
    ports = {**{port.port: port for port in await _forwarded(parts, found)}, **listening}
    items = [
        PortDocument(
            port=port.port,
            process=port.process,
            protocol=port.protocol,
            label=port.label,
            on_auto_forward=port.on_auto_forward,
            require_local_port=port.require_local_port,
            elevate_if_needed=port.elevate_if_needed,
            listening=port.port in listening,
            url=urls.url(found, str(port.port)),
        )
        for _, port in sorted(ports.items())
    ]
    return PortList(items=items)


async def _forwarded(parts: Parts, workspace: Workspace) -> list[PortStatus]:
    """`forwardPorts` of the primary container, with their attributes."""
    async with parts.store.reading() as session:
        stored = await environments.get(session, workspace.id, workspace.remembered.resolved)
    agent: dict[str, Any] = stored.plan.get("agent", {}) if stored is not None else {}
    attributes = dict(agent.get("ports", {}))
    others = attributes.pop("*", None)
    found = []
    for text in agent.get("forward_ports", ()):
        if text.isdecimal():
            chosen = attributes_of(text, attributes, others)
            found.append(
                PortStatus(
                    port=int(text),
                    protocol=chosen["protocol"] if chosen.get("protocol") in {"http", "https"} else "",
                    label=str(chosen.get("label", "")),
                    on_auto_forward=str(chosen["onAutoForward"]),
                    require_local_port=chosen["requireLocalPort"] is True,
                    elevate_if_needed=chosen["elevateIfNeeded"] is True,
                )
            )
    return found
