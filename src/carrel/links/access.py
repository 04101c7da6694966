"""What proxy and gateway ask the control plane: one interface, served in the same process or over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from carrel.core.agent import SignalKind
from carrel.core.workspace import Phase
from carrel.links.target import Target

PRESENT_SECONDS = 30.0
"""How often `present` is told of a person who stays; the agent forgets after 75 s."""


@dataclass(frozen=True)
class Place:
    """Which app of which workspace a host name means."""

    workspace: str
    """The workspace's id."""
    app: str
    """An app's name, or a port number."""
    title: str = ""
    """The workspace's name as its owner gave it."""


@dataclass(frozen=True)
class AppAddress:
    """Where an app answers on the workspace's loopback."""

    port: int
    tls: bool = False
    """It speaks TLS, with any certificate."""


@dataclass(frozen=True)
class Identity:
    """Who is behind a ticket; or anybody, who has none, in front of a public port."""

    user: str
    """The user's id, of a guest that of his share; empty: anybody."""
    workspace: str
    """The workspace's id that the ticket is bound to."""
    name: str = field(default="", compare=False)
    """As people are told who is here; empty: anybody."""
    may_use: bool = True
    """He may use the whole workspace. False: only this port, and nothing else of the workspace is his to know."""
    may_start: bool = True
    """What he came with lets him start it; whether he may is asked then."""


@dataclass(frozen=True)
class IssuedTicket:
    """A ticket for the cookie of one host."""

    value: str
    max_age_seconds: int


@dataclass(frozen=True)
class NotRunning:
    """Why a workspace has no target now."""

    phase: Phase
    title: str = ""
    """The workspace's name."""
    detail: str = ""
    """Why it was stopped, what failed, or how far the start is: a sentence."""
    hint: str = ""
    will_run: bool = False
    """Its goal is to run: waiting is worth while."""


@dataclass(frozen=True)
class Revocation:
    """Something that was granted is no more; what is empty matches everything."""

    user: str = ""
    workspace: str = ""
    is_unnamed: bool = False
    """Nobody is meant by name: `still_held` says who lost what."""


@dataclass(frozen=True)
class Held:
    """What an open connection rests on."""

    ticket: str
    host: str
    """Which the ticket was shown on."""
    identity: Identity
    """Whom it let in."""


class Authority(Protocol):
    """The control plane as proxy and gateway know it. Every call may raise `Problem`."""

    async def resolve(self, label: str) -> Place | None:
        """Which app a host label means; None: none, or not decided by the label alone."""

    async def authorise(self, ticket: str, host: str) -> Identity | None:
        """Who holds this ticket for this host; None: it is not ours, over, revoked, or for another host.

        An empty ticket is that of anybody, whom a public port lets in.
        """

    async def still_held(self, held: Sequence[Held]) -> list[bool]:
        """For each, whether it would still let the same person in: asked about all open connections at once."""

    async def redeem(self, code: str, host: str) -> IssuedTicket | None:
        """Exchange a one-time code for a ticket; None: it was used, is over, or is for another host."""

    async def target(self, workspace: str) -> Target | NotRunning:
        """Where the workspace's agent is, or why there is none."""

    async def start_app(self, workspace: str, app: str) -> AppAddress:
        """Have the agent start an app if it does not run; returns its address once it answers.

        A port number is an app that is never started. Raises `no_such_app`, `app_failed`, `agent_unreachable`.
        """

    async def start(self, workspace: str, identity: Identity) -> None:
        """Ask for the goal `run`, because this person pressed the button. Raises `not_allowed`, `over_quota`."""

    def revocations(self) -> AsyncIterator[Revocation]:
        """What is revoked from now on; also a workspace that was stopped, renamed or deleted.

        The first is unnamed and comes at once: what comes after it is not missed, what came before it may have been.
        Raises `unavailable` where revocations cannot be heard any longer.
        """

    async def present(self, identity: Identity, how: str) -> None:
        """A person is connected to the workspace; told every `PRESENT_SECONDS` while it is so. It is no activity.

        Args:
            identity: who; anybody is nobody.
            how: `app code`, `port 8080`, `ssh` ...
        """

    async def activity(self, workspace: str, kind: SignalKind, detail: str) -> None:
        """Evidence of activity that only the proxy or gateway can see."""

    async def first_byte(self, workspace: str, app: str, asked: datetime, answered: datetime) -> None:
        """The first answer of an app in this start: when it was first asked for, and when its first byte came.

        It may be told again, also by another proxy; the first counts.
        """
