"""`carrel ls` and `carrel show`."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from carrel.cli.calling import call
from carrel.cli.notices import say_notices, with_notices
from carrel.cli.options import Name, Output
from carrel.cli.output import Format, clean, note, paint, phase_style, print_facts, print_json, print_table
from carrel.cli.quantities import (
    format_ago,
    format_duration,
    format_moment,
    format_seconds,
    format_size,
    format_until,
)
from carrel.cli.source import shown
from carrel.core.workspace import PREBUILD, Phase

if TYPE_CHECKING:
    from carrel.client.client import Client
    from carrel.client.documents import Workspace


NEXT = {"archive": "To be archived", "trash": "To the trash", "purge": "Purged"}
"""What becomes of a workspace at rest."""


def ls(
    text: Annotated[str, typer.Argument(metavar="TEXT", help="Part of the name or of the source.")] = "",
    phases: Annotated[
        list[Phase] | None, typer.Option("--phase", help="Only those in this phase; may be repeated.")
    ] = None,
    owner: Annotated[str, typer.Option("--owner", help="Only those of this user.")] = "",
    deleted: Annotated[bool, typer.Option("--deleted", help="Those in the trash instead.")] = False,
    shared: Annotated[bool, typer.Option("--shared", help="Only those that others share with you.")] = False,
    archived: Annotated[bool, typer.Option("--archived", help="Those that were put aside instead.")] = False,
    output: Output = Format.TABLE,
) -> None:
    """List the workspaces that you may see, newest first."""

    async def use(client: Client) -> tuple[list[Workspace], list[Workspace]]:
        from carrel.client.workspaces import Chosen  # noqa: PLC0415  with httpx

        chosen = Chosen(phases=phases or (), owner=owner, text=text, deleted=deleted, shared=shared)
        chosen = chosen if deleted else replace(chosen, archived=archived)
        found = [workspace async for workspace in client.workspaces.each(chosen)]
        return found, [] if output is Format.JSON else await with_notices(client)

    found, told = call(use)
    if output is Format.JSON:
        print_json(found)
    elif not found:
        empty = "There is nothing in the trash." if deleted else "Nothing is archived." if archived else ""
        note(empty or "There is no workspace. `carrel up SOURCE` makes one.")
    elif deleted:
        _print_trash(found)
    else:
        _print_living(found)
    say_notices(told)


def _print_living(found: list[Workspace]) -> None:
    now = datetime.now(UTC)
    rows = [
        (
            _name(workspace, found),
            workspace.phase + marks(workspace),
            shown(workspace.source),
            format_duration(now - workspace.running_since) if workspace.running_since else "-",
            format_until(workspace.stops_at, now),
        )
        for workspace in found
    ]
    print_table(("NAME", "PHASE", "SOURCE", "RUNS FOR", "STOPS"), rows, {"PHASE": phase_style})


def _print_trash(found: list[Workspace]) -> None:
    now = datetime.now(UTC)
    rows = [(_name(one, found), one.id, shown(one.source), format_until(one.purge_after, now)) for one in found]
    print_table(("NAME", "ID", "SOURCE", "PURGED"), rows)


def _name(workspace: Workspace, among: list[Workspace]) -> str:
    """The name, with its owner where those of several are shown."""
    several = len({one.owner for one in among}) > 1
    return f"{workspace.owner}/{workspace.name}" if several else workspace.name


def marks(workspace: Workspace) -> str:
    """The marks beside a phase."""
    possible = (
        ("degraded", workspace.degraded),
        ("archived", workspace.archived),
        ("rebuild offered", workspace.rebuild_offered),
        ("newer template", workspace.template is not None and workspace.template.update_available),
        ("prebuild", PREBUILD in workspace.labels),
        (f"shared: {workspace.shared}", workspace.shared),
    )
    words = [word for word, is_so in possible if is_so]
    return f" ({', '.join(words)})" if words else ""


def show(name: Name, output: Output = Format.TABLE) -> None:
    """Show a workspace: how it is, where its apps are, when it stops."""
    found = call(lambda client: client.workspaces.find(name))
    if output is Format.JSON:
        print_json(found)
        return
    print_facts(_facts(found))
    say_notices([found], everybody=True)
    if found.apps:
        print()
        print_table(("APP", "TITLE", "ADDRESS"), [(app.name, app.title, app.url) for app in found.apps])
    if found.problem is not None:
        note(paint(f"{found.problem.title}: {clean(found.problem.detail)}", "red"))
        note(f"hint: {clean(found.problem.hint)}")


def _facts(found: Workspace) -> list[tuple[str, str]]:
    now = datetime.now(UTC)
    limits, retention = found.limits, found.retention
    return [
        ("Name", f"{found.owner}/{found.name}"),
        ("Id", found.id),
        ("Shared with you", {"view": "to look", "edit": "to work"}.get(found.shared or "", "")),
        ("Phase", found.phase + marks(found)),
        ("Degraded", found.degraded),
        ("Rebuild offered", _offer(found)),
        ("Template", _template(found)),
        ("Source", shown(found.source)),
        ("Commit", " ".join(part for part in (found.branch, found.commit[:12]) if part)),
        ("Configuration", found.devcontainer),
        ("CPUs", f"{limits.cpus:g}" if limits.cpus else ""),
        ("Memory", format_size(limits.memory_bytes) if limits.memory_bytes else ""),
        ("GPUs", str(limits.gpus) if limits.gpus else ""),
        ("Disk", _disk(found, now)),
        ("Egress", found.egress),
        ("Granted", ", ".join(found.allow)),
        ("Made", format_ago(found.created_at, now) if found.created_at else ""),
        ("Running", f"for {format_duration(now - found.running_since)}" if found.running_since else ""),
        ("Last activity", format_ago(found.last_activity_at, now) if found.last_activity_at else ""),
        ("Stops", _when(found.stops_at, now)),
        ("End of life", _when(found.deadline, now)),
        (
            "When idle",
            f"{retention.on_idle} after {format_seconds(retention.ttl_seconds)}"
            if retention.ttl_seconds
            else "runs on",
        ),
        ("Stopped because", found.stop_reason if found.phase != Phase.RUNNING else ""),
        ("At rest", f"since {format_moment(found.stopped_at)}" if found.stopped_at else ""),
        ("Archived", f"on {format_moment(found.archived_at)}" if found.archived_at else ""),
        (NEXT.get(found.next_step, ""), _when(found.next_step_at, now)),
    ]


def _template(found: Workspace) -> str:
    """What it was made of, and whether there is something newer."""
    template = found.template
    if template is None:
        return ""
    rest = f"; {template.newest} is there: `carrel upgrade {found.name}`" if template.update_available else ""
    return f"{template.name}, version {template.version}{rest}{' (withdrawn)' if template.withdrawn else ''}"


def _disk(found: Workspace, now: datetime) -> str:
    """What its volumes take, and as of when."""
    if found.disk_bytes is None:
        return ""
    return f"{format_size(found.disk_bytes)} (measured {format_ago(found.disk_measured_at, now)})"


def _offer(found: Workspace) -> str:
    """Which files of the configuration were changed, and what applies them."""
    files = ", ".join(found.rebuild_offered)
    return f"{files} changed; `carrel rebuild {found.name}` applies it" if files else ""


def _when(moment: datetime | None, now: datetime) -> str:
    return f"{format_until(moment, now)} ({format_moment(moment)})" if moment else ""
