"""Ports as events: once each, bounded, and as the attributes of the port say."""

from __future__ import annotations

from datetime import UTC, datetime

from carrel.core.agent import PROTOCOL, AgentState, AgentStatus, PortStatus
from carrel.core.port_events import MOST_AT_ONCE, MOST_IN_A_START, has_news, port_events
from carrel.core.workspace import PortsTold

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def status(*ports: PortStatus, boot_id: str = "b1") -> AgentStatus:
    return AgentStatus(PROTOCOL, "0", "w1", 1, boot_id, NOW, AgentState.READY, ports=ports)


def test_a_port_is_told_once_when_it_begins_and_once_when_it_ends() -> None:
    web = PortStatus(3000, process="node", protocol="http", label="Web", on_auto_forward="openBrowser")
    [event], told = port_events(status(web), PortsTold())
    assert event.kind == "port_listening"
    assert event.data == {
        "port": 3000,
        "process": "node",
        "protocol": "http",
        "label": "Web",
        "on_auto_forward": "openBrowser",
        "require_local_port": False,
    }
    assert not has_news(status(web), told)
    assert port_events(status(web), told) == ([], told)
    [event], told = port_events(status(), told)
    assert (event.kind, event.data) == ("port_closed", {"port": 3000})
    assert port_events(status(), told) == ([], told)


def test_what_is_ignored_or_still_asked_is_not_told_yet() -> None:
    told = PortsTold("b1", (8000,), 1)
    quiet = (PortStatus(1, on_auto_forward="ignore"), PortStatus(2, is_asked=True), PortStatus(8000, is_asked=True))
    assert port_events(status(*quiet), told) == ([], told)
    events, _ = port_events(status(PortStatus(2, on_auto_forward="silent"), PortStatus(8000)), told)
    assert [(event.data["port"], event.data["on_auto_forward"]) for event in events] == [(2, "silent")]


def test_a_new_start_tells_anew() -> None:
    events, told = port_events(status(PortStatus(80), boot_id="b2"), PortsTold("b1", (80, 81), MOST_IN_A_START))
    assert [event.kind for event in events] == ["port_listening"]
    assert told == PortsTold("b2", (80,), 1)


def test_a_program_that_opens_port_after_port_does_not_fill_the_history() -> None:
    told, count = PortsTold(), 0
    for turn in range(100):
        many = [PortStatus(10_000 + turn * 100 + number) for number in range(50)]
        events, told = port_events(status(*many), told)
        assert len(events) <= MOST_AT_ONCE
        count += len(events)
    assert count == MOST_IN_A_START
