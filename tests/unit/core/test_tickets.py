"""Tickets of apps."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from carrel.core.secret import Secret
from carrel.core.tickets import Ticket, read_ticket, sign_ticket

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
KEY = Secret("a key of the installation")
TICKET = Ticket("code--blog--ana.localhost:7070", "u1", "w1", NOW + timedelta(hours=1), 3)


def test_a_ticket_is_read_as_it_was_signed() -> None:
    assert read_ticket(sign_ticket(TICKET, KEY), KEY, NOW) == TICKET


def test_a_ticket_is_safe_in_a_cookie() -> None:
    assert set(sign_ticket(TICKET, KEY)) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.")


def test_a_ticket_ends() -> None:
    assert read_ticket(sign_ticket(TICKET, KEY), KEY, NOW + timedelta(hours=1)) is None


def test_a_ticket_of_another_key_is_not_ours() -> None:
    assert read_ticket(sign_ticket(TICKET, Secret("other")), KEY, NOW) is None


@pytest.mark.parametrize(
    "other",
    [replace(TICKET, host="x"), replace(TICKET, user="u2"), replace(TICKET, workspace="w2"), replace(TICKET, epoch=4)],
)
def test_a_changed_ticket_keeps_no_signature(other: Ticket) -> None:
    payload = sign_ticket(other, KEY).partition(".")[0]
    signature = sign_ticket(TICKET, KEY).partition(".")[2]
    assert read_ticket(f"{payload}.{signature}", KEY, NOW) is None


@pytest.mark.parametrize("text", ["", ".", "a.b", "é.é", "a", "." * 10, "x" * 5000, "ab.c=d", "W10.AAAA"])
def test_what_is_no_ticket_is_none(text: str) -> None:
    assert read_ticket(text, KEY, NOW) is None
