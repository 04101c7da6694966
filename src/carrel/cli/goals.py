"""What a workspace is asked to be: start, stop, restart, rebuild, rm, undelete, extend."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated

import typer

from carrel.cli.calling import call
from carrel.cli.display import outcome_line
from carrel.cli.long_forms import workspace as long_form
from carrel.cli.options import Detach, Name, Output, complete_name, duration
from carrel.cli.output import Format, note, print_json
from carrel.cli.quantities import format_moment
from carrel.cli.waiting import Ended, ask_and_wait
from carrel.core.problems import Problem
from carrel.core.workspace import Phase

if TYPE_CHECKING:
    from carrel.client.client import Client
    from carrel.client.documents import Workspace

Verb = Callable[["Client", str], Awaitable["Workspace"]]


LongName = Annotated[
    str,
    typer.Option("--name", help="`workspace --name NAME`, the long form.", autocompletion=complete_name),
]
WORKSPACE = "workspace"
"""The word of the long forms; without --name it is a workspace of that name."""


def start(name: Name, long_name: LongName = "", detach: Detach = False, output: Output = Format.TABLE) -> None:
    """Start a workspace, and wait until people can work in it."""
    if is_long(name, long_name):
        long_form.start(long_name, detach=detach)
        return
    _bring(name, lambda client, id_: client.workspaces.start(id_), Phase.RUNNING, detach, output)


def stop(name: Name, long_name: LongName = "", detach: Detach = False, output: Output = Format.TABLE) -> None:
    """Stop a workspace; its files are kept."""
    if is_long(name, long_name):
        long_form.stop(long_name, detach=detach)
        return
    _bring(name, lambda client, id_: client.workspaces.stop(id_), Phase.STOPPED, detach, output)


def archive(name: Name, long_name: LongName = "") -> None:
    """Put a workspace aside: it stops, is not listed, and does not start before it is taken back."""
    long_form.archive(long_name if is_long(name, long_name) else name)


def unarchive(name: Name, long_name: LongName = "") -> None:
    """Take back a workspace that was put aside; it stays stopped."""
    long_form.unarchive(long_name if is_long(name, long_name) else name)


def is_long(name: str, long_name: str) -> bool:
    """Whether it is `workspace --name NAME`. Raises `bad_value` for a name beside --name."""
    if long_name and name != WORKSPACE:
        hint = f"Write `{name}` alone, or `workspace --name {long_name}`."
        raise Problem("bad_value", f"Which one, {name!r} or {long_name!r}?", hint)
    return bool(long_name)


def restart(name: Name, detach: Detach = False, output: Output = Format.TABLE) -> None:
    """Stop a workspace where it runs, and start it."""
    _bring(name, lambda client, id_: client.workspaces.restart(id_), Phase.RUNNING, detach, output)


def rebuild(
    name: Name,
    no_cache: Annotated[bool, typer.Option("--no-cache", help="Build every layer anew.")] = False,
    detach: Detach = False,
    output: Output = Format.TABLE,
) -> None:
    """Read the configuration again as it is in the workspace now, build what it asks for, start with that."""

    def verb(client: Client, id_: str) -> Awaitable[Workspace]:
        return client.workspaces.rebuild(id_, no_cache=no_cache)

    _bring(name, verb, Phase.RUNNING, detach, output)


def rm(
    names: Annotated[list[str], typer.Argument(metavar="NAME", help="The workspaces: NAME, OWNER/NAME or id.")],
    purge: Annotated[bool, typer.Option("--purge", help="Leave nothing: files too, at once.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    detach: Detach = False,
) -> None:
    """Delete workspaces. Their files stay in the trash for some days, unless --purge is given."""
    for name in names:
        workspace = call(lambda client, name=name: client.workspaces.find(name))  # type: ignore[misc]
        what = "and all its files, for ever" if purge else "(its files stay in the trash)"
        if not yes and not _confirmed(f"Delete {workspace.name} {what}?"):
            raise typer.Exit(1)

        def verb(client: Client, id_: str) -> Awaitable[Workspace]:
            return client.workspaces.delete(id_, purge=purge)

        ended = _ask(workspace.id, verb, Phase.DELETED, detach=detach, purge=purge)
        if ended.workspace is None or purge:
            note(f"{workspace.name}: nothing is left of it.")
        else:
            until = format_moment(ended.workspace.purge_after)
            note(f"{workspace.name} is in the trash until {until}; `carrel undelete {workspace.name}` brings it back.")


def undelete(
    name: Name,
    new_name: Annotated[str, typer.Option("--name", help="Another name, where the old one is in use.")] = "",
    output: Output = Format.TABLE,
) -> None:
    """Take a workspace out of the trash; it is stopped then."""

    async def use(client: Client) -> Workspace:
        return await client.workspaces.undelete((await _in_trash(client, name)).id, new_name)

    _print(call(use), output, "is back, stopped")


def extend(
    name: Name,
    by: Annotated[int, typer.Argument(metavar="TIME", parser=duration, help="By how much: 30m, 2h, 1d.")] = 3600,
    output: Output = Format.TABLE,
) -> None:
    """Move the end of this start's life."""

    async def use(client: Client) -> Workspace:
        return await client.workspaces.extend((await client.workspaces.find(name)).id, by)

    found = call(use)
    _print(found, output, f"runs until {format_moment(found.deadline)} at the latest")


# --- shared ----------------------------------------------------------------------------------------------------------


def _bring(name: str, verb: Verb, goal: Phase, detach: bool, output: Format) -> None:
    ended = _ask(name, verb, goal, detach=detach)
    if ended.workspace is None:
        return
    if output is Format.JSON:
        print_json(ended.workspace)
    elif detach:
        note(f"{ended.workspace.name}: asked for.")
    else:
        say_outcome(ended)


def _ask(name: str, verb: Verb, goal: Phase, *, detach: bool, purge: bool = False) -> Ended:
    async def use(client: Client) -> Ended:
        workspace = await client.workspaces.find(name)
        if detach:
            return Ended(await verb(client, workspace.id), 0.0)
        return await ask_and_wait(client, workspace, lambda: verb(client, workspace.id), goal, purge=purge)

    return call(use)


def say_outcome(ended: Ended) -> None:
    """The sentence about how it is now, and why a person should look although it runs."""
    workspace = ended.workspace
    if workspace is None:
        return
    note(outcome_line(workspace.name, workspace.phase, ended.took_seconds, workspace.degraded))
    if workspace.degraded:
        note(f"warning: {workspace.degraded}")
        note(f"hint: `carrel logs {workspace.name}` has the log; mend it and run `carrel rebuild {workspace.name}`.")


def _print(workspace: Workspace, output: Format, sentence: str) -> None:
    if output is Format.JSON:
        print_json(workspace)
    else:
        note(f"{workspace.name} {sentence}.")


def _confirmed(question: str) -> bool:
    if not sys.stdin.isatty():
        raise Problem("bad_value", question, hint="Nobody can answer here: give --yes.")
    return typer.confirm(question, err=True)


async def _in_trash(client: Client, name: str) -> Workspace:
    """The newest workspace of this name in the trash: a living one may have the name by now."""
    from carrel.client.workspaces import Chosen  # noqa: PLC0415  with httpx

    owner, _, own = name.rpartition("/")
    async for workspace in client.workspaces.each(Chosen(owner=owner, deleted=True)):
        if own.casefold() in {workspace.name, workspace.id}:
            return workspace
    raise Problem("not_found", f"There is no {name} in the trash.", hint="`carrel ls --deleted` lists the trash.")
