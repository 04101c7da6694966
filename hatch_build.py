"""Puts the toolbox's sources and the built web pages into the wheel.

An editable install needs neither. A release (`make wheel` sets CARREL_RELEASE=1) demands both, so that an
installed wheel never needs Node.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

_TREES = {"toolbox": "carrel/_toolbox", "web/dist": "carrel/_web"}


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
            if any(tree.glob("*")):
                build_data["force_include"][str(tree)] = destination
            elif os.environ.get("CARREL_RELEASE"):
                message = f"{source} is missing or empty: run `make wheel`, which builds it first"
                raise FileNotFoundError(message)
