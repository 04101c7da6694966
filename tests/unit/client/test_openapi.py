"""The client's documents are those of the API's own description."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from carrel.client import documents, requests, template_repositories, templates

SCHEMAS: dict[str, Any] = json.loads(
    (Path(__file__).parents[3] / "docs/reference/openapi.json").read_text(encoding="utf-8")
)["components"]["schemas"]


def models(module: object, base: type[BaseModel]) -> list[type[BaseModel]]:
    found = [value for value in vars(module).values() if isinstance(value, type) and issubclass(value, base)]
    # What two requests have in common is not sent by itself.
    return sorted((one for one in found if one not in {base, requests.DefinitionInput}), key=lambda one: one.__name__)


READ = [
    model for module in (documents, templates, template_repositories) for model in models(module, documents.Document)
]


@pytest.mark.parametrize("model", READ, ids=lambda model: model.__name__)
def test_what_is_read_is_answered(model: type[BaseModel]) -> None:
    schema = SCHEMAS[model.__name__]
    assert set(model.model_fields) <= set(schema["properties"])
    needed = {name for name, field in model.model_fields.items() if field.is_required()}
    assert needed <= set(schema.get("required", ()))


@pytest.mark.parametrize("model", models(requests, requests.Body), ids=lambda model: model.__name__)
def test_what_is_sent_is_taken(model: type[BaseModel]) -> None:
    assert set(model.model_fields) <= set(SCHEMAS[model.__name__]["properties"])
