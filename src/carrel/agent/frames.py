"""Frames on a holder's socket: one letter, four bytes of length, the content. Standard library only."""

from __future__ import annotations

import struct

HEADER = struct.Struct("!cI")
LIMIT = 4 << 20
"""Bytes of one frame's content; the scrollback is the longest."""

# agent to holder
ATTACH = b"A"
"""JSON: cols, rows, from (offset to replay from, -1: all there is), read_only; of a numbered viewer: viewer (its id),
keep (seconds for which its place is kept when it vanishes)."""
INPUT = b"I"
SEEN = b"S"
"""JSON: seen, the offset before which a numbered viewer has everything. Without it no more than a window is sent."""
BYE = b"B"
"""A numbered viewer will not come back."""
RESIZE = b"R"
"""JSON: cols, rows."""
TERMINATE = b"T"
"""JSON: grace, seconds until KILL."""
QUERY = b"Q"

# holder to agent
HELLO = b"H"
"""JSON, the first frame after ATTACH: offset of the first byte that follows, typed (bytes of input that were taken from
this viewer), known (whether it was here before), and what NEWS has."""
REPLAY = b"P"
"""What was printed before a viewer came that does not resume."""
OUTPUT = b"O"
TYPED = b"Y"
"""JSON: typed, bytes of input that were taken from this numbered viewer over its life."""
NEWS = b"N"
"""JSON, to numbered viewers whenever one of them changes: cols, rows, attached."""
FACTS = b"F"
"""JSON, the answer to QUERY: attached, cols, rows, title, total, running."""
EXIT = b"X"
"""JSON, to every connection; to a numbered viewer once it has seen everything: code, ended, interrupted."""


def frame(kind: bytes, content: bytes) -> bytes:
    """One frame."""
    return HEADER.pack(kind, len(content)) + content


def take_frames(buffer: bytearray) -> list[tuple[bytes, bytes]]:
    """The complete frames at the front of `buffer`, removed from it. Raises ValueError on a length beyond LIMIT."""
    frames = []
    position = 0
    while len(buffer) - position >= HEADER.size:
        kind, length = HEADER.unpack_from(buffer, position)
        if length > LIMIT:
            raise ValueError("frame too long")
        end = position + HEADER.size + length
        if len(buffer) < end:
            break
        frames.append((kind, bytes(buffer[position + HEADER.size : end])))
        position = end
    del buffer[:position]
    return frames
