"""Programs of a workspace ask a real agent, which asks who listens on its links; git is the real one."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shlex
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import asyncssh
import pytest
from tests.integration.agent.conftest import Control, RunningAgent

from carrel.core.agent import AgentPlan
from carrel.core.problems import Problem
from carrel.core.questions import QUESTIONS_SUBSYSTEM, GitCredential, GitSignature, Question
from carrel.core.secret import Secret
from carrel.links.authority import make_key_pair
from carrel.links.questions_channel import QuestionsChannel
from carrel.server.actions.signing_keys import sign

FILL = "printf 'protocol=%s\\nhost=%s\\n\\n' | GIT_TERMINAL_PROMPT=0 git credential "
ANSWER = "username=ana\npassword=token\n"


class Server:
    """Listens as a server does, and has one credential and one key."""

    def __init__(self) -> None:
        self.key = make_key_pair("ana (Carrel)")
        self.asked: list[Question] = []
        self.channel: asyncssh.SSHClientChannel[bytes] | None = None

    async def leave(self) -> None:
        """Listen no more; the agent knows it then."""
        if self.channel is not None:
            self.channel.close()
            await self.channel.wait_closed()

    async def reply(self, question: Question) -> object:
        self.asked.append(question)
        if question.ask == "git_signature":
            return GitSignature(sign(self.key.private, question.digest))
        if question.host != "git.example":
            raise Problem("not_found", f"There is no credential for {question.host}.", "Store one.")
        return GitCredential("ana", Secret("token"), 2_000_000_000)

    async def listen(self, link: asyncssh.SSHClientConnection) -> None:
        self.channel, _ = await link.create_session(
            lambda: QuestionsChannel(self.reply), subsystem=QUESTIONS_SUBSYSTEM, encoding=None
        )


@pytest.fixture
async def server(agent: RunningAgent, link: Any, control: Control, plan: AgentPlan) -> AsyncIterator[Server]:
    """A server that listens to a workspace that has begun, with helpers in its toolbox."""
    found = Server()
    helpers = agent.toolbox / "bin"
    helpers.mkdir(parents=True)
    for name, word in (("git-credential-carrel", "credential"), ("git-sign-carrel", "sign")):
        python = shlex.join([sys.executable, "-I", "-m", "carrel.agent.questions.helper", word])
        (helpers / name).write_text(f'#!/bin/sh\nexec {python} "$@"\n')
        (helpers / name).chmod(0o755)
    plan = replace(plan, git_signing_key=found.key.public, git_name="Ana", git_email="ana@example.org")
    await control.begin(plan)
    await control.settled()
    await found.listen(link)
    yield found
    await found.leave()


async def test_git_has_what_the_server_has_for_that_host(server: Server, link: Any) -> None:
    filled = await link.run(FILL % ("https", "git.example") + "fill")
    assert ANSWER in filled.stdout
    assert "host=git.example" in filled.stdout
    [question] = server.asked
    assert (question.protocol, question.host) == ("https", "git.example")
    assert question.asker.endswith(f"(uid {os.geteuid()})")
    for line in ("approve", "reject"):
        assert (
            await link.run(f"printf 'protocol=https\\nhost=git.example\\n{ANSWER}\\n' | git credential {line}")
        ).exit_status == 0


async def test_what_the_server_has_not_is_said_and_git_ends(server: Server, link: Any) -> None:
    filled = await link.run(FILL % ("https", "git.other") + "fill")
    assert filled.exit_status != 0
    assert "carrel: There is no credential for git.other. Store one." in filled.stderr


async def test_a_password_that_a_host_did_not_take_is_said_where_it_is_ours(server: Server, link: Any) -> None:
    ours = "printf 'protocol=https\\nhost=git.example\\nusername=ana\\npassword=%s\\n\\n' | git credential reject"
    assert "git.example does not take the credential" in (await link.run(ours % "token")).stderr
    assert (await link.run(ours % "mine")).stderr == ""


async def test_a_persons_own_helper_is_asked_where_he_wants_no_other(
    server: Server, link: Any, agent: RunningAgent
) -> None:
    own = '[credential]\n helper =\n helper = "!f() { echo username=me; echo password=mine; }; f"\n'
    (agent.home / ".gitconfig").write_text(own)
    assert "password=mine" in (await link.run(FILL % ("https", "git.example") + "fill")).stdout
    assert server.asked == []


async def test_commits_and_tags_are_signed_and_git_verifies_them(server: Server, link: Any) -> None:
    made = await link.run(
        "git init -q . && git commit -q --allow-empty -m One && git tag -m T t && git log -1 --show-signature"
    )
    assert 'Good "git" signature for ana@example.org' in made.stdout, (made.stdout, made.stderr)
    assert "Good" in (await link.run("git verify-tag t")).stderr
    assert [one.ask for one in server.asked] == ["git_signature", "git_signature"]


async def test_a_key_of_the_persons_own_signs_as_ever(
    server: Server, link: Any, agent: RunningAgent, tmp_path: Path
) -> None:
    pair = make_key_pair("own")
    (tmp_path / "own").write_text(pair.private.reveal())
    (tmp_path / "own").chmod(0o600)
    (tmp_path / "own.pub").write_text(f"{pair.public}\n")
    (agent.home / ".gitconfig").write_text(f"[user]\n signingkey = {tmp_path}/own\n")
    made = await link.run("git init -q . && git commit -q --allow-empty -m One && git cat-file commit HEAD")
    assert "BEGIN SSH SIGNATURE" in made.stdout, made.stderr
    assert server.asked == []


async def test_when_a_server_is_lost_another_one_answers(server: Server, link: Any, agent: RunningAgent) -> None:
    other = Server()
    async with agent.connect() as second:
        await other.listen(second)
        await server.leave()
        filled = await second.run(FILL % ("https", "git.example") + "fill")
        assert ANSWER in filled.stdout
    assert (len(server.asked), len(other.asked)) == (0, 1)


async def test_nonsense_on_the_socket_harms_nobody(server: Server, link: Any, agent: RunningAgent) -> None:
    place = str(agent.state / "questions.sock")
    for line in (
        b"\n",
        b"[]\n",
        b"{}\n",
        b'{"ask":"everything"}\n',
        b'{"ask":"git_credential","host":7}\n',
        b"x" * 99999,
    ):
        reader, writer = await asyncio.open_unix_connection(place)
        with contextlib.suppress(ConnectionError):
            writer.write(line)
            writer.write_eof()
            assert b"malformed_request" in await reader.read() or len(line) > 65536
        writer.close()
    assert server.asked == []
    assert ANSWER in (await link.run(FILL % ("https", "git.example") + "fill")).stdout
