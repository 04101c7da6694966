"""How a registry asks for credentials: the WWW-Authenticate challenge, and where a token may be asked for (C305-C313)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlsplit

_PARAMETER = re.compile(r'([A-Za-z_-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^",\s]+))')
TOKEN_HOSTS: Mapping[str, frozenset[str]] = {
    "registry-1.docker.io": frozenset({"auth.docker.io"}),
    "registry.gitlab.com": frozenset({"gitlab.com"}),
    "docker.pkg.github.com": frozenset({"ghcr.io"}),
}
"""Registry -> other hosts that may see its credentials, by their documentation."""


@dataclass(frozen=True)
class Challenge:
    """What a 401 or 403 asks for."""

    scheme: Literal["basic", "bearer", ""]
    """Empty: nothing that is known."""
    parameters: Mapping[str, str] = field(default_factory=dict)

    @property
    def realm(self) -> str:
        """Where the token is."""
        return self.parameters.get("realm", "")


def parse_challenge(header: str) -> Challenge:
    """The first Bearer or Basic challenge of a header; parameters in any order, scheme in any case (C307)."""
    scheme, _, rest = header.strip().partition(" ")
    kind = scheme.lower()
    parameters = {
        match[1].lower(): match[2] if match[2] is not None else match[3] for match in _PARAMETER.finditer(rest)
    }
    if kind == "bearer":
        return Challenge("bearer", parameters)
    return Challenge("basic", parameters) if kind == "basic" else Challenge("")


def host_of(url: str) -> str:
    """Host and port of a URL, lower-cased; user information is dropped."""
    return urlsplit(url).netloc.rpartition("@")[2].lower()


def may_see_credentials(realm: str, registry: str, allowed: Mapping[str, frozenset[str]]) -> bool:
    """Whether the realm is the registry's own host, or one that is listed for it (C313)."""
    host = host_of(realm)
    return (
        host == registry or host in allowed.get(registry, frozenset()) or host in TOKEN_HOSTS.get(registry, frozenset())
    )


def is_plain_http(registry: str, insecure: frozenset[str]) -> bool:
    """Plain http: literally `localhost` with any port, or a host that the settings allow (C303)."""
    return registry.partition(":")[0] == "localhost" or registry in insecure
