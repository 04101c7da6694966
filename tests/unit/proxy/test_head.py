"""Strict heads: what could be read in two ways is refused."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carrel.proxy.head import (
    CHUNKED,
    MAX_FIELDS,
    MAX_HEAD_BYTES,
    UNTIL_CLOSE,
    BadHead,
    head_end,
    parse_request,
    parse_response,
)


def request(*lines: bytes) -> bytes:
    return b"\r\n".join(lines) + b"\r\n\r\n"


def test_a_plain_request_is_taken_apart() -> None:
    head = parse_request(request(b"GET /a?b HTTP/1.1", b"Host: X.localhost:7070", b"Accept:  text/html \t"))
    assert (head.method, head.target, head.minor, head.host) == (b"GET", b"/a?b", 1, b"x.localhost:7070")
    assert head.field(b"accept") == b"text/html"
    assert head.length == 0
    assert head.persistent


REFUSED = {
    "two lengths": [b"POST / HTTP/1.1", b"Host: a", b"Content-Length: 1", b"Content-Length: 2"],
    "two equal lengths": [b"POST / HTTP/1.1", b"Host: a", b"Content-Length: 1", b"Content-Length: 1"],
    "a list of lengths": [b"POST / HTTP/1.1", b"Host: a", b"Content-Length: 1, 1"],
    "a signed length": [b"POST / HTTP/1.1", b"Host: a", b"Content-Length: +1"],
    "a hexadecimal length": [b"POST / HTTP/1.1", b"Host: a", b"Content-Length: 0x1"],
    "an empty length": [b"POST / HTTP/1.1", b"Host: a", b"Content-Length: "],
    "a length beyond all sense": [b"POST / HTTP/1.1", b"Host: a", b"Content-Length: " + b"9" * 19],
    "length and coding": [b"POST / HTTP/1.1", b"Host: a", b"Content-Length: 1", b"Transfer-Encoding: chunked"],
    "coding and length": [b"POST / HTTP/1.1", b"Host: a", b"Transfer-Encoding: chunked", b"Content-Length: 1"],
    "an unknown coding": [b"POST / HTTP/1.1", b"Host: a", b"Transfer-Encoding: gzip"],
    "chunked twice": [b"POST / HTTP/1.1", b"Host: a", b"Transfer-Encoding: chunked, chunked"],
    "chunked in two fields": [
        b"POST / HTTP/1.1",
        b"Host: a",
        b"Transfer-Encoding: chunked",
        b"Transfer-Encoding: chunked",
    ],
    "chunked not last": [b"POST / HTTP/1.1", b"Host: a", b"Transfer-Encoding: chunked, identity"],
    "a disguised coding": [b"POST / HTTP/1.1", b"Host: a", b"Transfer-Encoding: \x0bchunked"],
    "a quoted coding": [b"POST / HTTP/1.1", b"Host: a", b'Transfer-Encoding: "chunked"'],
    "chunked in HTTP/1.0": [b"POST / HTTP/1.0", b"Host: a", b"Transfer-Encoding: chunked"],
    "space before the colon": [b"POST / HTTP/1.1", b"Host: a", b"Content-Length : 1"],
    "a folded line": [b"GET / HTTP/1.1", b"Host: a", b"X: 1", b" 2"],
    "a folded first line": [b"GET / HTTP/1.1", b" Host: a", b"Host: a"],
    "a field without a name": [b"GET / HTTP/1.1", b"Host: a", b": 1"],
    "a line without a colon": [b"GET / HTTP/1.1", b"Host: a", b"X"],
    "a bare line feed in a value": [b"GET / HTTP/1.1", b"Host: a", b"X: 1\nY: 2"],
    "a bare carriage return in a value": [b"GET / HTTP/1.1", b"Host: a", b"X: 1\rY: 2"],
    "a zero byte": [b"GET / HTTP/1.1", b"Host: a", b"X: \x00"],
    "no host": [b"GET / HTTP/1.1", b"X: 1"],
    "no host in HTTP/1.0": [b"GET / HTTP/1.0"],
    "two hosts": [b"GET / HTTP/1.1", b"Host: a", b"Host: a"],
    "a host with a path": [b"GET / HTTP/1.1", b"Host: a/b"],
    "a host with a user": [b"GET / HTTP/1.1", b"Host: a@b"],
    "a host with a comma": [b"GET / HTTP/1.1", b"Host: a,b"],
    "an empty host": [b"GET / HTTP/1.1", b"Host:"],
    "an address of another host": [b"GET http://b/ HTTP/1.1", b"Host: a"],
    "an address with a user": [b"GET http://a@b/ HTTP/1.1", b"Host: b"],
    "an address of another scheme": [b"GET ftp://a/ HTTP/1.1", b"Host: a"],
    "a target without a slash": [b"GET a HTTP/1.1", b"Host: a"],
    "a star for GET": [b"GET * HTTP/1.1", b"Host: a"],
    "CONNECT": [b"CONNECT a:443 HTTP/1.1", b"Host: a:443"],
    "a space in the target": [b"GET /a b HTTP/1.1", b"Host: a"],
    "two spaces": [b"GET  / HTTP/1.1", b"Host: a"],
    "a tab between": [b"GET\t/ HTTP/1.1", b"Host: a"],
    "no version": [b"GET /", b"Host: a"],
    "HTTP/2": [b"PRI * HTTP/2.0", b"Host: a"],
    "a version with two digits": [b"GET / HTTP/1.10", b"Host: a"],
    "a method that is no token": [b"G(T / HTTP/1.1", b"Host: a"],
    "another expectation": [b"POST / HTTP/1.1", b"Host: a", b"Expect: miracles"],
    "too many fields": [b"GET / HTTP/1.1", b"Host: a", *[b"X: 1"] * MAX_FIELDS],
}


@pytest.mark.parametrize("lines", REFUSED.values(), ids=REFUSED.keys())
def test_an_ambiguous_request_is_refused(lines: list[bytes]) -> None:
    with pytest.raises(BadHead):
        parse_request(request(*lines))


def test_an_address_of_the_same_host_becomes_a_path() -> None:
    assert parse_request(request(b"GET http://A:1/x?y HTTP/1.1", b"Host: a:1")).target == b"/x?y"
    assert parse_request(request(b"GET http://a HTTP/1.1", b"Host: a")).target == b"/"
    assert parse_request(request(b"GET http://a?q HTTP/1.1", b"Host: a")).target == b"/?q"


@pytest.mark.parametrize(
    ("lines", "persistent"),
    [
        ([b"GET / HTTP/1.1", b"Host: a"], True),
        ([b"GET / HTTP/1.1", b"Host: a", b"Connection: Close"], False),
        ([b"GET / HTTP/1.1", b"Host: a", b"Connection: te, close"], False),
        ([b"GET / HTTP/1.0", b"Host: a", b"Connection: keep-alive"], False),
    ],
)
def test_a_connection_goes_on_unless_it_is_said(lines: list[bytes], persistent: bool) -> None:
    assert parse_request(request(*lines)).persistent is persistent


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([b"GET / HTTP/1.1", b"Host: a", b"Connection: keep-alive, Upgrade", b"Upgrade: WebSocket"], True),
        ([b"POST / HTTP/1.1", b"Host: a", b"Connection: Upgrade", b"Upgrade: websocket"], False),
        ([b"GET / HTTP/1.1", b"Host: a", b"Upgrade: websocket"], False),
        ([b"GET / HTTP/1.1", b"Host: a", b"Connection: Upgrade", b"Upgrade: h2c"], False),
        ([b"GET / HTTP/1.1", b"Host: a", b"Connection: Upgrade", b"Upgrade: websocket", b"Content-Length: 5"], False),
    ],
)
def test_only_a_whole_handshake_asks_for_a_websocket(lines: list[bytes], expected: bool) -> None:
    assert parse_request(request(*lines)).wants_websocket is expected


@pytest.mark.parametrize(
    ("fields", "length"),
    [
        ([], UNTIL_CLOSE),
        ([b"Content-Length: 7"], 7),
        ([b"Transfer-Encoding: chunked"], CHUNKED),
    ],
)
def test_a_response_says_how_long_it_is(fields: list[bytes], length: int) -> None:
    assert parse_response(request(b"HTTP/1.1 200 OK", *fields)).length == length


def test_a_response_may_have_no_reason() -> None:
    assert parse_response(b"HTTP/1.1 204\r\n\r\n").status == 204
    assert parse_response(b"HTTP/1.1 204 \r\n\r\n").reason == b""


@pytest.mark.parametrize(
    "line", [b"HTTP/2 200 OK", b"HTTP/1.1 20 OK", b"HTTP/1.1 2000", b"200 OK", b"HTTP/1.1  200 OK"]
)
def test_a_malformed_status_line_is_refused(line: bytes) -> None:
    with pytest.raises(BadHead):
        parse_response(request(line))


def test_a_head_ends_at_its_empty_line() -> None:
    assert head_end(b"GET / HTTP/1.1\r\n\r\nrest") == 18
    assert head_end(b"GET / HTTP/1.1\r\n") == -1


def test_a_head_that_is_too_long_is_refused_before_it_ends() -> None:
    with pytest.raises(BadHead) as raised:
        head_end(b"GET / HTTP/1.1\r\nX: " + b"x" * MAX_HEAD_BYTES)
    assert raised.value.status == 431


def test_a_head_of_bare_line_feeds_is_refused_and_not_waited_for() -> None:
    with pytest.raises(BadHead):
        head_end(b"GET / HTTP/1.1\nHost: a\n\n")


@given(st.binary(max_size=200))
def test_whatever_comes_is_parsed_or_refused(junk: bytes) -> None:
    for parse in (parse_request, parse_response):
        with contextlib.suppress(BadHead):
            parse(junk + b"\r\n\r\n")


NAMES = st.from_regex(rb"[A-Za-z][A-Za-z0-9-]{0,12}", fullmatch=True).filter(
    lambda name: name.lower() not in {b"host", b"content-length", b"transfer-encoding", b"expect", b"connection"}
)
VALUES = st.from_regex(rb"([\x21-\x7e]([\x20-\x7e]{0,20}[\x21-\x7e])?)?", fullmatch=True)


@given(st.lists(st.tuples(NAMES, VALUES), max_size=20))
def test_every_well_formed_field_is_kept_in_order(fields: list[tuple[bytes, bytes]]) -> None:
    head = parse_request(request(b"GET / HTTP/1.1", b"Host: a", *[name + b": " + value for name, value in fields]))
    assert [(name, value) for name, value, _ in head.fields.lines[1:]] == [(n.lower(), v) for n, v in fields]
