"""The catalog: templates that workspaces are made from."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from carrel.client.connection import Connection, segment
from carrel.client.documents import Document


class TemplateItem(Document):
    """A template, as the catalog lists it."""

    name: str
    project: str
    """Empty: everybody's."""
    title: str
    description: str
    icon: str
    version: int
    """The newest; of one template: the one that was asked for."""
    commit: str
    repository_id: str | None
    """None: a person pushed it."""
    folder: str
    updated_at: datetime
    updated_by: str
    withdrawn: bool
    problem: str
    """Why the newest state of its repository is not in the catalog; empty: it is."""
    workspaces: int
    may: list[str]
    """What one may do with it: `use`, `manage`."""


class TemplateParameter(Document):
    """What a person says when a workspace is made of it; members as a template.yaml has them."""

    name: str
    type: str
    title: str
    description: str
    default: str | float | bool | None
    choices: list[str]
    pattern: str
    minimum: float | None
    maximum: float | None
    whole: bool
    mutable: bool


class TemplateSize(Document):
    """Resources."""

    cpus: float | None
    memory_bytes: int | None
    gpus: int


class TemplateFile(Document):
    """A file of its folder."""

    path: str
    size: int


class TemplateVersionItem(Document):
    """One of its versions."""

    number: int
    commit: str
    created_at: datetime
    created_by: str


class Template(TemplateItem):
    """A template with all that one version of it says."""

    newest: int
    parameters: list[TemplateParameter]
    sizes: dict[str, TemplateSize]
    ceiling: TemplateSize | None
    grants: list[str]
    update: str
    policy: dict[str, Any]
    """Bounds by member; None: as the project has it."""
    workspace: dict[str, Any]
    has_configuration: bool
    """A devcontainer configuration is among its files."""
    files: list[TemplateFile]
    notices: list[str]
    versions: list[TemplateVersionItem]


class Templates:
    """The resource `/templates`. A template is named by its name, in a project or (no project) among everybody's."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def list(self, project: str = "") -> list[TemplateItem]:
        """Those that one may see, withdrawn ones among them; of a project: with everybody's. Raises `not_found`."""
        answer = await self._connection.get("/templates", project=project or None)
        return [TemplateItem.model_validate(item) for item in answer["items"]]

    async def get(self, name: str, project: str = "", version: str = "") -> Template:
        """The template of a project, else everybody's, in its newest version or another one. Raises `not_found`."""
        path = f"/templates/{segment(name)}"
        return Template.model_validate(
            await self._connection.get(path, project=project or None, version=version or None)
        )

    async def push(self, name: str, files: Mapping[str, bytes], project: str = "") -> Template:
        """Put a folder into the catalog; the same files again are the same version.

        Args:
            name: as its template.yaml says it.
            files: by path in the folder, template.yaml with them.
            project: whose it is; empty: everybody's.

        Raises:
            Problem: `bad_value` with line and column; `not_allowed`; `name_taken`.
        """
        body = {"files": {path: base64.b64encode(content).decode() for path, content in files.items()}}
        return Template.model_validate(await self._connection.send("PUT", _path(name, project), body))

    async def delete(self, name: str, project: str = "") -> None:
        """Take it out of the catalog; workspaces of it go on. Raises `not_found`, `not_allowed`."""
        await self._connection.send("DELETE", _path(name, project))


def _path(name: str, project: str) -> str:
    query = f"?{urlencode({'project': project})}" if project else ""
    return f"/templates/{segment(name)}{query}"
