"""Projects: who works together, under which limits and policies, in three domains each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from carrel.core.quota import Ceilings

DEFAULT_PROJECT = "default"
"""Everybody with an account belongs to it, with the role that he has in the installation."""
DOMAINS = ("development", "staging", "production")
DEFAULT_DOMAIN = "development"


@dataclass(frozen=True)
class ProjectPolicy:
    """What a project's administrators chose; None: as the settings say."""


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
