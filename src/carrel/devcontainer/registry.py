"""An OCI registry client for features and templates: manifests, blobs, tags, collections; reading and publishing.

Source: OCI distribution specification; C295-C314, C324. Connections are in `registry_transport`.
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urljoin, urlsplit

from carrel.core.problems import Problem
from carrel.devcontainer.artifact import MANIFEST_TYPE, Artifact, Manifest, check_type, layer_of
from carrel.devcontainer.registry_addresses import Resolve
from carrel.devcontainer.registry_cache import DIGEST, DigestCache, digest_of
from carrel.devcontainer.registry_settings import RegistrySettings
from carrel.devcontainer.registry_transport import Answer, BaseTransport, Errand, Query, Transport, problem_for

if TYPE_CHECKING:
    from carrel.devcontainer.features.reference import FeatureReference

__all__ = ["RegistryClient", "RegistrySettings"]


class RegistryClient:
    """Fetches and publishes. One object serves one user's credentials; use it as an async context manager."""

    def __init__(
        self,
        settings: RegistrySettings | None = None,
        transport: BaseTransport | None = None,
        resolver: Resolve | None = None,
    ) -> None:
        """Connections are made on first use; `transport` and `resolver` are for tests."""
        self._settings = settings or RegistrySettings()
        self._transport = Transport(self._settings, transport, resolver)
        self._cache = DigestCache(self._settings.cache_folder)
        self._tags: dict[str, tuple[float, Manifest]] = {}

    async def __aenter__(self) -> Self:
        """Itself."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the connections."""
        await self.close()

    async def close(self) -> None:
        """Close the connections."""
        await self._transport.close()

    # --- reading ---

    async def manifest(self, reference: FeatureReference, digest: str = "") -> Manifest:
        """The manifest of a reference, held at `digest` where that is given (C295, C300, C301).

        Raises:
            Problem: `feature_failed` (absent, malformed, wrong digest), `registry_denied`, `registry_unreachable`,
                `refused_by_policy` (its address).
        """
        wanted = digest or reference.digest
        key = f"{reference.resource}@{wanted or reference.tag}"
        known = self._tags.get(key)
        if known and (wanted or time.monotonic() - known[0] < self._settings.tag_seconds):
            return known[1]
        content = self._cache.get(wanted) if wanted else None
        if content is None:
            path = f"manifests/{wanted or reference.tag}"
            content = await self._get(reference, path, self._settings.max_manifest_bytes, MANIFEST_TYPE)
        actual = digest_of(content)
        if wanted and actual != wanted:
            raise _failed(reference.written, f"its manifest has the digest {actual}, and {wanted} is asked for")
        manifest = Manifest(actual, _json_object(content, reference.written))
        self._cache.put(actual, content)
        self._tags[key] = (time.monotonic(), manifest)
        return manifest

    async def blob(self, reference: FeatureReference, digest: str) -> bytes:
        """A blob, its digest verified."""
        if not DIGEST.fullmatch(digest):
            raise _failed(reference.written, f"{digest[:80]!r} is no digest")
        content = self._cache.get(digest)
        if content is None:
            content = await self._get(reference, f"blobs/{digest}", self._settings.max_blob_bytes, "*/*")
        if digest_of(content) != digest:
            raise _failed(reference.written, f"a layer has the digest {digest_of(content)}, and {digest} is asked for")
        self._cache.put(digest, content)
        return content

    async def tags(self, reference: FeatureReference) -> tuple[str, ...]:
        """All tags of a repository, in the registry's order; none when there is no such repository (C304)."""
        limit = self._settings.max_manifest_bytes
        try:
            content = await self._get(reference, "tags/list", limit, "application/json")
        except Problem as problem:
            if problem.extra.get("status") == 404:
                return ()
            raise
        tags = _json_object(content, reference.written).get("tags")
        return tuple(tag for tag in tags if isinstance(tag, str)) if isinstance(tags, list) else ()

    async def collection(self, reference: FeatureReference) -> dict[str, Any]:
        """devcontainer-collection.json of a namespace: `parse_reference("<registry>/<namespace>")` names it (C302)."""
        manifest = await self.manifest(reference)
        check_type(manifest, reference, "collection")
        return _json_object(await self.blob(reference, layer_of(manifest, reference)), reference.written)

    async def tarball(self, url: str, digest: str = "") -> tuple[bytes, str]:
        """A file by https, where the settings allow its host; the digest is verified where one is given (C223)."""
        host = urlsplit(url).hostname or ""
        allowed = self._settings.tarball_hosts
        if "*" not in allowed and host not in allowed:
            raise Problem(
                "refused_by_policy",
                f"Features from {host} are not allowed.",
                hint="An administrator can add the host to the setting for feature tarballs.",
                extra={"feature": url},
            )
        content = self._cache.get(digest) if digest else None
        if content is None:
            errand = Errand(host, url)
            answer = await self._transport.fetch(errand, Query(url, limit=self._settings.max_blob_bytes))
            content = _content(answer, errand)
        actual = digest_of(content)
        if digest and actual != digest:
            raise _failed(url, f"it has the digest {actual}, and the lockfile says {digest}")
        self._cache.put(actual, content)
        return content, actual

    # --- publishing (C324) ---

    async def push(self, reference: FeatureReference, artifact: Artifact, tags: Sequence[str]) -> str:
        """Publish an artifact under tags; what the registry has already is not sent again.

        Returns:
            The manifest's digest.

        Raises:
            Problem: `registry_denied`, `registry_unreachable`, `refused_by_policy`.
        """
        errand = self._errand(reference, "push,pull")
        if not await self._has(errand, reference, f"manifests/{artifact.digest}", {"Accept": MANIFEST_TYPE}):
            for digest, content in artifact.blobs.items():
                if not await self._has(errand, reference, f"blobs/{digest}", {}):
                    await self._upload(errand, reference, digest, content)
        for tag in tags:
            url = self._url(reference, f"manifests/{tag}")
            query = Query(url, "PUT", {"Content-Type": MANIFEST_TYPE}, artifact.manifest)
            await self._sent(errand, query, 201)
            self._tags.pop(f"{reference.resource}@{tag}", None)
        return artifact.digest

    async def _has(self, errand: Errand, reference: FeatureReference, path: str, headers: dict[str, str]) -> bool:
        answer = await self._transport.ask(errand, Query(self._url(reference, path), "HEAD", headers))
        if answer.status in {200, 307}:
            return True
        if answer.status == 404:
            return False
        raise problem_for(answer, errand)

    async def _upload(self, errand: Errand, reference: FeatureReference, digest: str, content: bytes) -> None:
        """POST for a place, absolute or relative, with or without a query; PUT to it."""
        start = self._url(reference, "blobs/uploads/")
        answer = await self._sent(errand, Query(start, "POST", {"Content-Length": "0"}, b""), 202)
        place = urljoin(start, answer.location)
        if not answer.location or urlsplit(place).netloc != urlsplit(start).netloc:
            raise Problem(
                "registry_unreachable",
                f"{errand.registry} wants the upload of {errand.about} at another place: {place[:200]}.",
                hint="Publish at the registry's own address.",
                extra={"feature": errand.about},
            )
        mark = "&" if urlsplit(place).query else "?"
        headers = {"Content-Type": "application/octet-stream"}
        await self._sent(errand, Query(f"{place}{mark}digest={digest}", "PUT", headers, content), 201)

    async def _sent(self, errand: Errand, query: Query, status: int) -> Answer:
        answer = await self._transport.ask(errand, query)
        if answer.status != status:
            raise problem_for(answer, errand)
        return answer

    # --- inside ---

    def _errand(self, reference: FeatureReference, action: str = "pull") -> Errand:
        registry = reference.registry
        if action == "pull":
            registry = self._settings.mirrors.get(registry, registry)
        return Errand(registry, reference.written, f"{reference.repository} {action}")

    def _url(self, reference: FeatureReference, path: str, registry: str = "") -> str:
        return self._transport.url(registry or reference.registry, f"/v2/{reference.repository}/{path}")

    async def _get(self, reference: FeatureReference, path: str, limit: int, accept: str) -> bytes:
        errand = self._errand(reference)
        url = self._url(reference, path, errand.registry)
        return _content(await self._transport.ask(errand, Query(url, headers={"Accept": accept}, limit=limit)), errand)


def _content(answer: Answer, errand: Errand) -> bytes:
    if answer.status != 200:
        raise problem_for(answer, errand)
    return answer.content


def _failed(feature: str, why: str) -> Problem:
    hint = "Run `carrel devcontainer upgrade` if the lockfile is old; else tell the publisher: its content was changed."
    detail = f"{feature!r} cannot be used: {why}."
    return Problem("feature_failed", detail, hint=hint if "digest" in why else "", extra={"feature": feature})


def _json_object(content: bytes, feature: str) -> dict[str, Any]:
    value = None
    try:
        value = json.loads(content)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        start = content[:40].decode(errors="replace")
        raise Problem(
            "feature_failed",
            f"{feature!r} cannot be used: the registry answers with something that is no manifest: {start!r}.",
            hint="Check the registry's address: a sign-in page or another web site may have answered.",
            extra={"feature": feature},
        )
    return value
