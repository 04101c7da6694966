"""Which page is another port of the same workspace, and where a detour may lead back to."""

from __future__ import annotations

import pytest

from carrel.proxy.head import parse_request
from carrel.proxy.neighbours import DETOUR_SECONDS, Wanted, neighbour, way_back

HERE = "8000--blog--ana.localhost:7070"
PAGE = "3000--blog--ana.localhost:7070"


def asked(*fields: str, line: str = "GET /", host: str = HERE) -> bytes:
    head = "\r\n".join([f"{line} HTTP/1.1", f"Host: {host}", *fields]) + "\r\n\r\n"
    return neighbour(parse_request(head.encode()), b"http")


@pytest.mark.parametrize(
    "field", [f"Origin: http://{PAGE}", f"Referer: http://{PAGE}/a?b", f"Origin: HTTP://{PAGE.upper()}"]
)
def test_another_port_of_the_same_workspace_is_a_neighbour(field: str) -> None:
    assert asked(field) == PAGE.encode()


@pytest.mark.parametrize(
    "origin",
    [
        "null",
        f"http://{HERE}",
        f"https://{PAGE}",
        "http://3000--blog--ben.localhost:7070",
        "http://3000--other--ana.localhost:7070",
        "http://3000--blog--ana.localhost:7071",
        "http://3000--blog--ana.localhost",
        "http://3000--blog--ana.example.com:7070",
        "http://code--blog--ana.localhost:7070",
        "http://29001--blog--ana.localhost:7070",
        "http://7022--blog--ana.localhost:7070",
        "http://0--blog--ana.localhost:7070",
        "http://99999--blog--ana.localhost:7070",
        "http://3000--blog--ana.localhost:7070.evil.example",
        "http://evil.example/3000--blog--ana.localhost:7070",
    ],
)
def test_nobody_else_is(origin: str) -> None:
    assert asked(f"Origin: {origin}") == b""
    assert asked(f"Referer: {origin}/") == b""


@pytest.mark.parametrize("host", ["code--blog--ana.localhost:7070", "29001--blog--ana.localhost:7070"])
def test_an_app_has_no_neighbours(host: str) -> None:
    assert asked(f"Origin: http://{PAGE}", host=host) == b""


def test_a_referer_counts_only_for_what_changes_nothing() -> None:
    assert asked(f"Referer: http://{PAGE}/", line="POST /") == b""


def test_a_detour_is_told_once_and_leads_back() -> None:
    here, there = "8000--blog--ana.apps.test", "3000--blog--ana.apps.test"
    wanted, page = Wanted(), parse_request(f"GET /a?b=c HTTP/1.1\r\nHost: {there}\r\n\r\n".encode())
    assert wanted.detour(page, b"http") == ""
    assert "again" in wanted.add(there.encode(), here.encode())
    assert wanted.is_wanting(there.encode())
    expected = f"http://{here}/.carrel/join?to=http%3A%2F%2F{there}%2Fa%3Fb%3Dc"
    assert wanted.detour(page, b"http") == expected
    assert wanted.detour(page, b"http") == ""


@pytest.mark.parametrize(
    ("to", "expected"),
    [
        (f"http://{PAGE}/a?b=c", f"http://{PAGE}/a?b=c"),
        ("http://evil.example/", "/"),
        (f"http://{PAGE}@evil.example/", "/"),
        (f"http://evil.example\\@{PAGE}/", "/"),
        ("//evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("http://[", "/"),
        (f"http://{PAGE}/\r\nSet-Cookie: x", "/"),
        ("http://code--blog--ana.localhost:7070/", "/"),
        ("", "/"),
    ],
)
def test_a_detour_leads_to_a_neighbour_or_nowhere(to: str, expected: str) -> None:
    assert way_back(to, HERE.encode(), b"http") == expected


def test_below_localhost_no_detour_would_help() -> None:
    wanted = Wanted()
    assert "localhost" in wanted.add(PAGE.encode(), HERE.encode())
    assert not wanted.is_wanting(PAGE.encode())


def test_a_page_goes_round_once_however_often_somebody_says_that_it_asked() -> None:
    here, there, now = b"8000--blog--ana.apps.test", b"3000--blog--ana.apps.test", [0.0]
    wanted = Wanted(lambda: now[0])
    page = parse_request(b"GET / HTTP/1.1\r\nHost: " + there + b"\r\n\r\n")
    wanted.add(there, here)
    assert wanted.detour(page, b"http")
    wanted.add(there, here)
    assert (wanted.is_wanting(there), wanted.detour(page, b"http")) == (False, "")
    now[0] = DETOUR_SECONDS
    assert wanted.detour(page, b"http")
