"""The agent's one object: what it was told, what it has done, what it knows."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from carrel import __version__
from carrel.agent.activity import Activity
from carrel.agent.apps.app import LOG_PREFIX as APP_LOGS
from carrel.agent.apps.app import Surroundings
from carrel.agent.apps.extensions import STAGE as EXTENSIONS
from carrel.agent.apps.extensions import Extensions
from carrel.agent.apps.supervisor import Apps
from carrel.agent.attachments import Attachments
from carrel.agent.changes import Changes
from carrel.agent.configuration import ConfigurationWatch
from carrel.agent.evidence import ACTIVITY_VARIABLE, Evidence
from carrel.agent.git_defaults import GitPlaces
from carrel.agent.holding import Holders
from carrel.agent.hook_ledger import LOG_PREFIX as HOOK_LOGS
from carrel.agent.hook_ledger import Era
from carrel.agent.hooks import Hooks
from carrel.agent.observation import Attention, Figures, Observer
from carrel.agent.people import People
from carrel.agent.port_watch import PortWatch
from carrel.agent.preparation import prepare
from carrel.agent.questions.asking import Questions
from carrel.agent.questions.helper import VARIABLE as QUESTIONS_VARIABLE
from carrel.agent.questions.socket_server import NAME as QUESTIONS_SOCKET
from carrel.agent.questions.socket_server import QuestionSocket
from carrel.agent.secret_files import SecretFiles
from carrel.agent.state_folder import StateFolder, folder_key, memory_folder
from carrel.agent.terminals import Terminals
from carrel.agent.user_env import Environment
from carrel.agent.user_thread import UserThread
from carrel.core.agent import (
    PROTOCOL,
    AgentPlan,
    AgentState,
    AgentStatus,
    Boot,
    HookStatus,
    NewSecrets,
    SecretsChange,
    Signal,
    SignalKind,
    difference,
)
from carrel.core.problems import Problem
from carrel.core.records import dump, load
from carrel.core.secret_names import SECRETS_FOLDER

log = logging.getLogger("carrel.agent")

PATIENCE_SECONDS = 30.0
"""How long a session waits for `begin`."""
OPERATIONS_KEPT = 256
SIGNALS_GRAIN = 15.0
"""Seconds: newer signals of a kind are told no more often."""
PLAN_FILE = "plan"
SIGNALS_FILE = "signals"


@dataclass(frozen=True)
class Places:
    """Folders of this machine."""

    state: Path
    """What is remembered; private."""
    toolbox: Path
    secrets: Path = Path(SECRETS_FOLDER)
    """Where people find secrets that are files."""


class Workspace:
    """One run of the workspace's container, as the agent sees it."""

    version = __version__

    def __init__(self, boot: Boot, places: Places, container_env: Mapping[str, str]) -> None:
        """Nothing is done before `begin` or `resume`."""
        self.boot = boot
        self.boot_id = read_boot_id()
        self.state = AgentState.WAITING
        self.changes = Changes()
        self.toolbox = places.toolbox
        self.listening_on = boot.port
        self._state = places.state
        self._folder = StateFolder(places.state / "agent")
        self._activity_folder = places.state / "activity"
        self._memory = memory_folder(folder_key(places.state))
        questions = places.state / QUESTIONS_SOCKET
        in_memory = folder_key(places.state / "secrets")
        self._secret_files = SecretFiles(places.secrets, lambda: memory_folder(in_memory))
        self._secrets_warning = ""
        self._putting_secrets = asyncio.Lock()
        self._container_env = dict(container_env) | {
            ACTIVITY_VARIABLE: str(self._activity_folder),
            QUESTIONS_VARIABLE: str(questions),
        }
        self.questions = Questions()
        self._question_socket = QuestionSocket(self.questions, questions)
        self._environment: Environment | None = None
        self._begun = asyncio.Event()
        self._environment_known = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._attention = Attention()
        self._warning = ""
        self.plan = AgentPlan()
        self.user: UserThread | None = None
        self.hooks = Hooks(self._folder, Era(boot.creation, self.boot_id), self.changes)
        self.attachments = Attachments(lambda: self._spawn(self.hooks.attach()))
        held = Holders(self._folder.folder("apps"))
        self.apps = Apps(Surroundings(held, self.changes, hooks_run=self._hooks_run), places.toolbox)
        self.extensions = Extensions(held, self.changes, places.toolbox)
        homes = [folder.folder("terminals") for folder in (self._memory, self._folder) if folder is not None]
        self.terminals = Terminals(Holders(*homes), self.environment, self.changes)
        self.evidence = Evidence()
        self.people = People()
        # An agent that only loopback reaches is not alone in its network: the servers around it are not the workspace's.
        self._ports = PortWatch(self.changes.note, asks=not ip_address(boot.address).is_loopback)
        self._configuration = ConfigurationWatch()
        self._figures = Figures()

    # --- beginning ------------------------------------------------------------------------------------------------------

    async def resume(self) -> None:
        """Go on where an earlier agent of the same run of the container was killed."""
        self._recall_signals()
        await self.terminals.adopt()
        observer = Observer(self.evidence, self._look_at_ports, self._look_at_configuration, self._attention)
        self._spawn(observer.observe(self._found))
        known = self._memory.read(PLAN_FILE) if self._memory is not None else None
        if known and known.get("boot_id") == self.boot_id and known.get("start") == self.boot.start:
            log.info("resumed")
            self._take(load(AgentPlan, known["plan"]))

    async def begin(self, operation: str, plan: AgentPlan) -> bool:
        """Carry out `plan`; performed once for each operation id. Returns whether it had been performed before."""
        performed = self._performed()
        if operation in performed and self.state is not AgentState.WAITING:
            return True
        self._keep_plan(plan)
        kept = [*performed, operation][-OPERATIONS_KEPT:]
        self._folder.write("operations", {"boot_id": self.boot_id, "performed": kept})
        self._take(plan)
        return False

    def _keep_plan(self, plan: AgentPlan) -> None:
        """For an agent after this one; it has secrets, so it is kept in memory or not at all."""
        if self._memory is not None:
            known = {"boot_id": self.boot_id, "start": self.boot.start, "plan": dump(plan)}
            self._memory.write(PLAN_FILE, known)

    async def take_secrets(self, new: NewSecrets) -> dict[str, Any]:
        """Have these secrets from now on; names of what changed. Raises Problem `wrong_state` before `begin`."""
        await self.environment()
        before = self.plan
        if new.version == before.secrets_version:
            return dict(dump(SecretsChange()))
        self.plan = replace(before, secrets=new.secrets, secret_files=new.files, secrets_version=new.version)
        self._keep_plan(self.plan)
        self._environment = environment = (await self.environment()).with_secrets(self.plan)
        for users in (self.apps, self.extensions, self.hooks):
            users.take_environment(environment)
        await self._put_secret_files()
        self.changes.note()
        return dict(dump(difference(before, self.plan)))

    async def _put_secret_files(self) -> None:
        """Bring the files up to the plan of now, one call after the other."""
        async with self._putting_secrets:
            environment = await self.environment()
            put = self._secret_files.put
            self._secrets_warning = await asyncio.to_thread(put, environment.secret_files, environment.user)

    def _performed(self) -> list[str]:
        known = self._folder.read("operations") or {}
        return list(known.get("performed", ())) if known.get("boot_id") == self.boot_id else []

    def _take(self, plan: AgentPlan) -> None:
        self.plan = plan
        self._begun.set()
        self.evidence.policy = plan.busy
        if self.state is AgentState.WAITING:
            self._set_state(AgentState.PREPARING)
        self._spawn(self._carry_out(plan))

    async def _carry_out(self, plan: AgentPlan) -> None:
        """User, ownership, environment; then apps beside hooks. Whatever fails, people can work in the end."""
        try:
            prepared = await prepare(plan, self._container_env, GitPlaces(self._state, self.toolbox))
            self._warning = prepared.warning
            if self.user is None or self.user.identity != prepared.environment.user:
                self.user = UserThread(prepared.environment.user)
            self.evidence.declare_in(self._activity_folder, prepared.environment.user)
            await self._question_socket.open_for(prepared.environment.user)
            self._environment = prepared.environment.with_secrets(self.plan)
            await self._put_secret_files()
            environment = self._environment
            self._environment_known.set()
            self._spawn(self.apps.update(plan, environment, self.user))
            self._spawn(self.extensions.install(plan, environment, self.user))
            await self.hooks.run(plan, environment, self._ready)
        except Exception as error:
            log.exception("preparation_failed")
            self._warning = f"The agent could not carry out the plan: {type(error).__name__}; its log has the details."
            self._environment_known.set()
            self._ready()

    def _ready(self) -> None:
        self._set_state(AgentState.READY)

    def _set_state(self, state: AgentState) -> None:
        if self.state is not state:
            self.state = state
            log.info("state state=%s", state.value)
        self.changes.note()

    def _spawn(self, work: Any) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.error("task_failed", exc_info=task.exception())

    # --- what sessions need ---------------------------------------------------------------------------------------------

    async def environment(self) -> Environment:
        """The environment of people's processes, as soon as it is known.

        Raises:
            Problem: `wrong_state` when `begin` does not come within PATIENCE_SECONDS, `internal` when it could not be
                carried out.
        """
        if self._environment is None:
            try:
                async with asyncio.timeout(PATIENCE_SECONDS):
                    await self._begun.wait()
            except TimeoutError as error:
                raise Problem("wrong_state", "The workspace has not been told to begin.") from error
            await self._environment_known.wait()
        if self._environment is None:
            raise Problem("internal", self._warning)
        return self._environment

    def note(self, kind: SignalKind, detail: str) -> None:
        """Take evidence of activity."""
        self.evidence.note(kind, detail)

    def note_person(self, person: str, how: str) -> bool:
        """Somebody is connected; returns whether he has just joined."""
        joined = self.people.note(person, how, datetime.now(UTC))
        self.changes.note()
        return joined

    async def rerun_hooks(self, stage: str) -> None:
        """Start a stage again; returns when it has begun. Raises Problem `bad_value`, `wrong_state`."""
        if stage == EXTENSIONS:
            if self.plan.editor_extensions:
                self.extensions.expect()
                self._spawn(self.extensions.install_again())
            return
        self.hooks.check_rerun(stage)
        self._spawn(self.hooks.rerun(stage, self._ready))

    def log_path(self, name: str) -> str:
        """The file of a log. Raises Problem `not_found`."""
        for prefix, find in ((HOOK_LOGS, self.hooks.log_path), (APP_LOGS, self.apps.log_path)):
            rest = name.removeprefix(prefix)
            if rest != name and rest and "/" not in rest and not rest.startswith("."):
                return find(rest)
        raise Problem("not_found", f"There is no log {name!r}.", "Names of logs are in the status of hooks and apps.")

    # --- what watchers are told -----------------------------------------------------------------------------------------

    @contextmanager
    def watched(self) -> Iterator[None]:
        """While somebody watches, the observers look more often."""
        self._attention.pay()
        try:
            yield
        finally:
            self._attention.cease()

    def news(self) -> Any:
        """What a watcher is told of when it differs."""
        return (
            self.state,
            self._degradation(),
            self._hook_statuses(),
            self.apps.statuses(),
            self._ports.ports,
            self._configuration.changed,
            self.terminals.names(),
            [person.name for person in self.people.here(datetime.now(UTC))],
            {(signal.kind, int(signal.at.timestamp() / SIGNALS_GRAIN)) for signal in self.evidence.activity.signals()},
        )

    def _hooks_run(self) -> bool:
        """Whether hooks run, or are still to come."""
        return self._begun.is_set() and not self.hooks.is_over()

    def _hook_statuses(self) -> tuple[HookStatus, ...]:
        return (*self.hooks.statuses(), *self.extensions.statuses())

    def _degradation(self) -> str:
        return " ".join(text for text in (self._warning, self._secrets_warning, self.hooks.degradation()) if text)

    async def _look_at_ports(self) -> bool:
        own = self.apps.own_ports() | {self.boot.port, self.listening_on}
        return await self._ports.look(self.user, self.plan.ports, own)

    async def _look_at_configuration(self) -> bool:
        return await self._configuration.look(self.plan.configuration, self.user)

    def _found(self) -> None:
        self._keep_signals()
        self.changes.note()

    def _keep_signals(self) -> None:
        self._folder.write(SIGNALS_FILE, {"boot_id": self.boot_id, "signals": dump(self.evidence.activity.signals())})

    def _recall_signals(self) -> None:
        known = self._folder.read(SIGNALS_FILE) or {}
        if known.get("boot_id") == self.boot_id:
            signals = load(tuple[Signal, ...], known["signals"])
            self.evidence.activity = Activity({signal.kind: signal for signal in signals})

    async def status(self) -> AgentStatus:
        """The ledger, now."""
        known = self._environment
        await self._look_at_ports()
        await self._look_at_configuration()
        if self.evidence.look(datetime.now(UTC)):
            self._keep_signals()
        return AgentStatus(
            protocol=PROTOCOL,
            version=self.version,
            workspace=self.boot.workspace,
            start=self.boot.start,
            boot_id=self.boot_id,
            now=datetime.now(UTC),
            state=self.state,
            degraded=self._degradation(),
            remote_user=known.user.name if known else "",
            shell=known.shell() if known else "",
            home=known.user.home if known else "",
            hooks=self._hook_statuses(),
            apps=self.apps.statuses(),
            ports=self._ports.ports,
            terminals=await self.terminals.list(),
            signals=self.evidence.activity.signals(),
            resources=self._figures.now(self.plan.workspace_folder),
            configuration_changed=self._configuration.changed,
            people=self.people.here(datetime.now(UTC)),
            secrets_version=self.plan.secrets_version,
        )


def read_boot_id(read: Callable[[str], str] = lambda path: Path(path).read_text()) -> str:
    """Tells one run of the container's PID 1 from the next: the kernel's boot and PID 1's start time."""
    try:
        started = read("/proc/1/stat").rpartition(")")[2].split()[19]
        kernel = read("/proc/sys/kernel/random/boot_id").strip()
    except (OSError, IndexError):
        return str(os.getppid())
    return hashlib.sha256(f"{kernel} {started}".encode()).hexdigest()[:16]
