"""Who is who at the identity provider, which sign-ins are finished, and what groups gave."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from carrel.core.access import Role
from carrel.core.problems import Problem
from carrel.server.store.schema import identities, members, oidc_states
from carrel.server.store.sessions import ReadSession, WriteSession
from carrel.server.store.wakeups import ACCESS, WORKSPACES

GROUP = "group"
STATES_KEPT = timedelta(hours=1)


@dataclass(frozen=True)
class Identity:
    """An account at an identity provider that belongs to one here; its name is (issuer, subject)."""

    issuer: str
    subject: str
    user_id: str
    email: str
    """As the provider verified it; for people to tell their identities apart."""
    created_at: datetime
    used_at: datetime | None = None

    @property
    def id(self) -> str:
        """A short name for it."""
        return hashlib.sha256(f"{self.issuer}\0{self.subject}".encode()).hexdigest()[:12]


async def find(session: ReadSession, issuer: str, subject: str) -> Identity | None:
    """The identity of this issuer and subject, compared letter by letter."""
    row = await session.one(select(identities).where(_is(issuer, subject)))
    return None if row is None else Identity(**row._mapping)  # noqa: SLF001  public in SQLAlchemy


async def of_user(session: ReadSession, user_id: str) -> list[Identity]:
    """All of one user, the oldest first."""
    statement = select(identities).where(identities.c.user_id == user_id).order_by(identities.c.created_at)
    return [Identity(**row._mapping) for row in await session.all(statement)]  # noqa: SLF001  public in SQLAlchemy


async def link(session: WriteSession, new: Identity) -> None:
    """Store it. Raises `identity_refused` where it is somebody's already."""
    values = {
        "issuer": new.issuer,
        "subject": new.subject,
        "user_id": new.user_id,
        "email": new.email,
        "created_at": new.created_at,
        "used_at": new.used_at,
    }
    try:
        await session.run(insert(identities).values(values))
    except IntegrityError as error:
        hint = "Whoever it belongs to removes it from there first."
        raise Problem("identity_refused", "This identity is linked to an account already.", hint) from error


async def touch(session: WriteSession, identity: Identity, email: str) -> None:
    """It was used just now."""
    which = _is(identity.issuer, identity.subject)
    await session.run(update(identities).where(which).values(used_at=session.now, email=email))


async def unlink(session: WriteSession, identity: Identity) -> None:
    """Nobody signs in with it any more."""
    await session.run(delete(identities).where(_is(identity.issuer, identity.subject)))


async def finish(session: WriteSession, state: str) -> None:
    """Let this sign-in never be finished again. Raises `identity_refused` where it was."""
    await session.run(delete(oidc_states).where(oidc_states.c.at < session.now - STATES_KEPT))
    digest = hashlib.sha256(state.encode()).hexdigest()
    try:
        await session.run(insert(oidc_states).values(state=digest, at=session.now))
    except IntegrityError as error:
        raise Problem("identity_refused", "This sign-in was finished already.", "Sign in again.") from error


async def set_group_memberships(
    session: WriteSession, user_id: str, wanted: Mapping[tuple[str, str], Role]
) -> dict[tuple[str, str], Role | None]:
    """Let the user have exactly these memberships by groups; those that somebody gave stay as they are.

    Returns:
        What is changed, None: taken away.
    """
    rows = await session.all(select(members).where(members.c.user_id == user_id))
    present = {(row.project, row.domain): row for row in rows}
    changed: dict[tuple[str, str], Role | None] = {}
    for (project, domain), role in wanted.items():
        row = present.get((project, domain))
        if row is None:
            values = {"project": project, "domain": domain, "user_id": user_id, "role": role, "source": GROUP}
            await session.run(insert(members).values(values | {"created_at": session.now}))
        elif row.source == GROUP and row.role != role:
            await session.run(update(members).where(_membership(project, domain, user_id)).values(role=role))
        else:
            continue
        changed[project, domain] = role
    for (project, domain), row in present.items():
        if row.source == GROUP and (project, domain) not in wanted:
            await session.run(delete(members).where(_membership(project, domain, user_id)))
            changed[project, domain] = None
    if changed:
        session.wake(ACCESS, WORKSPACES)
    return changed


def _is(issuer: str, subject: str) -> ColumnElement[bool]:
    return and_(identities.c.issuer == issuer, identities.c.subject == subject)


def _membership(project: str, domain: str, user_id: str) -> ColumnElement[bool]:
    return and_(members.c.project == project, members.c.domain == domain, members.c.user_id == user_id)
