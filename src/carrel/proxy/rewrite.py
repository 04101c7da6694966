"""What changes in a head on its way through: our secrets stay here, the app learns where it is seen from."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from carrel.proxy.head import CHUNKED, RequestHead, ResponseHead, tokens

COOKIE_PREFIX: Final = b"carrel_"
HOST_COOKIE_PREFIX: Final = b"__Host-carrel_"
TOKEN_PREFIX: Final = b"carrel_"
"""What every token of ours begins with (design.md 5)."""

_HOP_BY_HOP = frozenset(
    {
        b"connection",
        b"keep-alive",
        b"proxy-authenticate",
        b"proxy-authorization",
        b"proxy-connection",
        b"te",
        b"upgrade",
    }
)
_ADDED_BY_US = frozenset({b"forwarded", b"x-real-ip"})
_ESSENTIAL = frozenset({b"host", b"content-length", b"transfer-encoding", b"cookie", b"authorization", b"origin"})
"""Fields that a Connection field cannot take away."""
_NOT_OF_THE_APP = _HOP_BY_HOP | {b"alt-svc"}
"""Alternative services would lead around the proxy."""
_SAYS_WHO_MAY_READ = frozenset({b"access-control-allow-origin", b"access-control-allow-credentials"})
_PLAIN_OPTIONS = frozenset({b"", b"close", b"keep-alive", b"Upgrade", b"upgrade"})
"""Connection fields that name nothing else."""


@dataclass(frozen=True)
class Seen:
    """How the client reached us."""

    address: bytes
    """The client's IP address."""
    scheme: bytes
    """http or https."""


def is_ours(cookie_name: bytes) -> bool:
    """Whether a cookie is the platform's."""
    return cookie_name.startswith((COOKIE_PREFIX, HOST_COOKIE_PREFIX))


def cookie_values(request: RequestHead, name: bytes) -> list[bytes]:
    """All values of a cookie: a neighbouring host may have set another of the same name for a parent domain."""
    prefix = name + b"="
    return [
        pair[len(prefix) :]
        for field, value, _ in request.fields.lines
        if field == b"cookie"
        for pair in _cookie_pairs(value)
        if pair.startswith(prefix)
    ]


def request_for_app(request: RequestHead, seen: Seen, person: str = "", prefix: bytes = b"") -> bytes:
    """The head that the app gets.

    Args:
        request: the client's.
        seen: how it came.
        person: the name of who asks, for apps that show who is there; empty: anybody.
        prefix: what was taken from the path.
    """
    dropped = _dropped(_HOP_BY_HOP, request.field(b"connection"))
    lines = [b"%b %b HTTP/1.1" % (request.method, request.target)]
    for name, value, line in request.fields.lines:
        if name in dropped or _is_platforms(name):
            continue
        if name == b"cookie":
            kept = b"; ".join(pair for pair in _cookie_pairs(value) if not is_ours(pair.partition(b"=")[0]))
            if kept:
                lines.append(b"Cookie: " + kept)
        elif name == b"authorization" and _carries_our_token(value):
            continue
        else:
            lines.append(line)
    if request.wants_websocket:
        lines.append(b"Connection: Upgrade\r\nUpgrade: websocket")
    if person:
        lines.append(_person_field(person))
    if prefix:
        lines.append(b"X-Forwarded-Prefix: " + prefix)
    port = request.host.rpartition(b":")[2] if not request.host.endswith(b"]") else b""
    if not port.isdigit():
        port = b"443" if seen.scheme == b"https" else b"80"
    lines.append(
        b"X-Forwarded-For: %b\r\nX-Forwarded-Proto: %b\r\nX-Forwarded-Host: %b\r\nX-Forwarded-Port: %b\r\n\r\n"
        % (seen.address, seen.scheme, request.host, port)
    )
    return b"\r\n".join(lines)


def response_for_client(
    response: ResponseHead, *, close: bool, chunked: bool = True, may_read: tuple[tuple[str, str], ...] = ()
) -> bytes:
    """The head that the client gets.

    Args:
        response: the app's.
        close: the connection ends after this response.
        chunked: False: the client knows no chunks, they are taken off.
        may_read: fields that let a neighbour's page read it, in the place of the app's own.
    """
    dropped = _dropped(_NOT_OF_THE_APP, response.fields.get(b"connection"))
    lines = [b"HTTP/1.1 %d %b" % (response.status, response.reason)]
    if may_read:
        dropped |= _SAYS_WHO_MAY_READ
        lines += [f"{name}: {value}".encode("latin-1") for name, value in may_read]
    for name, value, line in response.fields.lines:
        if name == b"set-cookie":
            cookie = _own_cookie(value)
            if cookie:
                lines.append(b"Set-Cookie: " + cookie)
        elif name == b"transfer-encoding" and response.length == CHUNKED and not chunked:
            continue
        elif name not in dropped and not name.startswith(b"x-carrel-"):
            lines.append(line)
    if response.status == 101:
        lines.append(b"Connection: Upgrade\r\nUpgrade: websocket")
    elif close:
        lines.append(b"Connection: close")
    lines.append(b"\r\n")
    return b"\r\n".join(lines)


@lru_cache(maxsize=1024)
def _person_field(person: str) -> bytes:
    return b"X-Carrel-User: " + "".join(c if " " <= c <= "~" else "?" for c in person).encode()


def _dropped(always: frozenset[bytes], connection: bytes) -> frozenset[bytes]:
    """Names that are not passed on: those of one hop, and those that the Connection field names."""
    return always if connection in _PLAIN_OPTIONS else always | (frozenset(tokens(connection)) - _ESSENTIAL)


def _is_platforms(name: bytes) -> bool:
    """Fields that only we may set; apps that read CGI variables cannot tell `_` from `-`."""
    if name[:1] not in b"xf":
        return False
    plain = name.replace(b"_", b"-")
    return plain in _ADDED_BY_US or plain.startswith((b"x-carrel-", b"x-forwarded-"))


def _cookie_pairs(value: bytes) -> list[bytes]:
    return [pair for pair in (part.strip() for part in value.split(b";")) if pair]


def _carries_our_token(value: bytes) -> bool:
    scheme, _, credentials = value.partition(b" ")
    credentials = credentials.strip()
    if scheme.lower() == b"basic":
        try:
            credentials = base64.b64decode(credentials, validate=True)
        except binascii.Error:
            return False
        return any(part.startswith(TOKEN_PREFIX) for part in credentials.split(b":", 1))
    return credentials.startswith(TOKEN_PREFIX)


def _own_cookie(value: bytes) -> bytes:
    """An app's cookie, for its own host only; empty where its name is one of ours."""
    parts = value.split(b";")
    if is_ours(parts[0].partition(b"=")[0].strip()):
        return b""
    return b";".join(part for part in parts if part.partition(b"=")[0].strip().lower() != b"domain")
