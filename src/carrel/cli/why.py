"""`carrel why`: why a workspace is alive, when it will stop, or why it was stopped."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from carrel.cli.calling import call
from carrel.cli.options import Name, Output
from carrel.cli.output import Format, clean, note, print_facts, print_json, print_table
from carrel.cli.quantities import format_ago, format_moment, format_seconds, format_until

if TYPE_CHECKING:
    from carrel.client.client import Client
    from carrel.client.documents import Why

SIGNALS = {
    "input": "somebody typed",
    "output": "a terminal printed",
    "exec": "a command was run",
    "editor": "work in the editor",
    "busy": "a busy process",
    "ai_agent": "an AI agent's turn",
    "opened": "somebody opened it",
}


def why(name: Name, output: Output = Format.TABLE) -> None:
    """Say why a workspace is alive and when it will stop, or why it was stopped."""

    async def use(client: Client) -> Why:
        return await client.workspaces.why((await client.workspaces.find(name)).id)

    found = call(use)
    if output is Format.JSON:
        print_json(found)
        return
    now = datetime.now(UTC)
    retention = found.retention
    print(clean(found.reason))
    print_facts(
        [
            (
                "Stops",
                f"{format_until(found.stops_at, now)} ({format_moment(found.stops_at)})" if found.stops_at else "",
            ),
            (
                "End of life",
                f"{format_until(found.deadline, now)} ({format_moment(found.deadline)})" if found.deadline else "",
            ),
            ("Degraded", found.degraded),
            ("Idle since", format_ago(found.idle_since, now) if found.idle_since else ""),
            (
                "When idle",
                f"{retention.on_idle} after {format_seconds(retention.ttl_seconds)}"
                if retention.ttl_seconds
                else "runs on",
            ),
            (
                "At the end",
                f"{retention.on_deadline} after {format_seconds(retention.max_life_seconds)}"
                if retention.max_life_seconds
                else "runs on",
            ),
        ]
    )
    if found.signals is None and found.alive:
        note("The agent could not be asked for its signals.")
    if found.signals:
        print()
        rows = [(SIGNALS.get(one.kind, one.kind), format_ago(one.at, now), one.detail) for one in found.signals]
        print_table(("SIGNAL", "LATEST", "DETAIL"), rows)
