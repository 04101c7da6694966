"""Answers what running workspaces ask over their links: a git credential, a signature (ADR 0032)."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace

import structlog

from carrel.core.access import Action, Actor, Resource, allows
from carrel.core.problems import Problem, too_many_requests
from carrel.core.questions import GitCredential, GitSignature, Question
from carrel.core.sources import check_credential_host, host_of
from carrel.core.spec import GitSource
from carrel.core.workspace import Goal, Workspace
from carrel.links.link import Link
from carrel.server.actions.git_credentials import DEFAULT_USERNAME, Found, find_git_credential
from carrel.server.actions.signing_keys import sign, signing_key
from carrel.server.settings import Settings
from carrel.server.store import audit, users, workspaces
from carrel.server.store.engine import Store

log = structlog.get_logger(__name__)

A_MINUTE = 60.0
PER_MINUTE = 600
"""Questions of one workspace; a rebase that signs asks for every commit."""
KEPT = 10_000
"""Workspaces and hosts whose times are remembered."""

Renew = Callable[[str, Found], Awaitable[Found]]
"""A user's id and his credential -> one that is good now. Raises Problem."""


@dataclass
class Questions:
    """One server's ear for all workspaces that it has links to."""

    store: Store
    settings: Settings
    renew: Renew
    clock: Callable[[], float] = time.monotonic
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _asked: dict[str, deque[float]] = field(default_factory=dict)
    _told: dict[tuple[str, str], float] = field(default_factory=dict)

    def hear(self, link: Link) -> None:
        """Listen on this link as long as it lives."""
        task = asyncio.get_running_loop().create_task(self._hear(link))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _hear(self, link: Link) -> None:
        workspace_id = link.target.workspace
        try:
            await link.hear_questions(lambda question: self.answer(workspace_id, question))
        except Problem as problem:
            log.info("questions_not_heard", workspace=workspace_id, detail=problem.detail)  # an agent of before

    async def answer(self, workspace_id: str, question: Question) -> GitCredential | GitSignature:
        """The answer for a workspace, whose agent this is proven to be.

        Raises:
            Problem: `not_found`, `not_allowed`, `bad_value`, `too_many_requests`, `unavailable`.
        """
        self._limit(workspace_id)
        owner, workspace = await self._of(workspace_id)
        if question.ask == "git_signature":
            return await self._signature(owner, workspace, question)
        return await self._credential(owner, workspace, question)

    async def _of(self, workspace_id: str) -> tuple[Actor, Workspace]:
        """Whose workspace it is, as he is now."""
        async with self.store.reading() as session:
            workspace = await workspaces.find(session, workspace_id)
            user = await users.get(session, workspace.owner_id) if workspace else None
        if workspace is None or user is None or user.disabled_at is not None or workspace.is_prebuild:
            raise Problem("not_allowed", "This workspace has nobody's credentials.", "Nothing can be done here.")
        owner = Actor(user.id, user.name, user.role)
        if workspace.goal is not Goal.RUN or not allows(owner, Action.CREDENTIAL_MANAGE, Resource(owner.user_id)):
            raise Problem("not_allowed", f"{user.name} may not use git credentials now.")
        return owner, workspace

    async def _credential(self, owner: Actor, workspace: Workspace, question: Question) -> GitCredential:
        host = check_credential_host(question.host)
        if question.protocol != "https" and question.protocol not in self.settings.allow_git_schemes:
            detail = f"Credentials are not sent to {host} over {question.protocol[:20]}."
            raise Problem("not_allowed", detail, "Use https; an administrator can allow http (`allow_git_schemes`).")
        if not _reaches(self.settings.git_credential_reach, workspace, host):
            detail = f"Workspaces here get no credential for {host}."
            raise Problem("not_allowed", detail, "An administrator can allow it (`git_credential_reach`).")
        async with self.store.reading() as session:
            found = await find_git_credential(session, self.store.keys, owner.user_id, host)
        if found is None:
            raise Problem("not_found", f"{owner.name} has stored no credential for {host}.", _how_to_store(host))
        if question.username and found.username not in {question.username, DEFAULT_USERNAME}:
            detail = f"The credential for {host} is that of {found.username}, not of {question.username[:80]}."
            raise Problem("not_found", detail, "Leave the user name out of the address.")
        found = await self.renew(owner.user_id, found)
        await self._record(owner, workspace, "git_credential.used", {"host": host, "asker": question.asker[:80]})
        username = question.username or found.username
        return GitCredential(username, found.token, int(found.expires_at.timestamp()) if found.expires_at else 0)

    async def _signature(self, owner: Actor, workspace: Workspace, question: Question) -> GitSignature:
        async with self.store.reading() as session:
            pair = await signing_key(session, self.store.keys, owner.user_id)
            wanted = (await users.preferences(session, owner.user_id)).sign_commits
        if pair is None or not wanted:
            raise Problem("not_allowed", f"{owner.name} does not sign here.", "`carrel preferences --sign-commits`.")
        signature = sign(pair.private, question.digest)
        detail = {"sha512": question.digest.hex(), "asker": question.asker[:80]}
        await self._record(owner, workspace, "git_signature.made", detail)
        return GitSignature(signature)

    def _limit(self, workspace_id: str) -> None:
        now = self.clock()
        asked = self._asked.setdefault(workspace_id, deque())
        while asked and asked[0] <= now - A_MINUTE:
            asked.popleft()
        if len(asked) >= PER_MINUTE:
            raise too_many_requests("The workspace asked too much in a minute.", asked[0] + A_MINUTE - now)
        asked.append(now)
        if len(self._asked) > KEPT:
            self._asked = {name: times for name, times in self._asked.items() if times[-1] > now - A_MINUTE}

    async def _record(self, owner: Actor, workspace: Workspace, action: str, detail: dict[str, str]) -> None:
        """A row of the audit; of the use of a credential one in a minute for each workspace and host."""
        if host := detail.get("host"):
            now, key = self.clock(), (workspace.id, host)
            if self._told.get(key, now - A_MINUTE) > now - A_MINUTE:
                return
            self._told[key] = now
            if len(self._told) > KEPT:
                self._told = {one: at for one, at in self._told.items() if at > now - A_MINUTE}
        async with self.store.writing() as session:
            await audit.append(
                session, replace(owner, address="workspace"), action, f"workspace:{workspace.id}", detail
            )


def _reaches(reach: str, workspace: Workspace, host: str) -> bool:
    """Whether the setting `git_credential_reach` lets this workspace have a credential for this host."""
    if reach == "source":
        return isinstance(workspace.source, GitSource) and host_of(workspace.source.url) == host
    return reach == "all"


def _how_to_store(host: str) -> str:
    return f"`carrel git-credential add {host}` on your own machine stores one."
