"""The terminal that the command line itself runs in. Standard library only, and little of it."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator


def terminal_size() -> dict[str, int]:
    """Size of the terminal that this runs in."""
    for descriptor in (0, 1, 2):
        with contextlib.suppress(OSError):
            size = os.get_terminal_size(descriptor)
            if size.columns > 0 and size.lines > 0:
                return {"cols": size.columns, "rows": size.lines}
    return {"cols": 80, "rows": 24}


@contextlib.contextmanager
def raw_terminal(*, enabled: bool) -> Iterator[None]:
    """The terminal in raw mode for the time of the session."""
    if not enabled or not os.isatty(0):
        yield
        return
    import termios  # noqa: PLC0415  only where there is a terminal
    import tty  # noqa: PLC0415

    before = termios.tcgetattr(0)
    try:
        tty.setraw(0, termios.TCSADRAIN)
        yield
    finally:
        termios.tcsetattr(0, termios.TCSADRAIN, before)
