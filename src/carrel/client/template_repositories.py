"""Git repositories that the catalog is synchronised with."""

from __future__ import annotations

from datetime import datetime

from carrel.client.connection import Connection, segment
from carrel.client.documents import Document


class SyncedTemplate(Document):
    """What became of one folder of a repository."""

    folder: str
    name: str
    version: int | None
    state: str
    """`new`, `updated`, `same`, `withdrawn`, `refused`."""
    problem: str


class TemplateRepository(Document):
    """A repository with templates, and how its last synchronisation ended."""

    id: str
    project: str
    """Whose its templates are; empty: everybody's."""
    url: str
    ref: str
    folder: str
    """Where templates are looked for; empty: in all of it."""
    created_by: str
    created_at: datetime
    synced_at: datetime | None
    commit: str
    problem: str
    """Why the repository could not be read; empty: it could."""
    templates: list[SyncedTemplate]


class TemplateRepositories:
    """The resource `/template-repositories`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def list(self) -> list[TemplateRepository]:
        """Those whose templates one may see."""
        answer = await self._connection.get("/template-repositories")
        return [TemplateRepository.model_validate(item) for item in answer["items"]]

    async def add(self, url: str, project: str = "", ref: str = "", folder: str = "") -> TemplateRepository:
        """Have the templates of a repository in the catalog; it is read at once, after the answer.

        Raises:
            Problem: `bad_source`, `bad_value`, `not_allowed`, `not_found`, `name_taken`.
        """
        body = {"project": project, "url": url, "ref": ref, "folder": folder}
        return TemplateRepository.model_validate(await self._connection.send("POST", "/template-repositories", body))

    async def sync(self, repository: str) -> TemplateRepository:
        """Have it read now, and wait for it. Raises `not_found`, `not_allowed`, `no_progress`."""
        answer = await self._connection.send_patiently("POST", f"{_path(repository)}/sync")
        return TemplateRepository.model_validate(answer)

    async def remove(self, repository: str) -> None:
        """Synchronise it no longer: its templates are withdrawn. Raises `not_found`, `not_allowed`."""
        await self._connection.send("DELETE", _path(repository))


def _path(repository: str) -> str:
    return f"/template-repositories/{segment(repository)}"
