"""Who may connect to the agent."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import asyncssh
import pytest

from carrel.core.problems import Problem

if TYPE_CHECKING:
    from tests.integration.agent.conftest import Control, RunningAgent


async def test_a_certificate_of_the_authority_that_names_this_start_is_let_in(agent: RunningAgent) -> None:
    async with agent.connect() as link, agent.control(link) as control:
        hello = await control.ask("hello")
    assert hello["workspace"] == "w000000000001"
    assert hello["state"] == "waiting"
    assert "begin" in hello["operations"]


async def test_several_links_at_once(agent: RunningAgent) -> None:
    async with (
        agent.connect() as first,
        agent.connect() as second,
        agent.control(first) as one,
        agent.control(second) as two,
    ):
        assert (await one.ask("hello")) == (await two.ask("hello"))


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda agent: agent.certificate(("w000000000001:2",)), id="another start"),
        pytest.param(lambda agent: agent.certificate(()), id="no principal"),
        pytest.param(lambda agent: agent.certificate(valid_before="-1m"), id="expired"),
        pytest.param(lambda agent: agent.certificate(host=True), id="a host certificate"),
        pytest.param(
            lambda agent: agent.certificate(authority=asyncssh.generate_private_key("ssh-ed25519")),
            id="another authority",
        ),
        pytest.param(lambda agent: asyncssh.generate_private_key("ssh-ed25519"), id="a plain key"),
        pytest.param(lambda agent: agent.authority, id="the authority's own key"),
    ],
)
async def test_anything_else_is_refused(agent: RunningAgent, make: Callable[[RunningAgent], Any]) -> None:
    keys = make(agent)
    with pytest.raises(asyncssh.PermissionDenied):
        async with agent.connect(keys):
            pass


async def test_another_user_name_is_refused(agent: RunningAgent) -> None:
    with pytest.raises((asyncssh.PermissionDenied, asyncssh.ConnectionLost)):
        async with agent.connect(username="root"):
            pass


async def test_what_is_no_operation_is_a_problem_and_the_channel_lives_on(control: Control) -> None:
    with pytest.raises(Problem) as caught:
        await control.ask("explode")
    assert caught.value.kind == "malformed_request"
    with pytest.raises(Problem, match="begin: Begin: operation is missing"):
        await control.ask("begin")
    assert (await control.ask("hello"))["protocol"] == 1
