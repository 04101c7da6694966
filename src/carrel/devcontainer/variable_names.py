"""Names of environment variables, from whoever gives them: what is no name goes into no container and no build file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from carrel.devcontainer.notices import Notice
from carrel.devcontainer.policy import refusal

_NAME = re.compile(r"[^\s=\"'\\$#\x00-\x1f\x7f]{1,256}")


def is_name(name: str) -> bool:
    """Whether a text can be the name of a variable."""
    return bool(_NAME.fullmatch(name))


def usable(env: Mapping[str, Any], key: str, origin: str) -> tuple[dict[str, Any], tuple[Notice, ...]]:
    """The variables that a container can have, and notices about the others."""
    kept = {name: value for name, value in env.items() if is_name(name) and "\0" not in str(value)}
    left_out = [name for name in env if name not in kept]
    text = "no name and value of an environment variable; it is left out"
    return kept, tuple(refusal("env", key, f"{name[:80]!r}: {text}", origin) for name in left_out)
