"""Heads of HTTP/1.1 messages: parsed strictly, so that no one behind us can read them in another way (RFC 9112).

What two parsers might understand differently is refused, not repaired: bare line feeds, folded lines, space before a
colon, repeated or combined framing fields, unknown transfer codings.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

MAX_HEAD_BYTES: Final = 64 * 1024
MAX_FIELDS: Final = 256
CHUNKED: Final = -1
UNTIL_CLOSE: Final = -2

Field = tuple[bytes, bytes, bytes]
"""Name in lower case, value without surrounding space, and the whole line as it came, without its end."""

_REQUEST_LINE = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]{1,32}) ([\x21-\x7e]+) HTTP/1\.([01])")
_STATUS_LINE = re.compile(rb"HTTP/1\.([01]) ([1-9][0-9]{2})(?: ([\t\x20-\x7e\x80-\xff]*))?")
_FIELD = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[\t ]*([\t\x20-\x7e\x80-\xff]*)")
_HOST = re.compile(rb"([0-9A-Za-z._-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(:[0-9]{1,5})?")
_LENGTH = re.compile(rb"[0-9]{1,18}")
_ABSOLUTE = re.compile(rb"https?://([^/?#]*)(.*)", re.IGNORECASE | re.DOTALL)


class BadHead(Exception):  # noqa: N818  describes the message
    """A head that is not passed on.

    Args:
        status: what a client is told: 400, 414, 417, 431, 501 or 505.
        detail: a sentence about what is wrong, without the offending bytes.
    """

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail


@dataclass(slots=True)
class RequestHead:
    """A request that may be passed on."""

    method: bytes
    target: bytes
    """Origin form: a path with its query, or `*`."""
    minor: int
    """HTTP/1.`minor`."""
    fields: list[Field]
    host: bytes
    """The Host field, in lower case, with its port where it has one."""
    length: int
    """Bytes of the body, or CHUNKED."""

    def field(self, name: bytes) -> bytes:
        """A field's value; several are joined by commas; empty when absent."""
        return b", ".join([value for key, value, _ in self.fields if key == name])

    @property
    def persistent(self) -> bool:
        """Whether the client wants to send another request on this connection."""
        return self.minor == 1 and b"close" not in tokens(self.field(b"connection"))

    @property
    def wants_websocket(self) -> bool:
        """Whether this asks for a WebSocket (RFC 6455 section 4.1)."""
        return (
            self.method == b"GET"
            and self.minor == 1
            and self.length == 0
            and self.field(b"upgrade").lower() == b"websocket"
            and b"upgrade" in tokens(self.field(b"connection"))
        )


@dataclass(slots=True)
class ResponseHead:
    """A response that may be passed on."""

    minor: int
    status: int
    reason: bytes
    fields: list[Field]
    length: int
    """Bytes of the body, CHUNKED or UNTIL_CLOSE; whether there is a body at all depends on the request too."""

    def field(self, name: bytes) -> bytes:
        """A field's value; several are joined by commas; empty when absent."""
        return b", ".join([value for key, value, _ in self.fields if key == name])

    @property
    def persistent(self) -> bool:
        """Whether the app takes another request on this connection."""
        return self.minor == 1 and self.length != UNTIL_CLOSE and b"close" not in tokens(self.field(b"connection"))


def tokens(value: bytes) -> list[bytes]:
    """The elements of a comma-separated field, in lower case."""
    return [token.strip().lower() for token in value.split(b",") if token.strip()]


def head_end(buffer: bytes | bytearray) -> int:
    """Index after the empty line that ends a head; -1 while it is incomplete.

    Raises:
        BadHead: 431 where it is too long, 400 where a line does not end with CR LF.
    """
    end = buffer.find(b"\r\n\r\n", 0, MAX_HEAD_BYTES)
    if end >= 0:
        return end + 4
    if len(buffer) >= MAX_HEAD_BYTES:
        raise BadHead(431, "The head is longer than 64 KiB.")
    line_end = buffer.find(b"\n")
    if line_end >= 0 and buffer[line_end - 1 : line_end] != b"\r":
        raise BadHead(400, "A line of the head does not end with CR LF.")
    return -1


def parse_request(head: bytes) -> RequestHead:
    """A request's head, including its last empty line.

    Raises:
        BadHead: it is malformed, or could be understood in two ways.
    """
    first, fields = _lines(head)
    match = _REQUEST_LINE.fullmatch(first)
    if match is None:
        version = first.rsplit(b" ", 1)[-1]
        if version.startswith(b"HTTP/") and not version.startswith(b"HTTP/1."):
            raise BadHead(505, "Only HTTP/1.1 is spoken here.")
        raise BadHead(400, "The request line is malformed.")
    method, target, minor = match.group(1), match.group(2), int(match.group(3))
    hosts = [value for name, value, _ in fields if name == b"host"]
    if len(hosts) != 1 or _HOST.fullmatch(hosts[0]) is None:
        raise BadHead(400, "A request needs exactly one well-formed Host field.")
    host = hosts[0].lower()
    length = _framing(fields, 0)
    if minor == 0 and length == CHUNKED:
        raise BadHead(400, "HTTP/1.0 has no chunked bodies.")
    expect = [value.lower() for name, value, _ in fields if name == b"expect"]
    if expect and expect != [b"100-continue"]:
        raise BadHead(417, "The only expectation that is met is 100-continue.")
    return RequestHead(method, _origin_form(method, target, host), minor, fields, host, length)


def parse_response(head: bytes) -> ResponseHead:
    """A response's head, including its last empty line.

    Raises:
        BadHead: it is malformed, or could be understood in two ways.
    """
    first, fields = _lines(head)
    match = _STATUS_LINE.fullmatch(first)
    if match is None:
        raise BadHead(400, "The status line is malformed.")
    return ResponseHead(
        int(match.group(1)), int(match.group(2)), match.group(3) or b"", fields, _framing(fields, UNTIL_CLOSE)
    )


def parse_fields(block: bytes) -> list[Field]:
    """Field lines, each ended with CR LF: the rest of a head, or trailers.

    Raises:
        BadHead: a line is malformed, or there are too many.
    """
    lines = block.split(b"\r\n")[:-1]
    if len(lines) > MAX_FIELDS:
        raise BadHead(431, f"There are more than {MAX_FIELDS} fields.")
    fields: list[Field] = []
    for line in lines:
        match = _FIELD.fullmatch(line)
        if match is None:
            raise BadHead(400, "A field line is malformed.")
        name, value = match.groups()
        fields.append((name.lower(), value.rstrip(b" \t"), line))
    return fields


def _lines(head: bytes) -> tuple[bytes, list[Field]]:
    first, _, rest = head[:-2].partition(b"\r\n")
    return first, parse_fields(rest)


def _framing(fields: list[Field], otherwise: int) -> int:
    """How long the body is, by the one field that says it (RFC 9112 section 6)."""
    lengths = [value for name, value, _ in fields if name == b"content-length"]
    codings = [value for name, value, _ in fields if name == b"transfer-encoding"]
    if codings:
        if lengths:
            raise BadHead(400, "Content-Length and Transfer-Encoding exclude each other.")
        if [coding.lower() for coding in codings] != [b"chunked"]:
            raise BadHead(501, "The only transfer coding that is understood is chunked.")
        return CHUNKED
    if not lengths:
        return otherwise
    if len(lengths) > 1 or _LENGTH.fullmatch(lengths[0]) is None:
        raise BadHead(400, "Content-Length is repeated or not a number.")
    return int(lengths[0])


def _origin_form(method: bytes, target: bytes, host: bytes) -> bytes:
    if target[:1] == b"/":
        return target
    if target == b"*" and method == b"OPTIONS":
        return target
    absolute = _ABSOLUTE.fullmatch(target)
    if absolute is None:
        raise BadHead(400, "The request's target is neither a path nor an address.")
    if absolute.group(1).lower() != host:
        raise BadHead(400, "The request's address and its Host field differ.")
    rest = absolute.group(2)
    return rest if rest[:1] == b"/" else b"/" + rest
