"""Workspaces as the API answers them."""

from __future__ import annotations

from typing import Any

from carrel.client.documents import Workspace
from carrel.core.spec import Limits
from carrel.core.workspace import Retention


def workspace(**members: Any) -> Workspace:
    """As the API answers it; what is not said is as a new one has it."""
    values: dict[str, Any] = {
        "name": "paper",
        "project": "default",
        "domain": "development",
        "source": {"kind": "empty"},
        "devcontainer": "",
        "limits": Limits(pids=512),
        "retention": Retention(1200),
        "labels": {"carrel.prebuilt": "1"},
        "definition": None,
    }
    return Workspace.model_construct(**values | members)
