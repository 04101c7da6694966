"""`carrel why`: why a workspace is alive, when it will stop, or why it was stopped."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from carrel.cli.calling import call
from carrel.cli.notices import sentence
from carrel.cli.options import Name, Output
from carrel.cli.output import Format, clean, note, print_facts, print_json, print_table
from carrel.cli.quantities import format_ago, format_moment, format_until
from carrel.cli.upgrade import hint_of

if TYPE_CHECKING:
    from carrel.client.client import Client
    from carrel.client.documents import Why, Workspace

SIGNALS = {
    "input": "somebody typed",
    "output": "a terminal printed",
    "exec": "a command was run",
    "editor": "work in the editor",
    "busy": "a busy process",
    "ai_agent": "an AI agent's turn",
    "opened": "somebody opened it",
}


RULES = {
    "idle": "when idle",
    "life": "maximum life",
    "ceiling": "ceiling of life",
    "schedule": "schedule",
    "archive": "archived",
    "trash": "to the trash",
    "purge": "removed for good",
}


def why(name: Name, output: Output = Format.TABLE) -> None:
    """Say why a workspace is alive and when it will stop, or why it was stopped and what becomes of it."""

    async def use(client: Client) -> tuple[Workspace, Why]:
        workspace = await client.workspaces.find(name)
        return workspace, await client.workspaces.why(workspace.id)

    workspace, found = call(use)
    if output is Format.JSON:
        print_json(found)
        return
    now = datetime.now(UTC)
    print(clean(found.reason))
    if found.waits:
        print(clean(found.waits))
    print_facts(
        [
            ("Stops", f"{_when(found.stops_at, now)}{_by(found.stops_by)}" if found.stops_at else ""),
            ("End of life", _when(found.deadline, now) if found.deadline else ""),
            ("Degraded", found.degraded),
            ("Idle since", format_ago(found.idle_since, now) if found.idle_since else ""),
        ]
    )
    if found.rules:
        print()
        rules = [
            (
                RULES.get(rule.name, rule.name),
                rule.value,
                rule.set_by,
                _when(rule.next_at, now) if rule.next_at else "-",
            )
            for rule in found.rules
        ]
        print_table(("RULE", "VALUE", "SET BY", "NEXT"), rules)
    for notice in found.notices:
        note(f"notice: {sentence(notice, now)}")
    if newer := hint_of(workspace):
        note(f"notice: {newer}")
    if found.signals is None and found.alive:
        note("The agent could not be asked for its signals.")
    if found.signals:
        print()
        rows = [(SIGNALS.get(one.kind, one.kind), format_ago(one.at, now), one.detail) for one in found.signals]
        print_table(("SIGNAL", "LATEST", "DETAIL"), rows)


def _when(moment: datetime | None, now: datetime) -> str:
    return f"{format_until(moment, now)} ({format_moment(moment)})"


def _by(rule: str) -> str:
    words = {"idle": "when idle", "deadline": "at the end of its life", "schedule": "by its schedule"}
    return f", {words[rule]}" if rule in words else ""
