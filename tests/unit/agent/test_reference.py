"""The protocol's reference against the code."""

from __future__ import annotations

from pathlib import Path

from carrel.agent.execution import NOT_STARTED
from carrel.agent.reference import operations_table
from carrel.agent.session import ENV_COUNT_LIMIT

REFERENCE = Path(__file__).parents[3] / "docs/reference/agent-protocol.md"


def test_the_reference_has_the_table_of_operations() -> None:
    assert operations_table() in REFERENCE.read_text()


def test_the_reference_has_the_numbers() -> None:
    text = REFERENCE.read_text()
    assert f"status {NOT_STARTED} " in text
    assert f"at most {ENV_COUNT_LIMIT}," in text
