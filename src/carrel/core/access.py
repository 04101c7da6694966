"""Who may do what: one table of roles and actions that drives code, documentation and tests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from types import MappingProxyType

from carrel.core.problems import Problem
from carrel.core.project import DEFAULT_PROJECT
from carrel.core.spec import AGENT_PORT
from carrel.core.workspace import Workspace


class Role(StrEnum):
    """What a person is, in a project or in the whole installation."""

    VIEWER = "viewer"
    """Looks at what the project has."""
    DEVELOPER = "developer"
    """Has workspaces."""
    MAINTAINER = "maintainer"
    """Looks after a project: its workspaces, templates, secrets."""
    ADMIN = "admin"
    """Looks after the installation: people, projects, limits."""
    AUDITOR = "auditor"
    """Reads everything that is recorded, changes nothing, enters nothing."""
    OWNER = "owner"
    """Owns the installation; in local mode the first person there is."""
    GUEST = "guest"
    """Came by a link: has no account, and of one workspace what the link gives."""


class Action(StrEnum):
    """What can be done, as audit and documentation name it."""

    WORKSPACE_READ = "workspace.read"
    """See it, its events, logs and timeline."""
    WORKSPACE_WATCH = "workspace.watch"
    """Look into it: terminals without typing, and the ports that were named; who is there."""
    WORKSPACE_CREATE = "workspace.create"
    WORKSPACE_USE = "workspace.use"
    """Be in it, with the full power of its user: exec, terminals, SSH, files, every app and port."""
    WORKSPACE_START = "workspace.start"
    """Start it where it is stopped."""
    WORKSPACE_OPERATE = "workspace.operate"
    """Stop, restart, rebuild, extend."""
    WORKSPACE_CHANGE = "workspace.change"
    """Limits, retention, source, archive."""
    WORKSPACE_DELETE = "workspace.delete"
    """Delete, purge, take out of the trash."""
    WORKSPACE_SHARE = "workspace.share"
    """Let others in: shares, guest links, ports that others may open. Taking it away is also `workspace.change`."""
    WORKSPACE_GRANT = "workspace.grant"
    """Allow what the policy refuses by default (`up --allow`)."""
    FOLDER_USE = "folder.use"
    """Use a folder of the server's machine as a source."""
    CREDENTIAL_MANAGE = "credential.manage"
    """Git credentials."""
    SECRET_MANAGE = "secret.manage"  # noqa: S105  the name of an action
    """Secrets: one's own, a project's."""
    TOKEN_MANAGE = "token.manage"  # noqa: S105  the name of an action
    """Tokens, sessions, login links."""
    PROJECT_READ = "project.read"
    """See a project: its description, policy, limits and members."""
    PROJECT_MANAGE = "project.manage"
    """Make, change and delete projects."""
    TEMPLATE_READ = "template.read"
    """See a project's templates, and make workspaces of them; everybody's are for all who have an account."""
    TEMPLATE_MANAGE = "template.manage"
    """Put templates into a project's catalog, and take them out; everybody's are for those who reach all."""
    MEMBER_MANAGE = "member.manage"
    """Who is a member of a project, as what."""
    USER_MANAGE = "user.manage"
    """People, service accounts and their tokens."""
    AUDIT_READ = "audit.read"
    SERVER_READ = "server.read"
    """What the server runs on, and its metrics."""


class Reach(IntEnum):
    """On whose things."""

    NONE = 0
    OWN = 1
    PROJECT = 2
    """On everybody's in the project in which one has the role."""
    ALL = 3


_N, _O, _P, _A = Reach.NONE, Reach.OWN, Reach.PROJECT, Reach.ALL

# A table: one action a line.
# fmt: off
_ROWS: dict[Action, tuple[Reach, ...]] = {
    #                           viewer  developer  maintainer  admin  auditor  owner  guest
    Action.WORKSPACE_READ:     (_P,     _P,        _P,         _A,    _A,      _A,    _N),
    Action.WORKSPACE_WATCH:    (_N,     _O,        _O,         _O,    _N,      _O,    _N),
    Action.WORKSPACE_CREATE:   (_N,     _O,        _O,         _O,    _N,      _O,    _N),
    Action.WORKSPACE_USE:      (_N,     _O,        _O,         _O,    _N,      _O,    _N),
    Action.WORKSPACE_START:    (_N,     _O,        _P,         _A,    _N,      _A,    _N),
    Action.WORKSPACE_OPERATE:  (_N,     _O,        _P,         _A,    _N,      _A,    _N),
    Action.WORKSPACE_CHANGE:   (_N,     _O,        _P,         _A,    _N,      _A,    _N),
    Action.WORKSPACE_DELETE:   (_N,     _O,        _P,         _A,    _N,      _A,    _N),
    Action.WORKSPACE_SHARE:    (_N,     _O,        _O,         _O,    _N,      _O,    _N),
    Action.WORKSPACE_GRANT:    (_N,     _N,        _N,         _N,    _N,      _O,    _N),
    Action.FOLDER_USE:         (_N,     _N,        _N,         _N,    _N,      _O,    _N),
    Action.CREDENTIAL_MANAGE:  (_N,     _O,        _O,         _O,    _N,      _O,    _N),
    Action.SECRET_MANAGE:      (_N,     _O,        _P,         _A,    _N,      _A,    _N),
    Action.TOKEN_MANAGE:       (_O,     _O,        _O,         _A,    _O,      _A,    _N),
    Action.PROJECT_READ:       (_P,     _P,        _P,         _A,    _A,      _A,    _N),
    Action.PROJECT_MANAGE:     (_N,     _N,        _N,         _A,    _N,      _A,    _N),
    Action.TEMPLATE_READ:      (_P,     _P,        _P,         _A,    _A,      _A,    _N),
    Action.TEMPLATE_MANAGE:    (_N,     _N,        _P,         _A,    _N,      _A,    _N),
    Action.MEMBER_MANAGE:      (_N,     _N,        _P,         _A,    _N,      _A,    _N),
    Action.USER_MANAGE:        (_N,     _N,        _N,         _A,    _N,      _A,    _N),
    Action.AUDIT_READ:         (_N,     _N,        _P,         _A,    _A,      _A,    _N),
    Action.SERVER_READ:        (_O,     _O,        _O,         _A,    _A,      _A,    _N),
}
# fmt: on

ROLES: Mapping[Role, Mapping[Action, Reach]] = MappingProxyType(
    {role: MappingProxyType({a: row[n] for a, row in _ROWS.items()}) for n, role in enumerate(Role)}
)
"""For each role the reach of each action."""

PROJECT_ROLES = (Role.VIEWER, Role.DEVELOPER, Role.MAINTAINER)
"""What a member of a project can be; the others are of the whole installation."""
EVERYWHERE = frozenset({Role.ADMIN, Role.AUDITOR, Role.OWNER})
"""Roles of the installation that count in every project; the others count in the default project."""
KEPT = frozenset({Action.WORKSPACE_READ})
"""What the owner of a workspace may do with it when he is not (any longer) a member of its project."""


class Level(StrEnum):
    """How much of a workspace a share or a guest link gives."""

    VIEW = "view"
    """Look: terminals without typing, the ports that were named."""
    EDIT = "edit"
    """The full power of the workspace's user: files, secrets in its environment, credentials."""


_LOOK = frozenset({Action.WORKSPACE_READ, Action.WORKSPACE_WATCH})

SHARES: Mapping[Level, frozenset[Action]] = MappingProxyType(
    {Level.VIEW: _LOOK, Level.EDIT: _LOOK | {Action.WORKSPACE_USE, Action.WORKSPACE_START}}
)
"""For each level what it lets another user do with that one workspace."""

GUESTS: Mapping[Level, frozenset[Action]] = MappingProxyType(
    {
        Level.VIEW: frozenset({Action.WORKSPACE_WATCH}),
        Level.EDIT: _LOOK | {Action.WORKSPACE_USE},
    }
)
"""For each level what it lets a guest do: no logs and no events for who only looks, and no start."""


class Scope(StrEnum):
    """What a token may be used for; a token without scopes may do all that its user may."""

    READ = "read"
    USE = "use"
    WRITE = "write"
    ADMIN = "admin"


SCOPES: Mapping[Scope, frozenset[Action]] = MappingProxyType(
    {
        Scope.READ: frozenset({Action.WORKSPACE_READ, Action.PROJECT_READ, Action.TEMPLATE_READ, Action.SERVER_READ}),
        Scope.USE: frozenset({Action.WORKSPACE_READ, Action.WORKSPACE_WATCH, Action.WORKSPACE_USE}),
        Scope.WRITE: frozenset(
            {
                Action.WORKSPACE_READ,
                Action.WORKSPACE_CREATE,
                Action.WORKSPACE_START,
                Action.WORKSPACE_OPERATE,
                Action.WORKSPACE_CHANGE,
                Action.WORKSPACE_DELETE,
                Action.CREDENTIAL_MANAGE,
                Action.SECRET_MANAGE,
                Action.PROJECT_READ,
                Action.TEMPLATE_READ,
                Action.TEMPLATE_MANAGE,
                Action.SERVER_READ,
            }
        ),
        Scope.ADMIN: frozenset(Action),
    }
)
"""For each scope the actions that it admits."""


@dataclass(frozen=True)
class Share:
    """What of one workspace was given to somebody."""

    level: Level
    ports: frozenset[int] = frozenset()
    """Named: `view` opens these; `edit` opens all."""


@dataclass(frozen=True)
class Actor:
    """Who asks: a signed-in person or program, or a guest."""

    user_id: str
    """Of a guest: the id of the share, which is nobody's user id."""
    name: str
    role: Role
    """In the whole installation."""
    projects: Mapping[tuple[str, str], Role] = field(default_factory=dict)
    """Memberships: by project and domain; an empty domain is all of them."""
    shares: Mapping[str, Share] = field(default_factory=dict)
    """What others gave, by the workspace's id."""
    scopes: frozenset[Scope] = frozenset()
    """Of the token that is used; none: no restriction."""
    token_id: str = ""
    request_id: str = ""
    address: str = ""
    """Where the request came from, for the audit."""


@dataclass(frozen=True)
class Resource:
    """On what: whose it is, and in which project."""

    owner_id: str
    project: str = ""
    workspace: str = ""
    """The id of the workspace that it is; empty: it is none."""
    domain: str = ""
    """Of the project; empty: it is no single domain's."""

    @classmethod
    def of(cls, workspace: Workspace) -> Resource:
        """A workspace."""
        return cls(workspace.owner_id, workspace.project, workspace.id, workspace.domain)


def _in_scope(actor: Actor, action: Action) -> bool:
    """Whether the token that is used may be used for this."""
    return not actor.scopes or any(action in SCOPES[scope] for scope in actor.scopes)


def reach(actor: Actor, action: Action, project: str = "", domain: str = "") -> Reach:
    """On whose things the actor's roles let him do this; shares come on top.

    Args:
        actor: who asks.
        action: what.
        project: empty: in none; it is about what is the actor's own, or the installation's.
        domain: of the project; empty: in all of its domains.
    """
    if not _in_scope(actor, action):
        return Reach.NONE
    widest = _as_of_the_installation(actor, action, project)
    for role in _memberships(actor, project, domain):
        widest = max(widest, min(ROLES[role][action], Reach.PROJECT if project else Reach.OWN))
    if action in KEPT and ROLES[actor.role][action] is not Reach.NONE:
        widest = max(widest, Reach.OWN)
    return widest


def _as_of_the_installation(actor: Actor, action: Action, project: str) -> Reach:
    """What the role in the installation says in this project."""
    widest = ROLES[actor.role][action]
    if project and project != DEFAULT_PROJECT and actor.role not in EVERYWHERE:
        return Reach.NONE
    looks_after = project == DEFAULT_PROJECT and actor.role is Role.MAINTAINER
    # Everybody belongs to the default project: that says nothing about what the others have there.
    return Reach.OWN if widest is Reach.PROJECT and not looks_after else widest


def _memberships(actor: Actor, project: str, domain: str) -> list[Role]:
    """The roles that count there; an auditor enters nothing, whatever he was given."""
    if actor.role in (Role.AUDITOR, Role.GUEST):
        return []
    if not project:  # what is one's own, one needs wherever one works
        return list(actor.projects.values())
    return [actor.projects[key] for key in {(project, domain), (project, "")} if key in actor.projects]


def places(actor: Actor, action: Action) -> frozenset[tuple[str, str]]:
    """The projects and domains (empty: all of them) on all of whose things the actor may do this as a member."""
    known = {*actor.projects, (DEFAULT_PROJECT, "")}
    return frozenset(key for key in known if reach(actor, action, *key) >= Reach.PROJECT)


def given(actor: Actor, action: Action) -> frozenset[str]:
    """The ids of the workspaces with which shares let the actor do this. An auditor enters nothing: none count."""
    if actor.role is Role.AUDITOR or not _in_scope(actor, action):
        return frozenset()
    table = GUESTS if actor.role is Role.GUEST else SHARES
    return frozenset(workspace for workspace, share in actor.shares.items() if action in table[share.level])


def allows(actor: Actor, action: Action, resource: Resource) -> bool:
    """Whether the actor may do this to that, by a role, as its owner or by a share."""
    limit = reach(actor, action, resource.project, resource.domain)
    is_within = actor.user_id == resource.owner_id if limit is Reach.OWN else limit is not Reach.NONE
    return is_within or (resource.workspace in actor.shares and resource.workspace in given(actor, action))


def sees(actor: Actor, resource: Resource) -> bool:
    """Whether the actor knows that it exists."""
    seeing = (Action.WORKSPACE_READ, Action.WORKSPACE_WATCH)
    if resource.project and not resource.workspace and knows_project(actor, resource.project):
        return True
    return actor.user_id == resource.owner_id or any(allows(actor, action, resource) for action in seeing)


def knows_project(actor: Actor, project: str) -> bool:
    """Whether the actor knows that a project exists: by a role in any of its domains; all who have an account the default one."""
    if project == DEFAULT_PROJECT:
        return reach(actor, Action.PROJECT_READ, project) is not Reach.NONE
    domains = {"", *(domain for name, domain in actor.projects if name == project)}
    return any(reach(actor, Action.PROJECT_READ, project, domain) >= Reach.PROJECT for domain in domains)


def demand(actor: Actor, action: Action, resource: Resource) -> None:
    """Raise unless it is allowed: `not_found` for what the actor may not even see, else `not_allowed`."""
    if allows(actor, action, resource):
        return
    if not sees(actor, resource):
        raise Problem("not_found")
    hint = ""
    if action is Action.WORKSPACE_USE:
        hint = f"Its owner lets you work in it: `carrel share NAME {actor.name} --edit`."
    raise Problem("not_allowed", f"{actor.name} may not do {action.value} here.", hint)


class Visibility(StrEnum):
    """Who may open a port of a workspace, besides those to whom it was named; each includes the ones before."""

    PRIVATE = "private"
    """Those who may use the workspace."""
    PROJECT = "project"
    """Those who may read the workspace."""
    PUBLIC = "public"
    """Anybody, without signing in."""


VISIBILITIES = tuple(Visibility)
"""From the narrowest to the widest."""


PRIVATE_APPS = frozenset({"code", "jupyter", "terminal"})
"""Apps that are the workspace's user: whatever was asked for, they are opened to nobody else."""
APP_PORTS = range(29000, 30000)
"""Loopback ports that the agent gives to apps; an app is opened by its name."""


def port_of(app: str) -> int | None:
    """The port that an app's name means, or None where it is the name of an app."""
    return int(app) if app.isascii() and app.isdigit() and 0 < int(app) < 65536 else None


def may_be_opened(app: str) -> bool:
    """Whether others than those who may use the workspace can ever open this app or port."""
    port = port_of(app)
    return app not in PRIVATE_APPS and port not in APP_PORTS and port != AGENT_PORT


def opens(actor: Actor, resource: Resource, app: str, visibility: Visibility = Visibility.PRIVATE) -> bool:
    """Whether the actor may open an app (by name) or a port (by number) of a workspace.

    An app is the power of the workspace's user, unless its configuration says that it may be opened to more people.
    """
    if allows(actor, Action.WORKSPACE_USE, resource):
        return True
    if not may_be_opened(app):
        return False
    if visibility is Visibility.PUBLIC:
        return True
    if visibility is Visibility.PROJECT and actor.role is not Role.AUDITOR:
        reads = allows(actor, Action.WORKSPACE_READ, resource)
    else:
        reads = False
    return reads or _is_named(actor, resource, app)


def _is_named(actor: Actor, resource: Resource, app: str) -> bool:
    """Whether a share names this port to the actor."""
    share = actor.shares.get(resource.workspace)
    return share is not None and port_of(app) in share.ports and allows(actor, Action.WORKSPACE_WATCH, resource)
