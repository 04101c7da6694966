"""The engine's framing of stdout and stderr in one stream (Engine API, "Stream format")."""

from __future__ import annotations

import struct
from collections.abc import AsyncIterable, AsyncIterator

STDOUT, STDERR = 1, 2
_HEADER = struct.Struct(">BxxxL")


async def frames(chunks: AsyncIterable[bytes]) -> AsyncIterator[tuple[int, bytes]]:
    """The frames of a stream: STDOUT or STDERR, and the bytes."""
    buffer = bytearray()
    async for chunk in chunks:
        buffer += chunk
        while len(buffer) >= _HEADER.size:
            stream, length = _HEADER.unpack_from(buffer)
            end = _HEADER.size + length
            if len(buffer) < end:
                break
            yield stream, bytes(buffer[_HEADER.size : end])
            del buffer[:end]


class Lines:
    """Cuts chunks of text into lines, as a terminal shows them: what a carriage return overwrote is left out.

    Control characters are escaped, and a line longer than `limit` is cut, so that no program can harm who reads a log.
    """

    def __init__(self, limit: int = 4000) -> None:
        """Nothing fed yet."""
        self._rest = b""
        self._limit = limit

    def feed(self, chunk: bytes) -> list[str]:
        """The lines that `chunk` completes."""
        *whole, self._rest = (self._rest + chunk).split(b"\n")
        if len(self._rest) > self._limit * 4:
            whole.append(self._rest)
            self._rest = b""
        return [clean(line, self._limit) for line in whole]

    def end(self) -> list[str]:
        """The last line, if it has no end."""
        rest, self._rest = self._rest, b""
        return [clean(rest, self._limit)] if rest else []


def clean(line: bytes, limit: int = 4000) -> str:
    """One line for people: the last state of a progress display, printable, at most `limit` characters."""
    text = line.rstrip(b"\r").rsplit(b"\r", 1)[-1].decode(errors="replace")
    text = "".join(c if c.isprintable() or c == "\t" else f"\\x{ord(c):02x}" for c in text)
    return text if len(text) <= limit else text[:limit] + " ..."
