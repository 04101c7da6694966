"""What `carrel-control` can be asked: one table, which docs/reference/agent-protocol.md is held equal to."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from carrel.agent.workspace import Workspace
from carrel.core.agent import PROTOCOL, AgentPlan
from carrel.core.records import dump, load


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


async def _status(workspace: Workspace, _: Nothing) -> dict[str, Any]:
    return {"status": dump(await workspace.status())}


def _table(
    *rows: tuple[str, type, str, str, Callable[[Workspace, Any], Awaitable[dict[str, Any]]]],
) -> dict[str, Operation]:
    return {row[0]: Operation(*row) for row in rows}


OPERATIONS = _table(
    (
        "hello",
        Nothing,
        "protocol, version, workspace, start, boot_id, state, operations",
        "Who is there; the first thing to ask.",
        _hello,
    ),
    (
        "begin",
        Begin,
        "state, repeated",
        "Carry out the plan of this start; answered at once, `watch` tells the progress.",
        _begin,
    ),
    ("status", Nothing, "status", "The whole ledger, now.", _status),
    ("watch", Nothing, "status", "The ledger, and from now on an event `status` after every change.", _status),
)
