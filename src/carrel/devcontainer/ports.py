"""forwardPorts, appPort, portsAttributes: reading, and which attributes a port has (C155, C403-C412)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

_RANGE = re.compile(r"(\d+)-(\d+)")
_HOST_PORT = re.compile(r"(?:(?P<host>[^:]+):)?(?P<port>\d+)")
_MAX_PORT = 65535
_MAX_DIGITS = 9
DEFAULTS: Mapping[str, Any] = {"onAutoForward": "notify", "requireLocalPort": False, "elevateIfNeeded": False}


def forward_ports(values: Sequence[Any]) -> tuple[str, ...]:
    """Ports to forward, as `3000` (in the primary container) or `db:5432`; what is no port is left out."""
    ports: list[str] = []
    for value in values:
        port = port_text(value)
        if port and port not in ports:
            ports.append(port)
    return tuple(ports)


def port_text(value: Any) -> str:
    """`3000`, `"3000"`, `"localhost:3000"` give `3000`; `"db:5432"` stays; empty for what is no port."""
    if isinstance(value, bool):
        return ""
    match = _HOST_PORT.fullmatch(str(value)) if isinstance(value, (int, str)) else None
    if match is None or len(match["port"]) > _MAX_DIGITS or int(match["port"]) > _MAX_PORT:
        return ""
    port = str(int(match["port"]))
    return port if match["host"] in {None, "localhost", "127.0.0.1"} else f"{match['host']}:{port}"


def app_ports(value: Any) -> tuple[str, ...]:
    """Container ports of `appPort`: a number, `"3000"`, `"8080:3000"`, `"127.0.0.1:8080:3000"`, or an array of these.

    Nothing is published on the host; the ports are forwarded like `forwardPorts`.
    """
    values = value if isinstance(value, list) else [] if value is None else [value]
    ports = (str(one).rpartition(":")[2].partition("/")[0] for one in values if not isinstance(one, bool))
    return forward_ports([port for port in ports if port.isdigit()])


def attributes_of(
    port: str, attributes: Mapping[str, Any], others: Mapping[str, Any] | None, command_line: str = ""
) -> dict[str, Any]:
    """The attributes of a port: exact key, then range, then expression in file order, then otherPortsAttributes (C407).

    Args:
        port: `3000` or `db:5432`.
        attributes: merged `portsAttributes`.
        others: merged `otherPortsAttributes`.
        command_line: of the process that listens, for keys that are expressions.
    """
    for match in (_exact, _in_range, _expression):
        for key, value in attributes.items():
            if isinstance(value, Mapping) and match(key, port, command_line):
                return {**DEFAULTS, **value}
    return {**DEFAULTS, **(others or {})}


def _exact(key: str, port: str, _command_line: str) -> bool:
    return port_text(key) == port


def _in_range(key: str, port: str, _command_line: str) -> bool:
    match = _RANGE.fullmatch(key)
    return bool(match and port.isdigit() and int(match[1]) <= int(port) <= int(match[2]))


def _expression(key: str, _port: str, command_line: str) -> bool:
    if not command_line or port_text(key) or _RANGE.fullmatch(key):
        return False
    try:
        return re.search(key, command_line) is not None
    except re.error:
        return False
