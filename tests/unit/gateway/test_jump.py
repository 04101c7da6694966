"""Where a jump may lead."""

from __future__ import annotations

import asyncssh
import pytest

from carrel.gateway.jump import workspace_of


@pytest.mark.parametrize(
    ("host", "name"),
    [("blog.carrel", "blog"), ("blog", "blog"), ("BLOG.Carrel", "blog"), ("blog--ana.carrel", "blog--ana")],
)
def test_a_workspace_is_named_with_or_without_the_suffix(host: str, name: str) -> None:
    assert workspace_of(host, 22) == name


@pytest.mark.parametrize(
    ("host", "port"),
    [
        ("127.0.0.1", 22),
        ("::1", 22),
        ("blog.carrel", 23),
        ("blog.carrel", 0),
        ("blog.carrel", 99999),
        ("blog.carrel.example.org", 22),
        ("169.254.169.254", 22),
        ("2130706433", 22),
        ("blog.carrel.", 22),
        ("a--b--c.carrel", 22),
        ("../x.carrel", 22),
        ("", 22),
        (".carrel", 22),
        ("a" * 300, 22),
        ("blog\n.carrel", 22),
    ],
)
def test_it_leads_nowhere_else(host: str, port: int) -> None:
    with pytest.raises(asyncssh.ChannelOpenError):
        workspace_of(host, port)
