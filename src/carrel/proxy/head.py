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
_FIELD = re.compile(rb"(([!#$%&'*+.^_`|~0-9A-Za-z-]+):([\t\x20-\x7e\x80-\xff]*))\r\n")
_BLOCK = re.compile(rb"(?:[!#$%&'*+.^_`|~0-9A-Za-z-]+:[\t\x20-\x7e\x80-\xff]*\r\n)*+")
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


class Fields:
    """The fields of a head, in order, and by name."""

    __slots__ = ("_values", "lines", "repeated")

    def __init__(self, lines: list[Field]) -> None:
        self.lines = lines
        self.repeated: set[bytes] = set()
        """Names that occur more than once."""
        values: dict[bytes, bytes] = {}
        for name, value, _ in lines:
            if name in values:
                self.repeated.add(name)
                values[name] += b", " + value
            else:
                values[name] = value
        self._values = values

    def get(self, name: bytes) -> bytes:
        """A field's value; several are joined by commas; empty when absent."""
        return self._values.get(name, b"")

    def __contains__(self, name: bytes) -> bool:
        return name in self._values


@dataclass(slots=True)
class RequestHead:
    """A request that may be passed on."""

    method: bytes
    target: bytes
    """Origin form: a path with its query, or `*`."""
    minor: int
    """HTTP/1.`minor`."""
    fields: Fields
    host: bytes
    """The Host field, in lower case, with its port where it has one."""
    length: int
    """Bytes of the body, or CHUNKED."""
    persistent: bool
    """Whether the client wants to send another request on this connection."""
    wants_websocket: bool
    """Whether this asks for a WebSocket (RFC 6455 section 4.1)."""

    def field(self, name: bytes) -> bytes:
        """A field's value; several are joined by commas; empty when absent."""
        return self.fields.get(name)


@dataclass(slots=True)
class ResponseHead:
    """A response that may be passed on."""

    minor: int
    status: int
    reason: bytes
    fields: Fields
    length: int
    """Bytes of the body, CHUNKED or UNTIL_CLOSE; whether there is a body at all depends on the request too."""
    persistent: bool
    """Whether the app takes another request on this connection."""


def tokens(value: bytes) -> list[bytes]:
    """The elements of a comma-separated field, in lower case."""
    return [token.strip() for token in value.lower().split(b",")] if value else []


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
    first, fields = _split(head)
    match = _REQUEST_LINE.fullmatch(first)
    if match is None:
        version = first.rsplit(b" ", 1)[-1]
        if version.startswith(b"HTTP/") and not version.startswith(b"HTTP/1."):
            raise BadHead(505, "Only HTTP/1.1 is spoken here.")
        raise BadHead(400, "The request line is malformed.")
    method, target, minor = match.group(1), match.group(2), int(match.group(3))
    host = fields.get(b"host").lower()
    if b"host" in fields.repeated or _HOST.fullmatch(host) is None:
        raise BadHead(400, "A request needs exactly one well-formed Host field.")
    length = _framing(fields, 0)
    if minor == 0 and length == CHUNKED:
        raise BadHead(400, "HTTP/1.0 has no chunked bodies.")
    if b"expect" in fields and fields.get(b"expect").lower() != b"100-continue":
        raise BadHead(417, "The only expectation that is met is 100-continue.")
    options = tokens(fields.get(b"connection"))
    websocket = (
        b"upgrade" in options
        and method == b"GET"
        and minor == 1
        and length == 0
        and fields.get(b"upgrade").lower() == b"websocket"
    )
    persistent = minor == 1 and b"close" not in options
    return RequestHead(method, _origin_form(method, target, host), minor, fields, host, length, persistent, websocket)


def parse_response(head: bytes) -> ResponseHead:
    """A response's head, including its last empty line.

    Raises:
        BadHead: it is malformed, or could be understood in two ways.
    """
    first, fields = _split(head)
    match = _STATUS_LINE.fullmatch(first)
    if match is None:
        raise BadHead(400, "The status line is malformed.")
    minor, length = int(match.group(1)), _framing(fields, UNTIL_CLOSE)
    persistent = minor == 1 and length != UNTIL_CLOSE and b"close" not in tokens(fields.get(b"connection"))
    return ResponseHead(minor, int(match.group(2)), match.group(3) or b"", fields, length, persistent)


def parse_fields(block: bytes) -> list[Field]:
    """Field lines, each ended with CR LF: the rest of a head, or trailers.

    Raises:
        BadHead: a line is malformed, or there are too many.
    """
    if _BLOCK.fullmatch(block) is None:
        raise BadHead(400, "A field line is malformed.")
    found = _FIELD.findall(block)
    if len(found) > MAX_FIELDS:
        raise BadHead(431, f"There are more than {MAX_FIELDS} fields.")
    return [(name.lower(), value.strip(b" \t"), line) for line, name, value in found]


def _split(head: bytes) -> tuple[bytes, Fields]:
    first_end = head.index(b"\r\n")
    return head[:first_end], Fields(parse_fields(head[first_end + 2 : -2]))


def _framing(fields: Fields, otherwise: int) -> int:
    """How long the body is, by the one field that says it (RFC 9112 section 6)."""
    if b"transfer-encoding" in fields:
        if b"content-length" in fields:
            raise BadHead(400, "Content-Length and Transfer-Encoding exclude each other.")
        if fields.get(b"transfer-encoding").lower() != b"chunked":
            raise BadHead(501, "The only transfer coding that is understood is chunked.")
        return CHUNKED
    if b"content-length" not in fields:
        return otherwise
    length = fields.get(b"content-length")
    if b"content-length" in fields.repeated or _LENGTH.fullmatch(length) is None:
        raise BadHead(400, "Content-Length is repeated or not a number.")
    return int(length)


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
