"""The reference of template.yaml, from its tables of keys."""

from __future__ import annotations

from collections.abc import Mapping

from carrel.templates.folder import starter_files
from carrel.templates.keys import KEYS, PARAMETER, POLICY, Key
from carrel.templates.read import FILE

_TEXT = """\
A template is a folder with this file, and a devcontainer configuration beside it where no `container_image` is named
([guide](../guides/templates.md)). `carrel template validate FOLDER` tells all that is wrong, with line and column, and tries
every choice of every parameter: what nobody could use is told to the author, not to the person who chose it.\
"""


def page() -> tuple[str, str]:
    """The text below the title, and the tables."""
    example = starter_files("python")[FILE].decode()
    parts = [
        _rows(KEYS),
        "## `parameters`\n\nThe value of `default` has the parameter's type.\n\n" + _rows(PARAMETER),
        "## `policy`\n\nA template only narrows what its project gives.\n\n" + _rows(POLICY),
        (
            "## Places\n\n`${parameters.NAME}` in a value of `workspace` is replaced by the parameter's value; a text that is nothing else "
            "becomes the value itself, a number or true or false. `$${` stands for `${`. What a value holds is never replaced again."
        ),
        f"## An example\n\n```yaml\n{example}```",
    ]
    return _TEXT, "\n\n".join(parts)


def _rows(rows: Mapping[str, Key]) -> str:
    lines = ["| key | type | meaning |", "| --- | --- | --- |"]
    lines += [f"| `{row.name}` | {_cell(row.type)} | {_cell(row.note)} |" for row in rows.values()]
    return "\n".join(lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
