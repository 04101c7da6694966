"""What a workspace.yaml says besides name, place, source and size, as JSON: accepted and answered."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from carrel.core.definition import Definition
from carrel.definition.members import MEMBERS, read_members, written_members
from carrel.server.actions.template_use import TemplateChange

ANSWER = ConfigDict(use_attribute_docstrings=True, json_schema_serialization_defaults_required=True)
REQUEST = ConfigDict(use_attribute_docstrings=True, extra="forbid", frozen=True, str_max_length=64_000)


class ImageSpecification(BaseModel):
    """An image to be made, tagged by the content of all of this."""

    model_config = REQUEST

    name: str
    builder: str = "carrel"
    """`carrel`; `union` means the same."""
    packages: list[str] = []
    """Of Python, installed by uv."""
    python_version: str = ""
    """`3.12`; empty: the base image's."""
    apt_packages: list[str] = []
    requirements: list[str] = []
    """Lines of a requirements file."""
    env: dict[str, str] = {}
    commands: list[str] = []
    """Shell lines, run last, as root."""
    base_image: str = ""
    """Empty: the server's own."""
    registry: str = ""
    """Where it is pushed, `host/path`; empty: it stays with the engine."""


class WantedSecretDocument(BaseModel):
    """A secret that the workspace cannot do without."""

    model_config = {**REQUEST, "title": "WantedSecret"}

    key: str
    env_var: str = ""
    """The variable that holds it; empty: it is a file."""


class TemplateUseDocument(BaseModel):
    """Which version of which template, with what."""

    model_config = {**REQUEST, "title": "TemplateUse"}

    name: str = ""
    """Empty: none."""
    version: str = ""
    """Empty: the newest."""
    parameters: dict[str, str | float | bool] = {}
    size: str = ""
    """Of the template's sizes, in the place of `limits`; empty: none is chosen."""


class TemplateChangeDocument(BaseModel):
    """Another version of a workspace's template, other values of its parameters, another size."""

    model_config = {**REQUEST, "title": "TemplateChange"}

    name: str = ""
    """Empty, or the one that it has."""
    version: str = ""
    """Empty: the newest."""
    parameters: dict[str, str | float | bool] = {}
    """Only those that are to be others."""
    size: str | None = None
    """Null: as it is; empty: none is chosen."""

    def change(self) -> TemplateChange:
        """As the action takes it."""
        with_name = {"name": self.name or "any", "version": self.version, "parameters": self.parameters}
        read = read_members({"template": with_name})["template"]
        return TemplateChange(self.name and read.name, read.version, read.parameters, self.size)


class ScheduleDocument(BaseModel):
    """When a workspace starts and stops by itself."""

    model_config = {**REQUEST, "title": "Schedule"}

    start: str = ""
    """`HH:MM`; empty: nothing starts it."""
    stop: str = ""
    """`HH:MM`; empty: nothing stops it."""
    days: list[str] = ["mon", "tue", "wed", "thu", "fri"]
    time_zone: str = "UTC"
    """A name of the IANA database, such as `Europe/Berlin`."""


class WorkspaceSchedule(ScheduleDocument):
    """When a workspace starts and stops by itself, or that it never does."""

    model_config = {**REQUEST, "title": "WorkspaceSchedule"}

    off: bool = False
    """It has none, whatever its project says."""


class DefinitionInput(BaseModel):
    """Members that creation and change have in common; null or absent: nothing is said. An empty value takes away what was said."""

    model_config = REQUEST

    description: str | None = None
    image: str | ImageSpecification | None = None
    """In the place of the repository's own environment: a reference, or the specification of an image to be made."""
    accelerator: str | None = None
    """A kind of GPU, such as `nvidia-l4`."""
    on_startup: str | list[str] | None = None
    """Shell lines that run at every start, as the workspace's user."""
    env: dict[str, str] | None = None
    """Variables of its processes; not for secrets: whoever may read the workspace may read them."""
    wanted_secrets: list[WantedSecretDocument] | None = None
    """Secrets that it cannot start without, by key."""
    apps: list[dict[str, Any]] | None = Field(default=None, max_length=32)
    """Apps besides those of the repository (docs/guides/apps.md)."""
    schedule: WorkspaceSchedule | None = None
    """Without start and stop: as the project says, unless it is `off`."""

    def definition_members(self, *besides: str) -> dict[str, Any]:
        """Members of the core's Definition that something is said of, but for some. Raises `bad_value`."""
        said = self.model_dump(include=set(MEMBERS).difference(besides), exclude_none=True)
        own = said.get("schedule")
        if own is not None and not (own["start"] or own["stop"] or own["off"]):
            said["schedule"] = None
        return read_members(said)


class DefinitionDocument(BaseModel):
    """What the workspace.yaml of a workspace says besides; as it was sent, in normal form."""

    model_config = {**ANSWER, "title": "Definition"}

    description: str
    image: str | ImageSpecification
    accelerator: str
    on_startup: list[str]
    env: dict[str, str]
    wanted_secrets: list[WantedSecretDocument]
    apps: list[dict[str, Any]]
    schedule: WorkspaceSchedule | None
    template: TemplateUseDocument | None


def definition_document(definition: Definition | None, *, whole: bool) -> dict[str, Any] | None:
    """As it is answered; to those who may only look at ports it is not."""
    return written_members(definition) if whole else None
