"""The long forms about workspaces: create, get, update, delete; and what start, stop, archive and unarchive say in theirs."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from carrel.cli.calling import call
from carrel.cli.opening import EDITOR, address_of, entry_link
from carrel.cli.options import Detach, Output, complete_name
from carrel.cli.output import Format, clean_log, note, print_json, print_table
from carrel.cli.quantities import format_moment
from carrel.cli.template_choice import PARAMETER_HELP, parse_parameters
from carrel.cli.upgrade import hint_of, move, template_of
from carrel.cli.waiting import Ended, ask_and_wait
from carrel.core.problems import Problem
from carrel.core.workspace import Goal, Phase

if TYPE_CHECKING:
    from carrel.client.client import Client
    from carrel.client.documents import Workspace
    from carrel.client.image_builds import ImageResult
    from carrel.client.requests import WorkspaceCreate
    from carrel.definition.workspace_file import WorkspaceFile

File = Annotated[Path, typer.Argument(metavar="FILE", help="The workspace.yaml.")]
Named = Annotated[
    str, typer.Option("--name", help="The workspace: NAME, OWNER/NAME or its id.", autocompletion=complete_name)
]
COLUMNS = ("Workspace name", "CPU", "Memory", "GPU", "Accelerator", "TTL Seconds", "Active URL")
NONE = "-"


def create(file: File, detach: Detach = False) -> None:
    """Make a workspace of a workspace.yaml, and start it. An image that it specifies is built first."""
    from carrel.cli.long_forms import files, places  # noqa: PLC0415  YAML: only where a file is read

    wanted = files.read_file(file)
    body = files.creation_of(wanted, file)

    async def use(client: Client) -> Workspace:
        with places.at_their_place(file):
            await _check(client, body, file)
            await make_image(client, wanted)
            return await client.workspaces.create(body)

    made = call(use)
    print(f"Created: {files.shown_definition(made)}", flush=True)
    start(made.id, detach=detach)


async def _check(client: Client, body: WorkspaceCreate, file: Path) -> None:
    """Raise what would be refused before an image is built in vain."""
    try:
        await client.workspaces.check(body.model_copy(update={"start": True}))
    except Problem as problem:
        if problem.kind != "name_taken":
            raise
        hint = f"`carrel update workspace {file}` changes it, `carrel start workspace --name {body.name}` starts it."
        raise Problem(problem.kind, problem.detail, hint, problem.extra) from problem


async def make_image(client: Client, file: WorkspaceFile) -> ImageResult:
    """Build the image that the file specifies, or pull the one that it names; the log goes to stderr."""
    from carrel.client.image_builds import ImageResult  # noqa: PLC0415  with httpx
    from carrel.core.records import dump  # noqa: PLC0415

    spec, image = file.definition.image_spec, file.definition.image
    result = ImageResult()
    if spec is None and not image:
        return result
    lines = client.image_builds.build(
        dump(spec) if spec else None, image=image, project=file.project, domain=file.domain, result=result
    )
    async for line in lines:
        if line:
            note(f"    | {clean_log(line, colours=False)}")
    if result.built:
        note(f"Built image {result.image}")
    return result


def start(name: str, *, detach: bool = False) -> None:
    """Start a workspace and say so as `carrel start workspace` does."""

    async def use(client: Client) -> tuple[Ended, str]:
        found = await client.workspaces.find(name)
        print(f"Starting workspace '{found.name}'", flush=True)
        ended = await _ask(client, found, client.workspaces.start, Phase.RUNNING, detach=detach)
        if detach or ended.workspace is None:
            return ended, ""
        return ended, await _link(client, ended.workspace)

    ended, link = call(use)
    workspace = ended.workspace
    if workspace is None or detach:
        return
    print(_with_rocket(f"Workspace started: {'Open VSCode in Browser' if link else workspace.name}"))
    if link:
        print(link)
    if workspace.degraded:
        note(f"warning: {workspace.degraded}")
        note(f"hint: `carrel logs {workspace.name}` has the log.")


def _with_rocket(sentence: str) -> str:
    """As the sentence is known; without the picture where the terminal has no such letters."""
    try:
        "🚀".encode(sys.stdout.encoding or "ascii")
    except UnicodeEncodeError:
        return sentence
    return f"🚀 {sentence}"


async def _link(client: Client, workspace: Workspace) -> str:
    try:
        return await entry_link(client, await address_of(client, workspace, EDITOR))
    except Problem:
        return ""  # a token that may not make links: it runs all the same


async def _ask(
    client: Client,
    found: Workspace,
    verb: Callable[[str], Awaitable[Workspace]],
    goal: Phase,
    *,
    detach: bool,
    purge: bool = False,
) -> Ended:
    if detach:
        return Ended(await verb(found.id), 0.0)
    return await ask_and_wait(client, found, lambda: verb(found.id), goal, purge=purge)


def stop(name: str, *, detach: bool = False) -> None:
    """Stop a workspace and say so as `carrel stop workspace` does."""

    async def use(client: Client) -> Workspace:
        found = await client.workspaces.find(name)
        return (await _ask(client, found, client.workspaces.stop, Phase.STOPPED, detach=detach)).workspace or found

    found = call(use)
    print(f"Workspace instance {'is being stopped' if detach else 'stopped'}: {found.name}")


def archive(name: str) -> None:
    """Put a workspace aside, stopped."""

    async def use(client: Client) -> Workspace:
        found = await client.workspaces.find(name)
        return (await _ask(client, found, client.workspaces.archive, Phase.STOPPED, detach=False)).workspace or found

    found = call(use)
    print(f"Workspace archived: {found.name}")
    note(f"Its files are kept; `carrel unarchive {found.name}` takes it back.")


def unarchive(name: str) -> None:
    """Take a workspace back; it stays stopped."""

    async def use(client: Client) -> Workspace:
        return await client.workspaces.unarchive((await client.workspaces.find(name)).id)

    found = call(use)
    print(f"Workspace unarchived: {found.name}")
    note(f"It is stopped; `carrel start workspace --name {found.name}` starts it.")


def delete(
    name: Named,
    purge: Annotated[bool, typer.Option("--purge", help="Leave nothing: files too, at once.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask; only --purge does.")] = False,
    detach: Detach = False,
) -> None:
    """Delete a workspace. Its files stay in the trash for some days, unless --purge is given."""
    if purge and not yes:
        if not sys.stdin.isatty():
            raise Problem(
                "bad_value", f"Delete {name} and all its files, for ever?", "Nobody can answer here: give --yes."
            )
        if not typer.confirm(f"Delete {name} and all its files, for ever?", err=True):
            raise typer.Exit(1)

    async def use(client: Client) -> tuple[str, Workspace | None]:
        found = await client.workspaces.find(name)

        async def verb(id_: str) -> Workspace:
            return await client.workspaces.delete(id_, purge=purge)

        return found.name, (await _ask(client, found, verb, Phase.DELETED, detach=detach, purge=purge)).workspace

    shown, ended = call(use)
    print(f"Workspace deleted: {shown}")
    if ended is not None and ended.purge_after is not None:
        note(f"It is in the trash until {format_moment(ended.purge_after)}; `carrel undelete {shown}` brings it back.")


def update(
    file: Annotated[Path | None, typer.Argument(metavar="FILE", help="The workspace.yaml.")] = None,
    name: Annotated[
        str,
        typer.Option("--name", help="In the place of FILE: a workspace of a template.", autocompletion=complete_name),
    ] = "",
    version: Annotated[
        str, typer.Option("--template-version", metavar="N", help="Of its template; `newest`. With --name.")
    ] = "",
    parameters: Annotated[
        list[str] | None, typer.Option("--parameter", metavar="NAME=VALUE", help=f"{PARAMETER_HELP} With --name.")
    ] = None,
    detach: Detach = False,
) -> None:
    """Make a workspace as its workspace.yaml says now: everything but its name, and where it belongs.

    With --name in the place of FILE: give a workspace of a template other parameters, or another version.
    """
    if (file is None) == (not name) or (file is not None and (version or parameters)):
        raise Problem("bad_value", "It is a FILE, or --name with what is changed.", "Give one of them.")
    if file is None:
        _update_of_template(name, version, parse_parameters(parameters), detach=detach)
    else:
        _update_by_file(file, detach=detach)


NEWEST = "newest"
"""In the place of a version's number."""


def _update_of_template(name: str, version: str, parameters: dict[str, str], *, detach: bool) -> None:
    from carrel.cli.long_forms import files  # noqa: PLC0415  YAML: only where a file is shown

    if not version and not parameters:
        raise Problem("bad_value", "Nothing is changed.", "Give --template-version, --parameter, or both.")

    async def use(client: Client) -> Workspace:
        found = await client.workspaces.find(name)
        wanted = "" if version == NEWEST else version or str(template_of(found).version)
        return (await move(client, found, wanted, parameters, detach=detach)).workspace or found

    print(f"Updated: {files.shown_definition(call(use))}", flush=True)


def _update_by_file(file: Path, *, detach: bool) -> None:
    from carrel.cli.long_forms import files, places  # noqa: PLC0415  YAML: only where a file is read

    wanted = files.read_file(file)

    async def use(client: Client) -> None:
        found = await client.workspaces.find(wanted.name)
        files.check_same_place(wanted, file, found)
        await make_image(client, wanted)
        with places.at_their_place(file):
            body = files.update_of(wanted, found, await _defaults(client, wanted, found))

        async def ask() -> Workspace:
            with places.at_their_place(file):
                updated = await client.workspaces.update(found.id, body)
            print(f"Updated: {files.shown_definition(updated)}", flush=True)
            if updated.revision != found.revision:
                note(_restart_sentence(found))
            return updated

        if found.phase == Phase.RUNNING and not detach:
            await ask_and_wait(client, found, ask, Phase.RUNNING)
        else:
            await ask()

    call(use)


async def _defaults(client: Client, wanted: WorkspaceFile, found: Workspace) -> dict[str, str | float | bool]:
    """Defaults of those parameters of its template that may be changed."""
    used = wanted.definition.template
    if used is None or found.template is None:
        return {}
    version = used.version or str(found.template.version)
    template = await client.templates.get(found.template.name, found.template.project, version)
    return {one.name: one.default for one in template.parameters if one.mutable and one.default is not None}


def _restart_sentence(found: Workspace) -> str:
    """What becomes of a change that needs a restart."""
    if found.goal == Goal.RUN:
        return f"What was changed needs a restart: {found.name} is being restarted; its files stay."
    return "What was changed takes effect at the next start."


def get(
    name: Annotated[str, typer.Option("--name", help="Only this one.", autocompletion=complete_name)] = "",
    project: Annotated[str, typer.Option("--project", help="Only those of this project.")] = "",
    domain: Annotated[str, typer.Option("--domain", help="Only those of this domain.")] = "",
    output: Output = Format.TABLE,
) -> None:
    """List workspaces with their size and their address, newest first."""
    project, domain = project.casefold(), _known_domain(domain)

    async def use(client: Client) -> list[Workspace]:
        from carrel.client.workspaces import Chosen  # noqa: PLC0415  with httpx

        if name:
            found = await client.workspaces.find(name)
            if (project and found.project != project) or (domain and found.domain != domain):
                raise Problem(
                    "not_found", f"There is no workspace {name} there: it is in {found.project}/{found.domain}."
                )
            return [found]
        chosen = Chosen(project=project, domain=domain)
        return [workspace async for workspace in client.workspaces.each(chosen)]

    found = call(use)
    if output is Format.JSON:
        print_json(found)
    elif found:
        print_table(COLUMNS, [row_of(workspace) for workspace in found])
        for workspace in found:
            if newer := hint_of(workspace):
                note(f"notice: {workspace.name}: {newer}")
    else:
        where = " there" if project or domain else ""
        note(f"There is no workspace{where}. `carrel create workspace FILE` makes one.")


def _known_domain(domain: str) -> str:
    """The domain as it is written, if there is one; empty stays empty. Raises `bad_value`."""
    from carrel.core.apps import nearest  # noqa: PLC0415  with the words that `start` does without
    from carrel.core.project import DOMAINS  # noqa: PLC0415

    folded = domain.casefold()
    if folded and folded not in DOMAINS:
        hint = f"The domains are {', '.join(DOMAINS)}."
        raise Problem("bad_value", f"There is no domain {domain[:80]!r}{nearest(folded, DOMAINS)}.", hint)
    return folded


def row_of(workspace: Workspace) -> tuple[str, ...]:
    """A line of the table; a dash where there is nothing."""
    from carrel.definition.quantities import format_cpu, format_memory  # noqa: PLC0415

    limits, said = workspace.limits, workspace.definition or {}
    address = next((app.url for app in workspace.apps if app.name == EDITOR), "")
    cells: tuple[Any, ...] = (
        workspace.name,
        format_cpu(limits.cpus) if limits.cpus else "",
        format_memory(limits.memory_bytes) if limits.memory_bytes else "",
        limits.gpus or "",
        said.get("accelerator"),
        workspace.retention.ttl_seconds or "",
        address if workspace.phase == Phase.RUNNING else "",
    )
    return tuple(str(cell) if cell else NONE for cell in cells)
