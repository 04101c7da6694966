"""What heads lose and gain on their way through."""

from __future__ import annotations

import base64

import pytest

from carrel.proxy.head import parse_request, parse_response
from carrel.proxy.rewrite import Seen, cookie_values, request_for_app, response_for_client

SEEN = Seen(b"192.0.2.7", b"http")


def forwarded(*fields: bytes, line: bytes = b"GET / HTTP/1.1") -> list[bytes]:
    head = b"\r\n".join([line, b"Host: 3000--blog--ana.localhost:7070", *fields]) + b"\r\n\r\n"
    return request_for_app(parse_request(head), SEEN).split(b"\r\n")


def answered(*fields: bytes, status: bytes = b"200 OK", close: bool = False, chunked: bool = True) -> list[bytes]:
    head = b"\r\n".join([b"HTTP/1.1 " + status, *fields]) + b"\r\n\r\n"
    return response_for_client(parse_response(head), close=close, chunked=chunked).split(b"\r\n")


def test_the_public_host_is_kept_and_the_way_is_told() -> None:
    lines = forwarded()
    assert b"Host: 3000--blog--ana.localhost:7070" in lines
    assert b"X-Forwarded-For: 192.0.2.7" in lines
    assert b"X-Forwarded-Proto: http" in lines
    assert b"X-Forwarded-Host: 3000--blog--ana.localhost:7070" in lines
    assert b"X-Forwarded-Port: 7070" in lines
    assert lines[-2:] == [b"", b""]


def test_the_app_is_told_the_persons_name_by_us_alone() -> None:
    head = parse_request(b"GET / HTTP/1.1\r\nHost: a.localhost\r\nX-Carrel-User: eve\r\nx_carrel_user: eve\r\n\r\n")
    assert b"eve" not in request_for_app(head, SEEN)
    lines = request_for_app(head, SEEN, "ana").split(b"\r\n")
    assert [line for line in lines if b"arrel" in line] == [b"X-Carrel-User: ana"]
    assert b"X-Carrel-User: J?rg?? Host: x\r\n" in request_for_app(head, SEEN, "J\u00f6rg\r\n Host: x")


@pytest.mark.parametrize(
    "field",
    [
        b"X-Forwarded-For: 10.0.0.1",
        b"X_Forwarded_For: 10.0.0.1",
        b"x-forwarded-anything: 1",
        b"Forwarded: for=10.0.0.1",
        b"X-Real-IP: 10.0.0.1",
        b"X-Carrel-User: root",
        b"X_Carrel_User: root",
        b"Keep-Alive: timeout=5",
        b"TE: trailers",
        b"Proxy-Authorization: Basic abc",
        b"Proxy-Connection: keep-alive",
        b"Upgrade: h2c",
        b"Authorization: Bearer carrel_abc",
        b"Authorization: token carrel_abc",
        b"Authorization: Basic " + base64.b64encode(b"ana:carrel_abc"),
        b"Authorization: Basic " + base64.b64encode(b"carrel_abc:"),
    ],
)
def test_what_is_not_for_the_app_stays_here(field: bytes) -> None:
    assert field not in forwarded(field)


@pytest.mark.parametrize(
    "field",
    [
        b"Authorization: Bearer eyJ",
        b"Authorization: Basic " + base64.b64encode(b"user:password"),
        b"Authorization: Basic !!!",
        b"X-Request-Id: 7",
        b"Accept:text/html",
        b"Expect: 100-continue",
        b"Origin: http://x",
    ],
)
def test_what_is_for_the_app_goes_through_as_it_came(field: bytes) -> None:
    assert field in forwarded(field)


def test_fields_that_the_connection_field_names_are_of_this_hop() -> None:
    lines = forwarded(b"Connection: close, X-Hop", b"X-Hop: 1", b"X-Kept: 1")
    assert b"X-Hop: 1" not in lines
    assert b"X-Kept: 1" in lines
    assert not any(line.startswith(b"Connection") for line in lines)


def test_the_connection_field_cannot_take_the_framing_away() -> None:
    lines = forwarded(b"Connection: Content-Length, Host", b"Content-Length: 3", line=b"POST / HTTP/1.1")
    assert b"Content-Length: 3" in lines
    assert b"Host: 3000--blog--ana.localhost:7070" in lines
    assert b"Content-Length: 3" in answered(b"Connection: content-length", b"Content-Length: 3")


def test_our_cookies_are_taken_out_and_the_others_stay() -> None:
    lines = forwarded(b"Cookie: a=1; carrel_ticket=secret; b=x, y; __Host-carrel_session=secret;  c=3")
    assert b"Cookie: a=1; b=x, y; c=3" in lines
    assert not any(b"secret" in line for line in lines)


def test_a_cookie_field_with_nothing_but_ours_is_left_out() -> None:
    assert not any(line.startswith(b"Cookie") for line in forwarded(b"Cookie: carrel_ticket=secret"))


def test_every_value_of_a_cookie_is_found() -> None:
    head = b"GET / HTTP/1.1\r\nHost: a\r\nCookie: t=1; x=2\r\nCookie: t=3; tt=4\r\n\r\n"
    assert cookie_values(parse_request(head), b"t") == [b"1", b"3"]


def test_a_websocket_handshake_keeps_its_upgrade() -> None:
    lines = forwarded(b"Connection: Upgrade", b"Upgrade: websocket", b"Sec-WebSocket-Key: abc")
    assert b"Connection: Upgrade" in lines
    assert b"Upgrade: websocket" in lines
    assert b"Sec-WebSocket-Key: abc" in lines


def test_an_apps_cookie_is_for_its_own_host_only() -> None:
    lines = answered(b"Set-Cookie: a=1; Domain=localhost; Path=/", b"Set-Cookie: b=2; DOMAIN = .example.org")
    assert b"Set-Cookie: a=1; Path=/" in lines
    assert b"Set-Cookie: b=2" in lines


@pytest.mark.parametrize("name", [b"carrel_ticket", b"__Host-carrel_ticket", b" carrel_session"])
def test_an_app_cannot_set_a_cookie_of_ours(name: bytes) -> None:
    assert not any(line.startswith(b"Set-Cookie") for line in answered(b"Set-Cookie: " + name + b"=1"))


def test_a_response_loses_what_is_of_the_hop_or_leads_around_us() -> None:
    lines = answered(b"Connection: keep-alive, X-Hop", b"X-Hop: 1", b"Keep-Alive: timeout=5", b'Alt-Svc: h3=":443"')
    assert lines == [b"HTTP/1.1 200 OK", b"", b""]


def test_a_connection_that_ends_is_announced() -> None:
    assert b"Connection: close" in answered(close=True)
    assert b"Connection: close" not in answered(close=False)


def test_chunks_are_taken_off_for_a_client_that_knows_none() -> None:
    assert b"Transfer-Encoding: chunked" in answered(b"Transfer-Encoding: chunked")
    assert b"Transfer-Encoding: chunked" not in answered(b"Transfer-Encoding: chunked", chunked=False)
