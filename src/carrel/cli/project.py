"""`carrel project`: who works together, under which limits, in three domains each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from carrel.cli.calling import call
from carrel.cli.options import Output
from carrel.cli.output import Format, note, print_facts, print_json, print_table
from carrel.cli.quantities import format_moment
from carrel.core.access import Role
from carrel.core.project import DOMAINS

if TYPE_CHECKING:
    from carrel.client.client import Client
    from carrel.client.projects import Member, Project

app = typer.Typer(no_args_is_help=True, help="Projects: who works together.")
member_app = typer.Typer(no_args_is_help=True, help="Members of a project, in all of its domains or in one.")
app.add_typer(member_app, name="member")
ProjectArgument = Annotated[str, typer.Argument(metavar="PROJECT", help="The project's name.")]
MemberArgument = Annotated[str, typer.Argument(metavar="USER", help="Name or id.")]
Description = Annotated[str, typer.Option("--description", metavar="TEXT", help="One line.")]
DomainOption = Annotated[str, typer.Option("--domain", metavar="DOMAIN", help=f"One of {', '.join(DOMAINS)}; all.")]


@app.command("list")
def list_projects(output: Output = Format.TABLE) -> None:
    """List the projects that you know of."""
    found = call(lambda client: client.projects.list())
    if output is Format.JSON:
        print_json(found)
        return
    print_table(("NAME", "YOU", "DESCRIPTION"), [(one.name, _you(one), one.description) for one in found])


def _you(project: Project) -> str:
    """What one is in it, as one line."""
    return ", ".join(f"{role} in {domain}" if domain else role for domain, role in sorted(project.you.items()))


@app.command()
def create(name: ProjectArgument, description: Description = "") -> None:
    """Make a project."""
    made = call(lambda client: client.projects.create(name, description))
    note(f"Made {made.name}. `carrel project member add {made.name} USER --role developer` lets somebody work in it.")


@app.command()
def update(name: ProjectArgument, description: Description) -> None:
    """Change a project's description."""
    changed = call(lambda client: client.projects.change(name, description))
    note(f"Changed {changed.name}.")


@app.command()
def delete(name: ProjectArgument) -> None:
    """Remove a project in which there is nothing: no workspace, not in the trash either, and no secret."""
    call(lambda client: client.projects.delete(name))
    note(f"Removed {name}.")


@app.command()
def show(name: ProjectArgument, output: Output = Format.TABLE) -> None:
    """Show a project and its members."""

    async def use(client: Client) -> tuple[Project, list[Member]]:
        return await client.projects.get(name), await client.projects.members(name)

    project, members = call(use)
    if output is Format.JSON:
        found = [one.model_dump(mode="json") for one in members]
        print_json(project.model_dump(mode="json") | {"members": found})
        return
    facts = (("Name", project.name), ("Description", project.description), ("You", _you(project)))
    print_facts([*facts, ("Since", format_moment(project.created_at))])
    if members:
        _print_members(members)


@member_app.command("add")
def add_member(
    project: ProjectArgument,
    user: MemberArgument,
    role: Annotated[Role, typer.Option("--role", help="viewer, developer or maintainer.")] = Role.DEVELOPER,
    domain: DomainOption = "",
) -> None:
    """Make somebody a member, or something else than they were; a lower role takes effect at once."""
    made = call(lambda client: client.projects.put_member(project, user, role, domain))
    note(f"{made.user} is a {made.role} in {project}{', ' + made.domain if made.domain else ''}.")


@member_app.command("remove")
def remove_member(project: ProjectArgument, user: MemberArgument, domain: DomainOption = "") -> None:
    """End a membership. What is open ends within seconds; their workspaces stay theirs, and closed to them."""
    call(lambda client: client.projects.remove_member(project, user, domain))
    note(f"{user} is no member of {project}{', ' + domain if domain else ''} any longer.")


@member_app.command("list")
def list_members(project: ProjectArgument, output: Output = Format.TABLE) -> None:
    """List the members of a project."""
    found = call(lambda client: client.projects.members(project))
    if output is Format.JSON:
        print_json(found)
        return
    _print_members(found)


def _print_members(members: list[Member]) -> None:
    rows = [(one.user, one.role, one.domain or "all", format_moment(one.created_at)) for one in members]
    print_table(("USER", "ROLE", "DOMAIN", "SINCE"), rows)
