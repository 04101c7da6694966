"""Several servers on one PostgreSQL: what one takes away ends on all."""

from __future__ import annotations

import pytest
from tests.integration.api.conftest import Running, signed_in
from tests.integration.api.test_shares import ends, share, terminal
from tests.integration.conftest import add_workspace

from carrel.core.access import Actor
from carrel.core.secret import Secret
from carrel.core.workspace import Phase
from carrel.server.actions import shares
from carrel.server.store.engine import Store
from carrel.server.store.keys import KeyRing


@pytest.fixture
def database_url(postgresql_url: Secret) -> Secret:
    """SQLite has one server."""
    return postgresql_url


async def test_what_another_server_takes_away_ends_here(
    running: Running, database_url: Secret, keys: KeyRing, ana: Actor, ben: Actor
) -> None:
    blog = await add_workspace(running.parts.store, ben, name="blog", phase=Phase.RUNNING)
    other = await Store.open(database_url, keys)
    async with signed_in(running, ben) as bens, signed_in(running, ana) as anas:
        made = await share(bens, blog, user="ana", level="edit")
        async with terminal(running, anas, blog) as socket:
            async with other.writing() as session:
                await shares.unshare(ben, session, blog.id, made["id"])
            await ends(socket)
    await other.close()
