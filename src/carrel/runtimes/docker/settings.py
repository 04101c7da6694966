"""What the Docker runtime needs to know; one frozen record, passed in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from carrel.core.sources import DEFAULT_SCHEMES
from carrel.core.spec import Limits

AGENT = ("/opt/carrel/bin/python3", "-I", "-S", "-m", "carrel.agent")
"""The agent's argv; the toolbox has the package among its standard library, so no site folder is searched."""


@dataclass(frozen=True)
class DockerSettings:
    """Settings of one engine."""

    installation: str
    """Installation id, at least 8 characters of a-z and 0-9."""
    host: str = ""
    """`unix://`, `tcp://` or `ssh://` address; empty: what the docker CLI would use, else the usual socket."""
    base_image: str = "debian:12-slim"
    """A Debian 12 image that the toolbox is built in."""
    network_pool: str = "10.213.0.0/16"
    """IPv4 range that the workspaces' networks are cut from, a /28 each."""
    ca_bundle: bytes | None = None
    """PEM: *all* authorities that builds and workspaces trust, public ones included."""
    proxies: Mapping[str, str] = field(default_factory=dict)
    """HTTP_PROXY, HTTPS_PROXY, NO_PROXY."""
    python_index: str = ""
    """Address of an index of Python packages; empty: PyPI."""
    limits: Limits = Limits()
    """Where a container's own limit says nothing."""
    local_folders: bool = False
    """Whether folders of this machine may be mounted: a local-mode server."""
    source_protocols: frozenset[str] = DEFAULT_SCHEMES
    loopback_sources: bool = False
    """Whether a git URL may name this machine's loopback address (demo, tests); that clone then uses the host's network."""
    command_line: str = ""
    """The docker CLI for BuildKit and for the fallback endpoint; empty: looked for."""
    builder: str = ""
    """`buildkit` or `classic`; empty: BuildKit where engine and CLI have it."""
    agent: tuple[str, ...] = AGENT
    registry_patience_seconds: float = 10.0
    """How long a registry may take to name an image."""
    max_context_bytes: int = 8 << 30
    """Of a build context, after .dockerignore."""
