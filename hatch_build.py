"""Puts the toolbox's sources and the built web pages into the wheel.

An editable install needs neither. A release (`make wheel` sets CARREL_RELEASE=1) demands both, so that an
installed wheel never needs Node.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

_TREES = {"toolbox": "carrel/_toolbox", "images": "carrel/_images", "web/dist": "carrel/_web"}
_LEFTOVERS = {"__pycache__", "node_modules"}


class CarrelBuildHook(BuildHookInterface):  # type: ignore[type-arg]
    """Adds each tree that exists to the wheel; refuses a release that lacks one."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called by hatchling before it collects files.

        Raises:
            FileNotFoundError: a release build lacks a tree.
        """
        if self.target_name != "wheel" or version == "editable":
            return
        for source, destination in _TREES.items():
            tree = Path(self.root, source)
            files = [file.relative_to(tree) for file in tree.rglob("*") if file.is_file()]
            for file in files:
                if not _LEFTOVERS & set(file.parts):
                    build_data["force_include"][str(tree / file)] = f"{destination}/{file.as_posix()}"
            if not files and os.environ.get("CARREL_RELEASE"):
                message = f"{source} is missing or empty: run `make wheel`, which builds it first"
                raise FileNotFoundError(message)
