"""`exec`, `ssh`, `ssh-proxy` and `attach` for help, completion and the reference; they themselves take the short way (main.py)."""

from __future__ import annotations

from typing import Annotated

import typer

from carrel.cli.options import Name

Tty = Annotated[bool | None, typer.Option("--tty/--no-tty", "-t/-T", help="With a terminal, or without one.")]
NoStdin = Annotated[bool, typer.Option("--no-stdin", "-n", help="Pass no input on.")]
Env = Annotated[
    list[str] | None,
    typer.Option("--env", "-e", metavar="NAME[=VALUE]", help="A variable; without value, as it is here."),
]
Workdir = Annotated[str, typer.Option("--workdir", "-w", help="Folder; without it the workspace's own.")]
Start = Annotated[
    bool,
    typer.Option(
        "--start/--no-start", "-s", envvar="CARREL_START_ON_CONNECT", help="Start it first where it is stopped."
    ),
]
COMMAND = typer.Argument(metavar="COMMAND", help="The command and its arguments.")
SHELL_COMMAND = typer.Argument(metavar="COMMAND", help="Words for the remote shell; none: an interactive shell.")


def exec_(
    name: Name,
    command: Annotated[list[str], COMMAND],
    tty: Tty = None,
    no_stdin: NoStdin = False,
    env: Env = None,
    workdir: Workdir = "",
    start: Start = False,
) -> None:
    """Run a command in a workspace: input, output, signals and exit status are the command's own.

    Options come before NAME; everything after it is the command. 255 means that the session itself failed.
    """
    _run("exec", [*_options(tty, no_stdin, env, workdir, start=start), name, "--", *command])


def ssh(
    name: Name,
    command: Annotated[list[str] | None, SHELL_COMMAND] = None,
    tty: Tty = None,
    no_stdin: NoStdin = False,
    env: Env = None,
    workdir: Workdir = "",
    start: Start = False,
) -> None:
    """Open a shell in a workspace, or have its shell run a command."""
    _run("ssh", [*_options(tty, no_stdin, env, workdir, start=start), name, *(command or [])])


def ssh_proxy(
    host: Annotated[str, typer.Argument(metavar="HOST", help="`NAME.carrel`, or `NAME--OWNER.carrel`: `%h`.")],
) -> None:
    """Carry the bytes of OpenSSH's client to a workspace: its `ProxyCommand`, which `carrel config-ssh` sets.

    The connection outlives a lost network, a sleep of this machine and a restart of the server without losing a byte.
    """
    from carrel.cli.ssh_proxy import run  # noqa: PLC0415  the short way

    raise typer.Exit(run([host]))


def attach(
    name: Name,
    terminal: Annotated[
        str, typer.Argument(metavar="TERMINAL", help="Which one; it is made where there is none.")
    ] = "main",
    read_only: Annotated[bool, typer.Option("--read-only", "-r", help="Look on: type and resize nothing.")] = False,
    lists: Annotated[bool, typer.Option("--list", "-l", help="Say which terminals there are.")] = False,
) -> None:
    """Attach to a terminal of a workspace, which several people may do at once; the web page shows the same ones.

    Enter ~ . leaves, and the terminal goes on running. A lost network, a sleep of this machine and a restart of the server
    lose nothing. The exit status is the terminal's.
    """
    from carrel.cli.attach import run  # noqa: PLC0415  the short way

    flags = (["--read-only"] if read_only else []) + (["--list"] if lists else [])
    raise typer.Exit(run([*flags, name, *([] if lists else [terminal])]))


def _options(tty: bool | None, no_stdin: bool, env: list[str] | None, workdir: str, *, start: bool) -> list[str]:
    words = {True: ["-t"], False: ["-T"], None: []}[tty] + (["-n"] if no_stdin else [])
    words += [word for text in env or [] for word in ("-e", text)]
    words += ["-w", workdir] if workdir else []
    return [*words, "--start" if start else "--no-start"]


def _run(verb: str, words: list[str]) -> None:
    from carrel.cli.session import run  # noqa: PLC0415  the short way

    raise typer.Exit(run(verb, words))
