"""`carrel secret`: variables of people's processes in workspaces. A value is typed or piped in, and never shown again."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from carrel.cli.calling import call
from carrel.cli.options import Output
from carrel.cli.output import Format, note, print_json, print_table
from carrel.cli.quantities import format_moment
from carrel.core.problems import Problem
from carrel.core.secret import Secret

if TYPE_CHECKING:
    from carrel.client.client import Client
    from carrel.client.documents import StoredSecret, WorkspaceSecret

app = typer.Typer(no_args_is_help=True, help="Secrets: variables of the processes in workspaces.")
SecretNameArgument = Annotated[str, typer.Argument(metavar="NAME", help="The variable: `API_TOKEN`")]
OfWorkspace = Annotated[str, typer.Option("--workspace", "-w", metavar="NAME", help="Of this workspace alone.")]
OfProject = Annotated[str, typer.Option("--project", metavar="PROJECT", help="Of all workspaces of this project.")]
OfDomain = Annotated[
    str, typer.Option("--domain", metavar="DOMAIN", help="With --project: of its workspaces in this domain alone.")
]


@app.command("set")
def set_secret(
    name: SecretNameArgument,
    sources: Annotated[
        list[str] | None,
        typer.Option(
            "--for", metavar="PATTERN", help="Of your workspaces of these repositories; `*`: of all of yours."
        ),
    ] = None,
    workspace: OfWorkspace = "",
    project: OfProject = "",
    domain: OfDomain = "",
) -> None:
    """Store a secret, in the place of an earlier one: typed, or on standard input.

    Workspaces that run have it within seconds: in new processes, and in files.
    """
    _one_place(workspace, project, sources, domain)
    value = read_value(name)

    async def use(client: Client) -> StoredSecret:
        if not workspace and not project:
            return await client.secrets.put(name, value, sources or ())
        return await client.secrets.put_at(await _place(client, workspace, project, domain), name, value)

    stored = call(use)
    note(f"Stored {stored.name}. Where a workspace that gets it runs, new processes have it in a moment.")


@app.command("ls")
def list_secrets(
    workspace: OfWorkspace = "", project: OfProject = "", domain: OfDomain = "", output: Output = Format.TABLE
) -> None:
    """List names: your own, a project's, or what a workspace gets and its repository would like to have."""
    _one_place(workspace, project, None, domain)
    if workspace:
        _list_of_workspace(workspace, output)
        return

    async def use(client: Client) -> list[StoredSecret]:
        return await client.secrets.list(await _place(client, workspace, project, domain))

    found = call(use)
    if output is Format.JSON:
        print_json(found)
    elif not found:
        note("There is none. `carrel secret set NAME` stores one.")
    else:
        rows = [(one.name, ", ".join(one.sources), format_moment(one.updated_at)) for one in found]
        print_table(("NAME", "FOR", "STORED"), rows)


@app.command()
def rm(name: SecretNameArgument, workspace: OfWorkspace = "", project: OfProject = "", domain: OfDomain = "") -> None:
    """Remove a secret."""
    _one_place(workspace, project, None, domain)

    async def use(client: Client) -> None:
        await client.secrets.delete(name, await _place(client, workspace, project, domain))

    call(use)
    note(f"Removed {name}.")


def read_value(name: str) -> Secret:
    """A value that is typed without echo, or all of standard input without its last line end. Raises `bad_value`."""
    if sys.stdin.isatty():
        text = str(typer.prompt(f"Value of {name}", hide_input=True, err=True))
    else:
        text = sys.stdin.read().removesuffix("\n").removesuffix("\r")
    if not text:
        raise Problem("bad_value", f"{name}: nothing was given.", hint="Type it, or give it on standard input.")
    return Secret(text)


def _list_of_workspace(workspace: str, output: Format) -> None:
    async def use(client: Client) -> list[WorkspaceSecret]:
        return await client.secrets.of_workspace((await client.workspaces.find(workspace)).id)

    found = call(use)
    if output is Format.JSON:
        print_json(found)
        return
    rows = [
        (
            one.name,
            one.given_by or "not set",
            " ".join(text for text in (one.description, one.documentation_url) if text),
        )
        for one in found
    ]
    print_table(("NAME", "GIVEN BY", "WHAT FOR"), rows)


def _one_place(workspace: str, project: str, sources: list[str] | None, domain: str) -> None:
    if domain and not project:
        raise Problem("bad_value", "--domain is of a project.", hint="Give --project, too.")
    if sum(1 for given in (workspace, project, sources) if given) > 1:
        raise Problem("bad_value", "Give one of --for, --workspace and --project.", hint="")


async def _place(client: Client, workspace: str, project: str, domain: str) -> str:
    from carrel.client.secrets import domain_place, project_place, workspace_place  # noqa: PLC0415  with httpx

    if workspace:
        return workspace_place((await client.workspaces.find(workspace)).id)
    if domain:
        return domain_place(project, domain)
    return project_place(project) if project else "/secrets"
