"""`carrel devcontainer read`: the configurations of a folder, the chosen one, and what it comes to once all is merged."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from carrel.core.problems import Problem
from carrel.devcontainer import Inputs, Notice, Request, gather, plan, read_configuration
from carrel.devcontainer.configuration import Configuration
from carrel.devcontainer.discovery import find_configurations
from carrel.devcontainer.entries import metadata_entries
from carrel.devcontainer.jsonc import Document, parse_object
from carrel.devcontainer.locate import located
from carrel.devcontainer.merge import merge
from carrel.devcontainer.variables import local_pass
from carrel.runtimes.folder_files import FolderFiles
from carrel.standalone.asked import Asked
from carrel.standalone.engine import Engine, files_of, say


async def read(engine: Engine, asked: Asked) -> Mapping[str, Any]:
    """The document that is printed; notices go to stderr with the place where the property stands.

    Its members `configuration`, `workspace`, `featuresConfiguration` and `mergedConfiguration` are those of the reference.

    Raises:
        Problem: `not_found`: the folder has no configuration; all problems of `gather` and `plan`.
    """
    files, request = files_of(asked), engine.request(asked)
    configuration = await chosen(request, files)
    answer: dict[str, Any] = {
        "configFilePath": configuration.path,
        "configurations": list(await find_configurations(files)),
        "configuration": dict(configuration.values),
        "workspace": configuration.workspace.as_reference(),
    }
    notices = configuration.notices
    if asked.merged:
        inputs = await gather(request, files, engine.inspect, engine.registry)
        notices = plan(inputs).notices
        answer["features"] = [describe(inputs, index) for index in range(len(inputs.features))]
        answer["mergedConfiguration"] = merged(inputs)
    await tell(notices, configuration.path, files)
    return answer


async def chosen(request: Request, files: FolderFiles) -> Configuration:
    """The configuration of a folder. Raises `not_found` where it has none."""
    configuration, found = await read_configuration(request, files)
    if not found:
        detail = f"{request.place.root} has no devcontainer.json."
        raise Problem("not_found", detail, hint="`carrel devcontainer templates list` shows what to begin with.")
    return configuration


def merged(inputs: Inputs) -> dict[str, Any]:
    """The merged configuration as the reference prints it without a container: `${devcontainerId}` stays (C046)."""
    scope = inputs.configuration.scope
    entries = [local_pass(dict(entry.values), scope) for entry in metadata_entries(inputs)]
    return merge(dict(inputs.configuration.values), entries)


def describe(inputs: Inputs, index: int) -> dict[str, Any]:
    """One feature, in its place in the order."""
    feature = inputs.features[index]
    return {
        "id": feature.name,
        "version": str(feature.metadata.get("version", "")),
        "digest": feature.digest,
        "options": feature.options,
    }


async def tell(notices: tuple[Notice, ...], path: str, files: FolderFiles) -> None:
    """Print notices, each once, with its place."""
    content = await files.read(path)
    document: Document | None = parse_object(content, path) if content is not None else None
    for line in dict.fromkeys(located(notice, path, document) for notice in notices):
        say(line)
