"""All apps of the workspace, and the built-in ones."""

from __future__ import annotations

import asyncio
import logging
import math
from dataclasses import replace
from pathlib import Path

from carrel.agent.apps import code, jupyter
from carrel.agent.apps.app import Recipe, RunningApp, Surroundings
from carrel.agent.user_env import Environment
from carrel.agent.user_thread import UserThread
from carrel.core.agent import AgentPlan, App, AppStatus
from carrel.core.problems import Problem

log = logging.getLogger("carrel.agent")


class Apps:
    """Apps by name, each with its holder."""

    def __init__(self, surroundings: Surroundings, toolbox: Path) -> None:
        """`toolbox` has the built-in ones."""
        self._surroundings = surroundings
        self._toolbox = toolbox
        self._apps: dict[str, RunningApp] = {}
        self._environment: Environment | None = None
        self._updating = asyncio.Lock()

    async def update(self, plan: AgentPlan, environment: Environment, user: UserThread) -> None:
        """Take over the plan's apps; start those that start at boot, and find those that an earlier agent started."""
        async with self._updating:
            await self._replace(plan, environment, user)
        self._surroundings.changes.note()

    async def _replace(self, plan: AgentPlan, environment: Environment, user: UserThread) -> None:
        self._environment = environment
        wanted = {app.name: app for app in plan.apps}
        for name in [name for name in self._apps if name not in wanted]:
            await self._apps.pop(name).stop()
        for app in plan.apps:
            await self._update(app, plan, environment, user)

    async def _update(self, app: App, plan: AgentPlan, environment: Environment, user: UserThread) -> None:
        recipe = self._recipe(app, plan, environment)
        known = self._apps.get(app.name)
        if known is not None and (known.app, known.recipe) == (app, recipe):
            return
        was_wanted = known is not None and known.is_wanted()
        if known is not None:
            await known.stop()
        self._apps[app.name] = running = RunningApp(app, recipe, self._surroundings)
        if recipe is not None and _is_code(app):
            await self._prepare_code(plan, environment, user)
        await running.adopt(environment)
        if app.start == "boot" or was_wanted:
            running.start(environment)

    def _recipe(self, app: App, plan: AgentPlan, environment: Environment) -> Recipe | None:
        if _is_code(app):
            built_in = code.recipe(environment, self._toolbox, plan.editor_gallery)
            return Recipe(built_in.command, {**built_in.env, **app.env})
        if _is_jupyter(app):
            built_in = jupyter.recipe(environment, self._toolbox)
            return replace(built_in, env={**built_in.env, **app.env})
        return Recipe(app.command, {"PORT": "{port}", **app.env}) if app.command else None

    async def _prepare_code(self, plan: AgentPlan, environment: Environment, user: UserThread) -> None:
        try:
            await user.call(code.write_settings, environment, plan)
        except OSError as error:
            log.warning("editor_not_prepared error=%s", error)

    def take_environment(self, environment: Environment) -> None:
        """Processes that are started from now on have this environment; those that run go on as they are."""
        if self._environment is not None:
            self._environment = environment
        for app in self._apps.values():
            app.take_environment(environment)

    def statuses(self) -> tuple[AppStatus, ...]:
        """All apps, in the plan's order."""
        return tuple(app.status() for app in self._apps.values())

    def own_ports(self) -> frozenset[int]:
        """Ports that are the platform's own, not the workspace's."""
        return frozenset(app.status().port for app in self._apps.values() if _is_own(app.app))

    async def start(self, name: str, wait_seconds: float = math.inf) -> AppStatus:
        """Start an app and wait until it answers, or for a time. Raises Problem `no_such_app`, `app_failed`, `wrong_state`."""
        app = self._get(name)
        assert self._environment is not None  # noqa: S101  there are no apps without
        return await app.started(self._environment, wait_seconds)

    async def stop(self, name: str) -> AppStatus:
        """End an app. Raises Problem `no_such_app`."""
        app = self._get(name)
        await app.stop()
        return app.status()

    def _get(self, name: str) -> RunningApp:
        app = self._apps.get(name)
        if app is None:
            raise Problem("no_such_app", f"The workspace has no app {name!r}.")
        return app

    def log_path(self, name: str) -> str:
        """Path of an app's log, by its name without the prefix."""
        return self._surroundings.holders.get(name).log


def _is_code(app: App) -> bool:
    return app.name == code.NAME and not app.command


def _is_jupyter(app: App) -> bool:
    return app.name == jupyter.NAME and not app.command


def _is_own(app: App) -> bool:
    return _is_code(app) or _is_jupyter(app)
