"""Extensions of the configuration: installed in the background, once for each home, from .vsix files or a gallery."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import zipfile
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from carrel.agent.apps import code
from carrel.agent.capped_log import CappedLog
from carrel.agent.changes import Changes
from carrel.agent.holding import Exit, Holders, Manner
from carrel.agent.state_folder import write_atomically
from carrel.agent.user_env import Environment
from carrel.agent.user_thread import UserThread
from carrel.core.agent import AgentPlan, HookStatus, Progress

log = logging.getLogger("carrel.agent")

STAGE = "extensions"
"""As it is listed among the hooks."""
ORIGIN = "customizations.vscode"
HOLDER = "code-extensions"
LOG = f"app/{HOLDER}"
LIMIT_SECONDS = 900.0
UPLOAD_SECONDS = 120.0
"""How long a file that the server announced may take to come."""
UPLOAD_LOOKS = 600
VSIX = ".vsix"


@dataclass(frozen=True)
class Wanted:
    """One extension of the configuration."""

    name: str
    """publisher.name in small letters; empty for a file that cannot be read."""
    argument: str
    """What code-server is asked to install: a file, or a name for the gallery."""


def wanted_of(plan: AgentPlan, folder: str, vsix: Path) -> list[Wanted]:
    """What the plan asks for. A path is relative to the workspace folder; a pre-fetched file goes before the gallery."""
    prefetched = {name.lower(): file for name, file in plan.editor_prefetched.items()}
    found = []
    for asked in plan.editor_extensions:
        if not asked or asked.startswith("-"):
            continue
        name = asked.partition("@")[0].lower()
        if asked.lower().endswith(VSIX):
            path = Path(folder, asked)
            found.append(Wanted(identity(path), str(path)))
        elif name in prefetched:
            found.append(Wanted(name, str(vsix / prefetched[name])))
        else:
            found.append(Wanted(name, asked))
    return found


def identity(path: Path) -> str:
    """publisher.name of a .vsix file, in small letters; empty where it is none."""
    try:
        with zipfile.ZipFile(path) as archive:
            package = json.loads(archive.read("extension/package.json"))
        return f"{package['publisher']}.{package['name']}".lower()
    except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile):
        return ""


def present(places: code.Places) -> frozenset[str]:
    """Names of the extensions that are installed."""
    try:
        listed = json.loads((places.extensions / "extensions.json").read_text())
        return frozenset(str(one["identifier"]["id"]).lower() for one in listed)
    except (OSError, ValueError, KeyError, TypeError):
        return frozenset()


def absent(wanted: Iterable[Wanted], places: code.Places, *, again: bool) -> list[Wanted]:
    """Those that are not installed; without `again` those that a person removed since stay away."""
    there = present(places)
    if not again:
        with suppress(OSError, ValueError, TypeError):
            there |= frozenset(json.loads(places.installed_once.read_text()))
    return [one for one in wanted if one.name not in there]


def remember(wanted: Iterable[Wanted], places: code.Places) -> None:
    """Write down which of them are installed now. Runs as the remote user. Raises OSError."""
    there = present(places)
    known: set[str] = set()
    with suppress(OSError, ValueError, TypeError):
        known = set(json.loads(places.installed_once.read_text()))
    known |= {one.name for one in wanted if one.name in there}
    places.data.mkdir(parents=True, exist_ok=True)
    write_atomically(places.installed_once, json.dumps(sorted(known)).encode())


def installation(wanted: Iterable[Wanted], places: code.Places, toolbox: Path) -> tuple[str, ...]:
    """The command that installs them; those after one that fails are installed all the same."""
    words = [word for one in wanted for word in ("--install-extension", one.argument)]
    program = str(toolbox / "bin" / "code-server")
    data, folder = ("--user-data-dir", str(places.data)), ("--extensions-dir", str(places.extensions))
    return (program, *data, *folder, "--config", str(places.data / "config.yaml"), *words)


class Extensions:
    """The installation of this run of the container; it holds nothing up and fails nothing."""

    def __init__(self, holders: Holders, changes: Changes, toolbox: Path) -> None:
        """Nothing is wanted yet."""
        self._holders = holders
        self._changes = changes
        self._toolbox = toolbox
        self._last: tuple[AgentPlan, Environment, UserThread] | None = None
        self._status: HookStatus | None = None
        self._installing = asyncio.Lock()

    def statuses(self) -> tuple[HookStatus, ...]:
        """What became of it; nothing where nothing had to be installed."""
        return (self._status,) if self._status is not None else ()

    def expect(self) -> None:
        """Say at once that there is something to do: who looks before it is known must not think that all is done."""
        self._set(HookStatus(STAGE, ORIGIN, "", Progress.PENDING, LOG))

    async def install(
        self, plan: AgentPlan, environment: Environment, user: UserThread, *, again: bool = False
    ) -> None:
        """Install what is absent."""
        self._last = (plan, environment, user)
        if not plan.editor_extensions:
            return
        self.expect()
        async with self._installing:
            try:
                await self._install(plan, environment, user, again=again)
            except OSError as error:
                log.warning("extensions_not_installed error=%s", error)
                self._explain(error)
                self._ended(Exit(127, datetime.now(UTC)), f"cannot be installed: {error.strerror or error}")

    def take_environment(self, environment: Environment) -> None:
        """An installation from now on has this environment."""
        if self._last is not None:
            self._last = (self._last[0], environment, self._last[2])

    async def install_again(self) -> None:
        """Install what is absent, also what a person removed."""
        if self._last is not None:
            await self.install(*self._last, again=True)

    async def _install(self, plan: AgentPlan, environment: Environment, user: UserThread, *, again: bool) -> None:
        places = code.places(environment)
        wanted = await user.call(wanted_of, plan, environment.folder, places.prefetched)
        todo = await user.call(lambda: absent(wanted, places, again=again))
        if not todo:
            self._set(None)
            return
        self._set(HookStatus(STAGE, ORIGIN, "", Progress.RUNNING, LOG, began=datetime.now(UTC)))
        await self._uploaded(
            [Path(one.argument) for one in todo if Path(one.argument).parent == places.prefetched], user
        )
        holder = self._holders.get(HOLDER)
        if not await holder.is_alive():  # an earlier agent may have started it
            command = environment.command(
                *installation(todo, places, self._toolbox), caller=code.gallery_variables(plan.editor_gallery)
            )
            masked = environment.masked
            holder = await self._holders.start(HOLDER, command, Manner(masked=masked))
        detail = ""
        try:
            async with asyncio.timeout(LIMIT_SECONDS):
                ended = await holder.ended()
        except TimeoutError:
            await holder.terminate()
            ended, detail = holder.exit(), f"was ended after its time limit of {LIMIT_SECONDS:g} s"
        await user.call(remember, wanted, places)
        there = await user.call(present, places)
        missing = [one.argument for one in todo if one.name not in there]
        if missing and not detail:
            detail = f"not installed: {', '.join(missing)}"
        self._ended(ended, detail)

    async def _uploaded(self, paths: list[Path], user: UserThread) -> None:
        for _ in range(UPLOAD_LOOKS):
            if await user.call(_all_exist, paths):
                return
            await asyncio.sleep(UPLOAD_SECONDS / UPLOAD_LOOKS)

    def _explain(self, error: OSError) -> None:
        with suppress(OSError):
            folder = self._holders.get(HOLDER).folder
            folder.mkdir(mode=0o700, exist_ok=True)
            written = CappedLog(str(folder / "log"))
            written.write(f"carrel: {error}\n".encode())
            written.close()

    def _ended(self, ended: Exit | None, detail: str) -> None:
        status = self._status or HookStatus(STAGE, ORIGIN, "", Progress.RUNNING, LOG, began=datetime.now(UTC))
        is_done = not detail and ended is not None
        self._set(
            HookStatus(
                stage=STAGE,
                origin=ORIGIN,
                name="",
                state=Progress.DONE if is_done else Progress.FAILED,
                log=LOG,
                exit_code=ended.code if ended else None,
                began=status.began or datetime.now(UTC),
                ended=datetime.now(UTC),
                detail=detail,
            )
        )

    def _set(self, status: HookStatus | None) -> None:
        self._status = status
        self._changes.note()


def _all_exist(paths: list[Path]) -> bool:
    return all(os.path.exists(path) for path in paths)  # noqa: PTH110  a list of many is asked often
