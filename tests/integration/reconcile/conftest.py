"""The world of the loop, on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from tests.integration.conftest import Clock, add_user
from tests.integration.reconcile.world import World

from carrel.core.access import Actor
from carrel.core.secret import Secret
from carrel.server.store.engine import Store
from carrel.server.store.keys import KeyRing


@pytest.fixture
def world(store: Store, ana: Actor) -> World:
    return World(store, ana)


@pytest.fixture
async def sqlite_store(sqlite_url: Secret, keys: KeyRing, clock: Clock) -> AsyncIterator[Store]:
    """A store where the kind of database does not matter."""
    store = await Store.open(sqlite_url, keys, clock)
    yield store
    await store.close()


@pytest.fixture
async def owner(sqlite_store: Store) -> Actor:
    return await add_user(sqlite_store, "ana")
