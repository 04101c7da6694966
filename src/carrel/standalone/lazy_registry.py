"""A registry client that is made when the first feature comes from a registry: local ones need no connection, nor its import."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from carrel.devcontainer.artifact import Manifest
    from carrel.devcontainer.features.reference import FeatureReference
    from carrel.devcontainer.registry import RegistryClient
    from carrel.devcontainer.registry_settings import RegistrySettings


class LazyRegistry:
    """The shape of `Registry`."""

    def __init__(self, settings: RegistrySettings) -> None:
        """Nothing is opened."""
        self._settings = settings
        self._client: RegistryClient | None = None

    @property
    def client(self) -> RegistryClient:
        """The client itself."""
        if self._client is None:
            from carrel.devcontainer.registry import RegistryClient  # noqa: PLC0415  httpx and a store of certificates

            self._client = RegistryClient(self._settings)
        return self._client

    async def manifest(self, reference: FeatureReference, digest: str = "") -> Manifest:
        """The manifest of a reference."""
        return await self.client.manifest(reference, digest)

    async def blob(self, reference: FeatureReference, digest: str) -> bytes:
        """A blob of the reference's repository."""
        return await self.client.blob(reference, digest)

    async def tarball(self, url: str, digest: str = "") -> tuple[bytes, str]:
        """A file by https and its digest."""
        return await self.client.tarball(url, digest)

    async def tags(self, reference: FeatureReference) -> tuple[str, ...]:
        """All tags of a repository."""
        return await self.client.tags(reference)

    async def close(self) -> None:
        """Close what was opened."""
        if self._client is not None:
            await self._client.close()
