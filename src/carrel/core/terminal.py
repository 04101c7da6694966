"""What links and agents say to each other on the channel of a numbered viewer of a terminal (ADR 0018).

Standard output is the terminal's, standard error has one JSON document a line, standard input is frames: a letter, four
bytes of length, the content.
"""

from __future__ import annotations

import struct

VIEWER_VARIABLE = "CARREL_TERMINAL_VIEWER"
"""`env` request: the viewer's id, which it made by chance; with it its input is numbered and standard input is frames."""
FROM_VARIABLE = "CARREL_TERMINAL_FROM"
"""`env` request of a viewer that resumes: the offset of the first byte that it has not seen."""
READ_ONLY_VARIABLE = "CARREL_TERMINAL_READ_ONLY"
"""`env` request: anything but empty and `0` means to look on, and neither to type nor to resize."""
KEEP_VARIABLE = "CARREL_TERMINAL_KEEP"
"""`env` request: for how many seconds the viewer's place is kept when it vanishes."""
VIEWER_PATTERN = r"[A-Za-z0-9_-]{16,64}"

INPUT = b"I"
"""Typed."""
SEEN = b"S"
"""JSON: seen, the offset before which the viewer has all output."""
BYE = b"B"
"""The viewer will not come back."""
_HEADER = struct.Struct("!cI")


def frame(kind: bytes, content: bytes = b"") -> bytes:
    """One frame to the agent."""
    return _HEADER.pack(kind, len(content)) + content
