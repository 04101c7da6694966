"""The table of operations as docs/reference/agent-protocol.md prints it."""

from __future__ import annotations

from dataclasses import MISSING, fields

from carrel.agent.operations import OPERATIONS, Operation

HEADING = ("| operation | parameters | answer | what it does |", "|---|---|---|---|")


def operations_table() -> str:
    """The table in Markdown; parameters in brackets have a default."""
    rows = (
        f"| `{operation.name}` | {_parameters(operation)} | {operation.answer} | {operation.summary} |"
        for operation in OPERATIONS.values()
    )
    return "\n".join([*HEADING, *rows]) + "\n"


def _parameters(operation: Operation) -> str:
    names = []
    for member in fields(operation.parameters):
        is_optional = member.default is not MISSING or member.default_factory is not MISSING
        names.append(f"[{member.name}]" if is_optional else member.name)
    return ", ".join(names)
