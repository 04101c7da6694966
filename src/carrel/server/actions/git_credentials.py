"""Git credentials of users: stored once for each host, used to fetch, never shown again."""

from __future__ import annotations

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


async def git_credential_of(session: ReadSession, keys: KeyRing, user_id: str, host: str) -> tuple[str, Secret] | None:
    """User name and token for a host (core.sources.host_of), for fetching a user's source; None where none is stored."""
    found = await secrets.reveal(session, keys, SecretName(SecretScope.GIT, user_id, host))
    return None if found is None else (found[1]["username"], found[0])
