"""Apps and ports of a running workspace, as its agent sees them now."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict

from carrel.core.access import Action, Actor, Resource, Visibility, allows, opens
from carrel.core.agent import PortStatus, Progress
from carrel.core.port_events import has_news
from carrel.core.workspace import Workspace
from carrel.devcontainer.ports import attributes_of
from carrel.server.actions.openings import visibility_of
from carrel.server.api.asking import Asking, WithParts
from carrel.server.api.parts import Parts
from carrel.server.api.workspace_documents import ANSWER, AppDocument, AppUrls
from carrel.server.api.workspaces import know
from carrel.server.store import environments, openings
from carrel.server.store import workspaces as rows

router = APIRouter(tags=["apps"])


class AppState(AppDocument):
    """An app and how it is."""

    model_config = ConfigDict(**ANSWER, title="AppState")

    state: Progress
    """`pending`: it starts when it is opened. `done`: it answers."""
    detail: str
    restarts: int
    may_open: bool
    """You may: as one who may use the workspace, or because it is open to you."""


class AppList(BaseModel):
    """The apps of a workspace."""

    model_config = ANSWER

    items: list[AppState]


class PortDocument(BaseModel):
    """A port that something listens on, or that the configuration forwards, or that was opened."""

    model_config = {**ANSWER, "title": "Port"}

    port: int
    process: str
    address: str
    """What it listens on in the workspace: `*` for every address, else addresses; empty while nothing listens."""
    protocol: str
    """http, https, h2c (HTTP/2 without TLS), tcp (none of these), or empty: unknown."""
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
    visibility: Visibility
    """Who may open it besides those who may use the workspace, and those to whom it was named."""
    expires_at: datetime | None
    """When it is private again."""
    may_open: bool
    """You may: as one who may use the workspace, because a share names it, or because it is open to you."""


class PortList(BaseModel):
    """The ports of a workspace."""

    model_config = ANSWER

    items: list[PortDocument]


@router.get("/workspaces/{workspace}/apps")
async def list_apps(parts: WithParts, actor: Asking, workspace: str) -> AppList:
    """Apps with address and state; for a guest those that he may open."""
    found = await know(parts, actor, workspace)
    may_open = _may_open(parts, actor, found, await _opened(parts, found))
    status = await parts.live.status(found)
    states = {app.name: app for app in status.apps} if status is not None else {}
    urls = AppUrls(parts.settings)
    items = []
    for app in (app for app in found.apps if _reads(actor, found) or may_open(app.name)):
        state = states.get(app.name)
        items.append(
            AppState(
                **urls.members(found, app),
                state=state.state if state else Progress.PENDING,
                detail=state.detail if state else "",
                restarts=state.restarts if state else 0,
                may_open=may_open(app.name),
            )
        )
    return AppList(items=items)


@router.get("/workspaces/{workspace}/ports")
async def list_ports(parts: WithParts, actor: Asking, workspace: str) -> PortList:
    """Ports that something listens on, that the configuration forwards, or that were opened; for a guest those that he may open."""
    found = await know(parts, actor, workspace)
    opened = await _opened(parts, found)
    may_open = _may_open(parts, actor, found, opened)
    status = await parts.live.status(found)
    if status is None:
        return PortList(items=[])
    is_new = not found.is_prebuild and has_news(status, found.remembered.ports_told)
    if is_new and _reads(actor, found):
        async with parts.store.writing() as session:  # the loop tells everybody; this only wakes it
            await rows.change(session, found.id, {})
    urls = AppUrls(parts.settings)
    listening = {port.port: port for port in status.ports}
    silent = [PortStatus(int(app)) for _, app in opened if app.isdigit()] + await _forwarded(parts, found)
    ports = {**{port.port: port for port in silent}, **listening}
    items = [
        PortDocument(
            port=port.port,
            process=port.process,
            address=port.address,
            protocol=port.protocol,
            label=port.label,
            on_auto_forward=port.on_auto_forward,
            require_local_port=port.require_local_port,
            elevate_if_needed=port.elevate_if_needed,
            listening=port.port in listening,
            url=urls.url(found, str(port.port)),
            visibility=visibility_of(parts.settings, found, str(port.port), opened),
            expires_at=opened[found.id, str(port.port)].expires_at if (found.id, str(port.port)) in opened else None,
            may_open=may_open(str(port.port)),
        )
        for _, port in sorted(ports.items())
        if _reads(actor, found) or may_open(str(port.port))
    ]
    return PortList(items=items)


async def _opened(parts: Parts, workspace: Workspace) -> dict[tuple[str, str], openings.Opening]:
    async with parts.store.reading() as session:
        return await openings.of_workspaces(session, [workspace.id])


def _reads(actor: Actor, workspace: Workspace) -> bool:
    """Whether the actor is told of all apps and ports, also of those that he may not open."""
    return allows(actor, Action.WORKSPACE_READ, Resource.of(workspace))


def _may_open(
    parts: Parts, actor: Actor, workspace: Workspace, opened: Mapping[tuple[str, str], openings.Opening]
) -> Callable[[str], bool]:
    """Which apps and ports the actor may open."""
    resource = Resource.of(workspace)
    return lambda app: opens(actor, resource, app, visibility_of(parts.settings, workspace, app, opened))


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
