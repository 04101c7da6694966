"""What a template is: a catalog entry that people make workspaces from, with parameters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from carrel.core.project import ProjectPolicy

Value = str | float | bool
"""Of a parameter."""


class ParameterType(StrEnum):
    """What a parameter holds."""

    STRING = "string"
    NUMBER = "number"
    BOOLEAN = "boolean"
    CHOICE = "choice"


class Update(StrEnum):
    """When workspaces take a newer version of their template."""

    ON_DEMAND = "on_demand"
    AT_START = "at_start"


@dataclass(frozen=True)
class Parameter:
    """What a person says when a workspace is made from a template."""

    name: str
    type: ParameterType = ParameterType.STRING
    title: str = ""
    description: str = ""
    default: Value | None = None
    """None: the person has to say."""
    choices: tuple[str, ...] = ()
    """Of a choice."""
    pattern: str = ""
    """Of a string: a regular expression that all of it matches."""
    minimum: float | None = None
    maximum: float | None = None
    whole: bool = False
    """Of a number: no fractions."""
    mutable: bool = False
    """It may be changed later; else a workspace keeps the value that it was made with."""


@dataclass(frozen=True)
class Size:
    """Resources; None or 0: nothing is said."""

    cpus: float | None = None
    memory_bytes: int | None = None
    gpus: int = 0


@dataclass(frozen=True)
class Template:
    """What a template.yaml says."""

    name: str
    title: str = ""
    description: str = ""
    icon: str = ""
    """A name of the pages' own icons."""
    parameters: tuple[Parameter, ...] = ()
    sizes: Mapping[str, Size] = field(default_factory=dict)
    """To choose from."""
    ceiling: Size | None = None
    """The most that a workspace of it may have; no `gpus`: none."""
    grants: tuple[str, ...] = ()
    """Of the policy; whoever puts the template into the catalog answers for them."""
    update: Update = Update.ON_DEMAND
    policy: ProjectPolicy = field(default_factory=ProjectPolicy)
    """Bounds of its workspaces, within those of their project."""
    workspace: Mapping[str, object] = field(default_factory=dict)
    """Keys of a workspace.yaml, with `${parameters.NAME}` where a value of a parameter comes."""

    def parameter(self, name: str) -> Parameter | None:
        """The parameter of this name."""
        return next((one for one in self.parameters if one.name == name), None)


@dataclass(frozen=True)
class TemplateStanding:
    """The template that a workspace was made from, as it stands in the catalog now."""

    name: str
    project: str
    """Empty: everybody's."""
    newest: int
    """Number of its newest version."""
    withdrawn: bool
    update: Update
    """When newer versions are taken, as the version says that the workspace has."""
    policy: ProjectPolicy | None
    """Of that version."""
