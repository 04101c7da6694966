"""Which pages a request may come from."""

from __future__ import annotations

import pytest

from carrel.proxy.head import parse_request
from carrel.proxy.origin import is_navigation, may_come_from

HOST = b"code--blog--ana.localhost:7070"
OWN = b"http://" + HOST
NEIGHBOUR = b"http://3000--evil--eve.localhost:7070"
UPGRADE = (b"Connection: Upgrade", b"Upgrade: websocket")


def allowed(method: bytes, *fields: bytes) -> bool:
    head = b"\r\n".join([method + b" / HTTP/1.1", b"Host: " + HOST, *fields]) + b"\r\n\r\n"
    return may_come_from(parse_request(head), b"http")


@pytest.mark.parametrize(
    ("expected", "method", "fields"),
    [
        (True, b"GET", ()),
        (True, b"POST", ()),
        (True, b"POST", (b"Origin: " + OWN,)),
        (True, b"POST", (b"Origin: " + OWN.upper(), b"Sec-Fetch-Site: same-origin")),
        (True, b"GET", (b"Sec-Fetch-Site: none", b"Sec-Fetch-Mode: navigate", b"Sec-Fetch-Dest: document")),
        (True, b"GET", (b"Sec-Fetch-Site: cross-site", b"Sec-Fetch-Mode: navigate", b"Sec-Fetch-Dest: document")),
        (False, b"GET", (b"Sec-Fetch-Site: same-site", b"Sec-Fetch-Mode: navigate", b"Sec-Fetch-Dest: iframe")),
        (False, b"GET", (b"Sec-Fetch-Site: same-site", b"Sec-Fetch-Mode: no-cors", b"Sec-Fetch-Dest: script")),
        (False, b"GET", (b"Sec-Fetch-Site: cross-site", b"Sec-Fetch-Mode: cors")),
        (False, b"POST", (b"Origin: " + NEIGHBOUR,)),
        (False, b"POST", (b"Origin: null",)),
        (False, b"POST", (b"Origin: null", b"Sec-Fetch-Site: cross-site")),
        (True, b"POST", (b"Origin: null", b"Sec-Fetch-Site: same-origin")),
        (False, b"POST", (b"Origin: https://" + HOST,)),
        (False, b"DELETE", (b"Origin: " + NEIGHBOUR, b"Sec-Fetch-Site: same-site")),
        (False, b"POST", (b"Sec-Fetch-Site: cross-site", b"Sec-Fetch-Mode: navigate", b"Sec-Fetch-Dest: document")),
        (True, b"GET", (*UPGRADE, b"Origin: " + OWN)),
        (False, b"GET", UPGRADE),
        (False, b"GET", (*UPGRADE, b"Origin: " + NEIGHBOUR)),
        (False, b"GET", (*UPGRADE, b"Origin: null")),
        (False, b"GET", (*UPGRADE, b"Origin: http://code--blog--ana.localhost")),
        (False, b"GET", (*UPGRADE, b"Origin: " + OWN, b"Origin: " + OWN)),
    ],
)
def test_only_the_apps_own_pages_and_plain_navigations_reach_it(
    expected: bool, method: bytes, fields: tuple[bytes, ...]
) -> None:
    assert allowed(method, *fields) is expected


@pytest.mark.parametrize(
    ("expected", "fields"),
    [
        (True, (b"Accept: text/html,*/*",)),
        (False, (b"Accept: application/json",)),
        (False, (b"Accept: text/html", b"Sec-Fetch-Mode: cors")),
        (True, (b"Sec-Fetch-Mode: navigate", b"Sec-Fetch-Dest: document")),
        (False, (b"Sec-Fetch-Mode: navigate", b"Sec-Fetch-Dest: iframe")),
        (False, (*UPGRADE, b"Accept: text/html")),
    ],
)
def test_a_navigation_is_a_page_of_its_own(expected: bool, fields: tuple[bytes, ...]) -> None:
    head = b"\r\n".join([b"GET / HTTP/1.1", b"Host: " + HOST, *fields]) + b"\r\n\r\n"
    assert is_navigation(parse_request(head)) is expected
