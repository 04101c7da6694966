"""Imported before asyncssh: leaves out its optional parts, which the agent does not use and each start would pay for.

* `ctypes.util.find_library` runs whatever the image calls gcc, ld and ldconfig, as root and for up to 50 ms. What
  asyncssh looks for there (liboqs, nettle) the toolbox does not have, and the agent's algorithms do not need.
* X.509 (certificates here are OpenSSH's own) costs 30 ms. A module that is None in `sys.modules` counts as not installed.
"""

from __future__ import annotations

import ctypes.util
import sys


def find_nothing(name: str) -> str | None:  # noqa: ARG001  the name of the original
    """No library is found."""
    return None


ctypes.util.find_library = find_nothing
for module in ("asyncssh.crypto.x509", "cryptography.x509"):
    sys.modules.setdefault(module, None)  # type: ignore[arg-type]  # None is what the import system understands
