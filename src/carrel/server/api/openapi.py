"""The last touches to the OpenAPI document: short names, the problems' media type, what is always answered."""

from __future__ import annotations

import json
from typing import Any

from carrel.server.api.problems import MEDIA_TYPE

_REF = "#/components/schemas/"
_RECORDS = ("Limits", "Retention", "GitSource", "FolderSource", "EmptySource", "RuntimeSummary")
"""Records of the core that are only ever answered: every member is there."""


def finished(document: dict[str, Any]) -> dict[str, Any]:
    """The document as clients need it."""
    document = _short_names(document)
    for name in _RECORDS:
        schema = document["components"]["schemas"][name]
        schema["required"] = list(schema["properties"])
    for path in document["paths"].values():
        for operation in path.values():
            problem = operation["responses"].get("default")
            if problem is not None:
                problem["content"] = {MEDIA_TYPE: next(iter(problem["content"].values()))}
    return document


def _short_names(document: dict[str, Any]) -> dict[str, Any]:
    """Schemas under their titles: `Workspace`, not the name of a class."""
    schemas = document["components"]["schemas"]
    titles = {name: str(schema.get("title", name)) for name, schema in schemas.items()}
    assert len(set(titles.values())) == len(titles), "two schemas have one title"  # noqa: S101
    document["components"]["schemas"] = {
        titles[name]: schemas[name] for name in sorted(schemas, key=titles.__getitem__)
    }
    text = json.dumps(document)
    for name, title in titles.items():
        text = text.replace(f'"{_REF}{name}"', f'"{_REF}{title}"')
    renamed: dict[str, Any] = json.loads(text)
    return renamed
