"""Spans on both databases: the timeline's last one comes from proxies, any number of times."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.integration.conftest import Clock, add_workspace

from carrel.core.access import Actor
from carrel.core.problems import Problem
from carrel.core.workspace import Remembered, Workspace
from carrel.server.actions.first_bytes import record_first_byte, waited_from
from carrel.server.store import spans
from carrel.server.store.engine import Store


async def test_the_first_byte_of_an_app_is_recorded_once_in_a_start(store: Store, ana: Actor, clock: Clock) -> None:
    new = await add_workspace(store, ana, remembered=Remembered(started=3))
    asked = clock()
    for seconds, app in ((1, "code"), (2, "code"), (3, "jupyter")):
        async with store.writing() as session:
            await record_first_byte(session, new.id, app, asked, asked + timedelta(seconds=seconds))
    async with store.reading() as session:
        found = await spans.of_start(session, new.id, 3)
    took = {span.detail: span.ended - asked for span in found if span.name == "first_byte"}
    assert took == {"code": timedelta(seconds=1), "jupyter": timedelta(seconds=3)}


async def test_a_first_byte_of_a_workspace_that_is_gone_is_refused(store: Store, clock: Clock) -> None:
    with pytest.raises(Problem, match="gone"):
        async with store.writing() as session:
            await record_first_byte(session, "w00000000000", "code", clock(), clock())


def test_who_asked_during_the_start_waited_for_all_of_it(clock: Clock) -> None:
    wished = clock()
    starting = Workspace("w1", "u1", "ana", "blog", goal_at=wished)
    running = replace(starting, running_since=wished + timedelta(seconds=10))
    for seconds, workspace, since in (
        (5, starting, 0),
        (5, running, 0),
        (-60, running, 0),
        (70, running, 70),
    ):
        asked = wished + timedelta(seconds=seconds)
        assert waited_from(workspace, asked) == wished + timedelta(seconds=since)
