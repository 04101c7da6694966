"""Limits: how one stands, and what administrators allow one project and one user."""

from __future__ import annotations

from typing import Any, Literal

from carrel.client.connection import Connection, segment
from carrel.client.documents import Document


class Ceilings(Document):
    """The most of each; None: no limit, or nothing is said."""

    workspaces: int | None = None
    running: int | None = None
    cpus: float | None = None
    memory_bytes: int | None = None
    gpus: int | None = None
    disk_bytes: int | None = None


class Amounts(Document):
    """So much of each."""

    workspaces: int
    running: int
    cpus: float
    memory_bytes: int
    gpus: int
    disk_bytes: int


class Tier(Document):
    """How the user, the project or the installation stands."""

    level: str
    name: str
    ceilings: Ceilings
    used: Amounts


class Refusal(Document):
    """Why something would be refused."""

    kind: str
    title: str
    detail: str = ""
    hint: str = ""


class Machine(Document):
    """What the server's machine has of GPUs."""

    gpus: int
    counted: bool
    accelerator: str
    gpus_used: int


class Quota(Document):
    """How one stands in a project."""

    project: str
    domain: str
    tiers: list[Tier]
    workspace: Ceilings
    most: Ceilings
    workspaces_left: int | None
    running_left: int | None
    create_problem: Refusal | None
    start_problem: Refusal | None
    machine: Machine | None


class LimitsOf(Document):
    """What one project or user may have in all."""

    own: Ceilings
    ceilings: Ceilings
    used: Amounts


Kind = Literal["projects", "users"]


class LimitsResource:
    """The resources `/quota` and `/projects/{p}/limits`, `/users/{u}/limits`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def quota(self, project: str = "", domain: str = "") -> Quota:
        """How one stands in a project (empty: the default one). Raises `not_found`, `not_allowed`."""
        asked = {"project": project or None, "domain": domain or None}
        return Quota.model_validate(await self._connection.get("/quota", **asked))

    async def of(self, kind: Kind, name: str) -> LimitsOf:
        """What one project or user may have. Raises `not_found`."""
        return LimitsOf.model_validate(await self._connection.get(f"/{kind}/{segment(name)}/limits"))

    async def change(self, kind: Kind, name: str, changed: dict[str, Any]) -> LimitsOf:
        """Change some of them; None: as the settings say. Raises `not_found`, `not_allowed`, `malformed_request`."""
        own = (await self.of(kind, name)).own.model_dump() | changed
        return LimitsOf.model_validate(await self._connection.send("PUT", f"/{kind}/{segment(name)}/limits", own))
