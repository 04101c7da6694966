"""Puts the files beside a template.yaml into the project, and a newer version's in the place of theirs (ADR 0038)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from carrel.core.events import Event
from carrel.runtimes.contract import FilePlacement, SourceJob
from carrel.server.reconcile.context import StepContext
from carrel.templates.read import FILE

MOST_NAMED = 20
"""Files that an event names."""


@dataclass(frozen=True)
class Placed:
    """What came of it."""

    version: str
    """For `Remembered.template_placed`."""
    events: tuple[Event, ...] = ()
    changed: bool = False
    """Files of the project are others than before."""


async def place_template_files(context: StepContext, job: SourceJob) -> Placed:
    """Put them where nobody else's are; `job` is the one that the source was fetched by. Raises as the runtime does."""
    workspace = context.workspace
    wanted = workspace.template_files
    if workspace.has_template_files:
        return Placed(workspace.remembered.template_placed)
    before = await _files(context, workspace.remembered.template_placed)
    now = await _files(context, wanted)
    files = placements(before or {}, now) if now is not None else []
    if not files:
        return Placed(wanted)
    kept = await context.runtime.place_source_files(job, files)
    log = context.log("source")
    for path in kept:
        log(f"{path} stays as it is: it is not as the template has put it there.")
    data = {
        "version": workspace.template_version,
        "placed": len(files) - len(kept),
        "kept": list(kept[:MOST_NAMED]),
        "more": max(0, len(kept) - MOST_NAMED),
    }
    return Placed(wanted, (Event("template_files", data),), changed=len(kept) < len(files))


async def _files(context: StepContext, version: str) -> Mapping[str, bytes] | None:
    """The files of a version that is named as in `Workspace.template_files`; None: it is gone, or none."""
    template_id, _, number = version.partition(":")
    return await context.environments.template_files(template_id, int(number)) if version else None


def placements(before: Mapping[str, bytes], now: Mapping[str, bytes]) -> list[FilePlacement]:
    """What is to be done that a project with the files of one version has those of another."""
    paths = sorted((before.keys() | now.keys()) - {FILE})
    return [_placement(path, before.get(path), now.get(path)) for path in paths if before.get(path) != now.get(path)]


def _placement(path: str, before: bytes | None, now: bytes | None) -> FilePlacement:
    replaces = "" if before is None else hashlib.sha256(before).hexdigest()
    return FilePlacement(path, now, replaces, executable=now is not None and now.startswith(b"#!"))
