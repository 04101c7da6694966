"""What running workspaces are answered: their owner's credential for that host, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tests.integration.conftest import add_workspace

from carrel.core.access import Actor
from carrel.core.preferences import Preferences
from carrel.core.problems import Problem
from carrel.core.questions import GitCredential, GitSignature, Question
from carrel.core.secret import Secret
from carrel.core.spec import GitSource
from carrel.core.workspace import Goal, Phase
from carrel.server.actions.git_credentials import Found, put_git_credential
from carrel.server.actions.signing_keys import make_signing_key
from carrel.server.live.questions import PER_MINUTE, Questions
from carrel.server.settings import load_settings
from carrel.server.store import users
from carrel.server.store.audit import AuditRow, newest
from carrel.server.store.engine import Store

HOST = "git.example:8443"
QUESTION = Question("op", "git_credential", "git-remote-http (uid 0)", "https", HOST)
SIGN = Question("op", "git_signature", digest=bytes(64))


@pytest.fixture
def database_url(sqlite_url: Secret) -> Secret:
    """What is tested is not the database's."""
    return sqlite_url


class Time:
    """Seconds that the test moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def time() -> Time:
    return Time()


async def as_it_is(_user_id: str, found: Found) -> Found:
    return found


@pytest.fixture
def questions(store: Store, time: Time) -> Questions:
    return Questions(store, load_settings({}), as_it_is, time)


@pytest.fixture
async def workspace(store: Store, ana: Actor, ben: Actor) -> str:
    """The id of a running workspace of ana's; she and ben have a credential for the host."""
    async with store.writing() as session:
        await put_git_credential(ana, session, store.keys, HOST, "ana", Secret("anas"))
        await put_git_credential(ben, session, store.keys, "other.example", "ben", Secret("bens"))
    return (await add_workspace(store, ana, phase=Phase.RUNNING)).id


async def told(store: Store, workspace: str, action: str) -> list[AuditRow]:
    async with store.reading() as session:
        return [row for row in await newest(session, f"workspace:{workspace}") if row.action == action]


async def refused(questions: Questions, workspace: str, question: Question = QUESTION) -> Problem:
    with pytest.raises(Problem) as raised:
        await questions.answer(workspace, question)
    assert "anas" not in f"{raised.value} {raised.value.hint}"
    return raised.value


async def test_the_owner_s_credential_for_that_host(questions: Questions, workspace: str) -> None:
    assert await questions.answer(workspace, QUESTION) == GitCredential("ana", Secret("anas"))
    await questions.answer(workspace, replace(QUESTION, host=HOST.upper()))
    await questions.answer(workspace, replace(QUESTION, username="ana"))


@pytest.mark.parametrize(
    ("change", "kind", "words"),
    [
        ({"host": "git.example"}, "not_found", "no credential for git.example"),
        ({"host": "git.example:443"}, "not_found", "no credential"),
        ({"host": "other.example"}, "not_found", "ana has stored no credential for other.example"),
        ({"host": "evil@git.example:8443"}, "bad_value", "not a host"),
        ({"host": "git.example:8443/x"}, "bad_value", "not a host"),
        ({"host": ""}, "bad_value", "not a host"),
        ({"protocol": "http"}, "not_allowed", "over http"),
        ({"protocol": "ftp"}, "not_allowed", "over ftp"),
        ({"protocol": ""}, "not_allowed", "over"),
        ({"username": "other"}, "not_found", "that of ana, not of other"),
    ],
    ids=lambda value: "-".join(f"{k}={v}" for k, v in value.items()) if isinstance(value, dict) else "",
)
async def test_nothing_for_another_host_protocol_or_user(
    questions: Questions, workspace: str, change: dict[str, Any], kind: str, words: str
) -> None:
    problem = await refused(questions, workspace, replace(QUESTION, **change))
    assert problem.kind == kind
    assert words in problem.detail


async def test_over_http_where_cloning_may(store: Store, workspace: str) -> None:
    settings = load_settings({}, overrides={"allow_git_schemes": ("https", "http")})
    questions = Questions(store, settings, as_it_is)
    await questions.answer(workspace, replace(QUESTION, protocol="http"))


async def test_an_administrator_narrows_it_to_the_host_of_the_source_or_to_none(store: Store, ana: Actor) -> None:
    source = GitSource(f"https://{HOST}/ana/blog.git")
    workspace = (await add_workspace(store, ana, name="sourced", phase=Phase.RUNNING, source=source)).id
    async with store.writing() as session:
        for host in (HOST, "other.example"):
            await put_git_credential(ana, session, store.keys, host, "ana", Secret("anas"))
    other = replace(QUESTION, host="other.example")
    for reach, ours, theirs in (("all", True, True), ("source", True, False), ("off", False, False)):
        questions = Questions(store, load_settings({}, overrides={"git_credential_reach": reach}), as_it_is)
        for question, gets in ((QUESTION, ours), (other, theirs)):
            if gets:
                await questions.answer(workspace, question)
            else:
                assert (await refused(questions, workspace, question)).kind == "not_allowed"


async def test_nothing_once_the_owner_is_disabled_or_the_workspace_is_to_stop(
    questions: Questions, store: Store, workspace: str, ana: Actor, ben: Actor
) -> None:
    resting = await add_workspace(store, ana, name="resting", goal=Goal.STOP, phase=Phase.RUNNING)
    assert (await refused(questions, resting.id)).kind == "not_allowed"
    assert (await refused(questions, "nosuch")).kind == "not_allowed"
    of_ben = await add_workspace(store, ben, phase=Phase.RUNNING)
    assert (await refused(questions, of_ben.id)).kind == "not_found"
    async with store.writing() as session:
        user = await users.get(session, ana.user_id)
        assert user is not None
        await users.change(session, replace(user, disabled_at=session.now))
    assert (await refused(questions, workspace)).kind == "not_allowed"


async def test_the_audit_has_one_row_a_minute_for_each_host(
    questions: Questions, store: Store, time: Time, workspace: str
) -> None:
    for _ in range(3):
        await questions.answer(workspace, QUESTION)
    [row] = await told(store, workspace, "git_credential.used")
    assert (row.actor, row.detail) == ("ana", {"host": HOST, "asker": "git-remote-http (uid 0)"})
    time.now += 61
    await questions.answer(workspace, QUESTION)
    assert len(await told(store, workspace, "git_credential.used")) == 2


async def test_a_signature_only_where_the_owner_wants_it_and_each_is_a_row(
    questions: Questions, store: Store, workspace: str, ana: Actor
) -> None:
    async with store.writing() as session:
        await make_signing_key(ana, session, store.keys)
    assert (await refused(questions, workspace, SIGN)).kind == "not_allowed"
    async with store.writing() as session:
        await users.set_preferences(session, ana.user_id, Preferences(sign_commits=True))
    for _ in range(2):
        answer = await questions.answer(workspace, SIGN)
        assert isinstance(answer, GitSignature)
        assert answer.signature.startswith("-----BEGIN SSH SIGNATURE-----\n")
    assert len(await told(store, workspace, "git_signature.made")) == 2
    assert (await refused(questions, workspace, replace(SIGN, digest=b"short"))).kind == "bad_value"


async def test_a_workspace_that_asks_too_much_waits(questions: Questions, time: Time, workspace: str) -> None:
    nothing = replace(QUESTION, protocol="ftp")
    for _ in range(PER_MINUTE):
        assert (await refused(questions, workspace, nothing)).kind == "not_allowed"
    problem = await refused(questions, workspace)
    assert (problem.kind, problem.extra) == ("too_many_requests", {"retry_after": 60})
    time.now += 61
    await questions.answer(workspace, QUESTION)
