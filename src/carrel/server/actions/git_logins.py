"""Logging in at a git host without typing a token: OAuth's device flow, and renewing what it brought."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import httpx
import structlog

from carrel.core.access import Action, Actor, Resource, demand
from carrel.core.problems import Problem
from carrel.core.sources import check_credential_host
from carrel.server.actions.git_credentials import Found, find_git_credential, keep_login
from carrel.server.device_flow import (
    SLOW_DOWN_SECONDS,
    TIMEOUT_SECONDS,
    DeviceFlow,
    GrantRefused,
    Pending,
    Provider,
    Tokens,
    providers,
)
from carrel.server.settings import Settings
from carrel.server.store import audit, secrets
from carrel.server.store.engine import Store, utc_now
from carrel.server.store.secrets import SecretName, SecretScope

log = structlog.get_logger(__name__)
EARLY = timedelta(minutes=5)
"""A token that expires so soon is renewed before it is used."""


@dataclass(frozen=True)
class BegunLogin:
    """What a person needs to go on."""

    host: str
    user_code: str
    verification_uri: str
    verification_uri_complete: str
    expires_at: datetime
    interval_seconds: int


@dataclass(frozen=True)
class LoginState:
    """How far a login is."""

    is_done: bool
    interval_seconds: int = 0
    """How long to wait before the next look."""


@dataclass
class GitLogins:
    """All logins of one server's users."""

    store: Store
    settings: Settings
    now: Callable[[], datetime] = utc_now
    _locks: dict[tuple[str, str], asyncio.Lock] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Read the setting once. Raises `bad_value`."""
        self._providers = providers(self.settings)

    async def begin(self, actor: Actor, host: str) -> BegunLogin:
        """Ask the host for a code; an earlier login there that was not finished is forgotten.

        Raises:
            Problem: `bad_value`, `not_found` where the installation is no client of the host, `unavailable`.
        """
        demand(actor, Action.CREDENTIAL_MANAGE, Resource(actor.user_id))
        provider = self._provider(host)
        async with self._http() as http:
            begun = await DeviceFlow(provider, http).begin()
        expires_at = self.now() + timedelta(seconds=begun.expires_in)
        shown = {"interval": begun.interval, "expires_at": expires_at.isoformat(), "asked_at": self.now().isoformat()}
        async with self.store.writing() as session:
            which = SecretName(SecretScope.GIT_LOGIN, actor.user_id, provider.host)
            await secrets.put(session, self.store.keys, which, begun.device_code, shown)
            await audit.append(session, actor, "git_login.begun", f"git_credential:{provider.host}")
        return BegunLogin(
            provider.host,
            begun.user_code,
            begun.verification_uri,
            begun.verification_uri_complete,
            expires_at,
            begun.interval,
        )

    async def look(self, actor: Actor, host: str) -> LoginState:
        """How far the login is; asks the host, but not more often than it wants to be asked.

        Raises:
            Problem: `not_found` where none has begun, `not_allowed` where it was denied or has expired, `unavailable`.
        """
        demand(actor, Action.CREDENTIAL_MANAGE, Resource(actor.user_id))
        provider = self._provider(host)
        which = SecretName(SecretScope.GIT_LOGIN, actor.user_id, provider.host)
        async with self.store.reading() as session:
            pending = await secrets.reveal(session, self.store.keys, which)
        if pending is None:
            again = f"`carrel git-credential login {provider.host}` begins one."
            raise Problem("not_found", f"No login at {provider.host} has begun.", again)
        device_code, shown = pending
        interval, now = int(shown["interval"]), self.now()
        next_at = datetime.fromisoformat(shown["asked_at"]) + timedelta(seconds=interval)
        if now < next_at:
            return LoginState(is_done=False, interval_seconds=max(1, round((next_at - now).total_seconds())))
        if now >= datetime.fromisoformat(shown["expires_at"]):
            return await self._given_up(actor, which, "expired_token")
        try:
            async with self._http() as http:
                answer = await DeviceFlow(provider, http).poll(device_code)
        except GrantRefused as refused:
            return await self._given_up(actor, which, str(refused))
        if isinstance(answer, Pending):
            interval += SLOW_DOWN_SECONDS if answer.slow_down else 0
            async with self.store.writing() as session:
                changed = shown | {"interval": interval, "asked_at": now.isoformat()}
                await secrets.put(session, self.store.keys, which, device_code, changed)
            return LoginState(is_done=False, interval_seconds=interval)
        async with self.store.writing() as session:
            await secrets.remove(session, which)
            await keep_login(session, self.store.keys, actor.user_id, self._found(provider, answer))
            await audit.append(
                session, actor, "git_credential.stored", f"git_credential:{provider.host}", {"by": "login"}
            )
        return LoginState(is_done=True)

    async def renewed(self, user_id: str, found: Found) -> Found:
        """The credential, renewed where it expires soon.

        Raises:
            Problem: `not_allowed` where the host renews it no more, `unavailable` where it cannot be asked.
        """
        if self._is_good(found):
            return found
        async with self._locks.setdefault((user_id, found.host), asyncio.Lock()):
            return await self._renewed(user_id, found.host)

    async def _renewed(self, user_id: str, host: str) -> Found:
        found = await self._stored(user_id, host)
        if found is None or self._is_good(found):
            return found or _gone(host)
        try:
            async with self._http() as http:
                tokens = await DeviceFlow(self._provider(host), http).refresh(found.refresh)
        except GrantRefused as refused:
            # Another server may have used the refresh token a moment ago.
            stored = await self._stored(user_id, host)
            if stored is not None and self._is_good(stored):
                return stored
            log.info("git_login_ended", host=host, error=str(refused))
            detail = f"The login at {host} has ended."
            raise Problem("not_allowed", detail, f"`carrel git-credential login {host}` begins a new one.") from refused
        except Problem:
            if found.expires_at is not None and found.expires_at > self.now():
                return found
            raise
        fresh = self._found(self._provider(host), tokens)
        async with self.store.writing() as session:
            await keep_login(session, self.store.keys, user_id, fresh)
        return fresh

    def _is_good(self, found: Found) -> bool:
        return not found.refresh or found.expires_at is None or found.expires_at - EARLY > self.now()

    async def _stored(self, user_id: str, host: str) -> Found | None:
        async with self.store.reading() as session:
            return await find_git_credential(session, self.store.keys, user_id, host)

    def _found(self, provider: Provider, tokens: Tokens) -> Found:
        expires_at = self.now() + timedelta(seconds=tokens.expires_in) if tokens.expires_in else None
        return Found(provider.host, provider.username, tokens.access, tokens.refresh, expires_at)

    def _provider(self, host: str) -> Provider:
        host = check_credential_host(host)
        known = self._providers
        if host not in known:
            there = f"It is set up for {', '.join(sorted(known))}." if known else "An administrator sets `git_oauth`."
            hint = f"{there} `carrel git-credential add {host}` stores a token of yours."
            raise Problem("not_found", f"There is no login for {host} here.", hint)
        return known[host]

    async def _given_up(self, actor: Actor, which: SecretName, error: str) -> LoginState:
        async with self.store.writing() as session:
            await secrets.remove(session, which)
            await audit.append(session, actor, "git_login.failed", f"git_credential:{which.name}", {"error": error})
        words = {"access_denied": "The login was denied.", "expired_token": "The code has expired."}
        detail = words.get(error, f"{which.name} refuses the login: {error}.")
        raise Problem("not_allowed", detail, f"`carrel git-credential login {which.name}` begins anew.")

    def _http(self) -> httpx.AsyncClient:
        context: ssl.SSLContext | bool = True
        if self.settings.ca_bundle:
            context = httpx.create_ssl_context()
            context.load_verify_locations(self.settings.ca_bundle)
        proxy = self.settings.https_proxy or None
        return httpx.AsyncClient(verify=context, timeout=TIMEOUT_SECONDS, proxy=proxy, trust_env=False)


def _gone(host: str) -> Found:
    raise Problem("not_found", f"The credential for {host} was removed.")
