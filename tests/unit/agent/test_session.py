"""Which `env` requests are taken over."""

from __future__ import annotations

import pytest

from carrel.agent.session import ENV_COUNT_LIMIT, ENV_VALUE_LIMIT, permitted_env


def test_well_formed_variables_are_taken() -> None:
    assert permitted_env({b"LANG": b"de_DE.UTF-8", b"_x1": b"", b"BYTES": b"\xff"}) == {
        "LANG": "de_DE.UTF-8",
        "_x1": "",
        "BYTES": "\udcff",
    }


@pytest.mark.parametrize(
    "name",
    [b"", b"1A", b"A-B", b"A=B", b"\xff", b"LD_PRELOAD", b"LD_LIBRARY_PATH", b"BASH_ENV", b"ENV", b"IFS", b"A" * 200],
)
def test_others_are_not(name: bytes) -> None:
    assert permitted_env({name: b"x"}) == {}


def test_values_have_limits() -> None:
    assert permitted_env({b"A": b"x" * (ENV_VALUE_LIMIT + 1), b"B": b"nul\0"}) == {}
    assert len(permitted_env({f"A{n}".encode(): b"" for n in range(100)})) == ENV_COUNT_LIMIT
