"""`carrel audit`: who did what, and what was refused."""

from __future__ import annotations

import os
import sys
from contextlib import aclosing
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from carrel.cli.calling import call
from carrel.cli.options import Output
from carrel.cli.output import Format, clean, note, paint, print_json, print_json_line
from carrel.cli.quantities import format_moment, parse_duration
from carrel.core.problems import Problem

if TYPE_CHECKING:
    from carrel.client.audit import AuditRow
    from carrel.client.client import Client

OUTCOMES = ("done", "refused")


def audit(
    since: Annotated[str, typer.Option("--since", metavar="TIME", help="From then on: `7d`, `2026-11-01`.")] = "",
    until: Annotated[str, typer.Option("--until", metavar="TIME", help="Before then.")] = "",
    actor: Annotated[str, typer.Option("--actor", metavar="USER", help="Of this user.")] = "",
    action: Annotated[
        str, typer.Option("--action", metavar="ACTION", help="`workspace.created`, or all of a kind: `workspace.`")
    ] = "",
    workspace: Annotated[
        str, typer.Option("--workspace", "-w", metavar="NAME", help="On this one: NAME, OWNER/NAME or its id.")
    ] = "",
    project: Annotated[str, typer.Option("--project", help="In this project.")] = "",
    outcome: Annotated[str, typer.Option("--outcome", metavar="done|refused", help="How it ended.")] = "",
    count: Annotated[int, typer.Option("--count", "-n", min=1, max=100_000, help="So many of the latest.")] = 50,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on with what comes.")] = False,
    export: Annotated[
        str, typer.Option("--export", metavar="FILE", help="Everything that matches as JSON lines; `-`: to stdout.")
    ] = "",
    output: Output = Format.TABLE,
) -> None:
    """Show who did what, and what was refused: for auditors and administrators all, for maintainers of their projects."""
    if outcome and outcome not in OUTCOMES:
        raise typer.BadParameter("expected done or refused", param_hint="--outcome")
    now = datetime.now(UTC)
    given = {
        "since": moment(since, now, "--since"),
        "until": moment(until, now, "--until"),
        "actor": actor,
        "action": action,
        "workspace": workspace,
        "project": project,
        "outcome": outcome,
    }
    wanted = {name: value for name, value in given.items() if value}
    if export:
        call(lambda client: _export(client, wanted, export))
    elif follow:
        call(lambda client: _follow(client, wanted, now, output))
    else:
        call(lambda client: _latest(client, wanted, count, output))


def moment(text: str, now: datetime, option: str) -> str:
    """A time as the API takes it: so long ago (`7d`, `90m`), a day, or a time (without a zone: UTC); empty stays empty."""
    if not text:
        return ""
    try:
        return (now - timedelta(seconds=parse_duration(text))).isoformat()
    except (ValueError, OverflowError):
        pass
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter("write 7d, 12h, 2026-11-01 or 2026-11-01T08:00", param_hint=option) from error
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).isoformat()


async def _latest(client: Client, wanted: dict[str, str], count: int, output: Format) -> None:
    found = await client.audit.latest(wanted, count)
    if output is Format.JSON:
        print_json(found)
        return
    for row in reversed(found):
        _print(row)
    if not found:
        note("Nothing that matches.")


async def _follow(client: Client, wanted: dict[str, str], now: datetime, output: Format) -> None:
    rest = {name: value for name, value in wanted.items() if name not in {"since", "until"}}
    begin = datetime.fromisoformat(wanted["since"]) if "since" in wanted else now
    async with aclosing(client.audit.follow(rest, begin)) as coming:
        async for row in coming:
            if output is Format.JSON:
                print_json_line(row)
            else:
                _print(row)


async def _export(client: Client, wanted: dict[str, str], path: str) -> None:
    """To a file of its own, which only its owner reads: an existing one is not written over."""
    if path == "-":
        async with aclosing(client.audit.export(wanted)) as pieces:
            async for piece in pieces:
                sys.stdout.write(piece.decode())
        return
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise Problem("file_exists", f"{path} is there already.", "Choose another name.") from error
    except OSError as error:
        raise Problem("bad_value", f"{path} cannot be written: {error.strerror}.") from error
    lines = 0
    try:
        with os.fdopen(descriptor, "wb") as file:
            async with aclosing(client.audit.export(wanted)) as pieces:
                async for piece in pieces:
                    file.write(piece)
                    lines += piece.count(b"\n")
    except BaseException:
        os.unlink(path)  # noqa: PTH108  a half export is none
        raise
    note(f"{lines} rows are in {path}.")


def _print(row: AuditRow) -> None:
    """One line: when, who, what, on which, from where, and why not."""
    on = row.named or row.subject
    why = f"  {row.detail.get('why') or row.detail.get('kind') or ''}" if row.outcome == "refused" else ""
    refused = paint("refused", "red") if row.outcome == "refused" else ""
    parts = (
        paint(format_moment(row.at), "dim"),
        paint(clean(row.actor) or "-", "bold"),
        clean(row.action),
        clean(on),
        paint(clean(row.address), "dim"),
        refused + clean(why),
    )
    print("  ".join(part for part in parts if part), flush=True)
