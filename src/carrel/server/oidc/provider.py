"""The identity provider: found by its issuer, asked for keys, for a token in exchange for a code, for more claims."""

from __future__ import annotations

import ssl
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import quote, urlencode, urlsplit

import httpx
from authlib.oauth2.rfc7636 import create_s256_code_challenge  # type: ignore[import-untyped]

from carrel.core.problems import Problem
from carrel.core.secret import Secret
from carrel.server.oidc.flow import Flow
from carrel.server.oidc.id_token import Expected, UnknownKey, verified
from carrel.server.oidc.issuer import is_loopback, is_safe

FRESH: Final = timedelta(hours=1)
"""How long what the provider says of itself is not asked again."""
TIMEOUT_SECONDS: Final = 10.0
LARGEST_ANSWER: Final = 1024 * 1024
REFUSALS = frozenset({400, 401, 403})


@dataclass(frozen=True)
class Client:
    """What we are at the provider."""

    issuer: str
    client_id: str
    secret: Secret
    scopes: tuple[str, ...]
    redirect_uri: str
    ca_bundle: str = ""


class Provider:
    """One identity provider. What it says of itself and its keys are remembered, and asked for again when needed."""

    def __init__(self, client: Client, transport: httpx.AsyncBaseTransport | None = None) -> None:
        """Nothing is asked yet. `transport`: in the place of the network."""
        self._client = client
        self._transport = transport
        self._metadata: dict[str, Any] = {}
        self._keys: dict[str, Any] = {}
        self._asked_at: datetime | None = None
        self._trusted: ssl.SSLContext | None = None

    async def authorization_url(self, flow: Flow, now: datetime) -> str:
        """Where the browser is sent. Raises `provider_unreachable`."""
        query = {
            "response_type": "code",
            "client_id": self._client.client_id,
            "redirect_uri": self._client.redirect_uri,
            "scope": " ".join(dict.fromkeys(("openid", *self._client.scopes))),
            "state": flow.state,
            "nonce": flow.nonce,
            "code_challenge": create_s256_code_challenge(flow.verifier),
            "code_challenge_method": "S256",
        }
        return _with_query(await self._endpoint("authorization_endpoint", now), query)

    async def claims(self, code: str, flow: Flow, now: datetime) -> dict[str, Any]:
        """The verified claims of whoever the provider sent back with this code.

        Raises:
            Problem: `provider_unreachable`; `identity_refused` where the code or the token is not good.
        """
        answer = await self._redeem(code, flow, now)
        token, access = answer.get("id_token"), answer.get("access_token")
        if not isinstance(token, str):
            raise Problem("identity_refused", "The identity provider gave no ID token.")
        access = access if isinstance(access, str) else ""
        expected = Expected(self._client.issuer, self._client.client_id, flow.nonce, access)
        try:
            claims = verified(token, await self._key_set(now), expected, now)
        except UnknownKey:
            claims = await self._with_fresh_keys(token, expected, now)
        return await self._with_more(claims, access, now)

    async def sign_out_url(self, back: str, now: datetime) -> str | None:
        """Where the browser signs out of the provider (RP-Initiated Logout 1.0); None: it has no such place."""
        await self._metadata_of(now)
        if not self._metadata.get("end_session_endpoint"):
            return None
        query = {"client_id": self._client.client_id, "post_logout_redirect_uri": back}
        return _with_query(await self._endpoint("end_session_endpoint", now), query)

    async def _with_fresh_keys(self, token: str, expected: Expected, now: datetime) -> dict[str, Any]:
        """The provider may have other keys by now."""
        self._keys = {}
        try:
            return verified(token, await self._key_set(now), expected, now)
        except UnknownKey as error:
            raise Problem(
                "identity_refused", "The identity provider's token is signed by a key that is not its own."
            ) from error

    async def _with_more(self, claims: dict[str, Any], access_token: str, now: datetime) -> dict[str, Any]:
        """With what the UserInfo endpoint adds; what the ID token says counts more (OpenID Connect Core, 5.3.2)."""
        await self._metadata_of(now)
        if not access_token or not self._metadata.get("userinfo_endpoint"):
            return claims
        url = await self._endpoint("userinfo_endpoint", now)
        more = await self._ask("GET", url, headers={"Authorization": f"Bearer {access_token}"})
        if more.get("sub") != claims.get("sub"):
            raise Problem("identity_refused", "The identity provider speaks of two people.")
        return more | claims

    async def _redeem(self, code: str, flow: Flow, now: datetime) -> dict[str, Any]:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._client.redirect_uri,
            "code_verifier": flow.verifier,
        }
        headers = {"Accept": "application/json"}
        url = await self._endpoint("token_endpoint", now)
        methods = self._metadata.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        if not self._client.secret:
            form["client_id"] = self._client.client_id
        elif "client_secret_basic" in methods:
            pair = f"{quote(self._client.client_id, safe='')}:{quote(self._client.secret.reveal(), safe='')}"
            headers["Authorization"] = f"Basic {b64encode(pair.encode()).decode()}"  # RFC 6749, 2.3.1: quoted first
        else:
            form |= {"client_id": self._client.client_id, "client_secret": self._client.secret.reveal()}
        return await self._ask("POST", url, headers=headers, form=form)

    async def _key_set(self, now: datetime) -> Mapping[str, Any]:
        if not self._keys:
            self._keys = await self._ask("GET", await self._endpoint("jwks_uri", now))
        return self._keys

    async def _endpoint(self, name: str, now: datetime) -> str:
        url = (await self._metadata_of(now)).get(name)
        if not isinstance(url, str) or not is_safe(url, loopback=is_loopback(self._client.issuer)):
            raise Problem("provider_unreachable", f"The identity provider has no usable {name}.")
        return url

    async def _metadata_of(self, now: datetime) -> dict[str, Any]:
        """OpenID Connect Discovery 1.0, section 4."""
        if self._asked_at is None or not timedelta() <= now - self._asked_at < FRESH:
            found = await self._ask("GET", self._client.issuer.rstrip("/") + "/.well-known/openid-configuration")
            if found.get("issuer") != self._client.issuer:
                detail = f"It calls itself {str(found.get('issuer'))[:200]!r}, and the setting oidc_issuer is another."
                raise Problem("provider_unreachable", detail, "The setting has to be the issuer, letter by letter.")
            self._metadata, self._keys, self._asked_at = found, {}, now
        return self._metadata

    async def _ask(
        self, method: str, url: str, headers: dict[str, str] | None = None, form: dict[str, str] | None = None
    ) -> dict[str, Any]:
        """A JSON object. Redirects are not followed: a secret might be sent on."""
        try:
            async with self._http() as http:
                answer = await http.request(method, url, headers=headers, data=form)
            found = answer.json() if len(answer.content) <= LARGEST_ANSWER else None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise Problem("provider_unreachable", f"{_place(url)}: {type(error).__name__}.") from error
        except ValueError as error:
            raise Problem("provider_unreachable", f"{_place(url)} does not answer in JSON.") from error
        if answer.status_code in REFUSALS and isinstance(found, dict):
            raise Problem("identity_refused", f"The identity provider says: {_words(found)}.", "Sign in again.")
        if answer.status_code != 200 or not isinstance(found, dict):
            raise Problem("provider_unreachable", f"{_place(url)} answers {answer.status_code}.")
        return found

    def _http(self) -> httpx.AsyncClient:
        if self._transport is not None:
            return httpx.AsyncClient(transport=self._transport)
        direct = is_loopback(self._client.issuer)
        if self._trusted is None:  # reading the system's certificates takes a while
            self._trusted = ssl.create_default_context(cafile=self._client.ca_bundle or None)
        return httpx.AsyncClient(timeout=TIMEOUT_SECONDS, verify=self._trusted, trust_env=not direct)


def _with_query(url: str, query: Mapping[str, str]) -> str:
    return f"{url}{'&' if urlsplit(url).query else '?'}{urlencode(query)}"


def _place(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}{parts.path}"[:200]


def _words(answer: Mapping[str, Any]) -> str:
    """The provider's own words for what went wrong (RFC 6749, section 5.2)."""
    text = str(answer.get("error_description") or answer.get("error") or "no")
    return "".join(c for c in text if c.isprintable())[:200].rstrip(".")
