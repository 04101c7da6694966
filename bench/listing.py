"""Latency of the list with 1,000 workspaces in the database, through the whole server."""

from __future__ import annotations

import asyncio
import os
import tempfile
import urllib.request
from pathlib import Path

from bench.report import Row
from tests.e2e.installation import Installation

from carrel.core.spec import GitSource
from carrel.core.workspace import Goal, Phase, Workspace, new_id
from carrel.server.settings import load_settings
from carrel.server.store import users, workspaces
from carrel.server.store.engine import Store
from carrel.server.store.keys import load_keys

WORKSPACES = 1000
PAGE = 100


async def fill(environment: dict[str, str]) -> None:
    """Put stopped workspaces into the database of a server that does not run."""
    settings = load_settings(os.environ | environment)
    store = await Store.open(settings.database_url, load_keys(Path(settings.key_file)))
    async with store.writing() as session:
        owner = await users.installation_owner(session)
        assert owner is not None
        for number in range(WORKSPACES):
            source = GitSource(f"https://git.example/team/project-{number}.git")
            workspace = Workspace(
                new_id(), owner.id, owner.name, f"project-{number}", source, goal=Goal.STOP, phase=Phase.STOPPED
            )
            await workspaces.insert(session, workspace)
    await store.close()


def measure(runs: int) -> list[Row]:
    """The first page of the list, and all pages."""
    with tempfile.TemporaryDirectory() as temporary:
        installation = Installation(Path(temporary) / "data")
        installation.start()
        installation.stop()
        asyncio.run(fill({"CARREL_DATA_DIR": str(installation.data)}))
        installation.start()
        page = Row(f"list {PAGE} of {WORKSPACES} workspaces", budget=0.06)
        everything = Row(f"list all {WORKSPACES} workspaces, page by page")
        token = installation.token

        def get(cursor: str = "") -> bytes:
            url = f"http://127.0.0.1:{installation.port}/api/v1/workspaces?limit={PAGE}{cursor}"
            request = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"})
            with urllib.request.urlopen(request) as answer:
                return bytes(answer.read())

        def get_all() -> None:
            cursor = ""
            while True:
                found = installation.api("GET", f"/workspaces?limit={PAGE}{cursor}")
                if not found.get("next_cursor"):
                    return
                cursor = f"&cursor={found['next_cursor']}"

        get()
        for _ in range(runs * 5):
            page.time(get)
        for _ in range(runs):
            everything.time(get_all)
        installation.stop()
        return [page, everything]
