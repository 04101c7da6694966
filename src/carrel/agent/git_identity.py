"""Telling git who the person is, unless he has told it himself, and that the project is his."""

from __future__ import annotations

import logging
import os
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
        if _is_foreign(environment):
            await _trust(environment)
    except (OSError, TimeoutError) as error:
        log.warning("git_identity_not_set error=%s", error)


def _is_foreign(environment: Environment) -> bool:
    """Whether the project belongs to another user, as a mounted local folder may; git then refuses to work in it."""
    try:
        return os.stat(environment.folder).st_uid != environment.user.uid  # noqa: PTH116
    except OSError:
        return False


async def _trust(environment: Environment) -> None:
    key, folder = "safe.directory", environment.folder
    code, known = await capture(environment.command("git", "config", "--global", "--get-all", key), SECONDS)
    if code in {0, 1} and folder not in os.fsdecode(known).splitlines():
        await capture(environment.command("git", "config", "--global", "--add", key, folder), SECONDS)
