"""`carrel upgrade`: a workspace takes a newer version of its template, or other values of its parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from carrel.cli.calling import call
from carrel.cli.options import Detach, Name, Output
from carrel.cli.output import Format, note, print_json
from carrel.cli.template_choice import PARAMETER_HELP, ask_for_parameters, may_ask, parse_parameters
from carrel.cli.waiting import Ended, ask_and_wait
from carrel.core.problems import Problem
from carrel.core.workspace import Goal, Phase

if TYPE_CHECKING:
    from carrel.client.client import Client
    from carrel.client.documents import TemplateOfWorkspace, Workspace

Parameters = Annotated[list[str] | None, typer.Option("--parameter", metavar="NAME=VALUE", help=PARAMETER_HELP)]


def upgrade(
    name: Name,
    to: Annotated[str, typer.Option("--to", metavar="N", help="Another version than the newest.")] = "",
    parameters: Parameters = None,
    detach: Detach = False,
    output: Output = Format.TABLE,
) -> None:
    """Have a workspace take the newest version of its template. Its files stay; a running one is restarted with it."""
    known = parse_parameters(parameters)

    async def use(client: Client) -> tuple[Workspace, Workspace]:
        found = await client.workspaces.find(name)
        ended = await move(client, found, to, known, detach=detach)
        return found, ended.workspace or found

    before, after = call(use)
    if output is Format.JSON:
        print_json(after)
        return
    note(said_of(before, after))


async def move(client: Client, found: Workspace, version: str, known: dict[str, str], *, detach: bool) -> Ended:
    """Bring a workspace to a version of its template (empty: the newest), with changes of its parameters.

    Raises:
        Problem: `wrong_state` where it was made from no template; what the server refuses.
    """
    template = template_of(found)
    if may_ask() and version != str(template.version):
        kept = ((found.definition or {}).get("template") or {}).get("parameters") or {}
        detail = await client.templates.get(template.name, template.project, version)
        known = ask_for_parameters(detail, known, kept)

    async def ask() -> Workspace:
        from carrel.client.requests import WorkspaceUpdate  # noqa: PLC0415  with Pydantic

        change: dict[str, Any] = {"name": template.name, "version": version, "parameters": known}
        updated = await client.workspaces.update(found.id, WorkspaceUpdate(template=change))
        if updated.revision != found.revision and found.goal == Goal.RUN:
            note(f"What was changed needs a restart: {found.name} is being restarted; its files stay.")
        return updated

    if found.phase == Phase.RUNNING and not detach:
        return await ask_and_wait(client, found, ask, Phase.RUNNING)
    return Ended(await ask(), 0.0)


def template_of(found: Workspace) -> TemplateOfWorkspace:
    """What it was made from. Raises `wrong_state`."""
    if found.template is None:
        hint = "`carrel update workspace FILE` or `carrel up` with options changes it."
        raise Problem("wrong_state", f"{found.name} was made from no template of the catalog.", hint)
    return found.template


def said_of(before: Workspace, after: Workspace) -> str:
    """What became of it, as a sentence."""
    old, new = template_of(before), template_of(after)
    if old.version != new.version:
        when = "" if after.phase == Phase.RUNNING else "; it takes effect at the next start"
        return f"{after.name} has version {new.version} of the template {new.name} now (it had {old.version}){when}."
    if before.definition != after.definition:
        return f"{after.name}: the parameters of its template {new.name} were changed."
    newest = "the newest" if new.version == new.newest else f"the newest is {new.newest}"
    return f"{after.name} has version {new.version} of the template {new.name} already; {newest}."


def hint_of(found: Workspace) -> str:
    """Says that a newer version of its template is there; empty: none is."""
    template = found.template
    if template is None or not template.update_available:
        return ""
    how = "is taken at its next start" if template.update == "at_start" else f"`carrel upgrade {found.name}` takes it"
    return f"version {template.newest} of its template {template.name} is there, and it has {template.version}: {how}"
