"""Ports that began or ceased to listen, as events: once each, bounded, and none that `onAutoForward` has ignored."""

from __future__ import annotations

from carrel.core.agent import AgentStatus, PortStatus
from carrel.core.events import Event
from carrel.core.workspace import PortsTold

MOST_AT_ONCE = 16
MOST_IN_A_START = 400
"""A program that opens port after port does not fill the history."""
IGNORED = "ignore"


def port_events(status: AgentStatus, told: PortsTold) -> tuple[list[Event], PortsTold]:
    """What is new since the last look, and what is told by then. A start begins with nothing told."""
    if told.boot_id != status.boot_id:
        told = PortsTold(status.boot_id)
    now = {port.port: port for port in status.ports if is_told(port)}
    asked = {port.port for port in status.ports if port.is_asked}
    new = [_listening(port) for number, port in now.items() if number not in told.ports]
    gone = [Event("port_closed", {"port": number}) for number in told.ports if number not in now.keys() | asked]
    room = max(0, min(MOST_AT_ONCE, MOST_IN_A_START - told.events))
    shown = [*gone, *new][:room]
    kept = {number for number in told.ports if number in now or number in asked}
    return shown, PortsTold(status.boot_id, tuple(sorted({*now, *kept})), told.events + len(shown))


def is_told(port: PortStatus) -> bool:
    """Whether people are told of it: not while it is being asked what it speaks, which takes a moment."""
    return port.on_auto_forward != IGNORED and not port.is_asked


def has_news(status: AgentStatus, told: PortsTold) -> bool:
    """Whether a look would tell anything."""
    return bool(port_events(status, told)[0])


def _listening(port: PortStatus) -> Event:
    data = {
        "port": port.port,
        "process": port.process,
        "protocol": port.protocol,
        "label": port.label,
        "on_auto_forward": port.on_auto_forward,
        "require_local_port": port.require_local_port,
    }
    return Event("port_listening", data)
