"""JupyterLab: the image's own, or one that is installed into the home when it is first opened (toolbox/jupyter/start.py)."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from carrel.agent.apps.app import Recipe, Telling
from carrel.agent.user_env import Environment

NAME: Final = "jupyter"
GIVEN_UP: Final = 78
"""Exit code of start.py: it said why, and trying again does not help."""
PATIENCE_SECONDS: Final = 1200.0
"""How long an installation over a slow network may take."""


def recipe(environment: Environment, toolbox: Path) -> Recipe:
    """How it is started: by the toolbox's Python, which finds the image's; loopback only, no token: the proxy has tickets."""
    start = str(toolbox / "share" / "jupyter" / "start.py")
    command = (str(toolbox / "bin" / "python3"), "-I", "-S", start, "{port}", environment.folder)
    return Recipe(command, {"SHELL": environment.shell()}, Telling(PATIENCE_SECONDS, frozenset({GIVEN_UP})))
