"""`carrel hooks`: what became of the life-cycle hooks, and running a stage again."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import TYPE_CHECKING, Annotated

import typer

from carrel.cli.calling import call
from carrel.cli.options import Detach, Name, Output
from carrel.cli.output import Format, note, print_json, print_table
from carrel.cli.quantities import format_moment
from carrel.core.agent import RERUNNABLE
from carrel.core.problems import Problem

if TYPE_CHECKING:
    from carrel.client.client import Client
    from carrel.client.documents import Hook

app = typer.Typer(no_args_is_help=True, help="Life-cycle hooks: what became of them; run a stage again.")
POLL_SECONDS = 0.3
TOLD_LOOKS = 30
"""How often it is looked whether the end of a hook was told: then its whole log is there."""
TAIL_LINES = 20
STYLES = {"done": "green", "failed": "red", "running": "yellow", "skipped": "dim", "pending": "dim"}


@app.command("ls")
def list_hooks(name: Name, output: Output = Format.TABLE) -> None:
    """List the hooks of a running workspace in the order in which they run."""

    async def use(client: Client) -> list[Hook]:
        return await client.workspaces.hooks((await client.workspaces.find(name)).id)

    found = call(use)
    if output is Format.JSON:
        print_json(found)
    elif found:
        _table(found)
    else:
        note("It has no hooks, or does not run.")


@app.command()
def run(
    name: Name,
    stage: Annotated[str, typer.Argument(metavar="STAGE", help=", ".join(RERUNNABLE))],
    detach: Detach = False,
    output: Output = Format.TABLE,
) -> None:
    """Run a stage of hooks again, and then what its failure had kept from running; wait for the end."""

    async def use(client: Client) -> list[Hook]:
        workspace = (await client.workspaces.find(name)).id
        last = (await client.events.latest(workspace, 0)).last
        before = {(hook.log, hook.began) for hook in await client.workspaces.hooks(workspace)}
        found = await client.workspaces.run_hooks(workspace, stage)
        while not detach and any(hook.state in {"running", "pending"} for hook in found):
            await asyncio.sleep(POLL_SECONDS)
            found = await client.workspaces.hooks(workspace)
        failed = next((h for h in found if h.state == "failed" and (h.log, h.began) not in before), None)
        if failed is not None and not detach:
            await _explain(client, workspace, failed, last)
        return found

    found = call(use)
    if output is Format.JSON:
        print_json(found)
    else:
        _table(found)


def _table(hooks: list[Hook]) -> None:
    rows = [
        (
            f"{hook.stage} {hook.name}".strip(),
            hook.origin,
            hook.state,
            "" if hook.exit_code is None else str(hook.exit_code),
            format_moment(hook.ended) if hook.ended else "",
            hook.log,
        )
        for hook in hooks
    ]
    print_table(("HOOK", "FROM", "STATE", "EXIT", "ENDED", "LOG"), rows, {"STATE": lambda cell: STYLES.get(cell, "")})


async def _explain(client: Client, workspace: str, hook: Hook, last: int) -> None:
    """Raise `hook_failed`, after the end of its log is shown."""
    for _ in range(TOLD_LOOKS):
        if any(event.kind == "hook_failed" for event in (await client.events.page(workspace, after=last)).items):
            break
        await asyncio.sleep(POLL_SECONDS)
    lines: list[str] = []
    async with aclosing(client.logs.read(workspace, hook.log)) as chunks:
        async for chunk in chunks:
            lines = [*lines, *chunk.text.splitlines()][-TAIL_LINES:]
    for line in lines:
        note(line)
    how = hook.detail or f"failed with exit code {hook.exit_code}"
    raise Problem("hook_failed", f"{hook.stage} ({hook.origin}) {how}.")
