"""Git credentials of users: stored once for each host, used to fetch, never shown again."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from carrel.core.access import Action, Actor, Resource, demand
from carrel.core.problems import Problem
from carrel.core.secret import Secret
from carrel.core.sources import check_credential_host
from carrel.server.store import audit, secrets
from carrel.server.store.keys import KeyRing
from carrel.server.store.secrets import SecretName, SecretScope, StoredSecret
from carrel.server.store.sessions import ReadSession, WriteSession

DEFAULT_USERNAME = "x-access-token"
"""What forges take beside a token where no user name is given."""
OAUTH = "oauth"
"""Kind of a credential that a login got; it is renewed while it is used (git_logins.py)."""


@dataclass(frozen=True)
class Found:
    """A stored credential, opened for its one use."""

    host: str
    username: str
    token: Secret
    refresh: Secret = Secret("")  # noqa: RUF009  frozen
    """Gets a new token; empty: there is no renewing it."""
    expires_at: datetime | None = None


async def put_git_credential(
    actor: Actor, session: WriteSession, keys: KeyRing, host: str, username: str, token: Secret
) -> tuple[StoredSecret, bool]:
    """Store the credential of a host, in the place of an earlier one; it, and whether it is a new one.

    Raises:
        Problem: `bad_value`.
    """
    demand(actor, Action.CREDENTIAL_MANAGE, Resource(actor.user_id))
    host = check_credential_host(host)
    username = username.strip() or DEFAULT_USERNAME
    if len(username) > 200 or not username.isprintable() or ":" in username:
        raise Problem("bad_value", "The user name holds a colon or control characters, or is too long.")
    text = token.reveal().strip()
    if not text or len(text) > 10_000 or not text.isprintable():
        raise Problem("bad_value", "The token is empty, too long, or holds control characters.")
    which = SecretName(SecretScope.GIT, actor.user_id, host)
    is_new = await secrets.put(session, keys, which, Secret(text), {"username": username})
    await audit.append(session, actor, "git_credential.stored", f"git_credential:{host}", {"username": username})
    stored = await list_git_credentials(actor, session)
    return next(item for item in stored if item.name == host), is_new


async def list_git_credentials(actor: Actor, session: ReadSession) -> list[StoredSecret]:
    """Hosts and user names; never a token."""
    demand(actor, Action.CREDENTIAL_MANAGE, Resource(actor.user_id))
    return await secrets.listed(session, SecretScope.GIT, actor.user_id)


async def delete_git_credential(actor: Actor, session: WriteSession, host: str) -> None:
    """Remove the credential of a host. Raises `not_found`."""
    demand(actor, Action.CREDENTIAL_MANAGE, Resource(actor.user_id))
    host = check_credential_host(host)
    if not await secrets.remove(session, SecretName(SecretScope.GIT, actor.user_id, host)):
        raise Problem("not_found", f"You have no credential for {host}.", hint="`carrel git-credential ls` lists them.")
    await audit.append(session, actor, "git_credential.deleted", f"git_credential:{host}")


async def find_git_credential(session: ReadSession, keys: KeyRing, user_id: str, host: str) -> Found | None:
    """What a user has for a host (core.sources.host_of); None where nothing is stored."""
    found = await secrets.reveal(session, keys, SecretName(SecretScope.GIT, user_id, host))
    if found is None:
        return None
    value, shown = found
    if shown.get("kind") != OAUTH:
        return Found(host, shown["username"], value)
    tokens: dict[str, str] = json.loads(value.reveal())
    expires_at = datetime.fromisoformat(shown["expires_at"]) if shown.get("expires_at") else None
    return Found(host, shown["username"], Secret(tokens["access"]), Secret(tokens["refresh"]), expires_at)


async def keep_login(session: WriteSession, keys: KeyRing, user_id: str, found: Found) -> None:
    """Store what a login, or its renewal, has brought, in the place of what there was."""
    shown: dict[str, Any] = {"username": found.username, "kind": OAUTH}
    if found.expires_at is not None:
        shown["expires_at"] = found.expires_at.isoformat()
    value = json.dumps({"access": found.token.reveal(), "refresh": found.refresh.reveal()})
    await secrets.put(session, keys, SecretName(SecretScope.GIT, user_id, found.host), Secret(value), shown)
