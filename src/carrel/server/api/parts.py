"""What the application is made of: explicit, frozen, handed over by serve.py."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from carrel.core.secret import Secret
from carrel.core.workspace import Workspace
from carrel.devcontainer.preview import Preview
from carrel.links.components import ComponentAuthority
from carrel.server.api.attempts import Attempts
from carrel.server.api.entries import Entries
from carrel.server.api.image_building import ImageBuilding
from carrel.server.api.live import LiveWorkspaces
from carrel.server.api.refusals import Refusals
from carrel.server.password_hashes import PasswordHashes
from carrel.server.settings import Settings
from carrel.server.store.engine import Store


@dataclass(frozen=True)
class RuntimeSummary:
    """What people may know of what runs containers."""

    name: str
    version: str = ""
    architecture: str = ""
    builder: str = ""
    cpus: int = 0
    memory_bytes: int = 0
    disk_bytes: int = 0
    gpus: int = 0
    shares_folders: bool = False
    """Local folders can be used as a source."""
    problem: str = ""
    """Why it cannot be used now; empty: it can."""
    notices: tuple[str, ...] = ()


@dataclass(frozen=True)
class GatewaySummary:
    """What people may know of the way in by SSH."""

    host: str = ""
    port: int = 0
    """0: there is none."""
    problem: str = ""
    """Why it does not listen; empty: it does, or is not meant to."""


def unknown_runtime() -> RuntimeSummary:
    """Until a runtime was asked."""
    return RuntimeSummary("none", problem="It was not asked yet.")


@dataclass(frozen=True)
class Parts:
    """The application's parts."""

    store: Store
    settings: Settings
    live: LiveWorkspaces
    look: Callable[[Workspace], Awaitable[Preview]]
    """Looks at a repository for a workspace that is not made; raises as fetching and reading do."""
    runtime: Callable[[], RuntimeSummary] = unknown_runtime
    """The newest answer of the runtime; does not ask it."""
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when the server is about to end: streams end then, and clients resume elsewhere. Ring all bells after it."""
    gateway: Callable[[], GatewaySummary] = GatewaySummary
    components: ComponentAuthority | None = None
    """What proxies and gateways of their own processes are answered; None: nothing."""
    component_token: Secret = field(default_factory=lambda: Secret(""))
    """What they show."""
    refusals: Refusals = field(default_factory=Refusals)
    """How many refusals the audit takes."""
    entries: Entries = field(default_factory=Entries)
    """What the audit has of who came in by the API."""
    hashes: PasswordHashes = field(default_factory=PasswordHashes)
    """Makes and checks hashes of passwords, so many at a time."""
    attempts: Attempts = field(default_factory=Attempts)
    """How often signing in failed, by address."""
    image_building: ImageBuilding | None = None
    """Makes images before there is a workspace of them; None: nobody does."""
