"""One request to a registry: limits, redirects, retries, credentials. The only module that opens connections.

Source: OCI distribution specification; C303-C313; deviations of untrusted input: a repository names the registry.
"""

from __future__ import annotations

import asyncio
import base64
import email.utils
import json
import ssl
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

import httpx

from carrel.core.problems import Problem
from carrel.core.secret import Secret
from carrel.devcontainer.registry_addresses import Resolve, is_forbidden_address, name_of, place_of, resolve
from carrel.devcontainer.registry_auth import Challenge, host_of, is_plain_http, may_see_credentials, parse_challenge
from carrel.devcontainer.registry_settings import RegistrySettings

BaseTransport = httpx.AsyncBaseTransport
_MAX_REDIRECTS = 5
_RETRIED = frozenset({429, 500, 502, 503, 504})
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_MAX_TOKEN_BYTES = 2**20
_GET = "GET"


@dataclass(frozen=True)
class Query:
    """One request."""

    url: str
    method: str = _GET
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    limit: int = 2**20
    """Bytes that are read of the answer."""


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    content: bytes = b""
    location: str = ""
    challenge: str = ""
    retry_after: float = 0.0
    """Seconds that the registry asks to be left alone."""


@dataclass(frozen=True)
class Errand:
    """Whose request it is: names for problems, and what a token is asked for."""

    registry: str
    """Host that is asked: the registry, or its mirror."""
    about: str
    """The reference, as the user wrote it."""
    scope: str = ""
    """The repository and action that one authorization serves."""


class Transport:
    """Connections for one user's credentials."""

    def __init__(self, settings: RegistrySettings, transport: BaseTransport | None, resolver: Resolve | None) -> None:
        """`transport` stands in for the network in tests; then names are resolved only by `resolver`."""
        self._settings = settings
        self._resolve = resolver or (resolve if transport is None else _unresolved)
        self._authorization: dict[str, str] = {}
        self._places: dict[str, str] = {}
        self._network = transport
        self._opened: httpx.AsyncClient | None = None

    @property
    def _client(self) -> httpx.AsyncClient:
        """Opened on first use: most configurations ask no registry, and reading certificates takes time."""
        if self._opened is None:
            trusted = _trusted(self._settings.ca_file) if self._network is None else None
            self._opened = httpx.AsyncClient(
                transport=self._network,
                timeout=self._settings.timeout_seconds,
                verify=trusted or True,
                mounts=_proxies(self._settings, trusted) if trusted else None,
                trust_env=False,
                headers={"User-Agent": "carrel", "Accept-Encoding": "identity"},
            )
        return self._opened

    async def close(self) -> None:
        """Close the connections."""
        if self._opened is not None:
            await self._opened.aclose()

    def url(self, registry: str, path: str) -> str:
        """The address of a path at a registry (C303)."""
        scheme = "http" if is_plain_http(registry, self._settings.insecure_hosts) else "https"
        return f"{scheme}://{registry}{path}"

    async def ask(self, errand: Errand, query: Query) -> Answer:
        """Ask a registry, with credentials where it wants them.

        Raises:
            Problem: `registry_unreachable`, `refused_by_policy` (its address), `feature_failed` (too large).
        """
        async with self._guarded(errand):
            return await self._authenticated(errand, query)

    async def fetch(self, errand: Errand, query: Query) -> Answer:
        """Ask any host, without credentials. Raises as `ask`."""
        async with self._guarded(errand):
            return await self._follow(query)

    # --- authentication ---

    async def _authenticated(self, errand: Errand, query: Query) -> Answer:
        key = f"{errand.registry} {errand.scope}"
        answer = await self._follow(_with(query, self._authorization.get(key, "")))
        if answer.status not in {401, 403}:
            return answer
        authorization = await self._authorize(errand.registry, parse_challenge(answer.challenge))
        if not authorization:
            return answer
        answer = await self._follow(_with(query, authorization))
        if answer.status != 401:
            self._authorization[key] = authorization
        return answer

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
            form = fields | {"grant_type": "refresh_token", "client_id": "devcontainer"}
            form["refresh_token"] = credential[1].reveal()
            headers = {"Content-Type": "application/x-www-form-urlencoded"}
            query = Query(realm, "POST", headers, _encoded(form).encode(), _MAX_TOKEN_BYTES)
        else:
            mark = "&" if urlsplit(realm).query else "?"
            query = _with(
                Query(f"{realm}{mark}{_encoded(fields)}", limit=_MAX_TOKEN_BYTES),
                _basic(*credential) if credential else "",
            )
        answer = await self._retried(query, await self._place(host_of(realm)))
        if answer.status != 200 or answer.location:
            return ""
        try:
            value = json.loads(answer.content)
        except ValueError:
            return ""
        token = (value.get("token") or value.get("access_token")) if isinstance(value, dict) else None
        return token if isinstance(token, str) and token.isprintable() and " " not in token else ""

    # --- transfer ---

    async def _follow(self, query: Query) -> Answer:
        """One request with redirects; credentials never leave the first host (C313)."""
        origin = host_of(query.url)
        first = place = await self._place(origin)
        for _ in range(_MAX_REDIRECTS):
            answer = await self._retried(query, place)
            if not answer.location or query.method != _GET:
                return answer
            target = urljoin(query.url, answer.location)
            downgrade = query.url.startswith("https://") and not target.startswith("https://")
            if downgrade or not target.startswith(("https://", "http://")) or is_forbidden_address(host_of(target)):
                raise _bad_redirect(origin, target)
            place = await self._place(host_of(target))
            if place == "private" and first != "private" and not self._settings.trusts(host_of(target)):
                raise _bad_redirect(origin, target)
            query = replace(query, url=target)
            if host_of(target) != origin:
                query = _with(query, "")
        raise Problem("registry_unreachable", f"{origin} redirects too often.")

    async def _place(self, host: str) -> str:
        """Where a host is, asked once; raises `refused_by_policy` where it must not be asked."""
        if host not in self._places:
            addresses = () if self._settings.proxy else await self._resolve(name_of(host))
            self._places[host] = place_of(host, addresses)
        place = self._places[host]
        if place == "forbidden":
            raise Problem("refused_by_policy", f"The registry {host} is not allowed: it has a link-local address.")
        if place == "private" and not self._settings.private_addresses and not self._settings.trusts(host):
            raise Problem(
                "refused_by_policy",
                f"The registry {host} is not allowed: it is on a private address.",
                hint="An administrator can store credentials for it, or add it to the mirrors or insecure registries.",
            )
        return place

    async def _retried(self, query: Query, place: str) -> Answer:
        for attempt in range(1, self._settings.attempts + 1):
            last = attempt == self._settings.attempts
            try:
                answer = await self._once(query, place)
            except httpx.TransportError:
                if last:
                    raise
                await asyncio.sleep(self._settings.retry_seconds)
                continue
            wait = answer.retry_after or self._settings.retry_seconds * attempt
            if answer.status not in _RETRIED or last or wait > self._settings.max_wait_seconds:
                return answer
            await asyncio.sleep(wait)
        raise AssertionError  # the loop returns or raises in its last turn

    async def _once(self, query: Query, place: str) -> Answer:
        async with self._client.stream(query.method, query.url, headers=query.headers, content=query.body) as answer:
            self._check_peer(answer, query.url, place)
            location = answer.headers.get("Location", "")
            if answer.status_code in _REDIRECTS and location:
                return Answer(answer.status_code, location=location)
            content = await _limited(answer, query)
            challenge = answer.headers.get("WWW-Authenticate", "")
            after = _seconds(answer.headers.get("Retry-After", ""))
            is_upload = answer.status_code in {201, 202}
            return Answer(answer.status_code, content, location if is_upload else "", challenge, after)

    def _check_peer(self, answer: httpx.Response, url: str, place: str) -> None:
        """The name may have been resolved to another address since it was judged."""
        stream = answer.extensions.get("network_stream")
        peer = stream.get_extra_info("server_addr") if stream is not None else None
        if not peer or self._settings.proxy:
            return
        found = place_of(str(peer[0]), ())
        if found == "forbidden" or (found == "private" and place == "public"):
            raise Problem(
                "refused_by_policy", f"{host_of(url)} changed its address to {peer[0]}, which is not allowed."
            )

    @asynccontextmanager
    async def _guarded(self, errand: Errand) -> AsyncIterator[None]:
        """Foreign exceptions become problems here, and nowhere else; every problem says which reference it is about."""
        extra = {"feature": errand.about}
        try:
            async with asyncio.timeout(self._settings.deadline_seconds):
                yield
        except Problem as problem:
            problem.extra.setdefault("feature", errand.about)
            raise
        except TimeoutError as error:
            hint = "Try again later; a mirror in the setting `registry_mirrors` may be faster."
            detail = f"{errand.registry} does not answer in time."
            raise Problem("registry_unreachable", detail, hint=hint, extra=extra) from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            detail = f"{errand.registry}: {type(error).__name__}: {error}".rstrip(": ")
            raise Problem("registry_unreachable", detail, extra=extra) from error


async def _unresolved(_: str) -> tuple[str, ...]:
    return ()


def _trusted(ca_file: str) -> ssl.SSLContext:
    """The certificates of public authorities, those of the machine, and the organisation's in addition."""
    context = httpx.create_ssl_context(trust_env=False)
    context.load_default_certs()
    if ca_file:
        context.load_verify_locations(ca_file)
    return context


def _proxies(settings: RegistrySettings, trusted: ssl.SSLContext) -> dict[str, httpx.AsyncHTTPTransport | None] | None:
    """Everything through the proxy but this machine and the hosts of `no_proxy`."""
    if not settings.proxy:
        return None
    direct = {"localhost", "127.0.0.1", "[::1]", *(host.strip().lower() for host in settings.no_proxy.split(","))} - {
        ""
    }
    if "*" in direct:
        return None
    through = httpx.AsyncHTTPTransport(proxy=settings.proxy, verify=trusted)
    return {"all://": through} | {f"all://{_pattern(host)}": None for host in direct}


def _pattern(host: str) -> str:
    """A host of `no_proxy` as httpx matches it: a name stands for what is below it as well, an address for itself."""
    name = host.removeprefix("*")
    is_address = name == "localhost" or name.startswith("[") or name.replace(".", "").isdigit()
    return name if is_address else f"*{name}"


async def _limited(answer: httpx.Response, query: Query) -> bytes:
    """The body, never more than the limit of it; what a registry declares is believed before anything is read."""
    declared = answer.headers.get("Content-Length", "")
    too_large = Problem(
        "feature_failed",
        f"{host_of(query.url)} sends more than {query.limit} bytes.",
        hint="A feature or template is a small archive; check that the reference names one.",
    )
    if query.method != "HEAD" and declared.isdigit() and int(declared) > query.limit:
        raise too_large
    chunks: list[bytes] = []
    size = 0
    async for chunk in answer.aiter_bytes():
        size += len(chunk)
        if size > query.limit:
            raise too_large
        chunks.append(chunk)
    return b"".join(chunks)


def _bad_redirect(origin: str, target: str) -> Problem:
    return Problem(
        "registry_unreachable",
        f"{origin} redirects to an address that is not allowed: {host_of(target) or target[:100]}.",
        hint="Registries may redirect to public https addresses only, unless an administrator lists the target.",
    )


def _with(query: Query, authorization: str) -> Query:
    """The request with this authorization, or with none."""
    headers = {key: value for key, value in query.headers.items() if key != "Authorization"}
    return replace(query, headers=headers | ({"Authorization": authorization} if authorization else {}))


def _basic(user: str, password: Secret) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password.reveal()}".encode()).decode()


def _encoded(fields: Mapping[str, str]) -> str:
    return "&".join(f"{key}={quote(value, safe='')}" for key, value in fields.items())


def _seconds(after: str) -> float:
    """Retry-After as seconds or as a date."""
    if after.isdigit():
        return float(after)
    try:
        return max(0.0, email.utils.parsedate_to_datetime(after).timestamp() - time.time())
    except (ValueError, TypeError, IndexError):
        return 0.0


def problem_for(answer: Answer, errand: Errand) -> Problem:
    """What an answer that is no success means."""
    extra: dict[str, Any] = {"feature": errand.about, "status": answer.status}
    told = f"{errand.registry} answers {answer.status} for {errand.about}."
    if answer.status in {401, 403}:
        return Problem("registry_denied", told, extra=extra)
    if answer.status == 404:
        detail = f"{errand.about!r} cannot be used: {errand.registry} does not have it."
        return Problem("feature_failed", detail, extra=extra)
    if answer.status == 429:
        wait = f" It asks to wait {answer.retry_after:.0f} seconds." if answer.retry_after else ""
        hint = "Wait, or store credentials for this registry: signed-in users are limited less."
        return Problem("registry_unreachable", told + wait, hint=hint, extra=extra)
    hint = "The registry has a fault; try again later." if answer.status >= 500 else ""
    return Problem("registry_unreachable", told, hint=hint, extra=extra)
