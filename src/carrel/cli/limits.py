"""`carrel quota`: how you stand against the limits; `carrel limits`: what administrators allow one project or user."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from carrel.cli.calling import call
from carrel.cli.options import Output
from carrel.cli.output import Format, clean, note, print_json, print_table
from carrel.cli.quantities import format_size, parse_size

if TYPE_CHECKING:
    from carrel.client.client import Client
    from carrel.client.limits import Amounts, Ceilings, LimitsOf, Quota

app = typer.Typer(no_args_is_help=True, help="What one project or one user may have in all.")
SETTINGS = "default"
"""The word that takes back what was said."""
_MEMBERS = ("workspaces", "running", "cpus", "memory_bytes", "gpus", "disk_bytes")
_TITLES = ("WORKSPACES", "RUNNING", "CPUS", "MEMORY", "GPUS", "DISK")


def quota(
    project: Annotated[str, typer.Option("--project", help="The project; `default` without it.")] = "",
    domain: Annotated[str, typer.Option("--domain", help="The domain; `development` without it.")] = "",
    output: Output = Format.TABLE,
) -> None:
    """Show how you stand against the limits, and what one more workspace may ask for."""
    found = call(lambda client: client.limits.quota(project, domain))
    if output is Format.JSON:
        print_json(found)
        return
    rows = [(f"{one.level} {one.name}".strip(), *_standing(one.used, one.ceilings)) for one in found.tiers]
    print_table(("OF", *_TITLES), [*rows, ("one workspace", *_most(found.workspace)), _next(found)])
    if found.machine is not None and found.machine.gpus:
        print(f"\nGPUs of the machine: {_gpus(found)}.")
    for problem in (found.create_problem, found.start_problem):
        if problem is not None:
            note(clean(problem.detail or problem.title))
            note(f"hint: {clean(problem.hint)}")


def _next(found: Quota) -> tuple[str, ...]:
    most = found.most.model_copy(update={"workspaces": found.workspaces_left, "running": found.running_left})
    return ("left for one more", *_most(most))


def _gpus(found: Quota) -> str:
    machine = found.machine
    assert machine is not None  # noqa: S101  asked for by the caller only where there is one
    kind = f" ({machine.accelerator})" if machine.accelerator else ""
    if not machine.counted:
        return f"the engine has some{kind}, and does not count them"
    return f"{machine.gpus_used} of {machine.gpus}{kind} used"


def _standing(used: Amounts, most: Ceilings) -> tuple[str, ...]:
    """Each as `USED of MOST`, where there is a limit."""
    shown = []
    for member in _MEMBERS:
        ceiling = getattr(most, member)
        amount = _shown(member, getattr(used, member))
        shown.append(amount if ceiling is None else f"{amount} of {_shown(member, ceiling)}")
    return tuple(shown)


def _most(most: Ceilings) -> tuple[str, ...]:
    return tuple("-" if (value := getattr(most, member)) is None else _shown(member, value) for member in _MEMBERS)


def _shown(member: str, value: float) -> str:
    return format_size(int(value)) if member.endswith("_bytes") else f"{value:g}"


# --- what one project or user may have -----------------------------------------------------------------------------------


def _number(text: str) -> int | None:
    if text.casefold() == SETTINGS:
        return None
    if not (text.isascii() and text.isdecimal()):
        raise typer.BadParameter(f"{text!r} is no number; write one, 0 for none, or `{SETTINGS}`.")
    return int(text)


def _fraction(text: str) -> float | None:
    if text.casefold() == SETTINGS:
        return None
    try:
        value = float(text)
    except ValueError as error:
        raise typer.BadParameter(f"{text!r} is no number; write one, 0 for none, or `{SETTINGS}`.") from error
    if not 0 <= value < float("inf"):
        raise typer.BadParameter(f"{text!r} is no number of CPUs.")
    return value


def _bytes(text: str) -> int | None:
    if text.casefold() == SETTINGS:
        return None
    try:
        return parse_size(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error


def _help(what: str) -> str:
    return f"{what}; 0: none, `{SETTINGS}`: as the settings say."


Workspaces = Annotated[str, typer.Option("--workspaces", metavar="N", help=_help("Workspaces, trash excluded"))]
Running = Annotated[str, typer.Option("--running", metavar="N", help=_help("Workspaces that run at a time"))]
Cpus = Annotated[str, typer.Option("--cpus", metavar="N", help=_help("CPUs of those that run"))]
Memory = Annotated[str, typer.Option("--memory", metavar="SIZE", help=_help("Memory of those that run"))]
Gpus = Annotated[str, typer.Option("--gpus", metavar="N", help=_help("GPUs of those that run"))]
Disk = Annotated[str, typer.Option("--disk", metavar="SIZE", help=_help("Disk, trash included"))]


@app.command()
def project(
    name: Annotated[str, typer.Argument(metavar="PROJECT", help="The project.")],
    *,
    workspaces: Workspaces = "",
    running: Running = "",
    cpus: Cpus = "",
    memory: Memory = "",
    gpus: Gpus = "",
    disk: Disk = "",
    output: Output = Format.TABLE,
) -> None:
    """Show what a project may have in all, after changing what is given."""
    _change("projects", name, _given(workspaces, running, cpus, memory, gpus, disk), output)


@app.command()
def user(
    name: Annotated[str, typer.Argument(metavar="USER", help="The user's name.")],
    *,
    workspaces: Workspaces = "",
    running: Running = "",
    cpus: Cpus = "",
    memory: Memory = "",
    gpus: Gpus = "",
    disk: Disk = "",
    output: Output = Format.TABLE,
) -> None:
    """Show what a user may have in all, after changing what is given."""
    _change("users", name, _given(workspaces, running, cpus, memory, gpus, disk), output)


def _given(*texts: str) -> dict[str, Any]:
    read = (_number, _number, _fraction, _bytes, _number, _bytes)
    return {member: parse(text) for member, parse, text in zip(_MEMBERS, read, texts, strict=True) if text}


def _change(kind: Literal["projects", "users"], name: str, changed: dict[str, Any], output: Format) -> None:
    async def use(client: Client) -> LimitsOf:
        return await (client.limits.change(kind, name, changed) if changed else client.limits.of(kind, name))

    found = call(use)
    if output is Format.JSON:
        print_json(found)
        return
    said = tuple("" if getattr(found.own, member) is None else "its own" for member in _MEMBERS)
    print_table(("", *_TITLES), [(name, *_standing(found.used, found.ceilings)), ("", *said)])
