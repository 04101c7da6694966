"""Places in a container that no repository may mount anything at: the kernel's, the platform's, and what is around them."""

from __future__ import annotations

import posixpath

from carrel.core.spec import BOOT_FOLDER, TOOLBOX_PATH

RESERVED = (TOOLBOX_PATH, BOOT_FOLDER, "/.carrel-volumes", "/etc/carrel", "/proc", "/sys", "/dev")
"""With all that is below them."""
AROUND = frozenset({"/", posixpath.dirname(TOOLBOX_PATH)})
"""Themselves: a link in such a volume could lead the toolbox, and with it the first process, somewhere else."""


def is_reserved(target: str) -> bool:
    """Whether a normal absolute path is one of these places."""
    return target in AROUND or any(target == one or target.startswith(f"{one}/") for one in RESERVED)
