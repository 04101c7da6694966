"""Tokens: 256 random bits with a prefix that says what they are; only their hash is stored."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, delete, insert, or_, select, update

from carrel.core.access import Scope
from carrel.core.secret import Secret
from carrel.core.workspace import new_id
from carrel.server.store.schema import tokens, users
from carrel.server.store.sessions import ReadSession, WriteSession, batched
from carrel.server.store.users import User
from carrel.server.store.users import from_row as user_from_row
from carrel.server.store.wakeups import ACCESS


class TokenKind(StrEnum):
    """What a token is for; one of another kind is no substitute."""

    PERSONAL = "personal"
    """The command line and programs: `Authorization: Bearer`."""
    SESSION = "session"
    """A browser's cookie."""
    LOGIN = "login"
    """One-time code in a login link."""
    CLI_CODE = "cli_code"
    """One-time code with which a command line that a person allowed gets its token."""
    INVITE = "invite"
    """One-time code in an invitation: who has it chooses the user's password."""
    GUEST = "guest"
    """In a guest link: whoever has it comes in until it ends."""
    APP_CODE = "app_code"
    """One-time code that carries a session over to an app's host."""
    TICKET = "ticket"
    """A browser's cookie on one app's host."""
    CERTIFICATE = "certificate"
    """An SSH certificate, whose holder proves by a signature that it is his; its text is no secret."""


PREFIXES = {kind: f"carrel_{kind.value.replace('_code', '')}_" for kind in TokenKind}
TOKEN_BYTES = 32
USED_STEP = timedelta(minutes=5)
"""How exactly the time of the last use is kept: not every request is a write."""


@dataclass(frozen=True)
class Token:
    """What is known of a token; not the token."""

    id: str
    user_id: str
    kind: TokenKind
    title: str
    created_at: datetime
    scopes: frozenset[Scope] = frozenset()
    bound_to: dict[str, str] = field(default_factory=dict)
    """Of an app code or ticket: `host` and `workspace`; of a guest's: `share`."""
    parent_id: str = ""
    """The session that a code or ticket came from, the share of a guest's link or session; revoked with it."""
    expires_at: datetime | None = None
    used_at: datetime | None = None


@dataclass(frozen=True)
class NewToken:
    """What a token is to be."""

    user_id: str
    kind: TokenKind
    title: str = ""
    scopes: frozenset[Scope] = frozenset()
    bound_to: dict[str, str] = field(default_factory=dict)
    parent_id: str = ""
    life: timedelta | None = None


def token_hash(value: Secret) -> str:
    """What is stored of a token: 256 random bits need neither salt nor stretching."""
    return hashlib.sha256(value.reveal().encode()).hexdigest()


async def make(session: WriteSession, new: NewToken) -> tuple[Secret, Token]:
    """A fresh token and what is stored of it; the token itself can never be read again."""
    value = Secret(PREFIXES[new.kind] + secrets.token_urlsafe(TOKEN_BYTES))
    return value, await put(session, new, value)


async def put(session: WriteSession, new: NewToken, value: Secret) -> Token:
    """Store a token whose text is given (the token file)."""
    token = Token(
        id=new_id(),
        user_id=new.user_id,
        kind=new.kind,
        title=new.title,
        created_at=session.now,
        scopes=new.scopes,
        bound_to=new.bound_to,
        parent_id=new.parent_id,
        expires_at=session.now + new.life if new.life else None,
    )
    values = {
        "id": token.id,
        "user_id": token.user_id,
        "kind": token.kind,
        "hash": token_hash(value),
        "title": token.title,
        "scopes": token.scopes,
        "bound_to": token.bound_to,
        "parent_id": token.parent_id,
        "created_at": token.created_at,
        "expires_at": token.expires_at,
    }
    await session.run(insert(tokens).values(values))
    return token


def _alive(now: datetime) -> ColumnElement[bool]:
    return and_(or_(tokens.c.expires_at.is_(None), tokens.c.expires_at > now), users.c.disabled_at.is_(None))


async def find(session: ReadSession, value: Secret, *kinds: TokenKind) -> tuple[Token, User] | None:
    """A valid token of one of these kinds with its user, or None; every reason for None looks the same."""
    return (await find_all(session, [value], *kinds))[0]


async def find_all(
    session: ReadSession, values: Sequence[Secret], *kinds: TokenKind
) -> list[tuple[Token, User] | None]:
    """For each text what `find` says, with one query for many."""
    hashes = [token_hash(value) for value in values]
    found: dict[str, tuple[Token, User]] = {}
    for some in batched(hashes):
        statement = (
            select(tokens, *(c.label(f"its_{c.name}") for c in users.c))
            .join(users, users.c.id == tokens.c.user_id)
            .where(tokens.c.hash.in_(some), tokens.c.kind.in_(kinds), _alive(session.now))
        )
        found |= {row.hash: (_from_row(row), user_from_row(row, "its_")) for row in await session.all(statement)}
    return [found.get(one) for one in hashes]


async def take(session: WriteSession, value: Secret, kind: TokenKind) -> tuple[Token, User] | None:
    """Use up a one-time token: of several that try at once, one gets it."""
    found = await find(session, value, kind)
    if found is None or not await session.run(delete(tokens).where(tokens.c.id == found[0].id)):
        return None
    return found


async def get(session: ReadSession, token_id: str) -> Token | None:
    """A valid token by its id, or None: asked for by those who hold a connection open."""
    statement = select(tokens).join(users, users.c.id == tokens.c.user_id)
    row = await session.one(statement.where(tokens.c.id == token_id, _alive(session.now)))
    return None if row is None else _from_row(row)


async def alive(session: ReadSession, token_ids: Iterable[str]) -> set[str]:
    """Those of these ids that are valid tokens."""
    known: set[str] = set()
    for some in batched(sorted(set(token_ids))):
        statement = select(tokens.c.id).join(users, users.c.id == tokens.c.user_id)
        known |= {row.id for row in await session.all(statement.where(tokens.c.id.in_(some), _alive(session.now)))}
    return known


async def of_user(session: ReadSession, user_id: str, *kinds: TokenKind) -> list[Token]:
    """A user's tokens of these kinds, newest first."""
    statement = select(tokens).where(tokens.c.user_id == user_id, tokens.c.kind.in_(kinds))
    return [_from_row(row) for row in await session.all(statement.order_by(tokens.c.created_at.desc(), tokens.c.id))]


async def touch(session: WriteSession, token: Token) -> None:
    """Note that it was used now."""
    await session.run(update(tokens).where(tokens.c.id == token.id).values(used_at=session.now))


def is_stale(token: Token, now: datetime) -> bool:
    """Whether its last use was noted so long ago that it is worth a write."""
    return token.used_at is None or now - token.used_at > USED_STEP


async def remove(session: WriteSession, user_id: str, token_id: str) -> bool:
    """Revoke a user's token, and the codes and tickets that came from it; whether there was one."""
    session.wake(ACCESS)
    own = tokens.c.user_id == user_id
    await session.run(delete(tokens).where(own, tokens.c.parent_id == token_id))
    return await session.run(delete(tokens).where(own, tokens.c.id == token_id)) > 0


async def remove_of_kinds(session: WriteSession, user_id: str, *kinds: TokenKind, but: str = "") -> int:
    """Revoke a user's tokens of these kinds, but one, with all that came from them; how many."""
    mine = and_(tokens.c.user_id == user_id, tokens.c.kind.in_(kinds), tokens.c.id != but)
    # A guest's session is the link's, not its maker's own.
    mine = and_(mine, tokens.c.parent_id == "")
    children = select(tokens.c.id).where(mine)
    await session.run(delete(tokens).where(tokens.c.parent_id.in_(children)))
    session.wake(ACCESS)
    return await session.run(delete(tokens).where(mine))


async def remove_all(session: WriteSession, user_id: str) -> None:
    """Revoke everything that a user, and guests by his links, came in with."""
    await session.run(delete(tokens).where(tokens.c.user_id == user_id))
    session.wake(ACCESS)


async def remove_expired(session: WriteSession) -> int:
    """Remove what is no longer valid; how many."""
    return await session.run(delete(tokens).where(tokens.c.expires_at <= session.now))


def _from_row(row: Row[Any]) -> Token:
    return Token(
        id=row.id,
        user_id=row.user_id,
        kind=TokenKind(row.kind),
        title=row.title,
        created_at=row.created_at,
        scopes=frozenset(Scope(scope) for scope in row.scopes),
        bound_to=row.bound_to,
        parent_id=row.parent_id,
        expires_at=row.expires_at,
        used_at=row.used_at,
    )
