"""Policies of projects."""

from __future__ import annotations

from typing import Any

from carrel.client.connection import Connection, segment
from carrel.client.documents import Document


class ProjectPolicy(Document):
    """The policy of a project."""

    project: str
    chosen: dict[str, Any]
    """By member; None: as the settings say."""
    in_force: dict[str, Any]


class Policies:
    """The resource `/projects/{p}/policy`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def get(self, project: str) -> ProjectPolicy:
        """The policy of a project. Raises `not_found`."""
        return ProjectPolicy.model_validate(await self._connection.get(f"/projects/{segment(project)}/policy"))

    async def change(self, project: str, changed: dict[str, Any]) -> ProjectPolicy:
        """Choose some members; None: as the settings say. Raises `not_found`, `not_allowed`, `bad_value`."""
        chosen = (await self.get(project)).chosen | changed
        path = f"/projects/{segment(project)}/policy"
        return ProjectPolicy.model_validate(await self._connection.send("PUT", path, chosen))
