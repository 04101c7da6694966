"""`carrel devcontainer templates apply`: writes a template's files into a folder."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from carrel.devcontainer.templates import AddedFeature, Choice, fetch_template, write_files
from carrel.devcontainer.templates import apply_template as applied_to
from carrel.standalone.asked import Asked
from carrel.standalone.engine import Engine, say


async def apply_template(engine: Engine, asked: Asked) -> Mapping[str, Any]:
    """Fetch, fill in the options, write; the answer is the reference's: the files.

    Raises:
        Problem: `template_failed`, `bad_configuration`, `registry_denied`, `registry_unreachable`.
    """
    template = await fetch_template(asked.reference, engine.registry.client)
    features = [AddedFeature(reference, options) for reference, options in asked.additional_features.items()]
    applied = applied_to(template, Choice(asked.options, asked.omit_paths, features))
    for notice in applied.notices:
        say(str(notice))
    written = await asyncio.to_thread(write_files, applied, Path(asked.folder), overwrite=asked.overwrite)
    return {"files": [f"./{path}" for path in written]}
