"""Templates of the catalog as JSON."""

from __future__ import annotations

from base64 import b64decode
from binascii import Error as Base64Error
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from carrel.core.problems import Problem
from carrel.core.records import dump
from carrel.core.template import ParameterType, Update
from carrel.definition.scalars import plain
from carrel.server.actions.templates import Listed
from carrel.server.api.workspace_documents import ANSWER
from carrel.server.store.templates import TemplateVersion
from carrel.templates.folder import MOST_BYTES, MOST_FILES, TemplateFolder


class TemplateItem(BaseModel):
    """A template of the catalog."""

    model_config = {**ANSWER, "title": "TemplateItem"}

    name: str
    project: str
    """Empty: everybody's."""
    title: str
    description: str
    icon: str
    version: int
    """The newest; of one template: the one that was asked for."""
    commit: str
    """Of the repository that it comes from; empty: it was pushed."""
    repository_id: str | None
    folder: str
    """In the repository."""
    updated_at: datetime
    updated_by: str
    withdrawn: bool
    """No workspace is made from it any more."""
    problem: str
    """Why its folder could not be read when it was last synchronised; empty: it could."""
    workspaces: int
    """Made from it, of those that you may read."""
    may: list[Literal["use", "manage"]]
    """What you may do with it."""


class TemplateList(BaseModel):
    """Templates, by name and project."""

    model_config = ANSWER

    items: list[TemplateItem]


class ParameterDocument(BaseModel):
    """What a person says when a workspace is made from a template."""

    model_config = {**ANSWER, "title": "TemplateParameter"}

    name: str
    type: ParameterType
    title: str
    description: str
    default: str | float | bool | None
    """Null: it has to be said."""
    choices: list[str]
    pattern: str
    """Of a string: a regular expression that all of it matches."""
    minimum: float | None
    maximum: float | None
    whole: bool
    """Of a number: no fractions."""
    mutable: bool
    """It may be changed later."""


class SizeDocument(BaseModel):
    """Resources; null or 0: nothing is said."""

    model_config = {**ANSWER, "title": "TemplateSize"}

    cpus: float | None
    memory_bytes: int | None
    gpus: int


class TemplatePolicyDocument(BaseModel):
    """Bounds of a template's workspaces; null: as the project has it."""

    model_config = {**ANSWER, "title": "TemplatePolicy"}

    ttl_seconds: int | None
    """Idle TTL of workspaces that ask for none."""
    ttl_min_seconds: int | None
    ttl_max_seconds: int | None
    max_life_seconds: int | None
    hard_life_seconds: int | None


class TemplateFile(BaseModel):
    """A file of a template's folder."""

    model_config = ANSWER

    path: str
    size: int
    """In bytes."""


class TemplateVersionItem(BaseModel):
    """A version of a template."""

    model_config = ANSWER

    number: int
    commit: str
    created_at: datetime
    created_by: str


class TemplateDocument(TemplateItem):
    """A template in one version, with all that it says."""

    model_config = {**ANSWER, "title": "Template"}

    newest: int
    parameters: list[ParameterDocument]
    """In the order in which people are asked."""
    sizes: dict[str, SizeDocument]
    """To choose from."""
    ceiling: SizeDocument | None
    """The most that a workspace of it may have; without `gpus`: none."""
    grants: list[str]
    """What its workspaces may have beyond the policy."""
    update: Update
    """When workspaces take a newer version."""
    policy: TemplatePolicyDocument
    workspace: dict[str, Any]
    """Keys of a workspace.yaml, with `${parameters.NAME}` where a value comes."""
    has_configuration: bool
    """A devcontainer configuration is among its files."""
    files: list[TemplateFile]
    notices: list[str]
    versions: list[TemplateVersionItem]
    """The newest first."""


class TemplatePut(BaseModel):
    """The files of a template's folder."""

    model_config = ConfigDict(
        use_attribute_docstrings=True, extra="forbid", frozen=True, title="TemplateInput", str_max_length=2 * MOST_BYTES
    )

    files: dict[str, str] = Field(max_length=MOST_FILES + 1)
    """By path in the folder, in base64; `template.yaml` is one of them."""

    def contents(self) -> dict[str, bytes]:
        """By path. Raises `bad_value` for what is no base64."""
        found: dict[str, bytes] = {}
        for path, text in self.files.items():
            try:
                found[path] = b64decode(text, validate=True)
            except (Base64Error, ValueError) as error:
                raise Problem("bad_value", f"The file {path[:100]!r} is no base64.", "Encode its bytes.") from error
        return found


def item_members(listed: Listed) -> dict[str, Any]:
    """Members of an entry."""
    entry, version = listed.template, listed.version
    return {
        "name": entry.name,
        "project": entry.project,
        "title": version.title,
        "description": version.description,
        "icon": version.icon,
        "version": version.number,
        "commit": version.commit,
        "repository_id": entry.repository_id,
        "folder": entry.folder,
        "updated_at": entry.updated_at,
        "updated_by": version.created_by,
        "withdrawn": entry.withdrawn_at is not None,
        "problem": entry.problem,
        "workspaces": listed.workspaces,
        "may": list(listed.may),
    }


def template_document(
    listed: Listed, folder: TemplateFolder, files: dict[str, int], versions: list[TemplateVersion]
) -> TemplateDocument:
    """One template, in the version that `listed` has.

    Args:
        listed: the entry.
        folder: what it says.
        files: sizes by path.
        versions: all of them, the newest first.
    """
    template = folder.template
    members = item_members(listed) | {
        "newest": listed.template.newest,
        "parameters": [dump(one) for one in template.parameters],
        "sizes": {name: dump(size) for name, size in template.sizes.items()},
        "ceiling": dump(template.ceiling),
        "grants": list(template.grants),
        "update": template.update,
        "policy": dump(listed.version.policy) or dump(template.policy),
        "workspace": plain(template.workspace),
        "has_configuration": folder.has_configuration,
        "files": [{"path": path, "size": size} for path, size in sorted(files.items())],
        "notices": list(listed.version.notices),
        "versions": [vars(one) for one in versions],
    }
    return TemplateDocument.model_validate(members)
