"""Who may do what: one table of roles and actions that drives code, documentation and tests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from types import MappingProxyType

from carrel.core.problems import Problem


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
    """Owns the installation; in local mode the one person there is."""


class Action(StrEnum):
    """What can be done, as audit and documentation name it."""

    WORKSPACE_READ = "workspace.read"
    """See it, its events, logs and timeline."""
    WORKSPACE_CREATE = "workspace.create"
    WORKSPACE_USE = "workspace.use"
    """Be in it: exec, terminals, apps, ports."""
    WORKSPACE_OPERATE = "workspace.operate"
    """Start, stop, restart, rebuild, extend."""
    WORKSPACE_CHANGE = "workspace.change"
    """Limits, retention, source, archive."""
    WORKSPACE_DELETE = "workspace.delete"
    """Delete, purge, take out of the trash."""
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
    USER_MANAGE = "user.manage"
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
    #                           viewer  developer  maintainer  admin  auditor  owner
    Action.WORKSPACE_READ:     (_P,     _P,        _P,         _A,    _A,      _A),
    Action.WORKSPACE_CREATE:   (_N,     _O,        _O,         _O,    _N,      _O),
    Action.WORKSPACE_USE:      (_N,     _O,        _O,         _O,    _N,      _O),
    Action.WORKSPACE_OPERATE:  (_N,     _O,        _P,         _A,    _N,      _A),
    Action.WORKSPACE_CHANGE:   (_N,     _O,        _P,         _A,    _N,      _A),
    Action.WORKSPACE_DELETE:   (_N,     _O,        _P,         _A,    _N,      _A),
    Action.WORKSPACE_GRANT:    (_N,     _N,        _N,         _N,    _N,      _O),
    Action.FOLDER_USE:         (_N,     _N,        _N,         _N,    _N,      _O),
    Action.CREDENTIAL_MANAGE:  (_N,     _O,        _O,         _O,    _N,      _O),
    Action.SECRET_MANAGE:      (_N,     _O,        _P,         _A,    _N,      _A),
    Action.TOKEN_MANAGE:       (_O,     _O,        _O,         _A,    _O,      _A),
    Action.USER_MANAGE:        (_N,     _N,        _N,         _A,    _N,      _A),
    Action.AUDIT_READ:         (_N,     _N,        _P,         _A,    _A,      _A),
    Action.SERVER_READ:        (_O,     _O,        _O,         _A,    _A,      _A),
}
# fmt: on

ROLES: Mapping[Role, Mapping[Action, Reach]] = MappingProxyType(
    {role: MappingProxyType({a: row[n] for a, row in _ROWS.items()}) for n, role in enumerate(Role)}
)
"""For each role the reach of each action."""


class Scope(StrEnum):
    """What a token may be used for; a token without scopes may do all that its user may."""

    READ = "read"
    USE = "use"
    WRITE = "write"
    ADMIN = "admin"


SCOPES: Mapping[Scope, frozenset[Action]] = MappingProxyType(
    {
        Scope.READ: frozenset({Action.WORKSPACE_READ, Action.SERVER_READ}),
        Scope.USE: frozenset({Action.WORKSPACE_READ, Action.WORKSPACE_USE}),
        Scope.WRITE: frozenset(
            {
                Action.WORKSPACE_READ,
                Action.WORKSPACE_CREATE,
                Action.WORKSPACE_OPERATE,
                Action.WORKSPACE_CHANGE,
                Action.WORKSPACE_DELETE,
                Action.CREDENTIAL_MANAGE,
                Action.SECRET_MANAGE,
                Action.SERVER_READ,
            }
        ),
        Scope.ADMIN: frozenset(Action),
    }
)
"""For each scope the actions that it admits."""


@dataclass(frozen=True)
class Actor:
    """Who asks: a signed-in person or program."""

    user_id: str
    name: str
    role: Role
    """In the whole installation."""
    projects: Mapping[str, Role] = field(default_factory=dict)
    """Further roles, by project."""
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


def reach(actor: Actor, action: Action, project: str = "") -> Reach:
    """On whose things the actor may do this, in a project (empty: in none)."""
    if actor.scopes and not any(action in SCOPES[scope] for scope in actor.scopes):
        return Reach.NONE
    widest = ROLES[actor.role][action]
    if widest is Reach.PROJECT:  # an installation-wide role says nothing about a project one is not a member of
        widest = Reach.OWN
    if project in actor.projects:
        widest = max(widest, ROLES[actor.projects[project]][action])
    return widest


def allows(actor: Actor, action: Action, resource: Resource) -> bool:
    """Whether the actor may do this to that."""
    limit = reach(actor, action, resource.project)
    if limit is Reach.OWN:
        return actor.user_id == resource.owner_id
    return limit is not Reach.NONE


def demand(actor: Actor, action: Action, resource: Resource) -> None:
    """Raise unless it is allowed: `not_found` for what the actor may not even see, else `not_allowed`."""
    if allows(actor, action, resource):
        return
    if not allows(actor, Action.WORKSPACE_READ, resource) and actor.user_id != resource.owner_id:
        raise Problem("not_found")
    raise Problem("not_allowed", f"{actor.name} may not do {action.value} here.")
