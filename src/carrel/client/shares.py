"""Sharing a workspace: with users and by guest links; ports opened to more people; who is here."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from carrel.client.connection import Connection, segment
from carrel.client.documents import Document


class Share(Document):
    """What of a workspace was given to somebody."""

    id: str
    user: str
    """Empty: it is a guest link."""
    guest: bool
    title: str
    level: str
    ports: list[int]
    created_at: datetime
    expires_at: datetime | None


class NewShare(Share):
    """A share that was just made."""

    url: str
    """Of a guest link; shown this once."""


class Person(Document):
    """Somebody who is in a workspace now."""

    name: str
    ways: list[str]
    since: datetime
    seen: datetime


class Opening(Document):
    """How far a port or an app is open."""

    name: str
    visibility: str
    expires_at: datetime | None
    url: str


class Shares:
    """Below `/workspaces/ID`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def give(
        self, workspace: str, user: str, level: str, ports: Sequence[int] = (), seconds: int | None = None
    ) -> NewShare:
        """Give it to a user, in the place of what he was given before. Raises `not_found`, `not_allowed`, `bad_value`."""
        body = {"user": user, "level": level, "ports": list(ports), "expires_in_seconds": seconds}
        return NewShare.model_validate(await self._connection.send("POST", f"{_path(workspace)}/shares", body))

    async def guest_link(
        self, workspace: str, level: str, ports: Sequence[int] = (), seconds: int | None = None, title: str = ""
    ) -> NewShare:
        """Make a link for somebody without an account. Raises `not_allowed`, `bad_value`."""
        body = {"guest": True, "level": level, "ports": list(ports), "expires_in_seconds": seconds, "title": title}
        return NewShare.model_validate(await self._connection.send("POST", f"{_path(workspace)}/shares", body))

    async def take(self, workspace: str, share: str) -> None:
        """Take a share away. Raises `not_found`, `not_allowed`."""
        await self._connection.send("DELETE", f"{_path(workspace)}/shares/{segment(share)}")

    async def people(self, workspace: str) -> list[Person]:
        """Who is here now."""
        answer = await self._connection.get(f"{_path(workspace)}/people")
        return [Person.model_validate(item) for item in answer["items"]]

    async def open(self, workspace: str, name: str, visibility: str, seconds: int | None = None) -> Opening:
        """Open a port (by number) or an app (by name), or close it (`private`). Raises `not_allowed`, `bad_value`."""
        kind = "ports" if name.lstrip("-").isdigit() else "apps"
        body = {"visibility": visibility, "expires_in_seconds": seconds}
        answer = await self._connection.send("PUT", f"{_path(workspace)}/{kind}/{segment(name)}", body)
        return Opening.model_validate(answer)

    async def list(self, workspace: str) -> list[Share]:
        """To whom it is given. Raises `not_allowed`."""
        answer = await self._connection.get(f"{_path(workspace)}/shares")
        return [Share.model_validate(item) for item in answer["items"]]


def _path(workspace: str) -> str:
    return f"/workspaces/{segment(workspace)}"
