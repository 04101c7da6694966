"""Projects, and who is a member of them."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import quote

from carrel.client.connection import Connection, segment
from carrel.client.documents import Document


class Project(Document):
    """A project."""

    name: str
    description: str
    created_at: datetime | None
    you: dict[str, str]
    """What one is in it, by domain; empty: in all of them."""


class Member(Document):
    """Who is what in a project."""

    user: str
    user_id: str
    domain: str
    """Empty: in all of them."""
    role: str
    created_at: datetime


class Projects:
    """The resource `/projects`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def get(self, name: str) -> Project:
        """A project. Raises `not_found`."""
        return Project.model_validate(await self._connection.get(f"/projects/{segment(name)}"))

    async def create(self, name: str, description: str = "") -> Project:
        """Make a project. Raises `not_allowed`, `bad_name`, `name_taken`."""
        body = {"name": name, "description": description}
        return Project.model_validate(await self._connection.send("POST", "/projects", body))

    async def change(self, name: str, description: str) -> Project:
        """Give another description. Raises `not_found`, `not_allowed`, `bad_value`."""
        body = {"description": description}
        return Project.model_validate(await self._connection.send("PATCH", f"/projects/{segment(name)}", body))

    async def delete(self, name: str) -> None:
        """Remove an empty project. Raises `not_found`, `not_allowed`, `wrong_state`."""
        await self._connection.send("DELETE", f"/projects/{segment(name)}")

    async def members(self, name: str) -> list[Member]:
        """Who is what in it. Raises `not_found`."""
        answer = await self._connection.get(f"/projects/{segment(name)}/members")
        return [Member.model_validate(item) for item in answer["items"]]

    async def put_member(self, name: str, user: str, role: str, domain: str = "") -> Member:
        """Make somebody a member, or something else. Raises `not_found`, `not_allowed`, `bad_value`."""
        body = {"role": role, "domain": domain}
        path = f"/projects/{segment(name)}/members/{segment(user)}"
        return Member.model_validate(await self._connection.send("PUT", path, body))

    async def remove_member(self, name: str, user: str, domain: str = "") -> None:
        """End a membership. Raises `not_found`, `not_allowed`."""
        path = f"/projects/{segment(name)}/members/{segment(user)}"
        await self._connection.send("DELETE", f"{path}?domain={quote(domain)}" if domain else path)

    async def list(self) -> list[Project]:
        """Those that one knows of."""
        return [Project.model_validate(item) for item in (await self._connection.get("/projects"))["items"]]
