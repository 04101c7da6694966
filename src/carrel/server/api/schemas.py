"""JSON Schemas of the files that people write; open to all, since editors ask for them without a token."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from starlette.responses import JSONResponse

from carrel.definition.keys import json_schema

router = APIRouter(tags=["server"])
MEDIA_TYPE = "application/schema+json"


@router.get("/schemas/workspace.json", response_class=JSONResponse, responses={200: {"content": {MEDIA_TYPE: {}}}})
async def get_workspace_schema() -> Any:
    """The JSON Schema of a workspace.yaml: `# yaml-language-server: $schema=URL` in its first line."""
    return JSONResponse(json_schema(), media_type=MEDIA_TYPE, headers={"Cache-Control": "max-age=300"})
