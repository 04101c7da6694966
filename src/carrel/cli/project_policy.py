"""`carrel project policy`: how long workspaces of a project run, rest and stay in the trash."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from carrel.cli.calling import call
from carrel.cli.options import Output, duration
from carrel.cli.output import Format, note, print_json, print_table
from carrel.cli.quantities import format_seconds
from carrel.core.problems import Problem
from carrel.core.schedule import Schedule, describe

if TYPE_CHECKING:
    from carrel.client.client import Client
    from carrel.client.policies import ProjectPolicy

ROWS = (
    ("ttl_seconds", "Idle TTL", "never"),
    ("ttl_min_seconds", "Shortest idle TTL", "none"),
    ("ttl_max_seconds", "Longest idle TTL", "none"),
    ("max_life_seconds", "Maximum life", "no cap"),
    ("hard_life_seconds", "Ceiling of extensions", "none"),
    ("archive_after_days", "Archived after", "never"),
    ("delete_after_days", "To the trash after", "never"),
    ("trash_days", "Days in the trash", "0"),
    ("schedule", "Schedule", "none"),
)
"""Members, how they are called, and what none of it is called."""
UNSET = {"ttl": "ttl_seconds", "ttl-min": "ttl_min_seconds", "ttl-max": "ttl_max_seconds"} | {
    "max-life": "max_life_seconds",
    "hard-life": "hard_life_seconds",
    "archive-after": "archive_after_days",
    "delete-after": "delete_after_days",
    "trash": "trash_days",
    "schedule": "schedule",
}
"""Options that can be taken back, and their members."""


def _days(text: str) -> int:
    """Whole days: `14`, `14d`, `2w`, `never`."""
    seconds = duration(f"{text}d" if text.strip().isdecimal() else text)
    if seconds % 86400:
        raise typer.BadParameter(f"{text!r}: whole days, such as 14 or 14d")
    return seconds // 86400


Seconds = Annotated[int | None, typer.Option(metavar="TIME", parser=duration)]
Days = Annotated[int | None, typer.Option(metavar="DAYS", parser=_days)]


def policy(
    project: Annotated[str, typer.Argument(metavar="PROJECT", help="The project.")],
    ttl: Annotated[int | None, typer.Option(metavar="TIME", parser=duration, help="Idle TTL: 30m, 2h, never.")] = None,
    ttl_min: Annotated[int | None, typer.Option(metavar="TIME", parser=duration, help="Shortest idle TTL.")] = None,
    ttl_max: Annotated[int | None, typer.Option(metavar="TIME", parser=duration, help="Longest idle TTL.")] = None,
    max_life: Annotated[
        int | None, typer.Option(metavar="TIME", parser=duration, help="Longest life of a start.")
    ] = None,
    hard_life: Annotated[
        int | None, typer.Option(metavar="TIME", parser=duration, help="Ceiling that no extension passes.")
    ] = None,
    archive_after: Annotated[
        int | None, typer.Option(metavar="DAYS", parser=_days, help="Days at rest until it is archived, or never.")
    ] = None,
    delete_after: Annotated[
        int | None,
        typer.Option(metavar="DAYS", parser=_days, help="Days at rest until it goes to the trash, or never."),
    ] = None,
    trash: Annotated[int | None, typer.Option(metavar="DAYS", parser=_days, help="Days in the trash.")] = None,
    schedule: Annotated[
        str | None, typer.Option(metavar="SCHEDULE", help="`08:30-19:00,mon-fri,Europe/Berlin`.")
    ] = None,
    unset: Annotated[
        list[str] | None, typer.Option(metavar="OPTION", help="Back to the settings: `ttl`, `schedule` ...")
    ] = None,
    output: Output = Format.TABLE,
) -> None:
    """Show the policy of a project; with options, change it: it applies to its workspaces at once."""
    said = {
        "ttl_seconds": ttl,
        "ttl_min_seconds": ttl_min,
        "ttl_max_seconds": ttl_max,
        "max_life_seconds": max_life,
        "hard_life_seconds": hard_life,
        "archive_after_days": archive_after,
        "delete_after_days": delete_after,
        "trash_days": trash,
        "schedule": _schedule(schedule) if schedule is not None else None,
    }
    changed: dict[str, Any] = {name: value for name, value in said.items() if value is not None}
    changed |= dict.fromkeys(map(_member, unset or ()))

    async def use(client: Client) -> ProjectPolicy:
        return await (client.policies.change(project, changed) if changed else client.policies.get(project))

    found = call(use)
    if output is Format.JSON:
        print_json(found)
        return
    if changed:
        note(f"The policy of {found.project} is changed; it applies now.")
    by = found.in_force["set_by"]
    rows = [(label, _value(found, name, none), by.get(name, "installation")) for name, label, none in ROWS]
    print_table(("POLICY", "IN FORCE", "SET BY"), rows)


def _member(option: str) -> str:
    name = option.removeprefix("--").strip().casefold()
    if name not in UNSET:
        raise Problem("bad_value", f"--unset: there is no {option[:40]!r}.", hint=f"One of {', '.join(UNSET)}.")
    return UNSET[name]


def _value(found: ProjectPolicy, name: str, none: str) -> str:
    value = found.in_force[name]
    if not value:
        return none
    if name == "schedule":
        return describe(Schedule(value["start"], value["stop"], tuple(value["days"]), value["time_zone"]))
    return format_seconds(value) if name.endswith("_seconds") else f"{value} days" if value != 1 else "1 day"


def _schedule(text: str) -> dict[str, Any]:
    """`08:30-19:00,mon-fri,Europe/Berlin`; also only `-19:00` or `08:30-`. Raises `bad_value`."""
    from carrel.core.schedule import check_schedule, parse_days  # noqa: PLC0415  reads names of time zones

    times, _, rest = text.partition(",")
    start, dash, stop = times.partition("-")
    if not dash:
        hint = "Write START-STOP,DAYS,ZONE, such as 08:30-19:00,mon-fri,Europe/Berlin."
        raise Problem("bad_value", f"--schedule: {text[:60]!r} has no START-STOP.", hint=hint)
    pieces = [piece.strip() for piece in rest.split(",") if piece.strip()]
    zone = pieces.pop() if pieces and ("/" in pieces[-1] or pieces[-1].upper() == "UTC") else "UTC"
    days = parse_days(",".join(pieces)) if pieces else Schedule().days
    made = check_schedule(Schedule(start.strip(), stop.strip(), days, zone))
    return {"start": made.start, "stop": made.stop, "days": list(made.days), "time_zone": made.time_zone}
