"""What is sent to the API. Members that are left out are as the server's settings say, or stay as they are."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from carrel.core.preferences import Dotfiles
from carrel.core.spec import EmptySource, FolderSource, GitSource


class Body(BaseModel):
    """The body of a request: only what was given is sent."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    def json_values(self) -> dict[str, Any]:
        """As JSON values."""
        return self.model_dump(mode="json", exclude_unset=True)


class LimitsInput(Body):
    """Size of a workspace."""

    cpus: float | None = None
    memory_bytes: int | None = None
    pids: int | None = None
    shm_bytes: int | None = None
    gpus: int = 0


class RetentionInput(Body):
    """When a workspace ends by itself."""

    ttl_seconds: int | None = None
    max_life_seconds: int | None = None
    on_idle: str | None = None
    on_deadline: str | None = None


class DefinitionInput(Body):
    """What a workspace.yaml says besides, as the API names it; None: nothing is said."""

    description: str | None = None
    image: str | dict[str, Any] | None = None
    accelerator: str | None = None
    on_startup: list[str] | None = None
    env: dict[str, str] | None = None
    wanted_secrets: list[dict[str, str]] | None = None
    apps: list[dict[str, Any]] | None = None
    schedule: dict[str, Any] | None = None
    template: dict[str, Any] | None = None


class WorkspaceCreate(DefinitionInput):
    """A workspace to make."""

    source: GitSource | FolderSource | EmptySource
    name: str = ""
    devcontainer: str = ""
    project: str = ""
    domain: str = ""
    limits: LimitsInput = LimitsInput()
    egress: str = "open"
    allow: tuple[str, ...] = ()
    retention: RetentionInput = RetentionInput()
    labels: dict[str, str] = {}
    dotfiles: Dotfiles | None = None
    secrets: dict[str, str] = Field(default={}, repr=False)
    start: bool = True


class WorkspaceUpdate(DefinitionInput):
    """What is to be changed of a workspace."""

    name: str | None = None
    limits: LimitsInput | None = None
    egress: str | None = None
    devcontainer: str | None = None
    ref: str | None = None
    allow: tuple[str, ...] | None = None
    retention: RetentionInput | None = None
    labels: dict[str, str] | None = None
    dotfiles: Dotfiles | None = None
