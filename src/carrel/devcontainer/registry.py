"""An OCI registry client for features: manifests, blobs, tags; anonymous, basic and token authentication.

The only module of the engine that opens connections. Source: OCI distribution specification; C295-C314.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import re
import time
from collections.abc import Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urljoin, urlsplit

import httpx

from carrel.core.problems import Problem
from carrel.core.secret import Secret
from carrel.devcontainer.features.resolve import Manifest
from carrel.devcontainer.registry_auth import (
    Challenge,
    host_of,
    is_forbidden_address,
    is_plain_http,
    may_see_credentials,
    parse_challenge,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from carrel.devcontainer.features.reference import FeatureReference

_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
_MAX_REDIRECTS = 5
_DIGEST = re.compile(r"sha256:[a-f0-9]{64}")
_RETRIED = frozenset({429, 500, 502, 503, 504})
_MAX_WAIT_SECONDS = 10.0


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
    ca_file: str = ""
    proxy: str = ""
    max_manifest_bytes: int = 4 * 2**20
    max_blob_bytes: int = 64 * 2**20
    timeout_seconds: float = 20.0
    """Of one read; a whole transfer has `deadline_seconds`."""
    deadline_seconds: float = 180.0
    attempts: int = 3
    retry_seconds: float = 1.0
    cache_folder: str = ""
    """Blobs and manifests by digest are kept here; empty: not at all."""
    tag_seconds: float = 60.0
    """How long a tag's digest is believed without asking again."""


class RegistryClient:
    """Fetches features. One object serves one user's credentials; use it as an async context manager."""

    def __init__(
        self, settings: RegistrySettings | None = None, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        """Connections are made on first use; `transport` is for tests."""
        self._settings = settings or RegistrySettings()
        self._authorization: dict[str, str] = {}
        self._tags: dict[str, tuple[float, Manifest]] = {}
        self._client = httpx.AsyncClient(
            transport=transport,
            timeout=self._settings.timeout_seconds,
            verify=self._settings.ca_file or True,
            proxy=self._settings.proxy or None,
            trust_env=False,
            headers={"User-Agent": "carrel", "Accept-Encoding": "identity"},
        )

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
        await self._client.aclose()

    # --- what the resolver asks for ---

    async def manifest(self, reference: FeatureReference, digest: str = "") -> Manifest:
        """The manifest of a reference, held at `digest` where that is given (C295, C300, C301).

        Raises:
            Problem: `feature_failed` (absent, malformed, wrong digest), `registry_denied`, `registry_unreachable`.
        """
        wanted = digest or reference.digest
        key = f"{reference.resource}@{wanted or reference.tag}"
        known = self._tags.get(key)
        if known and (wanted or time.monotonic() - known[0] < self._settings.tag_seconds):
            return known[1]
        content = self._cached(wanted) if wanted else None
        if content is None:
            path = f"/v2/{reference.repository}/manifests/{wanted or reference.tag}"
            content = await self._get(reference, path, self._settings.max_manifest_bytes, _MANIFEST)
        actual = _digest(content)
        if wanted and actual != wanted:
            raise _failed(reference.written, f"its manifest has the digest {actual}, and {wanted} is asked for")
        manifest = Manifest(actual, _json_object(content, reference.written))
        self._keep(actual, content)
        self._tags[key] = (time.monotonic(), manifest)
        return manifest

    async def blob(self, reference: FeatureReference, digest: str) -> bytes:
        """A blob, its digest verified."""
        if not _DIGEST.fullmatch(digest):
            raise _failed(reference.written, f"{digest[:80]!r} is no digest")
        content = self._cached(digest)
        if content is None:
            content = await self._get(
                reference, f"/v2/{reference.repository}/blobs/{digest}", self._settings.max_blob_bytes, "*/*"
            )
        if _digest(content) != digest:
            raise _failed(reference.written, f"a layer has the digest {_digest(content)}, and {digest} is asked for")
        self._keep(digest, content)
        return content

    async def tags(self, reference: FeatureReference) -> tuple[str, ...]:
        """All tags of a repository; none when there is no such repository (C304)."""
        try:
            content = await self._get(
                reference,
                f"/v2/{reference.repository}/tags/list",
                self._settings.max_manifest_bytes,
                "application/json",
            )
        except Problem as problem:
            if problem.extra.get("status") == 404:
                return ()
            raise
        tags = _json_object(content, reference.written).get("tags")
        return tuple(tag for tag in tags if isinstance(tag, str)) if isinstance(tags, list) else ()

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
        content = self._cached(digest) if digest else None
        if content is None:
            async with self._guarded(url, url), asyncio.timeout(self._settings.deadline_seconds):
                response = await self._follow(url, {}, self._settings.max_blob_bytes)
            _raise_for(response.status, url, url)
            content = response.content
        actual = _digest(content)
        if digest and actual != digest:
            raise _failed(url, f"it has the digest {actual}, and the lockfile says {digest}")
        self._keep(actual, content)
        return content, actual

    # --- one request with authentication ---

    async def _get(self, reference: FeatureReference, path: str, limit: int, accept: str) -> bytes:
        registry = self._settings.mirrors.get(reference.registry, reference.registry)
        if is_forbidden_address(registry):
            raise Problem(
                "refused_by_policy", f"The registry {registry} is not allowed.", extra={"feature": reference.written}
            )
        scheme = "http" if is_plain_http(registry, self._settings.insecure_hosts) else "https"
        url = f"{scheme}://{registry}{path}"
        async with self._guarded(registry, reference.written), asyncio.timeout(self._settings.deadline_seconds):
            response = await self._authenticated(registry, url, accept, limit)
        _raise_for(response.status, registry, reference.written)
        return response.content

    async def _authenticated(self, registry: str, url: str, accept: str, limit: int) -> _Response:
        key = f"{registry} {urlsplit(url).path.partition('/manifests/')[0].partition('/blobs/')[0]}"
        headers = {"Accept": accept}
        if key in self._authorization:
            headers["Authorization"] = self._authorization[key]
        response = await self._follow(url, headers, limit)
        if response.status not in {401, 403}:
            return response
        authorization = await self._authorize(registry, parse_challenge(response.challenge))
        if not authorization:
            return response
        response = await self._follow(url, {"Accept": accept, "Authorization": authorization}, limit)
        if response.status != 401:
            self._authorization[key] = authorization
        return response

    async def _authorize(self, registry: str, challenge: Challenge) -> str:
        """The Authorization header that answers a challenge; empty when there is none."""
        credential = self._settings.credentials.get(registry)
        if challenge.scheme == "basic" and credential:
            return _basic(*credential)
        if challenge.scheme != "bearer" or not challenge.realm:
            return ""
        realm = challenge.realm
        secure = realm.startswith("https://") or is_plain_http(host_of(realm), self._settings.insecure_hosts)
        if not secure or is_forbidden_address(host_of(realm)):
            return ""
        if credential and may_see_credentials(realm, registry, self._settings.token_hosts):
            token = await self._token(realm, challenge, credential)
            if token:
                return f"Bearer {token}"
        token = await self._token(realm, challenge, None)
        return f"Bearer {token}" if token else ""

    async def _token(self, realm: str, challenge: Challenge, credential: tuple[str, Secret] | None) -> str:
        fields = {key: challenge.parameters[key] for key in ("service", "scope") if challenge.parameters.get(key)}
        if credential and credential[0] == "<token>":
            form = fields | {
                "grant_type": "refresh_token",
                "refresh_token": credential[1].reveal(),
                "client_id": "devcontainer",
            }
            answer = await self._client.post(realm, data=form)
        else:
            headers = {"Authorization": _basic(*credential)} if credential else {}
            answer = await self._client.get(realm, params=fields, headers=headers)
        if answer.status_code != 200:
            return ""
        try:
            value = answer.json()
        except ValueError:
            return ""
        token = (value.get("token") or value.get("access_token")) if isinstance(value, dict) else None
        return token if isinstance(token, str) else ""

    # --- transfer ---

    async def _follow(self, url: str, headers: dict[str, str], limit: int) -> _Response:
        """GET with redirects; credentials never leave the first host (C313)."""
        origin = host_of(url)
        for _ in range(_MAX_REDIRECTS):
            sent = (
                headers
                if host_of(url) == origin
                else {key: value for key, value in headers.items() if key != "Authorization"}
            )
            response = await self._retried(url, sent, limit)
            if not response.location:
                return response
            target = urljoin(url, response.location)
            downgrade = url.startswith("https://") and not target.startswith("https://")
            if downgrade or not target.startswith(("https://", "http://")) or is_forbidden_address(host_of(target)):
                raise Problem("registry_unreachable", f"{origin} redirects to an address that is not allowed.")
            url = target
        raise Problem("registry_unreachable", f"{origin} redirects too often.")

    async def _retried(self, url: str, headers: dict[str, str], limit: int) -> _Response:
        for attempt in range(1, self._settings.attempts + 1):
            last = attempt == self._settings.attempts
            try:
                response = await self._once(url, headers, limit)
            except httpx.TransportError:
                if last:
                    raise
                await asyncio.sleep(self._settings.retry_seconds)
                continue
            if response.status not in _RETRIED or last:
                return response
            await asyncio.sleep(min(response.retry_after or self._settings.retry_seconds * attempt, _MAX_WAIT_SECONDS))
        raise AssertionError  # the loop returns or raises in its last turn

    async def _once(self, url: str, headers: dict[str, str], limit: int) -> _Response:
        async with self._client.stream("GET", url, headers=headers) as answer:
            location = answer.headers.get("Location", "") if answer.status_code in {301, 302, 303, 307, 308} else ""
            content = b""
            if not location:
                chunks: list[bytes] = []
                size = 0
                async for chunk in answer.aiter_bytes():
                    size += len(chunk)
                    if size > limit:
                        raise Problem("feature_failed", f"{host_of(url)} sends more than {limit} bytes.")
                    chunks.append(chunk)
                content = b"".join(chunks)
            after = answer.headers.get("Retry-After", "")
            return _Response(
                answer.status_code,
                content,
                location,
                answer.headers.get("WWW-Authenticate", ""),
                float(after) if after.isdigit() else 0.0,
            )

    @asynccontextmanager
    async def _guarded(self, registry: str, feature: str) -> AsyncIterator[None]:
        """Foreign exceptions become problems here, and nowhere else."""
        try:
            yield
        except TimeoutError as error:
            raise Problem(
                "registry_unreachable", f"{registry} does not answer in time.", extra={"feature": feature}
            ) from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise Problem(
                "registry_unreachable",
                f"{registry}: {type(error).__name__}: {error}".rstrip(": "),
                extra={"feature": feature},
            ) from error

    # --- cache by digest ---

    def _cached(self, digest: str) -> bytes | None:
        if not self._settings.cache_folder or not _DIGEST.fullmatch(digest):
            return None
        try:
            content = Path(self._settings.cache_folder, digest.removeprefix("sha256:")).read_bytes()
        except OSError:
            return None
        return content if _digest(content) == digest else None

    def _keep(self, digest: str, content: bytes) -> None:
        if not self._settings.cache_folder:
            return
        folder = Path(self._settings.cache_folder)
        target = folder / digest.removeprefix("sha256:")
        if target.exists():
            return
        try:
            folder.mkdir(parents=True, exist_ok=True)
            partial = target.with_suffix(f".{time.monotonic_ns()}")
            partial.write_bytes(content)
            partial.replace(target)
        except OSError:
            return  # a cache that cannot be written is no reason to fail


@dataclass(frozen=True)
class _Response:
    status: int
    content: bytes
    location: str = ""
    challenge: str = ""
    retry_after: float = 0.0


def _digest(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def _basic(user: str, password: Secret) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password.reveal()}".encode()).decode()


def _failed(feature: str, why: str, status: int = 0) -> Problem:
    extra: dict[str, Any] = {"feature": feature} | ({"status": status} if status else {})
    return Problem("feature_failed", f"The feature {feature!r} cannot be used: {why}.", extra=extra)


def _raise_for(status: int, registry: str, feature: str) -> None:
    if status == 200:
        return
    extra: dict[str, Any] = {"feature": feature, "status": status}
    if status in {401, 403}:
        raise Problem("registry_denied", f"{registry} answers {status} for {feature}.", extra=extra)
    if status == 404:
        raise _failed(feature, f"{registry} does not have it", status)
    raise Problem("registry_unreachable", f"{registry} answers {status} for {feature}.", extra=extra)


def _json_object(content: bytes, feature: str) -> dict[str, Any]:
    try:
        value = json.loads(content)
    except (ValueError, RecursionError) as error:
        start = content[:40].decode(errors="replace")
        raise _failed(feature, f"the registry answers with something that is no manifest: {start!r}") from error
    if not isinstance(value, dict):
        raise _failed(feature, "the registry answers with something that is no manifest")
    return value
