"""What `carrel port-forward` is asked for: `3000`, `8080:80`, `db:5432`, `15432:db:5432`."""

from __future__ import annotations

import re
from dataclasses import dataclass

LARGEST_PORT = 65535
_HOST = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9._-]{0,251}[A-Za-z0-9_])?")


@dataclass(frozen=True)
class Wish:
    """One port of the workspace, or of a service beside it, and where it is wanted here."""

    local: int
    """0: any free port."""
    port: int
    host: str = ""
    """A service beside the workspace; empty: the workspace itself."""

    def __str__(self) -> str:
        """The far end, for people."""
        return f"{self.host}:{self.port}" if self.host else str(self.port)


def parse_wish(text: str) -> Wish:
    """Read `[LOCAL:][HOST:]PORT`. Raises ValueError with a sentence that says what is wrong."""
    words = text.split(":")
    *before, last = words
    port = _port(last, lowest=1)
    match before:
        case []:
            return Wish(port, port)
        case [one] if one.isdecimal():
            return Wish(_port(one, lowest=0), port)
        case [host]:
            return Wish(port, port, _host(host))
        case [local, host]:
            return Wish(_port(local, lowest=0), port, _host(host))
        case _:
            raise ValueError(f"{text!r} is not of the form [LOCAL:][HOST:]PORT")


def _port(text: str, *, lowest: int) -> int:
    number = int(text) if text.isascii() and text.isdecimal() and len(text) <= len(str(LARGEST_PORT)) else -1
    if not lowest <= number <= LARGEST_PORT:
        zero = ", or 0 for any free one here" if lowest == 0 else ""
        raise ValueError(f"{text!r} is no port: ports are 1 to {LARGEST_PORT}{zero}")
    return number


def _host(text: str) -> str:
    if not _HOST.fullmatch(text):
        raise ValueError(f"{text!r} is no host name")
    return "" if text in {"localhost", "127.0.0.1"} else text
