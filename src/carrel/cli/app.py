"""The command line as a whole: every command in its place, and how a failure ends."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import typer

from carrel.cli import devcontainer, git_credential, goals, hooks, server, toolbox
from carrel.cli.doctor.command import doctor
from carrel.cli.events import events
from carrel.cli.failures import INTERRUPTED, report
from carrel.cli.listing import ls, show
from carrel.cli.login import login, logout
from carrel.cli.logs import logs
from carrel.cli.opening import open_command
from carrel.cli.session_help import exec_, ssh
from carrel.cli.timeline import timeline
from carrel.cli.up import up
from carrel.cli.version import completion, version
from carrel.cli.why import why
from carrel.core.problems import Problem

WORKSPACES = "Workspaces"
INSIDE = "In a workspace"
LOOK = "What happened, and why"
HERE = "This machine and the server"

app = typer.Typer(
    name="carrel",
    help="Cloud development environments from a repository's own devcontainer.json.",
    epilog="`carrel up SOURCE` is all you need. Exit codes: docs/reference/cli.md.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

COMMANDS: tuple[tuple[str, tuple[tuple[str, Callable[..., None]], ...]], ...] = (
    (WORKSPACES, (("up", up), ("ls", ls), ("show", show), ("start", goals.start), ("stop", goals.stop))),
    (WORKSPACES, (("restart", goals.restart), ("rebuild", goals.rebuild), ("rm", goals.rm))),
    (WORKSPACES, (("undelete", goals.undelete), ("extend", goals.extend))),
    (INSIDE, (("open", open_command), ("ssh", ssh), ("exec", exec_), ("logs", logs))),
    (LOOK, (("events", events), ("timeline", timeline), ("why", why))),
    (
        HERE,
        (("doctor", doctor), ("login", login), ("logout", logout), ("version", version), ("completion", completion)),
    ),
)
"""Panels of the help, and the commands in them."""

for panel, commands in COMMANDS:
    for name, function in commands:
        app.command(name, rich_help_panel=panel)(function)
for name, group in (
    ("server", server.app),
    ("hooks", hooks.app),
    ("git-credential", git_credential.app),
    ("toolbox", toolbox.app),
    ("devcontainer", devcontainer.app),
):
    app.add_typer(group, name=name, rich_help_panel=HERE)


def run_app(arguments: Sequence[str]) -> int:
    """Run the command line; returns the exit status (failures.EXIT_CODES)."""
    try:
        app(list(arguments), prog_name="carrel")
    except Problem as problem:
        return report(problem)
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        from carrel.cli.session import forget_stdout  # noqa: PLC0415  `carrel ls | head`

        forget_stdout()
        return 0
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    return 0
