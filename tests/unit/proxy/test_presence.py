"""Who is told to be here, and when."""

from __future__ import annotations

from tests.integration.proxy.memory_authority import MemoryAuthority

from carrel.core.problems import Problem
from carrel.links.access import PRESENT_SECONDS, Identity, Place
from carrel.proxy.door import Admitted
from carrel.proxy.presence import Presence


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


ANA = Admitted(Place("w1", "code"), Identity("ana", "w1", "ana"), b"h", b"ticket")
ANYBODY = Admitted(Place("w1", "8080"), Identity("", "w1", may_use=False), b"h")


async def test_a_person_is_told_of_at_once_and_again_while_something_is_open() -> None:
    authority, clock = MemoryAuthority(), Clock()
    presence = Presence(authority, clock)
    for _ in range(3):
        presence.see(ANA)
    await presence.flush()
    assert authority.people == [(ANA.identity, "app code")]
    for _ in range(round(2 * PRESENT_SECONDS)):
        clock.now += 1
        presence.look([ANA])
    await presence.flush()
    assert len(authority.people) == 3


async def test_a_person_who_went_is_told_of_no_more_and_at_once_when_he_comes_back() -> None:
    authority, clock = MemoryAuthority(), Clock()
    presence = Presence(authority, clock)
    presence.see(ANA)
    clock.now += 5 * PRESENT_SECONDS
    presence.look([])
    await presence.flush()
    assert len(authority.people) == 1
    presence.see(ANA)
    await presence.flush()
    assert len(authority.people) == 2


async def test_anybody_is_nobody() -> None:
    authority = MemoryAuthority()
    presence = Presence(authority)
    presence.see(ANYBODY)
    presence.look([ANYBODY])
    await presence.flush()
    assert authority.people == []


async def test_what_could_not_be_told_is_told_with_the_next_request() -> None:
    class Deaf(MemoryAuthority):
        async def present(self, identity: Identity, how: str) -> None:
            await super().present(identity, how)
            raise Problem("agent_unreachable")

    authority = Deaf()
    presence = Presence(authority)
    for _ in range(2):
        presence.see(ANA)
        await presence.flush()
    assert len(authority.people) == 2
