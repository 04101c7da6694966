"""Projects: who works together, under which limits and policies, in three domains each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from carrel.core.quota import Ceilings
from carrel.core.schedule import Schedule

DEFAULT_PROJECT = "default"
"""Everybody with an account belongs to it, with the role that he has in the installation."""
DOMAINS = ("development", "staging", "production")
DEFAULT_DOMAIN = "development"


@dataclass(frozen=True)
class ProjectPolicy:
    """What a project's administrators chose; None: as the settings say."""

    ttl_seconds: int | None = None
    """Idle TTL of a workspace that asks for none; 0: never."""
    ttl_min_seconds: int | None = None
    """Shortest idle TTL; never below the installation's."""
    ttl_max_seconds: int | None = None
    """Longest idle TTL; never above the installation's. 0: none of its own."""
    max_life_seconds: int | None = None
    """Longest life of one start, of a workspace that asks for none; 0: no cap."""
    hard_life_seconds: int | None = None
    """Ceiling that no extension passes; never above the installation's. 0: none of its own."""
    archive_after_days: int | None = None
    """Days at rest after which a workspace is archived; 0: never."""
    delete_after_days: int | None = None
    """Days at rest after which it goes to the trash; 0: never."""
    trash_days: int | None = None
    """Days in the trash."""
    schedule: Schedule | None = None
    """Of workspaces that have none of their own."""


@dataclass(frozen=True)
class ProjectLimits(Ceilings):
    """The most that a project may have in all; None: as the settings say."""


@dataclass(frozen=True)
class Project:
    """A project as the store keeps it."""

    name: str
    description: str = ""
    created_at: datetime | None = None
    policy: ProjectPolicy = ProjectPolicy()
    limits: ProjectLimits = ProjectLimits()
