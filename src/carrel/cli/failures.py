"""How commands fail: what is printed, and with which status they exit."""

from __future__ import annotations

import sys

from carrel.cli.output import clean, paint
from carrel.core.problems import Problem

EXIT_CODES: dict[int, str] = {
    0: "It worked.",
    1: "It failed; the message says why.",
    2: "The command was called wrongly.",
    3: "There is no such thing: a workspace, an app, a credential.",
    4: "Not signed in, or the token is not valid any more.",
    5: "The server cannot be reached, or is not ready.",
    130: "Ctrl-C. What was asked for goes on.",
}
EXEC_EXIT_CODES: dict[str, str] = {
    "the command's own": "It ended by itself.",
    "128 + n": "Signal n ended it.",
    "255": "The session itself failed: no such workspace, not running, connection lost.",
}
INTERRUPTED = 130
_BY_KIND = {"not_found": 3, "no_such_app": 3, "no_such_file": 3, "not_authenticated": 4, "unavailable": 5}


def exit_code(problem: Problem) -> int:
    """The status for a problem."""
    return _BY_KIND.get(problem.kind, 1)


def report(problem: Problem) -> int:
    """Say the problem: title, detail, `hint:`; returns the exit status."""
    document = problem.document()
    title, *rest = [problem.title, *problem.detail.strip().splitlines()]
    first = f"{title}: {clean(rest[0])}" if rest else title
    lines = [paint(first, "red", sys.stderr), *(f"  {clean(line)}" for line in rest[1:])]
    if document["hint"]:
        lines.append(f"{paint('hint:', 'cyan', sys.stderr)} {clean(document['hint'])}")
    if request_id := document.get("request_id"):
        lines.append(paint(f"request id: {clean(str(request_id))}", "dim", sys.stderr))
    print("\n".join(lines), file=sys.stderr)
    return exit_code(problem)
