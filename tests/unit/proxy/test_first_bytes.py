"""Which first byte of an app is told, and how often."""

from __future__ import annotations

from datetime import datetime

from tests.integration.proxy.memory_authority import MemoryAuthority

from carrel.core.problems import Problem
from carrel.links.access import Place
from carrel.proxy.first_bytes import FirstBytes

CODE = Place("w1", "code")


async def test_of_several_connections_the_first_one_tells_and_later_ones_do_not_listen() -> None:
    authority = MemoryAuthority()
    first_bytes = FirstBytes(authority)
    first_bytes.asked(CODE)
    first_bytes.asked(CODE)
    listeners = [first_bytes.listener(CODE), first_bytes.listener(CODE)]
    for listener in listeners:
        assert listener is not None
        listener()
    await first_bytes.flush()
    [(workspace, app, asked, answered)] = authority.first_bytes
    assert (workspace, app) == ("w1", "code")
    assert asked <= answered
    assert first_bytes.listener(CODE) is None


async def test_the_next_start_has_a_first_byte_of_its_own() -> None:
    authority = MemoryAuthority()
    first_bytes = FirstBytes(authority)
    for _ in range(2):
        first_bytes.asked(CODE)
        listener = first_bytes.listener(CODE)
        assert listener is not None
        listener()
        first_bytes.forget("w1")
    await first_bytes.flush()
    assert len(authority.first_bytes) == 2


async def test_a_port_and_a_workspace_that_nobody_starts_have_none() -> None:
    first_bytes = FirstBytes(MemoryAuthority())
    first_bytes.asked(Place("w1", "3000"))
    assert first_bytes.listener(Place("w1", "3000")) is None
    first_bytes.asked(CODE)
    first_bytes.drop(CODE)
    assert first_bytes.listener(CODE) is None


async def test_a_control_plane_that_cannot_be_told_harms_nobody() -> None:
    class Gone(MemoryAuthority):
        async def first_byte(self, workspace: str, app: str, asked: datetime, answered: datetime) -> None:
            raise Problem("not_found")

    first_bytes = FirstBytes(Gone())
    first_bytes.asked(CODE)
    listener = first_bytes.listener(CODE)
    assert listener is not None
    listener()
    await first_bytes.flush()
