"""`carrel devcontainer templates list`: what a collection offers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from carrel.devcontainer.templates.fetch import TemplateSummary
from carrel.devcontainer.templates.fetch import list_templates as listed
from carrel.standalone.asked import Asked
from carrel.standalone.engine import Engine


async def list_templates(engine: Engine, asked: Asked) -> Mapping[str, Any]:
    """The templates of the collection `asked.reference`.

    Raises:
        Problem: `template_failed`, `registry_denied`, `registry_unreachable`.
    """
    return {"templates": [_shown(one) for one in await listed(asked.reference, engine.registry.client)]}


def _shown(one: TemplateSummary) -> dict[str, Any]:
    return {
        "reference": one.reference,
        "version": one.version,
        "name": one.title,
        "description": one.description,
        "options": dict(one.options),
    }
