"""What a workspace's definition adds to its environment: variables of all processes, commands at every start, apps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from carrel.core.agent import AgentPlan, Hook
from carrel.core.apps import read_apps
from carrel.core.definition import Definition
from carrel.devcontainer import EnvironmentPlan

ORIGIN = "workspace.yaml"
"""Of the hooks: as the log, the events and `carrel hooks` name it."""


def with_definition(made: EnvironmentPlan, definition: Definition | None) -> EnvironmentPlan:
    """The plan with what the definition says; where both say something, the definition counts."""
    if definition is None:
        return made
    primary = made.primary_container()
    ours = replace(primary, env={**primary.env, **definition.env})
    return replace(
        made,
        containers=tuple(ours if one is primary else one for one in made.containers),
        agent=_with_apps(_with_hooks(made.agent, definition), definition),
        own_apps=_adjusted(made.own_apps, definition),
    )


def remote_env_with(env: Mapping[str, str | None], definition: Definition | None) -> dict[str, str | None]:
    """`remoteEnv` with the definition's variables."""
    return {**env, **(definition.env if definition is not None else {})}


def _with_hooks(agent: AgentPlan, definition: Definition) -> AgentPlan:
    """`on_startup` after the environment's own postStart, one command after the other; each has its log and its end."""
    several = len(definition.on_startup) > 1
    hooks = tuple(
        Hook("postStart", ORIGIN, {f"on_startup {number}" if several else "on_startup": command})
        for number, command in enumerate(definition.on_startup, 1)
    )
    return replace(
        agent, remote_env=remote_env_with(agent.remote_env, definition), hooks=_after_post_start(agent.hooks, hooks)
    )


def _after_post_start(hooks: tuple[Hook, ...], further: tuple[Hook, ...]) -> tuple[Hook, ...]:
    last = [hook for hook in hooks if hook.stage == "postAttach"]
    return (*(hook for hook in hooks if hook.stage != "postAttach"), *further, *last)


def _with_apps(agent: AgentPlan, definition: Definition) -> AgentPlan:
    written = read_apps(list(definition.apps))
    apps = {app.name: app for app in (*agent.apps, *written.apps)}
    return replace(agent, apps=tuple(apps.values()))


def _adjusted(before: Mapping[str, Mapping[str, object]], definition: Definition) -> dict[str, Mapping[str, object]]:
    """What is said about the platform's own apps."""
    adjusted = dict(before)
    for name, members in read_apps(list(definition.apps)).adjusted.items():
        adjusted[name] = {**adjusted.get(name, {}), **members}
    return adjusted
