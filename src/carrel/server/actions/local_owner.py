"""The one owner of a local-mode server, and the token file that proves to be them."""

from __future__ import annotations

import getpass
import os
from pathlib import Path

from carrel.core.access import Role
from carrel.core.names import suggest_name
from carrel.core.secret import Secret
from carrel.server.store import tokens, users
from carrel.server.store.engine import Store
from carrel.server.store.tokens import NewToken, TokenKind
from carrel.server.store.users import User

TOKEN_TITLE = "token file"  # noqa: S105  a title


async def ensure_local_owner(store: Store, token_path: Path) -> User:
    """The owner, made at the first start; the token file holds a valid token of theirs afterwards (0600)."""
    async with store.writing() as session:
        owner = await users.installation_owner(session)
        if owner is None:
            owner = await users.insert(session, _os_user_name(), Role.OWNER)
        value = _read(token_path)
        found = await tokens.find(session, value, TokenKind.PERSONAL) if value else None
        if found is not None and found[1].id == owner.id:
            return owner
        for old in await tokens.of_user(session, owner.id, TokenKind.PERSONAL):
            if old.title == TOKEN_TITLE:
                await tokens.remove(session, owner.id, old.id)
        fresh, _ = await tokens.make(session, NewToken(owner.id, TokenKind.PERSONAL, TOKEN_TITLE))
    _write(token_path, fresh)
    return owner


def _os_user_name() -> str:
    try:
        return suggest_name(getpass.getuser())
    except (KeyError, OSError):
        return "owner"


def _read(path: Path) -> Secret | None:
    try:
        path.chmod(0o600)
        text = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return None
    return Secret(text) if text else None


def _write(path: Path, token: Secret) -> None:
    """Put the token into its place at once: a reader sees the old file or the whole new one."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    fresh.unlink(missing_ok=True)
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(token.reveal() + "\n")
    fresh.replace(path)
