"""`carrel devcontainer outdated`: which versions the features have, would get, and could have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from carrel.devcontainer.features.outdated import find_outdated
from carrel.standalone.asked import Asked
from carrel.standalone.engine import Engine, files_of, say
from carrel.standalone.read import chosen


async def outdated(engine: Engine, asked: Asked) -> Mapping[str, Any]:
    """The document of the reference's `outdated`; what a registry did not tell is left out, and said.

    Raises:
        Problem: `not_found`, `bad_configuration`, `choose_configuration`.
    """
    files, request = files_of(asked), engine.request(asked)
    await chosen(request, files)
    found = await find_outdated(request, files, engine.registry)
    for name, versions in found.features.items():
        if versions.problem is not None:
            say(f"{name}: {versions.problem}")
    records = {name: versions.as_record() for name, versions in found.features.items()}
    return {"features": records}
