"""The store on SQLite and on a real PostgreSQL: every test that asks for `store` runs on both."""

from __future__ import annotations

import asyncio
import itertools
import secrets
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from sqlalchemy import text
from tests.integration.postgresql import postgresql

from carrel.core.access import Actor, Role
from carrel.core.secret import Secret
from carrel.core.workspace import Workspace, new_id
from carrel.server.store import users, workspaces
from carrel.server.store.engine import Store
from carrel.server.store.keys import KeyRing, load_keys

_names = itertools.count(1)


class Clock:
    """A clock that tests move."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.now

    def move(self, **by: float) -> None:
        self.now += timedelta(**by)


@pytest.fixture(scope="session")
def postgresql_socket() -> Iterator[str]:
    """Folder of the socket of a private PostgreSQL server."""
    with postgresql() as folder:
        yield folder


def migrated(url: Secret) -> None:
    """Bring an empty database to the newest schema, once; tests get copies of it."""

    async def open_and_close() -> None:
        await (await Store.open(url, KeyRing({"none": b""}))).close()

    asyncio.run(open_and_close())


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file with all tables and no rows."""
    file = tmp_path_factory.mktemp("template") / "carrel.sqlite"
    migrated(Secret(f"sqlite:///{file}"))
    return file


@pytest.fixture
def sqlite_url(tmp_path: Path, sqlite_template: Path) -> Secret:
    """Address of a database file without rows."""
    return Secret(f"sqlite:///{shutil.copy(sqlite_template, tmp_path)}")


@pytest.fixture(scope="session")
def postgresql_template(postgresql_socket: str) -> str:
    """Name of a database with all tables and no rows."""

    async def create() -> None:
        async with administering(postgresql_socket) as connection:
            await connection.execute("CREATE DATABASE template_carrel")

    asyncio.run(create())
    migrated(Secret(f"postgresql://carrel@/template_carrel?host={postgresql_socket}"))
    return "template_carrel"


@asynccontextmanager
async def administering(folder: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection that may create and drop databases."""
    connection = await asyncpg.connect(host=folder, user="carrel", database="postgres")
    try:
        yield connection
    finally:
        await connection.close()


@pytest.fixture
async def postgresql_url(postgresql_socket: str, postgresql_template: str) -> AsyncIterator[Secret]:
    """Address of a database of the private server, without rows."""
    name = f"carrel_{secrets.token_hex(6)}"
    async with administering(postgresql_socket) as connection:
        await connection.execute(f"CREATE DATABASE {name} TEMPLATE {postgresql_template}")
        yield Secret(f"postgresql://carrel@/{name}?host={postgresql_socket}")
        await connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> Secret:
    """Address of an empty database of either kind."""
    url: Secret = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
def keys(tmp_path: Path) -> KeyRing:
    return load_keys(tmp_path / "keys")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def store(database_url: Secret, keys: KeyRing, clock: Clock) -> AsyncIterator[Store]:
    store = await Store.open(database_url, keys, clock)
    yield store
    await store.close()


@pytest.fixture
async def ana(store: Store) -> Actor:
    """A developer with an account."""
    return await add_user(store, "ana")


@pytest.fixture
async def ben(store: Store) -> Actor:
    """Another developer with an account."""
    return await add_user(store, "ben")


async def notices_heard(store: Store) -> None:
    """Wait until the notices of all earlier transactions have come: PostgreSQL sends them after the commit, in order."""
    if store.dialect != "postgresql":
        return
    async with store.wakeups.listen("marker") as bell:
        async with store.writing() as session:  # not `wake`, which rings in this process at once
            await session.scalar(text("SELECT pg_notify('carrel', 'marker')"))
        assert await bell.wait(60)


async def add_user(store: Store, name: str, role: Role = Role.DEVELOPER) -> Actor:
    async with store.writing() as session:
        user = await users.insert(session, name, role)
    return Actor(user.id, user.name, user.role)


async def add_workspace(store: Store, owner: Actor, **members: Any) -> Workspace:
    """A stored workspace, due at once."""
    members = {"name": f"w{next(_names)}"} | members
    workspace = Workspace(id=new_id(), owner_id=owner.user_id, owner=owner.name, **members)
    async with store.writing() as session:
        await workspaces.insert(session, workspace)
    return workspace
