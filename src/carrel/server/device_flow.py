"""The client's side of OAuth's device flow (RFC 8628) and of refresh tokens (RFC 6749, section 6), for git hosts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal
from urllib.parse import urlsplit

import httpx

from carrel.core.problems import Problem
from carrel.core.secret import Secret
from carrel.core.sources import check_credential_host
from carrel.server.settings import Settings

DEVICE_GRANT: Final = "urn:ietf:params:oauth:grant-type:device_code"
METADATA_PATH: Final = "/.well-known/oauth-authorization-server"
"""RFC 8414, section 3: where a server says its endpoints."""
DEFAULT_INTERVAL_SECONDS: Final = 5
SLOW_DOWN_SECONDS: Final = 5
"""RFC 8628, section 3.5: by so much the interval grows with each `slow_down`."""
TIMEOUT_SECONDS: Final = 8.0
_LONGEST: Final = 8192

Kind = Literal["github", "gitlab", "generic"]
_KINDS: Mapping[str, Kind] = {"github": "github", "gitlab": "gitlab", "generic": "generic"}
_SCOPES: Mapping[Kind, str] = {"github": "repo read:org workflow gist", "gitlab": "api", "generic": ""}
_USERNAMES: Mapping[Kind, str] = {"github": "x-access-token", "gitlab": "oauth2", "generic": "oauth2"}
_PATHS: Mapping[Kind, tuple[str, str]] = {
    "github": ("/login/device/code", "/login/oauth/access_token"),
    "gitlab": ("/oauth/authorize_device", "/oauth/token"),
}


@dataclass(frozen=True)
class Provider:
    """A git host at which this installation is a client."""

    host: str
    client_id: str
    kind: Kind
    scheme: str = "https"

    @property
    def base(self) -> str:
        """Its address."""
        return f"{self.scheme}://{self.host}"

    @property
    def username(self) -> str:
        """What git gives beside a token."""
        return _USERNAMES[self.kind]


@dataclass(frozen=True)
class Begun:
    """A login that waits for a person."""

    device_code: Secret
    user_code: str
    verification_uri: str
    verification_uri_complete: str
    expires_in: int
    interval: int


@dataclass(frozen=True)
class Tokens:
    """What a login, or a renewal, brings."""

    access: Secret
    refresh: Secret
    expires_in: int
    """Seconds; 0: it is not said."""


@dataclass(frozen=True)
class Pending:
    """The person has not decided yet."""

    slow_down: bool = False


class GrantRefused(Exception):  # noqa: N818  it is an answer
    """The host will not give a token any more, in the words of its `error`."""


def providers(settings: Settings) -> dict[str, Provider]:
    """The setting `git_oauth` by host. Raises `bad_value`."""
    found: dict[str, Provider] = {}
    for entry in settings.git_oauth:
        address, equals, rest = entry.partition("=")
        client_id, _, kind = rest.partition(";")
        scheme, colons, host = address.partition("://")
        scheme, host = (scheme, host) if colons else ("https", address)
        default = {"github.com": "github", "gitlab.com": "gitlab"}.get(host.strip().casefold(), "generic")
        if not equals or not client_id.strip() or (kind.strip() or default) not in _KINDS:
            raise Problem("bad_value", f"git_oauth: {entry!r} is not `HOST=CLIENT_ID[;github|gitlab|generic]`.")
        if scheme != "https" and scheme not in settings.allow_git_schemes:
            raise Problem("bad_value", f"git_oauth: {entry!r} is not https.", "See allow_git_schemes.")
        name = check_credential_host(host)
        found[name] = Provider(name, client_id.strip(), _KINDS[kind.strip() or default], scheme)
    return found


class DeviceFlow:
    """Speaks with one provider."""

    def __init__(self, provider: Provider, http: httpx.AsyncClient) -> None:
        self._provider = provider
        self._http = http
        self._endpoints: tuple[str, str] | None = None

    async def begin(self) -> Begun:
        """Ask for a code (RFC 8628, section 3.1). Raises `unavailable`."""
        form = {"client_id": self._provider.client_id}
        if scope := _SCOPES[self._provider.kind]:
            form["scope"] = scope
        answer = await self._post((await self._where())[0], form)
        if "error" in answer:
            words = str(answer.get("error_description") or answer["error"])[:200]
            raise Problem("unavailable", f"{self._provider.host} refuses to begin: {words}.", "Check `git_oauth`.")
        try:
            uri = str(answer.get("verification_uri") or answer["verification_url"])
            return Begun(
                Secret(str(answer["device_code"])),
                _words(answer["user_code"], 100),
                _web_address(uri),
                _web_address(str(answer.get("verification_uri_complete") or uri)),
                int(answer["expires_in"]),
                max(1, int(answer.get("interval") or DEFAULT_INTERVAL_SECONDS)),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise self._not_understood() from error

    async def poll(self, device_code: Secret) -> Tokens | Pending:
        """Whether the person has decided (section 3.4). Raises GrantRefused, `unavailable`."""
        form = {"grant_type": DEVICE_GRANT, "device_code": device_code.reveal(), "client_id": self._provider.client_id}
        answer = await self._post((await self._where())[1], form)
        match answer.get("error"):
            case None:
                return self._tokens(answer)
            case "authorization_pending":
                return Pending()
            case "slow_down":
                return Pending(slow_down=True)
            case error:
                raise GrantRefused(_words(error, 100))

    async def refresh(self, token: Secret) -> Tokens:
        """A new token for a refresh token. Raises GrantRefused, `unavailable`."""
        form = {
            "grant_type": "refresh_token",
            "refresh_token": token.reveal(),
            "client_id": self._provider.client_id,
        }
        answer = await self._post((await self._where())[1], form)
        if "error" in answer:
            raise GrantRefused(_words(answer["error"], 100))
        tokens = self._tokens(answer)
        return tokens if tokens.refresh else Tokens(tokens.access, token, tokens.expires_in)

    async def _where(self) -> tuple[str, str]:
        """The endpoints for devices and for tokens."""
        if self._endpoints is None:
            paths = _PATHS.get(self._provider.kind)
            if paths is not None:
                self._endpoints = self._provider.base + paths[0], self._provider.base + paths[1]
            else:
                self._endpoints = await self._discovered()
        return self._endpoints

    async def _discovered(self) -> tuple[str, str]:
        metadata = await self._asked("GET", self._provider.base + METADATA_PATH, None)
        try:
            found = str(metadata["device_authorization_endpoint"]), str(metadata["token_endpoint"])
        except KeyError as error:
            detail = f"{self._provider.host} does not say where it has a device flow."
            raise Problem("unavailable", detail, "Name its kind in `git_oauth`, or store a token.") from error
        if any(not one.startswith(f"{self._provider.scheme}://") for one in found):
            raise self._not_understood()
        return found

    async def _post(self, url: str, form: Mapping[str, str]) -> Mapping[str, Any]:
        return await self._asked("POST", url, form)

    async def _asked(self, method: str, url: str, form: Mapping[str, str] | None) -> Mapping[str, Any]:
        try:
            answer = await self._http.request(method, url, data=form, headers={"Accept": "application/json"})
            document = answer.json() if len(answer.content) <= _LONGEST * 8 else None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise Problem("unavailable", f"{self._provider.host} cannot be reached: {error}.") from error
        except ValueError as error:
            raise self._not_understood() from error
        if not isinstance(document, dict) or (answer.status_code >= 400 and "error" not in document):
            raise self._not_understood()
        return document

    def _tokens(self, answer: Mapping[str, Any]) -> Tokens:
        try:
            access, refresh = _token(answer["access_token"]), _token(answer.get("refresh_token") or "")
            return Tokens(access, refresh, max(0, int(answer.get("expires_in") or 0)))
        except (KeyError, TypeError, ValueError):  # the cause is dropped: its text may quote a token
            raise self._not_understood() from None

    def _not_understood(self) -> Problem:
        return Problem("unavailable", f"What {self._provider.host} answers is not understood.", "Check `git_oauth`.")


def _token(value: object) -> Secret:
    if not isinstance(value, str) or len(value) > _LONGEST or not value.isprintable():
        raise ValueError("no token")
    return Secret(value)


def _words(value: object, longest: int) -> str:
    text = str(value)
    if not text.isprintable():
        raise ValueError("control characters")
    return text[:longest]


def _web_address(text: str) -> str:
    """What a person is sent to. Raises ValueError."""
    parts = urlsplit(text)
    if parts.scheme not in {"https", "http"} or not parts.hostname or not text.isprintable() or len(text) > 2000:
        raise ValueError("no address")
    return text
