"""The reference of workspace.yaml, from its table of keys."""

from __future__ import annotations

from collections.abc import Mapping

from carrel.definition.keys import IMAGE, KEYS, RESOURCES, Key
from carrel.definition.starters import starter

_TEXT = """\
`carrel create workspace FILE` makes and starts what such a file says, `carrel update workspace FILE` changes it
([guide](../guides/coming-from-union.md)). Only `name` is needed. What is wrong is told with line and column, all of it at once,
and so is what only the server can refuse (bounds of the TTL, a size over the ceiling, an accelerator, a project, a template);
a key that there is not is refused, with the nearest one named. Editors check it by `workspace.schema.json` beside this page, which a
server answers at `/api/v1/schemas/workspace.json`: write `# yaml-language-server: $schema=URL` in the first line.

A plain number, or `yes`, where text is wanted is that text as it is written: `python_version: 3.10` is 3.10, `start: 18:00` is six in
the evening. Anchors, aliases, tags and a second document are not read; a file has at most 64 KiB.\
"""

_SECRETS = """\
## `secrets`

| key | type | meaning |
| --- | --- | --- |
| `key` | text | Needed. Name of the secret: `carrel create secret --name KEY`. |
| `env_var` | text | The variable that holds it; without it, it is a file. |\
"""


def page() -> tuple[str, str]:
    """The text below the title, and the tables."""
    parts = [
        _rows(KEYS),
        "## `container_image` as a specification\n\n" + _rows(IMAGE),
        "## `resources`\n\nQuantities as Kubernetes writes them; `4GB`, `0` and `-1` are refused.\n\n"
        + _rows(RESOURCES),
        _SECRETS,
        f"## An example\n\n```yaml\n{starter('custom_image', 'workspace.yaml')}```",
    ]
    return _TEXT, "\n\n".join(parts)


def _rows(rows: Mapping[str, Key]) -> str:
    lines = ["| key | type | meaning |", "| --- | --- | --- |"]
    lines += [f"| `{row.name}` | {_cell(row.type)} | {_cell(row.note)} |" for row in rows.values()]
    return "\n".join(lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
