"""Frames on a holder's socket: one letter, four bytes of length, the content. Standard library only."""

from __future__ import annotations

import struct

HEADER = struct.Struct("!cI")
LIMIT = 4 << 20
"""Bytes of one frame's content; the scrollback is the longest."""

# agent to holder
ATTACH = b"A"
"""JSON: cols, rows, from (offset to replay from, -1: all there is)."""
INPUT = b"I"
RESIZE = b"R"
"""JSON: cols, rows."""
TERMINATE = b"T"
"""JSON: grace, seconds until KILL."""
QUERY = b"Q"

# holder to agent
HELLO = b"H"
"""JSON, the first frame after ATTACH: offset of the first byte that is replayed."""
REPLAY = b"P"
OUTPUT = b"O"
FACTS = b"F"
"""JSON, the answer to QUERY: attached, cols, rows, title, total."""
EXIT = b"X"
"""JSON, to every connection: code, ended, interrupted."""


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
