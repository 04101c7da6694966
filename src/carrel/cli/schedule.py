"""`carrel schedule`: when a workspace starts and stops by itself."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from carrel.cli.calling import call
from carrel.cli.options import Name, Output
from carrel.cli.output import Format, clean, note, print_json
from carrel.cli.quantities import format_moment, format_until
from carrel.core.problems import Problem

if TYPE_CHECKING:
    from carrel.client.client import Client
    from carrel.client.documents import PolicyRule, Why, Workspace


def schedule(
    name: Name,
    start: Annotated[str, typer.Option(metavar="HH:MM", help="When it starts.")] = "",
    stop: Annotated[str, typer.Option(metavar="HH:MM", help="When it stops.")] = "",
    days: Annotated[str, typer.Option(metavar="DAYS", help="On which days: mon-fri, sat,sun, daily.")] = "",
    zone: Annotated[str, typer.Option(metavar="ZONE", help="Time zone, such as Europe/Berlin.")] = "",
    off: Annotated[bool, typer.Option("--off", help="None, whatever the project says.")] = False,
    unset: Annotated[bool, typer.Option("--unset", help="As the project says, again.")] = False,
    output: Output = Format.TABLE,
) -> None:
    """Show when a workspace starts and stops by itself; with options, set it."""
    wanted = _wanted(start, stop, days, zone, off=off, unset=unset)

    async def use(client: Client) -> tuple[Workspace, Why]:
        from carrel.client.requests import WorkspaceUpdate  # noqa: PLC0415  with Pydantic

        found = await client.workspaces.find(name)
        if wanted is not None:
            found = await client.workspaces.update(found.id, WorkspaceUpdate(schedule=wanted))
        return found, await client.workspaces.why(found.id)

    own, found = call(use)
    rule = next((one for one in found.rules if one.name == "schedule"), None)
    if output is Format.JSON:
        print_json(rule)
        return
    note(f"{clean(own.name)}: {_sentence(rule, is_off=_is_off(own))}")


def _is_off(workspace: Workspace) -> bool:
    own = (workspace.definition or {}).get("schedule")
    return bool(own and own.get("off"))


def _sentence(rule: PolicyRule | None, *, is_off: bool) -> str:
    if rule is None:
        return "no schedule, whatever its project says." if is_off else "no schedule."
    now = datetime.now(UTC)
    following = f"; next {format_until(rule.next_at, now)} ({format_moment(rule.next_at)})" if rule.next_at else ""
    return f"{rule.value} (set by the {rule.set_by}){following}."


def _wanted(start: str, stop: str, days: str, zone: str, *, off: bool, unset: bool) -> dict[str, Any] | None:
    """The schedule that was asked for; None: none was. Raises `bad_value`."""
    if off or unset:
        if start or stop or days or zone or (off and unset):
            raise Problem("bad_value", "--off and --unset go with nothing else.", hint="Give times, --off or --unset.")
        return {"off": True} if off else {"start": "", "stop": ""}
    if not (start or stop or days or zone):
        return None
    from carrel.core.schedule import Schedule, check_schedule, parse_days  # noqa: PLC0415  reads names of time zones

    chosen = parse_days(days) if days else Schedule().days
    made = check_schedule(Schedule(start, stop, chosen, zone or "UTC"))
    return {"start": made.start, "stop": made.stop, "days": list(made.days), "time_zone": made.time_zone}
