"""The API with a team's rows, on SQLite and on PostgreSQL: latency of reads, writes and questions to the audit; throughput."""

from __future__ import annotations

import asyncio
import http.client
import itertools
import json
import os
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from bench.report import Row
from sqlalchemy import insert, text
from tests.e2e.installation import Installation
from tests.integration.postgresql import postgresql

from carrel.core.access import Role
from carrel.core.spec import GitSource
from carrel.core.workspace import Goal, Phase, Workspace, new_id
from carrel.server.settings import load_settings
from carrel.server.store import projects, users, workspaces
from carrel.server.store.engine import Store
from carrel.server.store.keys import load_keys
from carrel.server.store.schema import audit
from carrel.server.store.sessions import WriteSession

USERS, WORKSPACES, ROWS, PROJECTS = 1_000, 5_000, 500_000, 20
BATCH = 20_000
CLIENTS = 8
SECONDS = 4.0
ACTIONS = ("workspace.created", "workspace.start", "workspace.stop", "workspace.entered", "app.entered", "ssh.entered")
ACTIONS += ("session.begun", "session.ended", "token.made", "secret.stored", "workspace.updated")
RARE = "project.created"
BUDGET = 0.06
"""Of a read, as of the list in the design; the others are there to be looked at."""


def settings_of(installation: Installation) -> Any:
    """The settings of a server that does not run."""
    return load_settings(os.environ | installation.environment)


async def fill(installation: Installation) -> list[str]:
    """Users, stopped workspaces, a year of audit; the ids of the workspaces."""
    settings = settings_of(installation)
    store = await Store.open(settings.database_url, load_keys(Path(settings.key_file)))
    async with store.writing() as session:
        owners = [await users.insert(session, f"user-{number}", Role.DEVELOPER) for number in range(USERS)]
        for number in range(PROJECTS):
            await projects.ensure(session, f"project-{number}")
        ids = []
        for number in range(WORKSPACES):
            owner = owners[number % USERS]
            source = GitSource(f"https://git.example/team/repository-{number}.git")
            one = Workspace(new_id(), owner.id, owner.name, f"workspace-{number}", source, goal=Goal.STOP)
            one = Workspace(**vars(one) | {"phase": Phase.STOPPED, "project": f"project-{number % PROJECTS}"})
            await workspaces.insert(session, one)
            ids.append(one.id)
    for begin in range(0, ROWS, BATCH):
        async with store.writing() as session:
            await session.run_many(insert(audit), [_row(session, ids, owners, begin + n) for n in range(BATCH)])
    async with store.writing() as session:
        await session.run(text("ANALYZE"))
    await store.close()
    return ids


def _row(session: WriteSession, ids: list[str], owners: list[users.User], number: int) -> dict[str, Any]:
    which = number * 7919 % WORKSPACES
    owner = owners[which % USERS]
    return {
        "at": session.now - timedelta(days=365) * (1 - number / ROWS),
        "actor_id": owner.id,
        "actor": owner.name,
        "action": RARE if number % 50_000 == 7 else ACTIONS[number % len(ACTIONS)],
        "subject": f"workspace:{ids[which]}",
        "detail": {"how": "terminal main"},
        "request_id": f"{number:016x}",
        "address": "203.0.113.7",
        "outcome": "refused" if number % 97 == 0 else "done",
        "project": f"project-{which % PROJECTS}",
        "domain": "development",
        "named": f"{owner.name}/workspace-{which}",
    }


class Asker:
    """One connection that is kept, as a program's client has it."""

    def __init__(self, installation: Installation, token: str) -> None:
        self._http = http.client.HTTPConnection("127.0.0.1", installation.port, timeout=60)
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    def __call__(self, method: str, path: str, body: object = None) -> Any:
        """The answer, which has to be a good one."""
        sent = json.dumps(body) if body is not None else None
        self._http.request(method, f"/api/v1{path}", sent, self._headers)
        answer = self._http.getresponse()
        data = answer.read()
        assert answer.status < 300, (path, data[:500])
        return data


def _questions(ids: list[str]) -> Iterator[tuple[str, Callable[[Asker, int], object], float | None]]:
    """What is measured one after the other: name, one request, budget."""
    year, page = "2020-01-01T00:00:00Z", "limit=100"
    yield "list 100 workspaces", lambda ask, _: ask("GET", f"/workspaces?{page}"), BUDGET
    yield (
        "list 100 workspaces of a project",
        lambda ask, n: ask("GET", f"/workspaces?{page}&project=project-{n % 20}"),
        BUDGET,
    )
    yield "get a workspace", lambda ask, n: ask("GET", f"/workspaces/{ids[n * 37 % WORKSPACES]}"), BUDGET
    yield "list users", lambda ask, _: ask("GET", "/users"), None
    yield "create a workspace", lambda ask, n: ask("POST", "/workspaces", _new(n)), None
    yield "change a workspace", lambda ask, n: ask("PATCH", f"/workspaces/{ids[n]}", {"labels": {"n": str(n)}}), None
    for name, query in {
        "the newest": "",
        "of a user": "actor=user-7",
        "of an action": "action=secret.stored",
        "of a rare action": f"action={RARE}",
        "of a rare kind": "action=project.",
        "of a workspace": f"workspace={ids[11]}",
        "of a project": "project=project-3",
        "refused": "outcome=refused",
        "refused, of a user": "outcome=refused&actor=user-7",
        "of half a year ago": "until={half}",
        "that matches nothing": "actor=nobody",
        "before everything": f"until={year}",
    }.items():
        yield f"audit: {name}", lambda ask, _, query=query: ask("GET", f"/audit?{page}&{_filled(query)}"), BUDGET  # type: ignore[misc]


def _filled(query: str) -> str:
    half = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 182 * 86400))
    return query.replace("{half}", half)


def _new(number: int) -> dict[str, object]:
    return {"name": f"fresh-{number}", "source": {"kind": "empty"}, "start": False}


def measure(runs: int) -> list[Row]:
    """On each database: everything above, then as many requests as eight clients get answered, then the export."""
    rows = []
    with tempfile.TemporaryDirectory() as temporary:
        rows += _measure("sqlite", Installation(Path(temporary) / "data"), runs)
    with tempfile.TemporaryDirectory() as temporary, postgresql() as socket:
        url = f"postgresql://carrel@/postgres?host={socket}"
        rows += _measure("postgresql", Installation(Path(temporary) / "data", CARREL_DATABASE_URL=url), runs)
    return rows


def _measure(database: str, installation: Installation, runs: int) -> list[Row]:
    with _filled_server(installation) as ids:
        ask = Asker(installation, installation.token)
        rows = []
        for what, request, budget in _questions(ids):
            row = Row(f"{database}: {what}", budget=budget)
            request(ask, 4_999)
            for number in range(runs * 5):
                row.time(lambda number=number, request=request: request(ask, number))  # type: ignore[misc]
            rows.append(row)
        rows.append(_throughput(f"{database}: reads, {CLIENTS} clients", installation, ids, _read))
        rows.append(_throughput(f"{database}: writes, {CLIENTS} clients", installation, ids, _write))
        export = Row(f"{database}: export {ROWS} rows of the audit")
        export.time(lambda: ask("GET", "/audit/export"))
        return [*rows, export]


@contextmanager
def _filled_server(installation: Installation) -> Iterator[list[str]]:
    try:
        installation.start()
        installation.stop()
        ids = asyncio.run(fill(installation))
        installation.start()
        yield ids
    finally:
        installation.stop()


def _read(ask: Asker, ids: list[str], number: int) -> None:
    ask("GET", f"/workspaces/{ids[number * 37 % WORKSPACES]}")


def _write(ask: Asker, ids: list[str], number: int) -> None:
    ask("PATCH", f"/workspaces/{ids[number * 37 % WORKSPACES]}", {"labels": {"n": str(number)}})


def _throughput(
    what: str, installation: Installation, ids: list[str], request: Callable[[Asker, list[str], int], None]
) -> Row:
    """Requests a second."""
    numbers = itertools.count()
    done: list[int] = []
    until = time.perf_counter() + SECONDS

    def work() -> None:
        ask, count = Asker(installation, installation.token), 0
        while time.perf_counter() < until:
            request(ask, ids, next(numbers))
            count += 1
        done.append(count)

    threads = [threading.Thread(target=work) for _ in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Row(what, unit="requests/s", runs=[sum(done) / SECONDS])
