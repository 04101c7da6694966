"""`python -m carrel.standalone VERB REQUEST`: one command of `carrel devcontainer`; REQUEST is `Asked` as JSON."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any

from carrel.cli.failures import INTERRUPTED, report
from carrel.cli.output import print_json
from carrel.core.problems import Problem
from carrel.core.records import load
from carrel.server.settings import load_settings
from carrel.standalone.asked import Asked
from carrel.standalone.engine import opened
from carrel.standalone.show import show

VERBS = ("apply_template", "build", "features", "list_templates", "outdated", "read", "upgrade")
"""Each is the function of its name in the module of its name."""


async def run(verb: str, asked: Asked) -> Mapping[str, Any]:
    """Do it; the document that is printed."""
    async with opened(load_settings(os.environ)) as engine:
        work = getattr(import_module(f"carrel.standalone.{verb}"), verb)
        answer: Mapping[str, Any] = await work(engine, asked)
        return answer


def main(arguments: Sequence[str]) -> int:
    """Entry; returns the exit status."""
    verb, request = arguments
    asked = load(Asked, json.loads(request))
    try:
        answer = asyncio.run(run(verb, asked))
    except Problem as problem:
        return report(_placed(problem))
    except KeyboardInterrupt:
        return INTERRUPTED
    if asked.output == "json" or verb == "read":
        print_json(answer)
    else:
        show(verb, answer)
    return 0


def _placed(problem: Problem) -> Problem:
    """The problem with its place as `file:line:column`, where it has one and its detail begins with other words."""
    file, line, column = (problem.extra.get(name) for name in ("file", "line", "column"))
    if not file or line is None or problem.kind == "build_failed":
        return problem
    place = f"{file}:{line}:{column}" if column is not None else f"{file}:{line}"
    detail = problem.detail.removeprefix(f"{file}, line {line}, column {column}: ")
    return Problem(problem.kind, f"{place}: {detail}", problem.hint, problem.extra)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
