"""Telling git who the person is, unless he has told it himself."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from carrel.agent.process import capture
from carrel.agent.user_env import Environment

log = logging.getLogger("carrel.agent")

SECONDS = 5.0


async def introduce(environment: Environment, wanted: Mapping[str, str]) -> None:
    """Set those of the `wanted` settings in the user's own git configuration that are not set; without git, nothing."""
    try:
        for key, value in wanted.items():
            if not value:
                continue
            code, _ = await capture(environment.command("git", "config", "--global", "--get", key), SECONDS)
            if code == 1:
                await capture(environment.command("git", "config", "--global", key, value), SECONDS)
    except (OSError, TimeoutError) as error:
        log.warning("git_identity_not_set error=%s", error)
