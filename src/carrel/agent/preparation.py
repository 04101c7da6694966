"""From a plan to the environment of people's processes: the user, the folders that are his, his shell's variables."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass

from carrel.agent.git_defaults import GitDefaults, GitPlaces, trust_project
from carrel.agent.ownership import give
from carrel.agent.process import Command
from carrel.agent.user_env import TOOLBOX_SHELL, Environment, environment, identity, probe, system_shell
from carrel.agent.users import RemoteUser, resolve_user
from carrel.core.agent import AgentPlan

log = logging.getLogger("carrel.agent")

NO_SHELL = (
    "The image has no shell: terminals and hooks have that of Carrel's toolbox (busybox), and none of its programs."
)


@dataclass(frozen=True)
class Prepared:
    """What a plan came to."""

    environment: Environment
    warning: str = ""
    """What a person should know, as sentences."""


async def prepare(plan: AgentPlan, container_env: Mapping[str, str], git: GitPlaces) -> Prepared:
    """Look the user up, give him the persistent folders, ask his shell. Nothing that fails here keeps people out."""
    user = resolve_user(plan.remote_user, container_env)
    warnings = [user.warning, NO_SHELL if system_shell() == TOOLBOX_SHELL else ""]
    base = identity(container_env, user)
    owned, probed = await asyncio.gather(_own(plan, user), _probe(plan, user, base))
    warnings += [owned, probed[1]]
    of_git = git.write(GitDefaults(plan.git_name, plan.git_email, plan.git_signing_key))
    found = environment(plan, user, {**container_env, **of_git}, probed[0])
    await trust_project(found)
    return Prepared(found, " ".join(text for text in warnings if text))


async def _own(plan: AgentPlan, user: RemoteUser) -> str:
    if not user.is_switch():
        return ""
    for path in plan.owned_paths:
        try:
            changed = await asyncio.to_thread(give, path, user.uid, user.gid)
        except OSError as error:
            log.warning("ownership_failed path=%s error=%s", path, error)
            return f"{path} could not be given to {user.name}: {error.strerror}."
        if changed:
            log.info("ownership_changed path=%s uid=%d entries=%d", path, user.uid, changed)
    return ""


async def _probe(plan: AgentPlan, user: RemoteUser, base: Mapping[str, str]) -> tuple[dict[str, str], str]:
    try:
        shell = Environment(user, plan.workspace_folder, base).shell()
        command = Command((shell,), base, plan.workspace_folder, user)
        return await probe(plan.user_env_probe, command, plan.probe_timeout_seconds), ""
    except TimeoutError:
        log.warning("probe_timeout user=%s", user.name)
        limit = f"{plan.probe_timeout_seconds:g} s"
        return {}, f"The start-up files of {user.shell} did not end within {limit}; their variables are missing."
    except OSError as error:
        log.warning("probe_failed user=%s error=%s", user.name, error)
        return {}, ""
