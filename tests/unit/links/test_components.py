"""The calls between processes are those of the interfaces, no more and no less."""

from __future__ import annotations

import inspect
import json
from datetime import UTC, datetime

import pytest

from carrel.core.agent import SignalKind
from carrel.core.records import dump, load
from carrel.core.spec import Endpoint
from carrel.core.workspace import Phase
from carrel.links.access import Held, Identity, NotRunning
from carrel.links.components import KEPT_APART, OPERATIONS, ComponentAuthority
from carrel.links.http_authority import HttpAuthority
from carrel.links.target import Target
from carrel.server.live.components import ServerComponents


@pytest.mark.parametrize("name", sorted(OPERATIONS))
def test_both_ends_of_a_call_take_what_the_interface_says(name: str) -> None:
    expected = list(inspect.signature(getattr(ComponentAuthority, name)).parameters.values())
    server = list(inspect.signature(getattr(ServerComponents, name)).parameters.values())
    assert [one.annotation for one in server] == [one.annotation for one in expected]
    if name != "certificate":  # asked by `credential`
        assert inspect.signature(getattr(HttpAuthority, name)) == inspect.signature(getattr(ComponentAuthority, name))


def test_a_private_key_never_travels() -> None:
    assert "credential" in KEPT_APART
    assert "credential" not in OPERATIONS


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("still_held", ((Held("t", "h", Identity("u", "w", "ana")),),)),
        ("activity", ("w", SignalKind.INPUT, "app code")),
        ("first_byte", ("w", "code", datetime(2026, 1, 2, tzinfo=UTC), datetime(2026, 1, 3, tzinfo=UTC))),
        ("names", ()),
    ],
)
def test_arguments_are_what_they_were_at_the_other_end(name: str, arguments: tuple[object, ...]) -> None:
    sent = json.loads(json.dumps([dump(argument) for argument in arguments]))
    assert OPERATIONS[name].read(sent) == list(arguments)


@pytest.mark.parametrize("arguments", [None, {}, [], ["a", "b"], [1]])
def test_what_is_not_of_the_signature_is_refused(arguments: object) -> None:
    with pytest.raises(ValueError, match=r"expected"):
        OPERATIONS["resolve"].read(arguments)


@pytest.mark.parametrize(
    "result",
    [
        Target("w", Endpoint("tcp", "127.0.0.1", 7022), "w:1", "ssh-ed25519 AAAA"),
        NotRunning(Phase.STOPPED, "blog", "idle"),
    ],
)
def test_a_target_and_its_absence_are_told_apart(result: object) -> None:
    assert load(OPERATIONS["target"].result, json.loads(json.dumps(dump(result)))) == result
