"""What a workspace is: what a person asked for, and what the loop remembers of it."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from carrel.core.definition import Definition
from carrel.core.preferences import Dotfiles
from carrel.core.project import ProjectPolicy
from carrel.core.schedule import Schedule
from carrel.core.spec import Egress, EmptySource, Endpoint, Limits, Source, WorkspaceRef
from carrel.core.template import TemplateStanding

ID_ALPHABET = "abcdefghjkmnpqrstuvwxyz0123456789"
ID_LENGTH = 12
PREBUILD = "carrel.prebuild"
"""The label of a prebuild."""


class Goal(StrEnum):
    """What a person (or a policy) asked for."""

    RUN = "run"
    STOP = "stop"
    DELETE = "delete"


class Phase(StrEnum):
    """What a person sees; derived from goal and facts by `lifecycle.decide`, never assigned."""

    PENDING = "pending"
    CLONING = "cloning"
    BUILDING = "building"
    STARTING = "starting"
    RUNNING = "running"
    STOPPING = "stopping"
    STOPPED = "stopped"
    DELETING = "deleting"
    DELETED = "deleted"
    FAILED = "failed"


PHASES: dict[Phase, str] = {
    Phase.PENDING: "Accepted; nothing has begun yet.",
    Phase.CLONING: "The source is being fetched into the project volume.",
    Phase.BUILDING: "The environment is being resolved, and its image built or pulled.",
    Phase.STARTING: "Containers are being made and started, and hooks run up to `waitFor`.",
    Phase.RUNNING: "People can work. With the mark `degraded`: a hook failed, or it is a recovery workspace.",
    Phase.STOPPING: "Processes are asked to end; volumes stay.",
    Phase.STOPPED: "Nothing runs; project and home are kept. With the mark `archived`: put aside.",
    Phase.DELETING: "Containers and networks are being removed.",
    Phase.DELETED: "In the trash until its date, then gone; `carrel undelete` brings it back.",
    Phase.FAILED: "The last step failed for good; the problem says why and what to do.",
}


class OnEnd(StrEnum):
    """What idleness or the deadline does."""

    STOP = "stop"
    DELETE = "delete"


@dataclass(frozen=True)
class AskedRetention:
    """When a person wants a workspace to end by itself; None: as the policy says, whatever that is by then."""

    ttl_seconds: int | None = None
    """Idleness after which it stops; 0: never."""
    max_life_seconds: int | None = None
    """Life of one start; 0: no cap."""
    on_idle: OnEnd = OnEnd.STOP
    on_deadline: OnEnd = OnEnd.STOP


@dataclass(frozen=True)
class Retention:
    """When a workspace ends by itself, as it is in force: `policy.retention` makes it of policy and wish."""

    ttl_seconds: int = 1800
    """Idleness after which it stops; 0: never."""
    max_life_seconds: int = 86400
    """Life of one start, extended in steps of an hour while a counted busy signal lasts; 0: no cap."""
    hard_life_seconds: int = 0
    """Ceiling that no extension passes; 0: none (an administrator may set one)."""
    on_idle: OnEnd = OnEnd.STOP
    on_deadline: OnEnd = OnEnd.STOP


@dataclass(frozen=True)
class Failure:
    """The last step's failure, until it is retried with success or the goal changes."""

    step: str
    kind: str
    """A problem kind."""
    detail: str
    hint: str = ""
    attempts: int = 1
    retry_at: datetime | None = None
    """None: it is not retried; the phase is `failed`."""


@dataclass(frozen=True)
class PortsTold:
    """Which ports people were told of as listening."""

    boot_id: str = ""
    """The boot that it is about."""
    ports: tuple[int, ...] = ()
    events: int = 0
    """How many events there were of ports in this boot."""


@dataclass(frozen=True)
class PolicyMemory:
    """What policy has told people and done, so that nobody is told twice and nothing happens untold (ADR 0036)."""

    life_seconds: int | None = None
    """Maximum life that the deadline was reckoned with; None: not yet."""
    warned_end: datetime | None = None
    """The deadline that people were warned of."""
    schedule: Schedule | None = None
    """The schedule as it was last seen; its moments count from `schedule_since` on."""
    schedule_since: datetime | None = None
    warned_stop: datetime | None = None
    """The scheduled stop that people were warned of."""
    stop_from: datetime | None = None
    """When that stop may happen: not sooner after the warning than was promised."""
    start_refused: str = ""
    """Why the last scheduled start did not happen; empty: it did."""
    retiring: str = ""
    """The step of retirement that `noticed` is about."""
    resting_since: datetime | None = None
    """The rest that `noticed` is about."""
    noticed: tuple[datetime, ...] = ()
    """When its notices were given."""


@dataclass(frozen=True)
class Remembered:
    """What the loop has brought about and no runtime can tell it again."""

    volumes: tuple[str, ...] = ()
    """Volumes that were created: one of them missing later is a loss, never a reason to create."""
    fetched: bool = False
    commit: str = ""
    branch: str = ""
    resolved: int = 0
    """Revision that the stored environment belongs to; 0: none."""
    environment: str = ""
    """Digest of the stored environment; it changes when a recovery environment takes its place."""
    seeded_image: str = ""
    """Image id whose home was last seeded into the home volume."""
    started: int = 0
    """Start number that the containers were last started for."""
    restarts: int = 0
    """How often the containers ended by themselves in this start."""
    toolbox: str = ""
    endpoint: Endpoint | None = None
    """Where the agent of the last start that became ready is reached: for servers, proxies and gateways that ask no runtime."""
    boot_id: str = ""
    """The boot that `hook_logs`, `hooks_told` and `apps_told` are about."""
    hook_logs: dict[str, int] = field(default_factory=dict)
    """How far the log of each run of a hook (HookStatus.run) was copied, in bytes."""
    hooks_told: tuple[str, ...] = ()
    """Runs of hooks whose end was told as an event."""
    services_told: tuple[str, ...] = ()
    """Ends of services that were told as events."""
    prebuilt: str = ""
    """Of a prebuild that is ready: the image that its primary container runs."""
    configuration_changed: tuple[str, ...] = ()
    """Files of the configuration that differ from those that the running environment was made from."""
    ports_told: PortsTold = PortsTold()
    apps_told: tuple[str, ...] = ()
    """Apps whose first start is in the timeline of this boot."""
    policy: PolicyMemory = PolicyMemory()
    template_placed: str = ""
    """Version of the template whose files were put into the project (template id and number); empty: none's."""


@dataclass(frozen=True)
class ListedApp:
    """An app as lists show it; its state is asked of the agent."""

    name: str
    title: str = ""
    icon: str = ""
    open_path: str = "/"
    share: str = "private"
    """The widest circle to which it may be opened: private, project, public."""


@dataclass(frozen=True)
class Workspace:
    """A workspace as the store keeps it."""

    id: str
    owner_id: str
    owner: str
    """The owner's user name, as host names and `owner/name` show it."""
    name: str
    source: Source = EmptySource()
    devcontainer: str = ""
    """Path of the chosen devcontainer.json; empty: the only one, or none."""
    project: str = "default"
    domain: str = "development"
    goal: Goal = Goal.RUN
    generation: int = 1
    """Grows with every accepted change of intent."""
    revision: int = 1
    """Wanted environment; rebuild, new ref and new size increment it."""
    no_cache: bool = False
    """The wanted revision is to be built without cache."""
    start: int = 1
    """Wanted start; start and restart increment it."""
    purge: bool = False
    """Delete leaves nothing: volumes too."""
    purge_after: datetime | None = None
    """In the trash: when the volumes go."""
    archived: bool = False
    limits: Limits = Limits()
    egress: Egress = Egress.OPEN
    allow: tuple[str, ...] = ()
    """Grants that the owner of a local-mode server gave this workspace (`up --allow`)."""
    retention: AskedRetention = AskedRetention()
    """What was asked; `policy.retention` makes of it what is in force."""
    policy: ProjectPolicy | None = None
    """Its project's, as of when this was read; None: it chose nothing. Not kept with the workspace."""
    phase: Phase = Phase.PENDING
    """The last phase that the loop derived; a cache for lists."""
    degraded: str = ""
    """Why a person should look although it runs; empty: all is well."""
    failure: Failure | None = None
    remembered: Remembered = Remembered()
    created_at: datetime | None = None
    goal_at: datetime | None = None
    """When the goal was last accepted."""
    running_since: datetime | None = None
    """When this start became ready; None while it is not running."""
    deadline: datetime | None = None
    """End of life of this start, extensions included; None: not set yet."""
    stops_at: datetime | None = None
    """When it will end if nothing happens (idle.Verdict); None: never, or unknown."""
    last_activity_at: datetime | None = None
    stop_reason: str = ""
    """Why it was last stopped: a sentence."""
    labels: dict[str, str] = field(default_factory=dict)
    dotfiles: Dotfiles | None = None
    """In the place of the owner's preference; without a repository: none."""
    apps: tuple[ListedApp, ...] = ()
    """Of this start, as the resolved environment and the agent name them."""
    definition: Definition | None = None
    """What its workspace.yaml says besides; None: there is none."""
    stopped_at: datetime | None = None
    """When it came to rest; None while it is not stopped."""
    archived_at: datetime | None = None
    disk_bytes: int | None = None
    """Of its volumes, as last measured; None: not yet."""
    disk_measured_at: datetime | None = None
    template_id: str | None = None
    """Of the template that it was made from, which may be gone; `definition.template` says with what."""
    template_version: int | None = None
    template: TemplateStanding | None = None
    """As of when this was read; None: it was made from none, or that is gone. Not kept with the workspace."""

    @property
    def is_prebuild(self) -> bool:
        """It is made ready and waits for somebody who asks for such a workspace."""
        return PREBUILD in self.labels

    @property
    def template_files(self) -> str:
        """The version of a template whose files it is to have, as `Remembered.template_placed`; empty: none's."""
        return "" if self.template_id is None else f"{self.template_id}:{self.template_version}"

    @property
    def has_template_files(self) -> bool:
        """Whether the files of its template's version were put into the project; of no template there are none."""
        return self.template_files in {"", self.remembered.template_placed}

    def ref(self) -> WorkspaceRef:
        """How runtimes know it."""
        return WorkspaceRef(id=self.id, label=f"{self.name}--{self.owner}", project=self.project)

    def principal(self) -> str:
        """The SSH certificate principal of the wanted start."""
        return f"{self.id}:{self.start}"


def new_id() -> str:
    """A fresh workspace id, 12 characters from an alphabet without look-alikes (60 bits)."""
    return "".join(secrets.choice(ID_ALPHABET) for _ in range(ID_LENGTH))
