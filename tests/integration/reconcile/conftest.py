"""The world of the loop, on SQLite and on PostgreSQL."""

from __future__ import annotations

import pytest
from tests.integration.reconcile.world import World

from carrel.core.access import Actor
from carrel.server.store.engine import Store


@pytest.fixture
def world(store: Store, ana: Actor) -> World:
    return World(store, ana)
