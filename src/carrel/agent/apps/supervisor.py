"""All apps of the workspace, and the built-in one."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

from carrel.agent.apps import code
from carrel.agent.apps.app import Endurance, Recipe, RunningApp
from carrel.agent.changes import Changes
from carrel.agent.holding import Holders
from carrel.agent.user_env import Environment
from carrel.agent.user_thread import UserThread
from carrel.core.agent import AgentPlan, App, AppStatus
from carrel.core.problems import Problem

log = logging.getLogger("carrel.agent")


class Apps:
    """Apps by name, each with its holder."""

    def __init__(self, holders: Holders, changes: Changes, toolbox: Path, endurance: Endurance = Endurance()) -> None:  # noqa: B008  frozen
        """Keep apps in `holders`; `toolbox` has the built-in one."""
        self._holders = holders
        self._changes = changes
        self._toolbox = toolbox
        self._endurance = endurance
        self._apps: dict[str, RunningApp] = {}
        self._environment: Environment | None = None
        self._updating = asyncio.Lock()

    async def update(self, plan: AgentPlan, environment: Environment, user: UserThread) -> None:
        """Take over the plan's apps; start those that start at boot, and find those that an earlier agent started."""
        async with self._updating:
            await self._replace(plan, environment, user)
        self._changes.note()

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
        self._apps[app.name] = running = RunningApp(app, recipe, self._holders, self._changes, self._endurance)
        if recipe is not None and self._is_code(app):
            await self._prepare_code(plan, environment, user)
        await running.adopt(environment)
        if app.start == "boot" or was_wanted:
            running.start(environment)

    def _recipe(self, app: App, plan: AgentPlan, environment: Environment) -> Recipe | None:
        if self._is_code(app):
            built_in = code.recipe(environment, self._toolbox, plan.editor_gallery)
            return Recipe(built_in.command, {**built_in.env, **app.env})
        return Recipe(app.command, dict(app.env)) if app.command else None

    @staticmethod
    def _is_code(app: App) -> bool:
        return app.name == code.NAME and not app.command

    async def _prepare_code(self, plan: AgentPlan, environment: Environment, user: UserThread) -> None:
        try:
            await user.call(code.write_settings, environment, plan)
        except OSError as error:
            log.warning("editor_not_prepared error=%s", error)

    def statuses(self) -> tuple[AppStatus, ...]:
        """All apps, in the plan's order."""
        return tuple(app.status() for app in self._apps.values())

    def own_ports(self) -> frozenset[int]:
        """Ports that are the platform's own, not the workspace's."""
        return frozenset(app.status().port for app in self._apps.values() if self._is_code(app.app))

    async def start(self, name: str) -> AppStatus:
        """Start an app and wait until it answers. Raises Problem `no_such_app`, `app_failed`, `wrong_state`."""
        app = self._get(name)
        assert self._environment is not None  # noqa: S101  there are no apps without
        return await app.started(self._environment)

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
        return self._holders.get(name).log
