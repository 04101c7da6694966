"""What `carrel-control` can be asked: one table, which docs/reference/agent-protocol.md is held equal to."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from carrel.agent import logs
from carrel.agent.terminals import Wish
from carrel.agent.workspace import Workspace
from carrel.core.agent import PROTOCOL, AgentPlan, NewSecrets, SignalKind
from carrel.core.records import dump, load

DETAIL_LIMIT = 200


@dataclass(frozen=True)
class Operation:
    """One row of the table."""

    name: str
    parameters: type
    """A record; its members are the request's."""
    answer: str
    """Members of `ok`, as the reference prints them."""
    summary: str
    perform: Callable[[Workspace, Any], Awaitable[dict[str, Any]]]

    def read(self, request: Mapping[str, Any]) -> Any:
        """The parameters of a request. Raises ValueError where they do not fit."""
        return load(self.parameters, request)


@dataclass(frozen=True)
class Nothing:
    """No parameters."""


@dataclass(frozen=True)
class Named:
    """Parameters of operations on one named thing."""

    name: str


@dataclass(frozen=True)
class Opened:
    """Parameters of `app.start`."""

    name: str
    wait_seconds: float = 3600.0
    """After which the answer says how far it is, in place of that it answers."""


@dataclass(frozen=True)
class Stage:
    """Parameters of `hook.rerun`."""

    stage: str


@dataclass(frozen=True)
class LogPiece:
    """Parameters of `log.read`."""

    name: str
    offset: int = 0
    limit: int = 65536
    wait_seconds: float = 0.0


@dataclass(frozen=True)
class Evident:
    """Parameters of `signal`."""

    kind: SignalKind
    detail: str = ""


@dataclass(frozen=True)
class Present:
    """Parameters of `present`."""

    person: str
    how: str = ""


@dataclass(frozen=True)
class Begin:
    """Parameters of `begin`."""

    operation: str
    plan: AgentPlan


async def _hello(workspace: Workspace, _: Nothing) -> dict[str, Any]:
    return {
        "protocol": PROTOCOL,
        "version": workspace.version,
        "workspace": workspace.boot.workspace,
        "start": workspace.boot.start,
        "boot_id": workspace.boot_id,
        "state": workspace.state.value,
        "operations": sorted(OPERATIONS),
    }


async def _begin(workspace: Workspace, asked: Begin) -> dict[str, Any]:
    repeated = await workspace.begin(asked.operation, asked.plan)
    return {"state": workspace.state.value, "repeated": repeated}


async def _secrets(workspace: Workspace, asked: NewSecrets) -> dict[str, Any]:
    return await workspace.take_secrets(asked)


async def _status(workspace: Workspace, _: Nothing) -> dict[str, Any]:
    return {"status": dump(await workspace.status())}


async def _log_read(workspace: Workspace, asked: LogPiece) -> dict[str, Any]:
    return await logs.read(workspace.log_path(asked.name), asked.offset, asked.limit, asked.wait_seconds)


async def _app_start(workspace: Workspace, asked: Opened) -> dict[str, Any]:
    return {"app": dump(await workspace.apps.start(asked.name, asked.wait_seconds))}


async def _app_stop(workspace: Workspace, asked: Named) -> dict[str, Any]:
    return {"app": dump(await workspace.apps.stop(asked.name))}


async def _hook_rerun(workspace: Workspace, asked: Stage) -> dict[str, Any]:
    await workspace.rerun_hooks(asked.stage)
    return {}


async def _terminal_create(workspace: Workspace, asked: Wish) -> dict[str, Any]:
    _, made = await workspace.terminals.create(asked)
    return {"terminal": dump(await workspace.terminals.status(asked.name)), "created": made}


async def _terminal_list(workspace: Workspace, _: Nothing) -> dict[str, Any]:
    return {"terminals": dump(await workspace.terminals.list())}


async def _terminal_close(workspace: Workspace, asked: Named) -> dict[str, Any]:
    await workspace.terminals.close(asked.name)
    return {}


async def _signal(workspace: Workspace, asked: Evident) -> dict[str, Any]:
    workspace.note(asked.kind, asked.detail[:DETAIL_LIMIT])
    return {}


async def _present(workspace: Workspace, asked: Present) -> dict[str, Any]:
    return {"joined": workspace.note_person(asked.person, asked.how)}


async def _quiesce(_workspace: Workspace, _: Nothing) -> dict[str, Any]:
    await asyncio.to_thread(os.sync)
    return {}


Row = tuple[str, type, str, str, Callable[[Workspace, Any], Awaitable[dict[str, Any]]]]


def _table(*rows: Row) -> dict[str, Operation]:
    return {row[0]: Operation(*row) for row in rows}


# fmt: off
OPERATIONS = _table(
    ("hello", Nothing, "protocol, version, workspace, start, boot_id, state, operations", "Who is there; the first thing to ask.", _hello),
    ("begin", Begin, "state, repeated", "Carry out the plan of this start; answered at once, `watch` tells the progress.", _begin),
    ("secrets", NewSecrets, "added, changed, removed", "Have these secrets in the place of those before: files at once, variables in new processes. Performed once for each version; the status tells which it is.", _secrets),
    ("status", Nothing, "status", "The whole ledger, now.", _status),
    ("watch", Nothing, "status", "The ledger, and from now on an event `status` after every change.", _status),
    ("log.read", LogPiece, "data, offset, next, size", "A piece of the log of a hook or app (`log` in its status). Waits for more where there is none.", _log_read),
    ("app.start", Opened, "app", "Start an app unless it runs; answered when it answers or has failed, or with `running` when the time is over.", _app_start),
    ("app.stop", Named, "app", "End an app.", _app_stop),
    ("hook.rerun", Stage, "", "Run a stage of hooks again, then what its failure had kept from running, or install `extensions` again; `watch` tells the progress.", _hook_rerun),
    ("terminal.create", Wish, "terminal, created", "Find or make a terminal.", _terminal_create),
    ("terminal.list", Nothing, "terminals", "All living terminals.", _terminal_list),
    ("terminal.close", Named, "", "End a terminal and what runs in it.", _terminal_close),
    ("signal", Evident, "", "Evidence of activity that was seen outside, such as typing in the editor.", _signal),
    ("present", Present, "joined", "A person is connected; told every 30 s while it is so, forgotten after 75 s, and no activity. `joined`: they were not here in the last 15 minutes.", _present),
    ("quiesce", Nothing, "", "Write everything to disk, for a snapshot.", _quiesce),
)
# fmt: on
