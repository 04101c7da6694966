from __future__ import annotations

import pytest

from carrel.devcontainer.context_use import reads_context
from carrel.devcontainer.dockerfile import parse_dockerfile


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("FROM a\nRUN make", False),
        ("FROM a\nCOPY . /app", True),
        ("FROM a\n  add x /x", True),
        ("FROM a AS b\nFROM a\nCOPY --from=b /x /x", False),
        ("FROM a AS b\nFROM a\nCOPY --chown=1:1 --from=b /x /x", False),
        ("FROM a\nCOPY --chown=1:1 x /x", True),
        ("FROM a\nRUN --mount=type=cache,target=/x make", True),
        ("FROM a\nONBUILD COPY . /app", True),
        ("FROM a\nRUN true \\\n && echo COPY", False),
        ("# syntax=docker/dockerfile:1.4\nFROM a", False),
        ("# syntax=example.com/own\nFROM a", True),
    ],
)
def test_what_reads_the_context(text: str, *, expected: bool) -> None:
    assert reads_context(parse_dockerfile(text)) is expected
