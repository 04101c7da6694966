"""How many refusals the audit takes, and which."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.requests import HTTPConnection

from carrel.core.access import Actor, Role
from carrel.core.problems import Problem
from carrel.server.api.refusals import (
    A_MINUTE,
    ALL_A_MINUTE,
    STRANGERS_A_DAY,
    STRANGERS_A_MINUTE,
    LeftOut,
    Refusals,
    _network,
    refusal_of,
)


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_one_address_has_so_many_rows_a_minute_and_the_rest_is_counted_once_the_minute_is_over() -> None:
    clock = Clock()
    refusals = Refusals(clock)
    due = [refusals.is_due("203.0.113.7", is_stranger=True) for _ in range(A_MINUTE + 5)]
    assert due == [True] * A_MINUTE + [False] * 5
    assert refusals.is_due("203.0.113.8", is_stranger=True)
    assert refusals.left_out() is None
    clock.now = 61
    assert refusals.left_out() == LeftOut(5, {"203.0.113.7": 5})
    assert refusals.left_out() is None
    assert refusals.is_due("203.0.113.7", is_stranger=True)


def test_strangers_together_do_not_fill_a_minute_nor_a_day_and_leave_room_for_users() -> None:
    clock = Clock()
    refusals = Refusals(clock)
    written = 0
    while clock.now < 86_400:
        written += sum(refusals.is_due(f"address {n}", is_stranger=True) for n in range(STRANGERS_A_MINUTE + 20))
        assert written <= STRANGERS_A_MINUTE * (clock.now // 60 + 1)
        assert refusals.is_due("ana", is_stranger=False)
        clock.now += 600
    assert written == min(STRANGERS_A_DAY, STRANGERS_A_MINUTE * 144)
    clock.now += 60
    assert refusals.is_due("address 0", is_stranger=True)


def test_many_users_are_bounded_too() -> None:
    refusals = Refusals(Clock())
    assert sum(refusals.is_due(f"user {n}", is_stranger=False) for n in range(1000)) == ALL_A_MINUTE


def test_addresses_of_one_customer_are_one() -> None:
    assert _network("2001:db8:1:2::1") == _network("2001:db8:1:2:ffff::9") != _network("2001:db8:1:3::1")
    assert _network("203.0.113.7") == "203.0.113.7"
    assert _network("") == ""


def sign_in() -> None:
    """Stands for the route of that name."""


def exec_in_workspace() -> None:
    """Stands for the route of that name."""


def list_users() -> None:
    """Stands for the route of that name."""


ANA = Actor("u1", "ana", Role.DEVELOPER)


def connection(endpoint: Any, actor: Actor | None = None, **headers: str) -> HTTPConnection:
    return HTTPConnection(
        {
            "type": "http",
            "endpoint": endpoint,
            "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
            "path_params": {"workspace": "blog"} if endpoint is exec_in_workspace else {"token": "carrel_personal_x"},
            "client": ("203.0.113.7", 1),
            "state": {"actor": actor} if actor else {"claimed": "ana"},
        }
    )


@pytest.mark.parametrize(
    ("endpoint", "actor", "headers", "kind", "expected"),
    [
        (list_users, ANA, {}, "not_allowed", ("request.list_users", "ana", ("", ""))),
        (list_users, ANA, {}, "over_quota", ("request.list_users", "ana", ("", ""))),
        (list_users, ANA, {}, "not_found", None),
        (list_users, ANA, {}, "bad_value", None),
        (list_users, None, {}, "not_authenticated", None),
        (list_users, None, {"authorization": "Bearer x"}, "not_authenticated", ("request.list_users", "ana", ("", ""))),
        (sign_in, None, {}, "not_authenticated", ("session.begun", "ana", ("", ""))),
        (sign_in, None, {}, "too_many_requests", ("session.begun", "ana", ("", ""))),
        (exec_in_workspace, ANA, {}, "not_found", ("workspace.entered", "ana", ("workspace", "blog"))),
        (exec_in_workspace, ANA, {}, "not_running", None),
        (exec_in_workspace, None, {}, "not_found", None),
    ],
    ids=lambda value: getattr(value, "__name__", None) or (value if isinstance(value, str) else None),
)
def test_what_is_a_refusal_and_what_is_not(
    endpoint: Any, actor: Actor | None, headers: dict[str, str], kind: str, expected: Any
) -> None:
    refusal = refusal_of(connection(endpoint, actor, **headers), Problem(kind))
    assert (refusal and (refusal.action, refusal.actor.name, refusal.on)) == expected
    if refusal is not None and actor is None:
        assert (refusal.actor.user_id, refusal.actor.address) == ("", "203.0.113.7")
