"""The command: all checks in order, a line each."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from urllib.parse import urlsplit

import typer

from carrel.cli import local_server
from carrel.cli.doctor.check import Check, Level
from carrel.cli.doctor.engine import check_engine, engine_address
from carrel.cli.doctor.machine import check_data_dir, check_disk, check_git, check_port, check_python, check_token
from carrel.cli.doctor.network import REGISTRIES, check_registry
from carrel.cli.options import Output
from carrel.cli.output import Format, clean, paint, print_json
from carrel.cli.server_address import LOOPBACK, ServerAddress, data_dir

MARKS = {Level.OK: ("ok", "green"), Level.WARN: ("warn", "yellow"), Level.FAIL: ("fail", "red")}
NAME_WIDTH = 16


def doctor(output: Output = Format.TABLE) -> None:
    """Say what is missing on this machine, and how to get it. Status 1 where workspaces cannot run."""
    found = []
    for check in checks():
        found.append(check)
        if output is Format.TABLE:
            _print(check)
    if output is Format.JSON:
        print_json([asdict(check) for check in found])
    if any(check.level is Level.FAIL for check in found):
        raise typer.Exit(1)


def checks() -> Iterator[Check]:
    """All checks, each made when it is asked for."""
    from carrel.cli.doctor.server import check_server, server_in_use  # noqa: PLC0415  with httpx

    server = server_in_use()
    is_elsewhere = isinstance(server, ServerAddress) and urlsplit(server.url).hostname not in LOOPBACK
    yield check_python()
    if not is_elsewhere:  # another machine runs the workspaces: nothing of this is needed here
        yield from _of_the_machine(data_dir())
    if isinstance(server, Check):
        yield server
    else:
        yield from check_server(server)
    yield check_git()


def _of_the_machine(folder: Path) -> Iterator[Check]:
    from carrel.cli.doctor.server import check_toolbox  # noqa: PLC0415  with httpx

    engine = check_engine(engine_address())
    yield from engine
    yield check_disk("Disk", folder)
    yield check_data_dir(folder)
    yield check_token(folder)
    yield check_port(is_ours=local_server.answering(folder) is not None)
    if engine[0].level is not Level.FAIL:
        yield check_toolbox(folder)
    for host in REGISTRIES:
        yield check_registry(host)


def _print(check: Check) -> None:
    word, colour = MARKS[check.level]
    print(f"{paint(f'{word:<4}', colour)}  {check.name:<{NAME_WIDTH}}  {clean(check.detail)}", flush=True)
    if check.hint:
        print(f"      {paint('hint:', 'cyan', sys.stdout)} {clean(check.hint)}", flush=True)
