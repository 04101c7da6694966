"""Secrets in a workspace that runs: variables of new processes, files in memory, and others in their place."""

from __future__ import annotations

import asyncio
import os
import stat
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import asyncssh
from tests.integration.agent.conftest import Control, RunningAgent, in_memory

from carrel.core.agent import AgentPlan, App, Hook
from carrel.core.secret import Secret

Reconnect = Callable[[], Awaitable[tuple[asyncssh.SSHClientConnection, Control]]]


async def sh(link: asyncssh.SSHClientConnection, script: str) -> str:
    done = await link.run(script, check=False)
    return str(done.stdout)


def with_secrets(plan: AgentPlan, **more: Any) -> AgentPlan:
    return replace(
        plan,
        secrets={"TOKEN": Secret("first-token"), "GONE": Secret("gone-value")},
        secret_files={"tls.key": Secret("first\nkey\n"), "old": Secret("old-file")},
        secrets_version="v1",
        **more,
    )


async def test_files_are_in_memory_and_for_the_user_alone(
    agent: RunningAgent, control: Control, link: asyncssh.SSHClientConnection, plan: AgentPlan
) -> None:
    assert not agent.secrets.parent.exists()
    await control.begin(with_secrets(plan))
    status = await control.settled()
    assert status["secrets_version"] == "v1"
    assert await sh(link, f"cat {agent.secrets}/tls.key") == "first\nkey\n"
    found = (agent.secrets / "tls.key").stat()
    assert (stat.S_IMODE(found.st_mode), found.st_uid) == (0o400, os.geteuid())
    real = agent.secrets.resolve()
    assert real == in_memory(agent.state / "secrets")
    assert stat.S_IMODE(real.stat().st_mode) & 0o007 == 0
    assert sorted(path.name for path in real.iterdir()) == ["old", "tls.key"]


async def test_other_secrets_take_their_place_at_once_and_once(
    agent: RunningAgent, control: Control, link: asyncssh.SSHClientConnection, plan: AgentPlan
) -> None:
    app = App("web", 0, "echo started $TOKEN; exec python3 -m http.server -b 127.0.0.1 {port}")
    await control.begin(with_secrets(plan, apps=(app,)))
    await control.settled()
    await control.ask("app.start", name="web")
    opened = os.open(agent.secrets / "tls.key", os.O_RDONLY)
    waiting = await link.create_process("read line; echo $TOKEN")
    new = {
        "version": "v2",
        "secrets": {"TOKEN": "second-token", "MORE": "more-value"},
        "files": {"tls.key": "second\n", "new": "n"},
    }
    assert await control.ask("secrets", **new) == {
        "added": ["MORE", "new"],
        "changed": ["TOKEN", "tls.key"],
        "removed": ["GONE", "old"],
    }
    assert await sh(link, "echo $TOKEN $MORE ${GONE-unset}") == "second-token more-value unset\n"
    assert await sh(link, f"ls -A {agent.secrets}; cat {agent.secrets}/tls.key") == "new\ntls.key\nsecond\n"
    assert os.read(opened, 100) == b"first\nkey\n"  # who has it open reads one or the other, never a mixture
    os.close(opened)
    waiting.stdin.write("\n")
    assert await waiting.stdout.readline() == "first-token\n"
    assert (await control.status())["secrets_version"] == "v2"
    assert await control.ask("secrets", **new | {"secrets": {}}) == {"added": [], "changed": [], "removed": []}
    assert await sh(link, "echo $TOKEN") == "second-token\n"
    await control.ask("app.stop", name="web")
    await control.ask("app.start", name="web")
    assert "second-token" not in await control.log("app/web")  # it is there, and masked
    assert (await control.log("app/web")).count("started ********") == 1
    await control.ask("secrets", version="", secrets={}, files={})
    assert await sh(link, f"ls -A {agent.secrets}; echo ${{TOKEN-unset}}") == "unset\n"


async def test_they_outlive_the_agent_and_are_on_no_disk(
    agent: RunningAgent, control: Control, plan: AgentPlan, reconnect: Reconnect
) -> None:
    hook = Hook("postCreate", "devcontainer.json", {"": f"cat {agent.secrets}/tls.key; echo $TOKEN"})
    await control.begin(with_secrets(plan, hooks=(hook,)))
    await control.settled()
    log = await control.log("hook/postCreate-0")
    assert "first-token" not in log
    assert "********" in log
    await control.ask("secrets", version="v2", secrets={"TOKEN": "second-token"}, files={"tls.key": "second-file"})
    await agent.kill()
    assert (agent.secrets / "tls.key").read_text() == "second-file"
    await agent.start()
    again, new_control = await reconnect()
    status = await new_control.settled()
    assert status["secrets_version"] == "v2"
    assert await sh(again, f"echo $TOKEN; cat {agent.secrets}/tls.key") == "second-token\nsecond-file"
    for value in (b"first-token", b"second-token", b"second-file", b"gone-value"):
        assert on_disk(agent.folder, value) == []


def on_disk(folder: Path, value: bytes) -> list[str]:
    """Files below a folder, links not followed, that hold a value."""
    paths = [Path(parent, name) for parent, _, names in os.walk(folder) for name in names]
    files = [path for path in paths if path.is_file() and not path.is_symlink()]
    return [str(path) for path in files if value in path.read_bytes()]


async def test_a_place_that_is_not_the_platforms_is_left_alone_and_said(
    agent: RunningAgent, control: Control, plan: AgentPlan
) -> None:
    await asyncio.to_thread(agent.secrets.parent.mkdir, mode=0o777)
    agent.secrets.parent.chmod(0o777)
    await control.begin(with_secrets(plan))
    status = await control.settled()
    assert "Secrets could not be written" in status["degraded"]
    assert not agent.secrets.exists()
