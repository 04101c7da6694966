"""The long forms about secrets. A value is typed without echo, piped in or read from a file, and never shown again."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from carrel.cli.calling import call
from carrel.cli.options import Output
from carrel.cli.output import Format, note, print_json, print_table
from carrel.cli.quantities import format_moment
from carrel.core.problems import Problem
from carrel.core.project import DEFAULT_PROJECT
from carrel.core.secret import Secret
from carrel.core.secret_names import check_key

if TYPE_CHECKING:
    from carrel.client.client import Client
    from carrel.client.documents import StoredSecret

COLUMNS = ("Secret name", "Scope", "Created", "Updated")
LARGEST_FILE = 256 * 1024
"""Bytes; the server takes less, and says so."""
Named = Annotated[str, typer.Option("--name", metavar="NAME", help="The secret: `API_TOKEN`, `tls.crt`.")]
Project = Annotated[str, typer.Option("--project", metavar="PROJECT", help="Of this project; without: your own.")]
Domain = Annotated[
    str, typer.Option("--domain", metavar="DOMAIN", help="Of the project in this domain: development, staging ...")
]
Source = Annotated[str, typer.Argument(metavar="[-]", help="`-`: the value is on standard input.", show_default=False)]
FromFile = Annotated[Path | None, typer.Option("--from-file", metavar="FILE", help="Take the whole file as the value.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]


def create(
    name: Named, source: Source = "", project: Project = "", domain: Domain = "", from_file: FromFile = None
) -> None:
    """Store a new secret, for workspaces whose definition wants it: your own, a project's, or of a project in a domain.

    A project's is also a variable of all its workspaces, where its name can be one.
    """
    print(f"Created: secret {_store(name, source, from_file, (project, domain), only='new')}")


def update(
    name: Named, source: Source = "", project: Project = "", domain: Domain = "", from_file: FromFile = None
) -> None:
    """Give a secret that there is another value; workspaces that run have it within seconds."""
    print(f"Updated: secret {_store(name, source, from_file, (project, domain), only='existing')}")


def get(
    name: Annotated[str, typer.Option("--name", metavar="NAME", help="This one alone.")] = "",
    project: Project = "",
    domain: Domain = "",
    output: Output = Format.TABLE,
) -> None:
    """List secrets: names, whose they are, and when they were stored; never a value."""
    place = _place(project, domain)

    async def use(client: Client) -> list[StoredSecret]:
        return await client.secrets.list(place)

    words = _words(project, domain)
    found = [one for one in call(use) if name in {"", one.name}]
    if name and not found:
        hint = "`carrel get secret` without --name lists those that there are."
        raise Problem("not_found", f"There is no secret {name[:80]!r} {_whose(project, domain)}.", hint)
    if output is Format.JSON:
        print_json(found)
        return
    rows = [(one.name, words, format_moment(one.created_at), format_moment(one.updated_at)) for one in found]
    if rows:
        print_table(COLUMNS, rows)
    else:
        note(f"There is no secret {_whose(project, domain)}. `carrel create secret --name NAME` stores one.")


def delete(name: Named, project: Project = "", domain: Domain = "", yes: Yes = False) -> None:
    """Remove a secret; workspaces that run lose it within seconds."""
    place = _place(project, domain)
    if not yes:
        question = f"Delete the secret {name} {_whose(project, domain)}?"
        if not sys.stdin.isatty():
            raise Problem("bad_value", question, "Nobody can answer here: give --yes.")
        if not typer.confirm(question, err=True):
            raise typer.Exit(1)

    async def use(client: Client) -> None:
        await client.secrets.delete(name, place)

    call(use)
    print(f"Deleted: secret {name} ({_words(project, domain)})")


def _store(name: str, source: str, from_file: Path | None, where: tuple[str, str], *, only: str) -> str:
    """Store a value; the secret in words."""
    check_key(name)
    place = _place(*where)
    value = _value(source, from_file)

    async def use(client: Client) -> StoredSecret:
        return await client.secrets.put_at(place, name, value, only=only)

    return f"{call(use).name} ({_words(*where)})"


def _value(source: str, from_file: Path | None) -> Secret:
    if source not in {"", "-"}:
        hint = "Leave it out and type it, pipe it in with `-`, or use --from-file: a shell keeps what is on its line."
        raise Problem("bad_value", "A value is not taken from the command line.", hint)
    if from_file is not None and str(from_file) != "-":
        return _of_file(from_file)
    if source == "-" or from_file is not None or not sys.stdin.isatty():
        text = sys.stdin.read().removesuffix("\n").removesuffix("\r")
    else:
        text = str(typer.prompt("Enter secret value", hide_input=True, err=True))
    if not text:
        raise Problem("bad_value", "The value is empty.", "Type it, pipe it in, or use --from-file.")
    return Secret(text)


def _of_file(path: Path) -> Secret:
    """The text of a file as it is, its last line end too: certificates and keys need it."""
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST_FILE + 1)
        text = data.decode()
    except OSError as error:
        raise Problem("bad_value", f"{path} cannot be read: {error.strerror}.", "Give another file.") from error
    except UnicodeDecodeError:  # the cause quotes the file
        hint = "Give a file of text; what is binary can be encoded first: `base64 FILE | carrel create secret ... -`."
        raise Problem("bad_value", f"{path} is not text.", hint) from None
    if len(data) > LARGEST_FILE or not text:
        raise Problem("bad_value", f"{path} is {'empty' if not text else 'too large'}.", "Give another file.")
    return Secret(text)


def _place(project: str, domain: str) -> str:
    from carrel.client.secrets import domain_place, project_place  # noqa: PLC0415  with httpx

    if domain:
        return domain_place(project or DEFAULT_PROJECT, domain)
    return project_place(project) if project else "/secrets"


def _words(project: str, domain: str) -> str:
    """Whose it is, as a column has it."""
    if domain:
        return f"project {project or DEFAULT_PROJECT}, domain {domain}"
    return f"project {project}" if project else "user"


def _whose(project: str, domain: str) -> str:
    return f"of the {_words(project, domain)}" if project or domain else "of yours"
