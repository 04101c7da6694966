"""A front end calls the back end beside it: `/.carrel/port/8000/path` on an app's host is `/path` of port 8000 of the same workspace.

One origin for both, so there is one ticket, no CORS and no cookie of another host (ADR 0026).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from carrel.core.access import may_be_opened, port_of
from carrel.core.problems import Problem
from carrel.proxy.door import Admitted
from carrel.proxy.head import RequestHead

PREFIX: Final = b"/.carrel/port/"
_MOST_DIGITS: Final = 5


@dataclass(frozen=True)
class Call:
    """A request to a neighbour."""

    admitted: Admitted
    request: RequestHead
    """As the neighbour gets it."""
    prefix: bytes
    """The part of the path that is ours."""


def call_of(request: RequestHead, admitted: Admitted) -> Call:
    """The neighbour that a request below PREFIX means.

    Raises:
        Problem: `not_found`: there is no such port, or it is not this person's to open.
    """
    rest = request.target.removeprefix(PREFIX)
    digits = rest[:_MOST_DIGITS]
    length = next((at for at, byte in enumerate(digits) if not 0x30 <= byte <= 0x39), len(digits))
    port, rest = rest[:length].decode(), rest[length:]
    is_whole = not rest or rest[:1] in b"/?"
    if not is_whole or port_of(port) is None or not may_be_opened(port) or not admitted.identity.may_use:
        raise Problem("not_found", "There is no such port here.")
    place = replace(admitted.place, app=str(int(port)))
    target = rest if rest.startswith(b"/") else b"/" + rest
    head = replace(request, target=target)
    return Call(replace(admitted, place=place), head, PREFIX + port.encode())
