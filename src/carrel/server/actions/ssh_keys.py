"""A user's SSH keys."""

from __future__ import annotations

from carrel.core.access import Action, Actor, Resource, demand
from carrel.core.problems import Problem
from carrel.server.actions.public_keys import parse_public_key
from carrel.server.store import audit, ssh_keys
from carrel.server.store.sessions import ReadSession, WriteSession
from carrel.server.store.ssh_keys import SshKey

MOST_KEYS = 100
MAX_TITLE = 200


async def list_ssh_keys(actor: Actor, session: ReadSession) -> list[SshKey]:
    """The actor's own, newest first."""
    return await ssh_keys.of_user(session, actor.user_id)


async def add_ssh_key(actor: Actor, session: WriteSession, text: str, title: str) -> SshKey:
    """Store a public key; its comment is the title where none is given.

    Raises:
        Problem: `bad_value`, `name_taken`, `over_quota`, `not_allowed`.
    """
    demand(actor, Action.TOKEN_MANAGE, Resource(actor.user_id))
    key = parse_public_key(text)
    title = (title.strip() or key.comment)[:MAX_TITLE]
    if title and not title.isprintable():
        raise Problem("bad_value", "title: one line of printable characters.")
    present = await ssh_keys.of_user(session, actor.user_id)
    if any(one.fingerprint == key.fingerprint for one in present):
        raise Problem("name_taken", "You have stored this key already.", "`carrel ssh-key list` shows yours.")
    if len(present) >= MOST_KEYS:
        raise Problem("over_quota", f"You have {MOST_KEYS} SSH keys.", "`carrel ssh-key remove` removes one.")
    stored = await ssh_keys.insert_key(session, actor.user_id, key.fingerprint, key.line, title)
    detail = {"fingerprint": stored.fingerprint, "title": stored.title}
    await audit.append(session, actor, "ssh_key.added", f"ssh_key:{stored.id}", detail)
    return stored


async def remove_ssh_key(actor: Actor, session: WriteSession, key_id: str) -> None:
    """Remove one of the actor's keys; connections made with it end. Raises `not_found`."""
    demand(actor, Action.TOKEN_MANAGE, Resource(actor.user_id))
    removed = await ssh_keys.remove(session, actor.user_id, key_id)
    if removed is None:
        raise Problem("not_found", "You have no such SSH key.", hint="`carrel ssh-key list` shows yours.")
    detail = {"fingerprint": removed.fingerprint, "title": removed.title}
    await audit.append(session, actor, "ssh_key.removed", f"ssh_key:{key_id}", detail)
