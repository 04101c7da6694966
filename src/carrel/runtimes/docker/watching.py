"""The engine's event stream as wake-ups."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import aclosing
from typing import Any

from carrel.core.problems import Problem
from carrel.runtimes.docker import names
from carrel.runtimes.docker.connection import Engine, Request
from carrel.runtimes.docker.names import Names

_CONTAINER_ACTIONS = frozenset({"create", "start", "die", "oom", "destroy", "pause", "unpause", "rename"})
_OTHER_ACTIONS = frozenset({"create", "destroy"})


async def watch(engine: Engine, own: Names) -> AsyncIterator[str]:
    """Workspace ids whose facts may have changed; ends when the connection is lost."""
    actions = sorted(_CONTAINER_ACTIONS | _OTHER_ACTIONS)
    filters = {"type": ["container", "volume", "network"], "event": actions}
    try:
        async with aclosing(engine.lines(Request("GET", "events", {"filters": filters}))) as events:
            async for event in events:
                if workspace := workspace_of(event, own):
                    yield workspace
    except Problem as problem:
        if problem.kind != "no_engine":
            raise


def workspace_of(event: Mapping[str, Any], own: Names) -> str | None:
    """The workspace that an event is about: by our labels, and by name where events carry no labels."""
    actor = event.get("Actor") or {}
    attributes = actor.get("Attributes") or {}
    if event.get("Type") == "container":
        if event.get("Action") not in _CONTAINER_ACTIONS or attributes.get(names.INSTALLATION) != own.installation:
            return None
        return attributes.get(names.WORKSPACE)
    return own.workspace_of(attributes.get("name") or actor.get("ID") or "")
