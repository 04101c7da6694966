"""Imported before asyncssh: keeps it from searching the image for optional C libraries.

`ctypes.util.find_library` runs whatever the image calls gcc, ld and ldconfig, as root and for up to 50 ms. What asyncssh
looks for there (liboqs, nettle) the toolbox does not have, and the agent's algorithms do not need.
"""

from __future__ import annotations

import ctypes.util


def find_nothing(name: str) -> str | None:  # noqa: ARG001  the name of the original
    """No library is found."""
    return None


ctypes.util.find_library = find_nothing
