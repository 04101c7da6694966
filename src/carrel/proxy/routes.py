"""What a Host field means: the dashboard, an app, or nothing of ours."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum, auto
from urllib.parse import urlsplit

from carrel.core.urls import label_of_host

LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "[::1]"})


class Kind(Enum):
    """Whose a host name is."""

    DASHBOARD = auto()
    APP = auto()
    FOREIGN = auto()
    """Nobody's: a rebound or mistyped name."""


@dataclass(frozen=True)
class Route:
    """A host name's meaning."""

    kind: Kind
    label: str = ""
    """Of an app's host."""


class Routes:
    """Decides by names alone; ports are left out, because a forwarded port may differ from ours."""

    def __init__(self, public_url: str, apps_domain: str, dashboard_hosts: Iterable[str] = ()) -> None:
        own = host_name(urlsplit(public_url).netloc.casefold())
        self._dashboard = LOOPBACK_NAMES | {own} | {name.casefold() for name in dashboard_hosts}
        self._apps_domain = apps_domain
        self._known: dict[bytes, Route] = {}

    def route(self, host: bytes) -> Route:
        """The meaning of a Host field in lower case."""
        route = self._known.get(host)
        if route is None:
            route = self._decide(host.decode("latin-1"))
            if len(self._known) > 10_000:
                self._known.clear()
            self._known[host] = route
        return route

    def _decide(self, host: str) -> Route:
        if host_name(host) in self._dashboard:
            return Route(Kind.DASHBOARD)
        label = label_of_host(host, self._apps_domain)
        return Route(Kind.APP, label) if label else Route(Kind.FOREIGN)


def host_name(host: str) -> str:
    """A host without its port and without a final dot."""
    name = host if host.endswith("]") else host.rpartition(":")[0] or host
    return name.rstrip(".")
