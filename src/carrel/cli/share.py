"""`carrel share`, `unshare`, `guest-link`, `who` and `port share`: working together in one workspace."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from carrel.cli.calling import call
from carrel.cli.options import Name, Output, duration
from carrel.cli.output import Format, clean, note, print_json, print_table
from carrel.cli.quantities import format_ago, format_until
from carrel.core.access import Level, Visibility
from carrel.core.problems import Problem

if TYPE_CHECKING:
    from carrel.client.client import Client
    from carrel.client.shares import NewShare, Opening, Person, Share

POWER = "the full power of the workspace's user: files, secrets in its environment, credentials"
"""What an edit grant gives; said before it is given."""
OPENED = {
    Visibility.PUBLIC: "Everybody may open {port} of {name} without signing in",
    Visibility.PROJECT: "Whoever may see {name} may open its {port}",
    Visibility.PRIVATE: "{port} of {name} is private: only who may use the workspace opens it",
}
Ports = Annotated[list[int] | None, typer.Option("--port", metavar="PORT", help="A port that may be opened, too.")]
Edit = Annotated[bool, typer.Option("--edit", help=f"Give {POWER}.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
For = Annotated[
    int | None,
    typer.Option("--for", metavar="TIME", parser=duration, help="How long: 30m, 2h, 7d.", show_default=False),
]
port_app = typer.Typer(no_args_is_help=True, help="Ports of a workspace, opened to more people.")


def share(
    name: Name,
    user: Annotated[str, typer.Argument(metavar="USER", help="With whom; without one, shares are listed.")] = "",
    edit: Edit = False,
    ports: Ports = None,
    for_: For = None,
    yes: Yes = False,
    output: Output = Format.TABLE,
) -> None:
    """Share a workspace with a user, who may look on, or (--edit) work in it; or list its shares."""
    if not user:
        _list(name, output)
        return
    level = _level(name, user, edit=edit, yes=yes)

    async def use(client: Client) -> NewShare:
        found = await client.workspaces.find(name)
        return await client.shares.give(found.id, user, level, ports or (), for_ or None)

    made = call(use)
    if output is Format.JSON:
        print_json(made)
        return
    what = "work in" if made.level == Level.EDIT else "look at"
    note(f"{made.user} may {what} {name}{_until(made.expires_at)}. `carrel unshare {name} {made.user}` takes it away.")


def _list(name: str, output: Format) -> None:
    async def use(client: Client) -> list[Share]:
        return await client.shares.list((await client.workspaces.find(name)).id)

    found = call(use)
    if output is Format.JSON:
        print_json(found)
    elif not found:
        note(f"{name} is shared with nobody. `carrel share {name} USER` shares it.")
    else:
        now = datetime.now(UTC)
        rows = [
            (
                one.user or f"guest {one.title}".strip(),
                one.level,
                ", ".join(map(str, one.ports)),
                format_until(one.expires_at, now),
                one.id,
            )
            for one in found
        ]
        print_table(("WITH", "LEVEL", "PORTS", "ENDS", "ID"), rows)


def unshare(
    name: Name,
    who: Annotated[str, typer.Argument(metavar="WHO", help="A user, or the id of a share; without one: all.")] = "",
) -> None:
    """Take a share or a guest link away; what is open by it ends within seconds."""

    async def use(client: Client) -> int:
        workspace = (await client.workspaces.find(name)).id
        if who:
            chosen = await _chosen(client, workspace, who)
        else:
            chosen = [one.id for one in await client.shares.list(workspace)]
        for one in chosen:
            await client.shares.take(workspace, one)
        return len(chosen)

    count = call(use)
    note(f"{name}: {count} {'share' if count == 1 else 'shares'} taken away.")


async def _chosen(client: Client, workspace: str, who: str) -> Sequence[str]:
    """The ids of the shares that are meant."""
    shares = await client.shares.list(workspace)
    found = [one.id for one in shares if who == one.id or (one.user and one.user == who.casefold())]
    if not found:
        raise Problem("not_found", f"It is not shared with {who!r}.", "`carrel share NAME` lists who has it.")
    return found


def guest_link(
    name: Name,
    title: Annotated[str, typer.Option("--title", help="For whom: people see `guest TITLE`.")] = "",
    edit: Edit = False,
    ports: Ports = None,
    for_: For = None,
    yes: Yes = False,
    output: Output = Format.TABLE,
) -> None:
    """Make a link for somebody without an account: terminals without typing, and the ports given, for two hours.

    Whoever has the link comes in until it ends; several people may use it.
    """
    level = _level(name, "whoever has the link", edit=edit, yes=yes)

    async def use(client: Client) -> NewShare:
        found = await client.workspaces.find(name)
        return await client.shares.guest_link(found.id, level, ports or (), _an_end(for_), title)

    made = call(use)
    if output is Format.JSON:
        print_json(made)
        return
    note(f"Works{_until(made.expires_at)}; `carrel unshare {name} {made.id}` ends it.")
    print(made.url)


def who(name: Name, output: Output = Format.TABLE) -> None:
    """Who is in a workspace now."""

    async def use(client: Client) -> list[Person]:
        return await client.shares.people((await client.workspaces.find(name)).id)

    found = call(use)
    if output is Format.JSON:
        print_json(found)
    elif not found:
        note(f"Nobody is in {name}.")
    else:
        now = datetime.now(UTC)
        rows = [(clean(one.name), clean(", ".join(one.ways)), format_ago(one.since, now)) for one in found]
        print_table(("WHO", "HOW", "SINCE"), rows)


@port_app.command("share")
def share_port(
    name: Name,
    port: Annotated[str, typer.Argument(metavar="PORT", help="A port, or the name of an app.")],
    public: Annotated[bool, typer.Option("--public", help="To everybody, without signing in.")] = False,
    project: Annotated[bool, typer.Option("--project", help="To those who may see the workspace.")] = False,
    private: Annotated[bool, typer.Option("--private", help="To nobody else: closes it.")] = False,
    for_: For = None,
    output: Output = Format.TABLE,
) -> None:
    """Open a port to more people, for a time; or close it. What is open by it ends within seconds then."""
    asked = {Visibility.PUBLIC: public, Visibility.PROJECT: project, Visibility.PRIVATE: private}
    chosen = [visibility for visibility, is_asked in asked.items() if is_asked]
    if len(chosen) != 1:
        raise Problem("bad_value", "It is not said to whom.", "Give one of --public, --project and --private.")

    async def use(client: Client) -> Opening:
        return await client.shares.open((await client.workspaces.find(name)).id, port, chosen[0], _an_end(for_))

    opened = call(use)
    if output is Format.JSON:
        print_json(opened)
        return
    note(OPENED[chosen[0]].format(port=port, name=name) + f"{_until(opened.expires_at)}.")
    if chosen[0] is not Visibility.PRIVATE:
        print(opened.url)


def _level(name: str, whom: str, *, edit: bool, yes: bool) -> Level:
    """What is given, after a person has said that power may be."""
    if not edit:
        return Level.VIEW
    sentence = f"This gives {whom} {POWER}."
    if yes:
        note(sentence)
    elif not sys.stdin.isatty():
        raise Problem("bad_value", sentence, hint="Nobody can answer here: give --yes.")
    elif not typer.confirm(f"{sentence} Share {name}?", err=True):
        raise typer.Exit(1)
    return Level.EDIT


def _an_end(seconds: int | None) -> int | None:
    """What is for everybody who has an address ends some time. Raises `bad_value`."""
    if seconds == 0:
        raise Problem("bad_value", "This cannot be for ever.", hint="Give a time: --for 2h.")
    return seconds


def _until(moment: datetime | None) -> str:
    return f" for {format_until(moment, datetime.now(UTC)).removeprefix('in ')}" if moment else ""
