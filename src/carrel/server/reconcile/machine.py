"""What the runtime has of accelerators is kept in the database, where every way to start asks it."""

from __future__ import annotations

from carrel.core.accelerators import Machine
from carrel.runtimes.contract import RuntimeInfo
from carrel.server.settings import Settings
from carrel.server.store import quota
from carrel.server.store.engine import Store


def machine_of(settings: Settings, info: RuntimeInfo) -> Machine:
    """What the runtime says, and what an administrator says in its place."""
    has = info.capacity
    return Machine(
        gpus=settings.machine_gpus or has.gpus,
        is_counted=has.gpus_counted or bool(settings.machine_gpus),
        accelerator=settings.machine_accelerator or has.accelerator,
    )


def unasked_gpus(settings: Settings) -> int:
    """How many a configuration may have that the workspace's size does not name: where several people count theirs, none."""
    is_counted = settings.user_gpus or settings.project_gpus or settings.installation_gpus
    return settings.max_gpus if settings.mode == "local" and not is_counted else 0


async def keep_machine(store: Store, settings: Settings, info: RuntimeInfo) -> None:
    """Store it where it differs."""
    found = machine_of(settings, info)
    async with store.reading() as session:
        if await quota.machine(session) == found:
            return
    async with store.writing() as session:
        await quota.set_machine(session, found)
