"""Listening ports and their attributes (C406-C410)."""

from __future__ import annotations

from typing import Any

import pytest

from carrel.agent.ports import Process, Socket, attributes_of, merge, parse_sockets

TCP = """  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 111 1 0 100 0 0 10 0
   1: 00000000:0BB8 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 222 1 0 100 0 0 10 0
   2: 0100007F:1F90 0100007F:D2F0 01 00000000:00000000 00:00000000 00000000  1000        0 333 1 0 100 0 0 10 0
"""
TCP6 = """  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000000000000000000001000000:1F90 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 444 1 0
   1: 0000000000000000FFFF00000100007F:0050 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 555 1 0
   2: 00000000000000000000000000000000:0051 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 666 1 0
"""


def test_only_listening_sockets_are_found() -> None:
    assert parse_sockets(TCP) == [Socket(8080, "127.0.0.1", 111), Socket(3000, "0.0.0.0", 222)]
    assert parse_sockets(TCP6) == [Socket(8080, "::1", 444), Socket(80, "127.0.0.1", 555), Socket(81, "::", 666)]
    assert parse_sockets("") == []


def test_the_engines_name_server_is_no_port_of_the_workspace() -> None:
    assert parse_sockets(TCP.replace("0100007F:1F90 00000000", "0B00007F:91EF 00000000")) == [
        Socket(3000, "0.0.0.0", 222)
    ]


def test_the_observers_are_merged_into_one_row_a_port() -> None:
    sockets = [*parse_sockets(TCP), *parse_sockets(TCP6)]
    processes = {444: Process(7, "node", "node server.js"), 222: Process(8, "python3", "python3 -m http.server")}
    found = merge(sockets, processes, {"3000": {"label": "Web", "protocol": "https"}}, frozenset({80, 81}))
    assert [(p.port, p.process, p.pid, p.loopback_only, p.label, p.protocol) for p in found] == [
        (3000, "python3", 8, False, "Web", "https"),
        (8080, "node", 7, True, "", ""),
    ]


def test_a_port_that_is_open_on_one_address_is_open() -> None:
    found = merge([Socket(5, "127.0.0.1", 1), Socket(5, "10.0.0.2", 2)], {}, {}, frozenset())
    assert [(p.loopback_only, p.address) for p in found] == [(False, "10.0.0.2 127.0.0.1")]


ATTRIBUTES: dict[str, dict[str, Any]] = {
    "serve": {"label": "second expression"},
    "node": {"label": "expression"},
    "3000-4000": {"label": "range"},
    "3000": {"label": "port"},
    "localhost:5000": {"label": "host and port"},
    "[": {"label": "not an expression"},
    "*": {"label": "others", "onAutoForward": "ignore"},
}


@pytest.mark.parametrize(
    ("port", "command_line", "label"),
    [
        (3000, "node", "port"),
        (3001, "node", "range"),
        (5000, "", "host and port"),
        (9000, "node serve", "second expression"),
        (9000, "node", "expression"),
        (9000, "ruby", "others"),
        (9000, "", "others"),
    ],
)
def test_port_before_range_before_expression_before_others(port: int, command_line: str, label: str) -> None:
    assert attributes_of(port, command_line, ATTRIBUTES)["label"] == label


def test_the_default_is_to_notify() -> None:
    assert attributes_of(1, "", {})["onAutoForward"] == "notify"
