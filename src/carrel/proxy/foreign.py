"""Apps that answer in another protocol than HTTP/1.1: recognised by their first bytes, so that people are told which."""

from __future__ import annotations

from typing import Final

_HTTP: Final = b"HTTP/"
_SETTINGS: Final = 4
_LONGEST_SETTINGS: Final = 4096
_FRAME_BYTES: Final = 9
_ALERT: Final = b"\x15\x03"


def another_protocol(beginning: bytes) -> tuple[str, str] | None:
    """What an answer is that begins so, and what to do; None: it is HTTP, or that cannot be told yet."""
    if _HTTP.startswith(beginning[: len(_HTTP)]):
        return None
    if beginning.startswith(_ALERT):
        detail = "This port speaks TLS."
        return (
            detail,
            'Say so in devcontainer.json: `"portsAttributes": {"PORT": {"protocol": "https"}}`, then rebuild.',
        )
    if len(beginning) < _FRAME_BYTES and b"\n" not in beginning:  # a short line is nobody's frame
        return None
    if len(beginning) >= _FRAME_BYTES and _is_settings(beginning):
        detail = "This port speaks HTTP/2 only (h2c, as gRPC has it); apps are served here by HTTP/1.1."
        return detail, "`carrel port-forward NAME PORT` carries it as it is."
    return "What this port answers is not HTTP.", "`carrel port-forward NAME PORT` carries any protocol."


def _is_settings(frame: bytes) -> bool:
    """Whether a server's connection preface begins here: a SETTINGS frame of stream 0 (RFC 9113 section 3.4)."""
    length, kind, stream = int.from_bytes(frame[:3], "big"), frame[3], int.from_bytes(frame[5:9], "big")
    return length <= _LONGEST_SETTINGS and length % 6 == 0 and kind == _SETTINGS and stream == 0
