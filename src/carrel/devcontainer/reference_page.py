"""docs/reference/devcontainer.md, printed from the tables of properties, policy and deviations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from carrel.core.apps import MEMBERS
from carrel.devcontainer.compose.keys import KEYS
from carrel.devcontainer.deviations import DEVIATIONS
from carrel.devcontainer.feature_properties import FEATURE, OPTION
from carrel.devcontainer.inner_properties import HOST_REQUIREMENTS, MOUNT, PORT_ATTRIBUTES, SECRET, VSCODE
from carrel.devcontainer.policy import FLAGS, RULES
from carrel.devcontainer.properties import BUILD, PROPERTIES, Property

_TREATMENT = {
    "supported": "supported",
    "policy": "under policy",
    "carried": "kept, without effect",
    "ignored": "no effect",
    "later": "not yet",
}
_INTRODUCTION = """\
What Carrel does with a repository's `devcontainer.json`. A repository is untrusted input: its wishes are merged with
those of features and of the image, and the *merged* result is checked against one policy. What is refused is named in
the workspace's events with who can allow it; the rest of the environment still starts.

`carrel.devcontainer` is a library of its own: its package documentation says how to call it."""
_PROPERTIES = """\
A value of another type is an error that names the file, the line, the column and the property. A text that is none of those
in the table, and a wrong value inside the objects below, is not used, with a warning. A property that is not in a table is kept, with a warning. *Under policy*: may be
refused; the section on policy says by which rule, and who can grant it. *Kept, without effect*: tools may read it from the
merged configuration, Carrel does nothing about it."""
_FEATURES = """\
Of an installed feature, and of the entries that an image carries in its label `devcontainer.metadata`. A value of another
type is left out with a warning; further properties are tolerated."""
_INNER = (
    ("hostRequirements", HOST_REQUIREMENTS),
    ("portsAttributes, otherPortsAttributes", PORT_ATTRIBUTES),
    ("mounts", MOUNT),
    ("secrets", SECRET),
    ("customizations.vscode", VSCODE),
)
_APPS = """\
An array of objects under `apps`, in `devcontainer.json`, in a feature's metadata or in an image's label; of two with one name the
last counts. What is wrong is left out, with a warning that says where it stands. [The guide](../guides/apps.md) has examples."""
_COMPOSE = """\
Carrel reads Compose files itself and turns every service into a container of the workspace: they start, stop and are
deleted with it, named volumes belong to it, and all are in its one network, where they find each other by name. A bind of
the repository is the project volume, a bind of a folder or file in it is that part of the volume; where the folder is not
there, a volume of the workspace takes its place. Variables come from `.env` and the workspace's own map. The policy above
holds for every service. A key that is not in this table is kept, with a warning."""
_VARIABLES = """\
`${localEnv:NAME:default}`, `${env:NAME}`: a variable of the workspace's own map; never the server's environment.
`${localWorkspaceFolder}`, `${localWorkspaceFolderBasename}`: the opened folder. For a git source it is the folder in
the container. `${containerWorkspaceFolder}`, `${containerWorkspaceFolderBasename}`: the folder in the container.
`${devcontainerId}`: stable for a workspace and its configuration. `${containerEnv:NAME:default}`: a variable of the
container, in `remoteEnv` and in hooks. A reference ends at the first `}`; unknown names stay as they are."""


def page() -> str:
    """The page without its title."""
    sections = [
        _INTRODUCTION,
        "## Properties",
        _PROPERTIES,
        _properties(PROPERTIES),
        "### `build`",
        _properties(BUILD),
        *(part for title, table in _INNER for part in (f"### `{title}`", _properties(table))),
        "### `customizations.carrel.apps`",
        _APPS,
        _table(("member", "type", "note"), [(f"`{row.name}`", row.type, row.note) for row in MEMBERS.values()]),
        "## Features",
        _FEATURES,
        _properties(FEATURE),
        "### An option of a feature",
        _properties(OPTION),
        "## Policy",
        "A grant is given by a project administrator, by a template, or by the owner of a local server: `carrel up --allow GRANT`.",
        _table(("wish", "by default", "grant", "note"), [_rule(key) for key in RULES]),
        "### Flags of `runArgs`",
        "Every flag that is not in this table is refused by its name.",
        _table(("flag", "here"), [(f"`--{flag}`", note) for flag, note in sorted(FLAGS.items())]),
        "## Docker Compose",
        _COMPOSE,
        _table(
            ("key of a service", "here", "note"),
            [(f"`{key}`", _TREATMENT[row.treatment], row.note) for key, row in KEYS.items()],
        ),
        "## Variables",
        _VARIABLES,
        "## Where specification and reference implementation differ",
        _table(("", "specification", "reference", "Carrel"), [_deviation(number) for number in DEVIATIONS]),
    ]
    return "\n\n".join(sections)


def _properties(rows: Mapping[str, Property]) -> str:
    return _table(("property", "type", "here", "note"), [_property(row) for row in rows.values()])


def _property(row: Property) -> tuple[str, str, str, str]:
    kind = " or ".join(f"`{value}`" for value in row.values) or row.type
    return f"`{row.name}`", kind, _TREATMENT[row.support], row.note


def _rule(key: str) -> tuple[str, str, str, str]:
    rule = RULES[key]
    return f"`{key}`", rule.default, f"`{rule.grant}`" if rule.grant else "nobody", rule.note


def _deviation(number: str) -> tuple[str, str, str, str]:
    row = DEVIATIONS[number]
    return row.number, row.specification, row.reference, row.here


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)
