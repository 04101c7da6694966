"""`carrel up`: from a repository, a folder or a template to a workspace that runs, whatever there was before."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from carrel.cli.asking import ask_for_secrets, can_ask, parse_secrets
from carrel.cli.calling import call
from carrel.cli.goals import say_outcome
from carrel.cli.opening import EDITOR, address_of, entry_link, has_browser, open_in_browser
from carrel.cli.options import Detach, Output, duration, size
from carrel.cli.output import Format, note, paint, print_json
from carrel.cli.source import Given, find_existing, find_of_template, name_for, parse_source
from carrel.cli.template_choice import (
    PARAMETER_HELP,
    TemplateChoice,
    ask_for_parameters,
    check_same_template,
    find_template,
    may_ask,
    parse_choice,
)
from carrel.cli.waiting import Ended, Wanted, ask_and_wait, wait
from carrel.core.preferences import Dotfiles
from carrel.core.problems import Problem
from carrel.core.secret import Secret
from carrel.core.spec import EmptySource
from carrel.core.workspace import OnEnd, Phase

if TYPE_CHECKING:
    from carrel.client.client import Client
    from carrel.client.documents import Workspace
    from carrel.client.requests import WorkspaceCreate


class EgressChoice(StrEnum):
    """What the workspace may reach outside."""

    OPEN = "open"
    NONE = "none"


@dataclass(frozen=True)
class Wishes:
    """What was said besides the source; None or empty: nothing was said."""

    name: str = ""
    devcontainer: str = ""
    limits: dict[str, Any] = field(default_factory=dict)
    retention: dict[str, Any] = field(default_factory=dict)
    egress: str | None = None
    allow: tuple[str, ...] = ()
    dotfiles: Dotfiles | None = None
    secrets: dict[str, str] = field(default_factory=dict, repr=False)
    place: dict[str, str] = field(default_factory=dict)
    """`project` and `domain`, which are said once: a workspace stays where it was made."""
    template: TemplateChoice | None = None

    def creation(self, source: Given | EmptySource, name: str) -> WorkspaceCreate:
        """A workspace with them."""
        from carrel.client.requests import LimitsInput, RetentionInput, WorkspaceCreate  # noqa: PLC0415

        values: dict[str, Any] = {"source": source, "name": name, "devcontainer": self.devcontainer}
        values |= self.place
        values |= {"template": self.template.creation()} if self.template else {}
        values |= {"egress": self.egress} if self.egress else {}
        values |= {"dotfiles": self.dotfiles} if self.dotfiles else {}
        values |= {"secrets": self.secrets} if self.secrets else {}
        limits, retention = LimitsInput(**self.limits), RetentionInput(**self.retention)
        return WorkspaceCreate(**values, allow=self.allow, limits=limits, retention=retention)

    def changes(self, found: Workspace) -> dict[str, Any]:
        """Those that an existing workspace does not have yet, by member of an update."""
        changes: dict[str, Any] = {}
        if any(getattr(found.limits, name) != value for name, value in self.limits.items()):
            present = {
                name: getattr(found.limits, name) for name in ("cpus", "memory_bytes", "pids", "shm_bytes", "gpus")
            }
            changes["limits"] = present | self.limits
        if any(getattr(found.retention, name) != value for name, value in self.retention.items()):
            changes["retention"] = self.retention
        for name in ("egress", "devcontainer", "allow"):
            wanted = getattr(self, name)
            if wanted and wanted != getattr(found, name):
                changes[name] = wanted
        if self.dotfiles and self.dotfiles.repository != (found.dotfiles.repository if found.dotfiles else None):
            changes["dotfiles"] = self.dotfiles
        if self.template and (template := self.template.change(found)):
            changes["template"] = template
        return changes


def up(
    source: Annotated[
        str,
        typer.Argument(
            metavar="SOURCE", help="A git URL, a folder (`.`), or a workspace's name; a template needs none."
        ),
    ] = "",
    name: Annotated[str, typer.Option("--name", help="Its name; without it, the repository's.")] = "",
    ref: Annotated[str, typer.Option("--ref", help="Branch, tag, commit or pull/N.")] = "",
    project: Annotated[str, typer.Option("--project", help="Where it is made; empty: your preference.")] = "",
    domain: Annotated[str, typer.Option("--domain", help="development, staging or production.")] = "",
    template: Annotated[
        str, typer.Option("--template", metavar="NAME[@VERSION]", help="A template of the catalog to make it of.")
    ] = "",
    parameters: Annotated[
        list[str] | None, typer.Option("--parameter", metavar="NAME=VALUE", help=PARAMETER_HELP)
    ] = None,
    template_size: Annotated[str, typer.Option("--size", metavar="NAME", help="One of the template's sizes.")] = "",
    devcontainer: Annotated[str, typer.Option("--devcontainer", help="Path of the devcontainer.json to use.")] = "",
    cpus: Annotated[float | None, typer.Option("--cpus", help="CPUs it may use.")] = None,
    memory: Annotated[int | None, typer.Option("--memory", metavar="SIZE", parser=size, help="Memory: 8g.")] = None,
    gpus: Annotated[int | None, typer.Option("--gpus", help="GPUs it gets.")] = None,
    ttl: Annotated[
        int | None, typer.Option("--ttl", metavar="TIME", parser=duration, help="Idle time after which it stops.")
    ] = None,
    max_life: Annotated[
        int | None, typer.Option("--max-life", metavar="TIME", parser=duration, help="Longest life of one start.")
    ] = None,
    on_idle: Annotated[OnEnd | None, typer.Option("--on-idle", help="What idleness does.")] = None,
    on_deadline: Annotated[OnEnd | None, typer.Option("--on-deadline", help="What the end of life does.")] = None,
    egress: Annotated[EgressChoice | None, typer.Option("--egress", help="What it may reach outside.")] = None,
    allow: Annotated[
        list[str] | None, typer.Option("--allow", metavar="GRANT", help="Grant what the policy refuses (local mode).")
    ] = None,
    secrets: Annotated[
        list[str] | None,
        typer.Option("--secret", metavar="NAME[=VALUE]", help="A variable; without VALUE this shell's, else stdin."),
    ] = None,
    dotfiles: Annotated[
        str | None, typer.Option("--dotfiles", metavar="URL", help="Your dotfiles for this one; empty: none.")
    ] = None,
    browser: Annotated[
        bool | None, typer.Option("--open/--no-open", help="Open VS Code in the browser, or not.")
    ] = None,
    detach: Detach = False,
    output: Output = Format.TABLE,
) -> None:
    """Make a workspace of a repository, a folder or a template, or start the one there is; wait; show the way to VS Code.

    The same command again starts the same workspace. Ctrl-C ends the waiting, not the workspace.
    """
    limits = {"cpus": cpus, "memory_bytes": memory, "gpus": gpus}
    retention = {"ttl_seconds": ttl, "max_life_seconds": max_life, "on_idle": on_idle, "on_deadline": on_deadline}
    wishes = Wishes(
        name=name,
        devcontainer=devcontainer,
        limits={key: value for key, value in limits.items() if value is not None},
        retention={key: value for key, value in retention.items() if value is not None},
        egress=egress.value if egress else None,
        allow=tuple(allow or ()),
        dotfiles=None if dotfiles is None else Dotfiles(dotfiles),
        secrets=parse_secrets(secrets),
        place={key: value for key, value in (("project", project), ("domain", domain)) if value},
        template=parse_choice(template, "", parameters, template_size),
    )
    given = _given(source, ref, wishes)

    async def use(client: Client) -> tuple[Ended, str, str]:
        ended = await _bring_up(client, given, source, wishes, detach=detach)
        if detach or output is Format.JSON or ended.workspace is None:
            return ended, "", ""
        return ended, *await _way_in(client, ended.workspace)

    ended, address, link = call(use)
    _report(ended, address, link, detach=detach, output=output, browser=browser)


def _given(source: str, ref: str, wishes: Wishes) -> Given | EmptySource | None:
    """What it is made of; None: SOURCE can only be a workspace's name. Raises `bad_source`, `bad_value`."""
    if source:
        return parse_source(source, ref)
    if wishes.template is None:
        raise typer.BadParameter(
            "give a git URL, a folder (`.`), the name of a workspace, or --template NAME", param_hint="SOURCE"
        )
    if ref:
        raise Problem("bad_value", "--ref is that of a git URL.", "Give the URL, too, where the template names none.")
    return EmptySource()


async def _bring_up(
    client: Client, given: Given | EmptySource | None, text: str, wishes: Wishes, *, detach: bool
) -> Ended:
    server, found = await asyncio.gather(client.server(), _find(client, given, text, wishes))
    if server.runtime.problem and (found is None or found.phase != Phase.RUNNING):
        raise Problem("no_engine", server.runtime.problem.removeprefix("There is no container engine: "))
    if found is None and given is not None:
        wishes = await _ask(client, given, wishes, detach=detach)
        began = datetime.now(UTC)
        try:
            made = await _create(client, given, wishes)
        except Problem as problem:
            if problem.kind != "name_taken" or wishes.name:
                raise
            found = await _find(client, given, text, wishes)  # the same command ran twice at once
            if found is None:
                raise
        else:
            return Ended(made, 0.0) if detach else await wait(client, made, Wanted(Phase.RUNNING, 0, began))
    assert found is not None  # noqa: S101  `_find` raises where it is only a name
    return await _start(client, found, wishes, detach=detach)


async def _ask(client: Client, given: Given | EmptySource, wishes: Wishes, *, detach: bool) -> Wishes:
    """The wishes with what a person says to questions of the template and of the repository."""
    if wishes.template is not None and may_ask():
        choice = wishes.template
        detail = await find_template(client, choice.name, wishes.place.get("project", ""), choice.version)
        wishes = replace(wishes, template=replace(choice, parameters=ask_for_parameters(detail, choice.parameters)))
    if isinstance(given, EmptySource) or detach or not can_ask():
        return wishes
    known = await ask_for_secrets(client, given, wishes.devcontainer, wishes.secrets)
    return replace(wishes, secrets=known)


async def _find(client: Client, given: Given | EmptySource | None, text: str, wishes: Wishes) -> Workspace | None:
    if isinstance(given, EmptySource):
        assert wishes.template is not None  # noqa: S101  nothing else needs no source
        return await find_of_template(client, wishes.template.name, wishes.name)
    if given is not None:
        found = await find_existing(client, given, wishes.name)
        if found is not None and wishes.template is not None:
            check_same_template(found, wishes.template)
        return found
    try:
        found = await client.workspaces.find(text)
    except Problem as problem:
        if problem.kind != "not_found":
            raise
        hint = "Give a git URL, a folder (`./NAME`), or the name of a workspace that `carrel ls` lists."
        raise Problem("bad_source", f"{text!r} is neither a git URL nor a folder nor a workspace.", hint) from problem
    if wishes.template is not None:
        check_same_template(found, wishes.template)
    return found


async def _create(client: Client, given: Given | EmptySource, wishes: Wishes) -> Workspace:
    """A new one. A name made from the source that is taken by another source gets a number from the server."""
    if isinstance(given, EmptySource):
        assert wishes.template is not None  # noqa: S101  nothing else needs no source
        return await client.workspaces.create(wishes.creation(given, wishes.name or wishes.template.name))
    name = wishes.name or name_for(given)
    try:
        return await client.workspaces.create(wishes.creation(given, name))
    except Problem as problem:
        if problem.kind != "name_taken" or wishes.name or await find_existing(client, given, "") is not None:
            raise
    return await client.workspaces.create(wishes.creation(given, ""))


async def _start(client: Client, found: Workspace, wishes: Wishes, *, detach: bool) -> Ended:
    changes = wishes.changes(found)

    async def ask() -> Workspace:
        from carrel.client.requests import WorkspaceUpdate  # noqa: PLC0415  with Pydantic

        for name, value in wishes.secrets.items():
            await client.secrets.put_at(f"/workspaces/{found.id}/secrets", name, Secret(value))
        if changes:
            await client.workspaces.update(found.id, WorkspaceUpdate.model_validate(changes))
        return await client.workspaces.start(found.id)

    if changes:
        note(f"{found.name}: changing {', '.join(changes)}")
    return Ended(await ask(), 0.0) if detach else await ask_and_wait(client, found, ask, Phase.RUNNING)


async def _way_in(client: Client, workspace: Workspace) -> tuple[str, str]:
    """The address of VS Code, and a link that signs the browser in; empty where there is none."""
    try:
        address = await address_of(client, workspace, EDITOR)
        return address, await entry_link(client, address)
    except Problem:
        return "", ""  # an image without the editor, a token that may not make links: it runs all the same


def _report(ended: Ended, address: str, link: str, *, detach: bool, output: Format, browser: bool | None) -> None:
    workspace = ended.workspace
    if workspace is None:
        return
    if output is Format.JSON:
        print_json(workspace)
        return
    if detach:
        note(f"{workspace.name}: asked for; `carrel events -f {workspace.name}` shows how it goes.")
        return
    say_outcome(ended)
    if not address:
        return
    wanted = browser if browser is not None else sys.stdout.isatty() and has_browser()
    print(f"VS Code: {paint(address, 'bold')}")
    if not (wanted and open_in_browser(link)):
        print(f"Open it signed in (this link works once, within a few minutes):\n{link}")
