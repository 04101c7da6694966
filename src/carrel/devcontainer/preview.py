"""What a repository asks for, from its configuration alone: for people to see before anything is built (C370, C414)."""

from __future__ import annotations

from dataclasses import dataclass

from carrel.devcontainer.declared_secrets import DeclaredSecret, declared_secrets
from carrel.devcontainer.discovery import find_configurations
from carrel.devcontainer.gather import read_configuration
from carrel.devcontainer.inputs import ProjectFiles, Request
from carrel.devcontainer.requirements import Requirements, merge_requirements, requirements_of


@dataclass(frozen=True)
class Preview:
    """What the chosen configuration says; features and images are not asked, and may ask for more."""

    configurations: tuple[str, ...] = ()
    """Paths of all that the repository has."""
    config_path: str = ""
    """The chosen one; empty: there is none."""
    name: str = ""
    secrets: tuple[DeclaredSecret, ...] = ()
    requirements: Requirements = Requirements()


async def preview(request: Request, files: ProjectFiles) -> Preview:
    """The preview of what `request` chooses.

    Raises:
        Problem: `choose_configuration`, `bad_configuration`, `refused_by_policy`.
    """
    candidates = await find_configurations(files, request.folder)
    configuration, found = await read_configuration(request, files)
    values = configuration.values
    return Preview(
        configurations=candidates,
        config_path=configuration.path if found else "",
        name=str(values.get("name") or ""),
        secrets=declared_secrets(values),
        requirements=requirements_of(merge_requirements([values])),
    )
