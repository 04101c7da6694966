"""What counts as an answer."""

from __future__ import annotations

import pytest

from carrel.agent.apps.health import is_healthy


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (b"HTTP/1.1 200 OK\r\n", True),
        (b"HTTP/1.0 302 Found\r\n", True),
        (b"HTTP/1.1 404 Not Found\r\n", True),
        (b"HTTP/1.1 499\r\n", True),
        (b"HTTP/1.1 500 Error\r\n", False),
        (b"HTTP/1.1 503\r\n", False),
        (b"SSH-2.0-OpenSSH\r\n", False),
        (b"HTTP/1.1\r\n", False),
        (b"HTTP/1.1 2x0\r\n", False),
        (b"", False),
    ],
)
def test_a_status_below_500_is_healthy(line: bytes, expected: bool) -> None:
    assert is_healthy(line) is expected
