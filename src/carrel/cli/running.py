"""How a command line is run, and how its end becomes an exit status."""

from __future__ import annotations

from collections.abc import Sequence

import typer

from carrel.cli.failures import INTERRUPTED, report
from carrel.core.problems import Problem


def run_typer(app: typer.Typer, arguments: Sequence[str], name: str) -> int:
    """Run it; returns the exit status (failures.EXIT_CODES)."""
    try:
        app(list(arguments), prog_name=name)
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
