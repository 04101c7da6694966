"""`carrel template repository` and `carrel template sync`: templates that come from git repositories."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from carrel.cli.calling import call
from carrel.cli.options import Output
from carrel.cli.output import Format, clean, note, print_json, print_table
from carrel.cli.quantities import format_moment
from carrel.cli.template_catalog import EVERYBODY, Project
from carrel.core.problems import Problem

if TYPE_CHECKING:
    from carrel.client.client import Client
    from carrel.client.template_repositories import TemplateRepository

FIRST_READ_SECONDS = 60.0
"""How long the command waits for the first reading of a repository."""
LOOK_SECONDS = 0.2
app = typer.Typer(no_args_is_help=True, help="Git repositories that templates come from.")
Named = Annotated[str, typer.Argument(metavar="REPOSITORY", help="Its id or its URL.")]


@app.command()
def add(
    url: Annotated[str, typer.Argument(metavar="URL", help="Of a git repository that you can read.")],
    project: Project = "",
    ref: Annotated[str, typer.Option("--ref", help="Branch or tag; without it, the repository's own.")] = "",
    folder: Annotated[str, typer.Option("--folder", help="Where in it templates are; without it, everywhere.")] = "",
) -> None:
    """Have the templates of a repository in the catalog; the server looks for changes by itself."""

    async def use(client: Client) -> TemplateRepository:
        return await _first_read(client, await client.template_repositories.add(url, project, ref, folder))

    made = call(use)
    report(made)
    if made.synced_at is None:
        note(f"It is being read; `carrel template sync {made.id}` says how that ended.")
    if has_problem(made):
        raise typer.Exit(1)


async def _first_read(client: Client, made: TemplateRepository) -> TemplateRepository:
    """The repository once the server has read it, which it does at once; as it is where that takes too long."""
    for _ in range(round(FIRST_READ_SECONDS / LOOK_SECONDS)):
        found = next((one for one in await client.template_repositories.list() if one.id == made.id), made)
        if found.synced_at is not None:
            return found
        await asyncio.sleep(LOOK_SECONDS)
    return made


@app.command("list")
def list_repositories(output: Output = Format.TABLE) -> None:
    """List the repositories that templates come from."""
    found = call(lambda client: client.template_repositories.list())
    if output is Format.JSON:
        print_json(found)
        return
    if not found:
        note("No templates come from a repository. `carrel template repository add URL` has some come.")
        return
    rows = [
        (one.id, _place(one), one.project or EVERYBODY, str(len(one.templates)), format_moment(one.synced_at))
        for one in found
    ]
    print_table(("ID", "REPOSITORY", "PROJECT", "TEMPLATES", "READ"), rows)
    for one in found:
        _warn(one)


def _place(one: TemplateRepository) -> str:
    """Its address, with what of it is read."""
    parts = (f"ref {one.ref}" if one.ref else "", f"folder {one.folder}" if one.folder else "")
    said = ", ".join(part for part in parts if part)
    return f"{one.url} ({said})" if said else one.url


@app.command()
def remove(repository: Named) -> None:
    """Read a repository no longer. Its templates are withdrawn: workspaces of them go on, new ones are not made."""

    async def use(client: Client) -> TemplateRepository:
        found = await find_repository(client, repository)
        await client.template_repositories.remove(found.id)
        return found

    note(f"{call(use).url} is read no longer.")


def sync(
    repository: Annotated[
        str, typer.Argument(metavar="REPOSITORY", help="Its id or its URL; without it, all of them.")
    ] = "",
) -> None:
    """Read repositories of templates now, and say what became of each template."""

    async def use(client: Client) -> list[TemplateRepository]:
        if repository:
            return [await client.template_repositories.sync((await find_repository(client, repository)).id)]
        found = await client.template_repositories.list()
        return [await client.template_repositories.sync(one.id) for one in found]

    found = call(use)
    if not found:
        note("No templates come from a repository. `carrel template repository add URL` has some come.")
    for one in found:
        report(one)
    if any(map(has_problem, found)):
        raise typer.Exit(1)


async def find_repository(client: Client, repository: str) -> TemplateRepository:
    """The repository of an id or a URL. Raises `not_found`, `bad_value` where several have the URL."""
    listed = await client.template_repositories.list()
    by_id = [one for one in listed if one.id == repository]
    found = by_id or [one for one in listed if _same_url(one.url, repository)]
    if not found:
        hint = "`carrel template repository list` lists them."
        raise Problem("not_found", f"No templates come from {repository}.", hint)
    if len(found) > 1:
        raise Problem(
            "bad_value", f"{repository} is there {len(found)} times.", f"Say which: {', '.join(o.id for o in found)}."
        )
    return found[0]


def _same_url(one: str, other: str) -> bool:
    return one.removesuffix(".git").rstrip("/") == other.removesuffix(".git").rstrip("/")


def report(one: TemplateRepository) -> None:
    """What became of the templates of a repository."""
    commit = f" at {one.commit[:12]}" if one.commit else ""
    note(f"{one.url}{commit}: {len(one.templates)} template{'' if len(one.templates) == 1 else 's'}.")
    if one.templates:
        rows = [
            (item.name or "-", item.folder or ".", str(item.version) if item.version else "-", item.state)
            for item in one.templates
        ]
        print_table(("NAME", "FOLDER", "VERSION", "STATE"), rows, {"STATE": _style})
    _warn(one)


def _warn(one: TemplateRepository) -> None:
    if one.problem:
        note(f"warning: {one.url}: {clean(one.problem)}")
    for item in one.templates:
        if item.problem:
            note(f"warning: {clean(item.folder or item.name)}: {clean(item.problem)}")


def has_problem(one: TemplateRepository) -> bool:
    """Whether it could not be read, or something in it was refused."""
    return bool(one.problem) or any(item.state == "refused" for item in one.templates)


def _style(state: str) -> str:
    return {"new": "green", "updated": "green", "refused": "red", "withdrawn": "yellow"}.get(state, "")
