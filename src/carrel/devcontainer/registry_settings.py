"""How registries are reached: credentials, mirrors, which addresses, and all limits of a transfer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from carrel.core.secret import Secret


@dataclass(frozen=True)
class RegistrySettings:
    """How registries are reached; credentials are those of the workspace's user or organisation (C314)."""

    credentials: Mapping[str, tuple[str, Secret]] = field(default_factory=dict)
    """Registry host to (user name, password). The user name `<token>` marks a refresh token (C312)."""
    insecure_hosts: frozenset[str] = frozenset()
    """Registries that are asked by plain http, beside `localhost`."""
    mirrors: Mapping[str, str] = field(default_factory=dict)
    """Registry host to the host that is asked in its place."""
    token_hosts: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Registry host to further hosts that may see its credentials."""
    tarball_hosts: frozenset[str] = frozenset()
    """Hosts that https tarballs may come from; `*` is any."""
    private_addresses: bool = True
    """Whether a repository may name registries of this machine and of private networks. Where it may not, those with
    credentials, mirrors and `insecure_hosts` are still reached."""
    ca_file: str = ""
    proxy: str = ""
    no_proxy: str = ""
    """Hosts that are reached without the proxy, comma separated; this machine always is."""
    max_manifest_bytes: int = 4 * 2**20
    max_blob_bytes: int = 64 * 2**20
    timeout_seconds: float = 20.0
    """Of one read; a whole transfer has `deadline_seconds`."""
    deadline_seconds: float = 180.0
    attempts: int = 3
    retry_seconds: float = 1.0
    max_wait_seconds: float = 10.0
    """A registry that asks to be left alone for longer is not asked again."""
    cache_folder: str = ""
    """Blobs and manifests by digest are kept here; empty: not at all."""
    tag_seconds: float = 60.0
    """How long a tag's digest is believed without asking again."""

    def trusts(self, host: str) -> bool:
        """Whether an administrator or the user named this host; such hosts may be on private addresses."""
        named = {*self.insecure_hosts, *self.credentials, *self.mirrors.values()}
        return host in named or any(host in hosts for hosts in self.token_hosts.values())
