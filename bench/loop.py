"""What the loop costs at rest: 1,000 running workspaces on the fake runtime, on SQLite and on PostgreSQL.

Nothing happens to them; each is looked at again every minute. CPU is this process's (the database of PostgreSQL is
another), the listeners that a server has (its proxy and gateway ask who runs) are there.
"""

from __future__ import annotations

import asyncio
import gc
import os
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any, cast

import asyncpg
from bench.report import Row
from sqlalchemy import Connection, event, select, update
from tests.integration.postgresql import postgresql
from tests.integration.reconcile.world import NoCredentials, World, is_at_rest

from carrel.core.access import Actor, Role
from carrel.core.agent import AgentState, AgentStatus
from carrel.core.secret import Secret
from carrel.core.spec import Endpoint
from carrel.core.workspace import Workspace, new_id
from carrel.server.live.authority import ServerAuthority
from carrel.server.live.targets import Targets
from carrel.server.reconcile.default_image import DefaultImage
from carrel.server.reconcile.environments import Environments, Making
from carrel.server.settings import Settings
from carrel.server.store import environments, users, workspaces
from carrel.server.store.columns import to_microseconds
from carrel.server.store.engine import Store
from carrel.server.store.keys import KeyRing
from carrel.server.store.schema import workspaces as table

NUMBER = 1000
SECONDS = float(os.environ.get("BENCH_LOOP_SECONDS", "60"))
"""How long is measured; each workspace is due once in that time."""
WARM_SECONDS = 70.0
"""Until each was looked at once, and what is new by then is written down."""


@dataclass
class ReadyAgents:
    """Every agent is ready and says that nothing happened."""

    now: datetime = field(default_factory=lambda: datetime.now().astimezone())

    async def status(self, workspace: Workspace, endpoint: Endpoint | None) -> AgentStatus | None:
        """The ledger."""
        del endpoint
        boot = workspace.remembered.boot_id
        return AgentStatus(1, "1", workspace.id, workspace.start, boot, self.now, AgentState.READY)

    async def copy_logs(self, workspace: Workspace, *_: object) -> Any:
        """No hook prints."""
        return workspace.remembered


async def measured(url: Secret, kind: str) -> list[Row]:
    """CPU and commits of one store."""
    store = await Store.open(url, KeyRing({"none": b""}))
    async with store.writing() as session:
        user = await users.insert(session, "ana", Role.OWNER)
    world = World(store, Actor(user.id, user.name, user.role))
    await fill(world)
    world.agents = cast("Any", ReadyAgents())
    cpu, commits = Row(f"CPU at rest, {kind}", unit="%", budget=15), Row(f"commits at rest, {kind}", "/s", budget=5)
    counted = 0

    def count(connection: Connection) -> None:
        nonlocal counted  # on PostgreSQL what only reads has the same engine
        counted += not connection.get_execution_options().get("postgresql_readonly")

    event.listen(store._writer.sync_engine, "commit", count)  # noqa: SLF001  the store tells nobody
    async with world.server(), listeners(store):
        await asyncio.sleep(WARM_SECONDS)
        gc.collect()
        counted, began, used = 0, time.monotonic(), time.process_time()
        await asyncio.sleep(SECONDS)
        wall = time.monotonic() - began
        cpu.runs.append(100 * (time.process_time() - used) / wall)
        commits.runs.append(counted / wall)
    async with store.reading() as session:
        assert len(await workspaces.running(session)) == NUMBER
    await store.close()
    return [cpu, commits]


async def fill(world: World) -> None:
    """Start one workspace, and have as many others that are as if they had been started."""
    store = world.store
    first = await world.create()
    async with world.server():
        first = await world.until(first, is_at_rest)
    made = Environments(store, NoCredentials(), Making(DefaultImage("default:1")))
    environment = await made.stored(first)
    assert environment is not None
    with world.engine.by_hand() as state:
        container = next(c for c in state.containers.values())
        volumes = list(state.volumes.items())
        network = next(iter(state.networks.values()))
        names = [key.partition("/")[0] for key in state.containers]
    async with store.writing() as session:
        row = await environments.get(session, first.id, first.revision)
        assert row is not None
        for number in range(NUMBER - 1):
            one = replace(first, id=new_id(), name=f"project-{number}")
            await workspaces.insert(session, one)
            await environments.put(session, replace(row, workspace_id=one.id))
            digest = environment.spec(one).digest()
            with world.engine.by_hand() as state:
                state.containers[f"{names[0]}/{one.id}/{container.name}"] = replace(
                    container, workspace=one.id, spec_digest=digest
                )
                state.networks[f"{names[0]}/{one.id}"] = network
                state.volumes |= {
                    key.replace(first.id, one.id): replace(volume, workspace=one.id) for key, volume in volumes
                }
        ids = await session.all(select(table.c.id))
        began = to_microseconds(store.clock())
        for number, (id_,) in enumerate(ids):
            due = began + number * 60_000_000 // NUMBER
            await session.run(update(table).where(table.c.id == id_).values(wake_at=due))


@asynccontextmanager
async def listeners(store: Store) -> AsyncIterator[None]:
    """What proxy and gateway of a server listen to."""
    authority = ServerAuthority(store, Settings(), cast("Targets", None))

    async def listen() -> None:
        async for _ in authority.revocations():
            pass

    tasks = [asyncio.create_task(listen()) for _ in range(2)]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _in_postgresql(folder: str) -> list[Row]:
    connection = await asyncpg.connect(host=folder, user="carrel", database="postgres")
    await connection.execute("CREATE DATABASE carrel")
    await connection.close()
    return await measured(Secret(f"postgresql://carrel@/carrel?host={folder}"), "PostgreSQL")


def measure(runs: int) -> list[Row]:
    """One window of a minute on each database."""
    del runs
    with tempfile.TemporaryDirectory() as folder:
        found = asyncio.run(measured(Secret(f"sqlite:///{Path(folder) / 'carrel.sqlite'}"), "SQLite"))
    with postgresql() as socket:
        return [*found, *asyncio.run(_in_postgresql(socket))]
