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
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
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
from carrel.server.store import projects, tokens, users, workspaces
from carrel.server.store.engine import Store
from carrel.server.store.keys import load_keys
from carrel.server.store.schema import audit
from carrel.server.store.sessions import WriteSession
from carrel.server.store.tokens import NewToken, TokenKind

USERS, WORKSPACES, ROWS, PROJECTS = 1_000, 5_000, 500_000, 20
BATCH = 20_000
CLIENTS = 8
SECONDS = 4.0
ACTIONS: tuple[str, ...] = (
    "workspace.created",
    "workspace.start",
    "workspace.stop",
    "workspace.entered",
    "app.entered",
    "ssh.entered",
)
ACTIONS += ("session.begun", "session.ended", "token.made", "secret.stored", "workspace.updated")
RARE = "project.created"
BUDGET = 0.025
"""Of a read of a page, p95 on a machine that does nothing else; the others are there to be looked at."""
LOOKED_AFTER = 3
"""Projects of the maintainer who reads the audit."""
REST = 0.05
"""Of a core: the loop has looked at every workspace, and the server waits."""


@dataclass(frozen=True)
class Team:
    """What is asked for."""

    ids: list[str]
    """Of the workspaces."""
    maintainer: str
    """A token."""


def settings_of(installation: Installation) -> Any:
    """The settings of a server that does not run."""
    return load_settings(os.environ | installation.environment)


async def fill(installation: Installation) -> Team:
    """Users, stopped workspaces, a year of audit."""
    settings = settings_of(installation)
    store = await Store.open(settings.database_url, load_keys(Path(settings.key_file)))
    ids = []
    async with store.writing() as session:
        owners = [await users.insert(session, f"user-{number}", Role.DEVELOPER) for number in range(USERS)]
        for number in range(PROJECTS):
            await projects.ensure(session, f"project-{number}")
        for number in range(LOOKED_AFTER):
            await projects.put_member(session, f"project-{number}", "", owners[-1].id, Role.MAINTAINER)
        token, _ = await tokens.make(session, NewToken(owners[-1].id, TokenKind.PERSONAL))
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
    return Team(ids, token.reveal())


def _row(session: WriteSession, ids: list[str], owners: list[users.User], number: int) -> dict[str, Any]:
    """Two fifths are one program's, in workspaces of everybody; a hundredth is in production."""
    which = number * 7919 % WORKSPACES
    owner = owners[0 if number % 5 < 2 else which % USERS]
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
        "domain": "production" if which % 100 == 0 else "development",
        "named": f"user-{which % USERS}/workspace-{which}",
    }


class Asker:
    """One connection that is kept, as a program's client has it."""

    def __init__(self, installation: Installation, token: str) -> None:
        self._http = http.client.HTTPConnection("127.0.0.1", installation.port, timeout=60)
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    def __call__(self, method: str, path: str, body: object = None, token: str = "") -> Any:
        """The answer, which has to be a good one; `token`: another one's."""
        sent = json.dumps(body) if body is not None else None
        headers = self._headers | ({"Authorization": f"Bearer {token}"} if token else {})
        self._http.request(method, f"/api/v1{path}", sent, headers)
        answer = self._http.getresponse()
        data = answer.read()
        assert answer.status < 300, (path, data[:500])
        return data


Question = tuple[str, Callable[[Asker, int], object], float | None]


def _get(path: Callable[[int], str], ask: Asker, number: int) -> object:
    return ask("GET", path(number))


def _get_as(token: str, path: str, ask: Asker, _number: int) -> object:
    return ask("GET", path, token=token)


def _questions(team: Team) -> Iterator[Question]:
    """What is measured one after the other: name, one request, budget."""
    page = "limit=100"
    reads: dict[str, Callable[[int], str]] = {
        "list 100 workspaces": lambda _: f"/workspaces?{page}",
        "list 100 workspaces of a project": lambda n: f"/workspaces?{page}&project=project-{n % PROJECTS}",
        "list the workspaces of a user": lambda n: f"/workspaces?{page}&owner=user-{n}",
        "list workspaces by a text": lambda n: f"/workspaces?{page}&q=repository-{n}",
        "get a workspace": lambda n: f"/workspaces/{team.ids[n * 37 % WORKSPACES]}",
        "what counts against limits": lambda n: f"/quota?project=project-{n % PROJECTS}",
        f"list {USERS} users": lambda _: "/users",
        "list projects": lambda _: "/projects",
    }
    reads |= {f"audit: {name}": partial(_of_audit, query) for name, query in _audit_queries(team).items()}
    for name, path in reads.items():
        yield name, partial(_get, path), BUDGET
    maintained = {"audit: of a maintainer": "", "audit: of a maintainer, refused": "&outcome=refused"}
    for name, query in maintained.items():
        yield name, partial(_get_as, team.maintainer, f"/audit?{page}{query}"), BUDGET
    worst = _of_audit("action=workspace.&actor=user-0&project=project-7", 0)
    yield "audit: many rows of each and none of both", lambda ask, _: ask("GET", worst), None
    yield "create a workspace", lambda ask, n: ask("POST", "/workspaces", _new(n)), None
    yield (
        "change a workspace",
        lambda ask, n: ask("PATCH", f"/workspaces/{team.ids[n]}", {"labels": {"n": str(n)}}),
        None,
    )


def _audit_queries(team: Team) -> dict[str, str]:
    return {
        "the newest": "",
        "of a user": "actor=user-7",
        "of an action": "action=secret.stored",
        "of a rare action": f"action={RARE}",
        "of a kind": "action=workspace.",
        "of a rare kind": "action=project.",
        "of a workspace": f"workspace={team.ids[11]}",
        "of a workspace, by name": "workspace=user-11/workspace-11",
        "of a workspace that is gone": "workspace=user-7/gone",
        "of a project": "project=project-3",
        "of a rare domain": "domain=production",
        "of a domain that is not there": "domain=staging",
        "refused": "outcome=refused",
        "refused, of a user": "outcome=refused&actor=user-7",
        "refused, of a busy program": "outcome=refused&actor=user-0",
        "of a kind, a user and a project": "action=workspace.&actor=user-7&project=project-7",
        "of a rare action, of a busy program": f"action={RARE}&actor=user-0",
        "of half a year ago": "until={half}",
        "that matches nothing": "actor=nobody",
        "before everything": "until=2020-01-01T00:00:00Z",
    }


def _of_audit(query: str, _: int) -> str:
    return f"/audit?limit=100&{_filled(query)}"


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
    with _filled_server(installation) as team:
        ask = Asker(installation, installation.token)
        rows = []
        for what, request, budget in _questions(team):
            row = Row(f"{database}: {what}", budget=budget, by_p95=True)
            request(ask, 4_999)
            for number in range(runs * 5):
                row.time(lambda number=number, request=request: request(ask, number))  # type: ignore[misc]
            rows.append(row)
        rows.append(_throughput(f"{database}: reads, {CLIENTS} clients", installation, team.ids, _read))
        rows.append(_throughput(f"{database}: writes, {CLIENTS} clients", installation, team.ids, _write))
        export = Row(f"{database}: export {ROWS} rows of the audit")
        export.time(lambda: ask("GET", "/audit/export"))
        return [*rows, export]


@contextmanager
def _filled_server(installation: Installation) -> Iterator[Team]:
    try:
        installation.start()
        installation.stop()
        team = asyncio.run(fill(installation))
        installation.start()
        _rest(installation)
        yield team
    finally:
        installation.stop()


def _rest(installation: Installation) -> None:
    """Until the loop has looked at every workspace once: after a start it is busy for half a minute."""
    assert installation.process is not None
    used, until = _cpu_seconds(installation.process.pid), time.monotonic() + 180
    while time.monotonic() < until:
        time.sleep(2)
        before, used = used, _cpu_seconds(installation.process.pid)
        if used - before < 2 * REST:
            return


def _cpu_seconds(pid: int) -> float:
    """Of a process, in all, since it began."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


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
