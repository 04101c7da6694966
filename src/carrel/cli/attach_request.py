"""The words after `carrel attach`, and what ends it at the keyboard."""

from __future__ import annotations

import re
from dataclasses import dataclass

USAGE = "usage: carrel attach [-r|--read-only] NAME [TERMINAL]\n       carrel attach --list NAME"
ESCAPE = ord("~")
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
"""Of a terminal, as the agent has it."""


class UsageError(Exception):
    """The words of the call are off."""


@dataclass
class AttachRequest:
    """Which terminal, and how."""

    workspace: str = ""
    """Name, `owner/name` or id."""
    terminal: str = "main"
    read_only: bool = False
    lists: bool = False


def parse(words: list[str]) -> AttachRequest:
    """The request in the words after `carrel attach`. Raises UsageError."""
    request, names = AttachRequest(), []
    for word in words:
        if word in {"-r", "--read-only"}:
            request.read_only = True
        elif word in {"-l", "--list"}:
            request.lists = True
        elif word.startswith("-"):
            raise UsageError(f"unknown option {word}")
        else:
            names.append(word)
    if not names:
        raise UsageError("the workspace's name is missing")
    if len(names) > 2 or (request.lists and len(names) > 1):
        raise UsageError(f"too many words: {' '.join(names)}")
    request.workspace = names[0]
    request.terminal = names[1] if len(names) > 1 else request.terminal
    if not NAME.fullmatch(request.terminal):
        raise UsageError(f"{request.terminal!r} names no terminal: use letters, digits, dots, hyphens and underscores")
    return request


class Escape:
    """Finds `~.` at the beginning of a line, as OpenSSH's client has it: it leaves the terminal. `~~` types one `~`."""

    def __init__(self) -> None:
        """At the beginning of a line."""
        self._is_at_start = True
        self._is_held = False
        self.leaves = False

    def feed(self, data: bytes) -> bytes:
        """What is to be typed of what came; after it `leaves` may be true."""
        out = bytearray()
        for byte in data:
            if self._is_held:
                self._is_held = False
                if byte == ord("."):
                    self.leaves = True
                    break
                if byte != ESCAPE:
                    out.append(ESCAPE)
                out.append(byte)
            elif byte == ESCAPE and self._is_at_start:
                self._is_held = True
                continue
            else:
                out.append(byte)
            self._is_at_start = byte in b"\r\n\x03\x04"
        return bytes(out)
