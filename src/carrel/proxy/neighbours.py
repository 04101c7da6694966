"""Pages of one port of a workspace that ask another port of it, host to host (docs/adr/0026 has the way without hosts).

A page of `3000--blog--ana` may call `8000--blog--ana` with credentials: the program behind both is the same workspace's,
and could do so itself. Only numbered ports are neighbours; apps (the editor, Jupyter) and the ports that the agent gives
to apps are the power of the workspace's user, and stay apart. The proxy itself answers for CORS, in the app's place.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import lru_cache
from typing import Final
from urllib.parse import quote, urlsplit

from carrel.core.access import may_be_opened, port_of
from carrel.core.urls import parse_label
from carrel.proxy.answer import Answer
from carrel.proxy.head import RequestHead

JOIN: Final = b"/.carrel/join?"
MOST_WANTED: Final = 10_000
DETOUR_SECONDS: Final = 10.0
"""A page makes one detour in this time: anybody can say that it asked, and could have it go round for ever."""
PREFLIGHT_SECONDS: Final = 600
_AGAIN: Final = (
    'Load the page again: it gets one on the way. The request needs `credentials: "include"`. '
    "Or ask through the page's own host: `/.carrel/port/PORT/`."
)
_LOCALHOST: Final = (
    "Ask through the page's own host: `/.carrel/port/PORT/`. "
    "Browsers take each name below localhost for a site of its own, and send no ticket from one to another."
)
_PLAIN_METHODS = frozenset({b"GET", b"HEAD"})


def neighbour(request: RequestHead, scheme: bytes) -> bytes:
    """The host of the page that asks, where it is another port of the same workspace; empty: it is none.

    Its origin is what the browser says: `Origin`, or `Referer` for images and scripts. No page can say another's.
    """
    origin = request.field(b"origin").lower()
    if not origin and request.method in _PLAIN_METHODS and not request.wants_websocket:
        origin = b"/".join(request.field(b"referer").lower().split(b"/", 3)[:3])
    prefix, host = scheme + b"://", request.host
    if not origin.startswith(prefix):
        return b""
    other = origin[len(prefix) :]
    family = _family(other)
    return other if other != host and family is not None and family == _family(host) else b""


@lru_cache(4096)
def _family(host: bytes) -> tuple[str, str, str] | None:
    """Workspace, owner, and the domain with its port, of a numbered port's host. A shortened label has no family."""
    label, _, domain = host.decode("latin-1").partition(".")
    address = parse_label(label)
    if address is None or port_of(address.app) is None or not may_be_opened(address.app):
        return None
    return address.workspace, address.owner, domain


def is_preflight(request: RequestHead) -> bool:
    """Whether a browser asks for permission, which it does without cookies."""
    return request.method == b"OPTIONS" and b"access-control-request-method" in request.fields


def origin_fields(scheme: bytes, page: bytes) -> tuple[tuple[str, str], ...]:
    """What lets the neighbour's page read an answer."""
    origin = (scheme + b"://" + page).decode("latin-1")
    return (
        ("Access-Control-Allow-Origin", origin),
        ("Access-Control-Allow-Credentials", "true"),
        ("Vary", "Origin"),
    )


def permission(request: RequestHead, scheme: bytes, page: bytes) -> Answer:
    """The answer to a preflight."""
    fields = [
        *origin_fields(scheme, page),
        ("Access-Control-Allow-Methods", request.field(b"access-control-request-method").decode("latin-1")),
        ("Access-Control-Max-Age", str(PREFLIGHT_SECONDS)),
    ]
    if b"access-control-request-headers" in request.fields:
        names = request.field(b"access-control-request-headers").decode("latin-1")
        fields.append(("Access-Control-Allow-Headers", names))
    return Answer(204, fields=tuple(fields))


class Wanted:
    """Hosts that a page asked without a ticket: the next load of the page goes by way of them."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._hosts: dict[bytes, bytes] = {}
        self._made: dict[bytes, float] = {}
        """By the page's host: when its last detour was made."""

    def is_wanting(self, page: bytes) -> bool:
        """Whether a page of this host lacked a ticket."""
        return page in self._hosts and self._clock() - self._made.get(page, -DETOUR_SECONDS) >= DETOUR_SECONDS

    def add(self, page: bytes, host: bytes) -> str:
        """The page's host wanted the other one; a hint for whoever writes the page."""
        if host.partition(b":")[0].endswith(b".localhost"):
            return _LOCALHOST
        if len(self._hosts) >= MOST_WANTED:
            self._hosts.clear()
        self._hosts[page] = host
        return _AGAIN

    def detour(self, request: RequestHead, scheme: bytes) -> str:
        """Where a page is loaded from so that the wanted host gets its ticket first; empty: from here. Told once."""
        if not self.is_wanting(request.host):
            return ""
        host = self._hosts.pop(request.host)
        if len(self._made) >= MOST_WANTED:
            self._made.clear()
        self._made[request.host] = self._clock()
        here, there = ((scheme + b"://" + name).decode("latin-1") for name in (request.host, host))
        return f"{there}{JOIN.decode()}to={quote(here + request.target.decode('latin-1'), safe='')}"


def way_back(to: str, host: bytes, scheme: bytes) -> str:
    """`to` where it is a page of a neighbour, else the root of this host."""
    try:
        parts = urlsplit(to)
    except ValueError:
        return "/"
    other = parts.netloc.lower().encode("latin-1", "replace")
    is_neighbours = parts.scheme.encode() == scheme and _family(other) is not None and _family(other) == _family(host)
    plain = to.isascii() and to.isprintable() and " " not in to and "\\" not in to
    return to if is_neighbours and plain else "/"
