"""The tables. Migrations in `migrations/versions` bring a database to this; a test holds both equal."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from carrel.core.accelerators import Machine
from carrel.core.definition import Definition
from carrel.core.preferences import Dotfiles, Preferences
from carrel.core.project import ProjectLimits, ProjectPolicy
from carrel.core.quota import Ceilings
from carrel.core.spec import Limits, Source
from carrel.core.workspace import AskedRetention, Failure, ListedApp, Remembered
from carrel.server.store.columns import Instant, Json, Record

METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

_SERIAL = BigInteger().with_variant(Integer, "sqlite")
"""SQLite numbers rows only in an INTEGER PRIMARY KEY."""


def _of_workspace() -> Column[str]:
    return Column("workspace_id", String(12), ForeignKey("workspaces.id", ondelete="CASCADE"), nullable=False)


installation = Table(
    "installation",
    METADATA,
    Column("row", Integer, primary_key=True),  # always 1
    Column("id", String(16), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("authority", Text, nullable=False),  # OpenSSH public key line
    Column("machine", Record(Machine)),  # what the runtime has of accelerators; None: it was not asked yet
    Column("key_id", String(16), nullable=False, server_default=""),  # of the key that seals secrets
)

users = Table(
    "users",
    METADATA,
    Column("id", String(12), primary_key=True),
    Column("name", String(40), nullable=False, unique=True),  # case-folded (core.names)
    Column("role", String(16), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("disabled_at", Instant),
    Column("preferences", Record(Preferences)),  # None: all defaults
    Column("kind", String(8), nullable=False, server_default="person"),  # or `service`
    Column("full_name", String(200), nullable=False, server_default=""),
    Column("email", String(320), nullable=False, server_default=""),  # shown, and for commits; never an identity
    Column("limits", Record(Ceilings)),  # in the place of the settings' for every user
)

passwords = Table(
    "passwords",
    METADATA,
    Column("user_id", String(12), ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    Column("hash", String(200), nullable=False),  # argon2id, with its parameters
    Column("changed_at", Instant, nullable=False),
    Column("must_change", Boolean, nullable=False),
    Column("failures", Integer, nullable=False),  # since the last success
    Column("locked_until", Instant),
)

identities = Table(
    "identities",
    METADATA,
    Column("issuer", String(500), primary_key=True),
    Column("subject", String(255), primary_key=True),
    Column("user_id", String(12), ForeignKey("users.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("email", String(320), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("used_at", Instant),
)

oidc_states = Table(
    "oidc_states",
    METADATA,
    Column("state", String(64), primary_key=True),  # of a sign-in that is finished: it is good once
    Column("at", Instant, nullable=False, index=True),
)

projects = Table(
    "projects",
    METADATA,
    Column("name", String(40), primary_key=True),  # case-folded (core.names)
    Column("description", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("policy", Record(ProjectPolicy)),  # None: as the settings say
    Column("limits", Record(ProjectLimits)),
)

members = Table(
    "members",
    METADATA,
    Column("project", String(40), ForeignKey("projects.name", ondelete="CASCADE"), primary_key=True),
    Column("domain", String(40), primary_key=True),  # empty: in all of them
    Column("user_id", String(12), ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    Column("role", String(16), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("source", String(8), nullable=False, server_default=""),  # `group`: the identity provider's word gave it
    Index("ix_members_user_id", "user_id"),
)

tokens = Table(
    "tokens",
    METADATA,
    Column("id", String(12), primary_key=True),
    Column("user_id", String(12), ForeignKey("users.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("kind", String(16), nullable=False),
    Column("hash", String(64), nullable=False, unique=True),  # SHA-256 of the whole token: 256 random bits need no salt
    Column("title", String(200), nullable=False),
    Column("scopes", Json, nullable=False),
    Column("bound_to", Json, nullable=False),  # of an app code or ticket: host and workspace
    Column("parent_id", String(12), nullable=False, index=True),  # of an app code or ticket: the session
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, index=True),
    Column("used_at", Instant),
)

ssh_keys = Table(
    "ssh_keys",
    METADATA,
    Column("id", String(12), primary_key=True),
    Column("user_id", String(12), ForeignKey("users.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("fingerprint", String(64), nullable=False, unique=True),  # a key is one user's
    Column("public_key", Text, nullable=False),  # an OpenSSH line without comment
    Column("title", String(200), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("used_at", Instant),
)

template_repositories = Table(
    "template_repositories",
    METADATA,
    Column("id", String(12), primary_key=True),
    Column("project", String(40), nullable=False),  # empty: everybody's
    Column("url", Text, nullable=False),
    Column("ref", Text, nullable=False),
    Column("folder", Text, nullable=False),  # empty: the whole repository
    Column("created_by", String(12), ForeignKey("users.id"), nullable=False),  # whose git credentials are used
    Column("may_grant", Boolean, nullable=False),  # its templates may grant whatever there is
    Column("created_at", Instant, nullable=False),
    Column("synced_at", Instant),
    Column("commit", String(64), nullable=False),
    Column("problem", Text, nullable=False),
    Column("report", Json, nullable=False),
    Column("wake_at", Instant),
    Index("ix_template_repositories_project", "project"),
    Index("ix_template_repositories_wake_at", "wake_at"),
)

templates = Table(
    "templates",
    METADATA,
    Column("id", String(12), primary_key=True),
    Column("project", String(40), nullable=False),  # empty: everybody's
    Column("name", String(40), nullable=False),  # case-folded (core.names)
    Column("newest", Integer, nullable=False),  # number of its newest version; 0 only within a transaction
    Column("withdrawn_at", Instant),  # since when no workspace is made from it
    Column("repository_id", String(12), ForeignKey("template_repositories.id", ondelete="SET NULL")),  # None: pushed
    Column("folder", Text, nullable=False),  # in the repository
    Column("problem", Text, nullable=False),  # why its folder could not be read when it was last synchronised
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    UniqueConstraint("project", "name"),
    Index("ix_templates_repository_id", "repository_id"),
)

template_versions = Table(
    "template_versions",
    METADATA,
    Column("template_id", String(12), ForeignKey("templates.id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("digest", String(64), nullable=False),  # of its files
    Column("title", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("icon", Text, nullable=False),
    Column("update_when", String(16), nullable=False),
    Column("policy", Record(ProjectPolicy)),  # of its workspaces; None: it says nothing
    Column("files", LargeBinary, nullable=False),  # templates/packing.py
    Column("commit", String(64), nullable=False),  # empty: it was pushed
    Column("notices", Json, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("created_by", String(40), nullable=False),  # the name
)

workspaces = Table(
    "workspaces",
    METADATA,
    Column("id", String(12), primary_key=True),
    Column("owner_id", String(12), ForeignKey("users.id"), nullable=False),
    Column("name", String(40), nullable=False),  # case-folded (core.names)
    Column("source", Record(Source), nullable=False),
    Column("devcontainer", Text, nullable=False),
    Column("project", String(40), nullable=False),
    Column("domain", String(40), nullable=False),
    Column("goal", String(8), nullable=False),
    Column("generation", Integer, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("no_cache", Boolean, nullable=False),
    Column("start", Integer, nullable=False),
    Column("purge", Boolean, nullable=False),
    Column("purge_after", Instant),
    Column("archived", Boolean, nullable=False),
    Column("limits", Record(Limits), nullable=False),
    Column("egress", String(8), nullable=False),
    Column("allow", Record(tuple[str, ...]), nullable=False),
    Column("retention", Record(AskedRetention), nullable=False),
    Column("phase", String(12), nullable=False),
    Column("degraded", Text, nullable=False),
    Column("failure", Record(Failure)),
    Column("remembered", Record(Remembered), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("goal_at", Instant, nullable=False),
    Column("running_since", Instant),
    Column("deadline", Instant),
    Column("stops_at", Instant),
    Column("last_activity_at", Instant),
    Column("stop_reason", Text, nullable=False),
    Column("labels", Record(dict[str, str]), nullable=False),
    Column("dotfiles", Record(Dotfiles)),
    Column("apps", Record(tuple[ListedApp, ...]), nullable=False),
    Column("definition", Record(Definition)),
    Column("stopped_at", Instant),
    Column("archived_at", Instant),
    Column("disk_bytes", BigInteger),  # of its volumes, when they were last measured
    Column("disk_measured_at", Instant),
    Column("template_id", String(12)),  # also of one that is gone; no key: SQLite would make the whole table anew
    Column("template_version", Integer),
    # Not part of core.Workspace: the loop's and the store's own.
    Column("last_event", Integer, nullable=False),
    Column("wake_at", Instant),  # None: nothing to do until somebody wakes it
    Column("lease_token", String(40)),
    Column("lease_until", Instant),
    Column("purged_at", Instant),  # nothing is left but this row, its events and its audit
    Index(
        "uq_workspaces_owner_id_name",
        "owner_id",
        "name",
        unique=True,
        sqlite_where=text("goal <> 'delete' AND purged_at IS NULL"),
        postgresql_where=text("goal <> 'delete' AND purged_at IS NULL"),
    ),
    Index("ix_workspaces_wake_at", "wake_at"),
    Index("ix_workspaces_lease_until", "lease_until"),
    Index("ix_workspaces_created_at_id", "created_at", "id"),
    Index("ix_workspaces_owner_id_created_at_id", "owner_id", "created_at", "id"),
    Index("ix_workspaces_project_created_at_id", "project", "created_at", "id"),
    Index("ix_workspaces_name", "name"),
    Index("ix_workspaces_template_id", "template_id"),
)

shares = Table(
    "shares",
    METADATA,
    Column("id", String(12), primary_key=True),
    _of_workspace(),
    Column("user_id", String(12), ForeignKey("users.id", ondelete="CASCADE"), index=True),  # None: of a guest link
    Column("level", String(8), nullable=False),
    Column("ports", Json, nullable=False),
    Column("title", String(30), nullable=False),  # of a guest link: for whom
    Column("made_by", String(12), ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, index=True),
    UniqueConstraint("workspace_id", "user_id"),
)

openings = Table(
    "openings",
    METADATA,
    Column("workspace_id", String(12), ForeignKey("workspaces.id", ondelete="CASCADE"), primary_key=True),
    Column("app", String(40), primary_key=True),  # a port's number, or an app's name
    Column("visibility", String(8), nullable=False),  # what is private has no row
    Column("made_by", String(12), ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, index=True),
    Index("ix_openings_app", "app"),
)

environments = Table(
    "environments",
    METADATA,
    Column("workspace_id", String(12), ForeignKey("workspaces.id", ondelete="CASCADE"), primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("digest", String(64), nullable=False),
    Column("plan", Json, nullable=False),
    Column("problem", Json),  # why this is a recovery environment
    Column("recovery", Boolean, nullable=False),
    Column("created_at", Instant, nullable=False),
)

events = Table(
    "events",
    METADATA,
    Column("position", _SERIAL, primary_key=True, autoincrement=True),  # grows in the order of commits
    _of_workspace(),
    Column("number", Integer, nullable=False),
    Column("kind", String(40), nullable=False),
    Column("data", Json, nullable=False),
    Column("at", Instant, nullable=False),
    UniqueConstraint("workspace_id", "number"),
)

audit = Table(
    "audit",
    METADATA,
    Column("id", _SERIAL, primary_key=True, autoincrement=True),
    Column("at", Instant, nullable=False),
    Column("actor_id", String(12), nullable=False),
    Column("actor", String(40), nullable=False),
    Column("action", String(40), nullable=False),
    Column("subject", String(80), nullable=False),  # `workspace:<id>`, `user:<id>` ...
    Column("detail", Json, nullable=False),
    Column("request_id", String(64), nullable=False),
    Column("address", String(64), nullable=False),
    Column("outcome", String(16), nullable=False, server_default="done"),  # or `refused`
    Column("project", String(40), nullable=False, server_default=""),  # in which the subject is, and in which domain
    Column("domain", String(40), nullable=False, server_default=""),
    Column("named", String(100), nullable=False, server_default=""),  # of a workspace: OWNER/NAME at that time
    Index("ix_audit_at_id", "at", "id"),
    Index("ix_audit_actor_at_id", "actor", "at", "id"),
    Index("ix_audit_action_at_id", "action", "at", "id"),
    Index("ix_audit_subject_at_id", "subject", "at", "id"),
    Index("ix_audit_named_at_id", "named", "at", "id"),
    Index("ix_audit_project_domain_at_id", "project", "domain", "at", "id"),
    Index("ix_audit_domain_at_id", "domain", "at", "id"),
    Index(
        "ix_audit_refused",
        "at",
        "id",
        sqlite_where=text("outcome = 'refused'"),
        postgresql_where=text("outcome = 'refused'"),
    ),
)
"""Rows are only ever added: triggers of migration 0005 refuse everything else (ADR 0034)."""

audit_horizon = Table(
    "audit_horizon",
    METADATA,
    Column("row", Integer, primary_key=True),  # there is one, 1
    Column("before", Instant, nullable=False),  # what is older may be removed; it moves forward only
)

log_streams = Table(
    "log_streams",
    METADATA,
    Column("workspace_id", String(12), ForeignKey("workspaces.id", ondelete="CASCADE"), primary_key=True),
    Column("stream", String(200), primary_key=True),
    Column("last_seq", Integer, nullable=False),
    Column("size", Integer, nullable=False),  # characters kept
    Column("head_seq", Integer, nullable=False),  # last chunk of the head, which is never dropped
    Column("dropped", BigInteger, nullable=False),  # characters left out between head and tail
    Column("began_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
)

log_chunks = Table(
    "log_chunks",
    METADATA,
    Column("workspace_id", String(12), ForeignKey("workspaces.id", ondelete="CASCADE"), primary_key=True),
    Column("stream", String(200), primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("text", Text, nullable=False),
    Column("size", Integer, nullable=False),
)

spans = Table(
    "spans",
    METADATA,
    Column("id", _SERIAL, primary_key=True, autoincrement=True),
    _of_workspace(),
    Column("start", Integer, nullable=False),
    Column("name", String(40), nullable=False),
    Column("began", Instant, nullable=False),
    Column("ended", Instant, nullable=False),
    Column("detail", Text, nullable=False),
    Index("ix_spans_workspace_id_start", "workspace_id", "start"),
)

idempotency_keys = Table(
    "idempotency_keys",
    METADATA,
    Column("user_id", String(12), ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    Column("key", String(200), primary_key=True),
    Column("request_hash", String(64), nullable=False),
    Column("answer", String(80), nullable=False),  # what was made: `workspace:<id>`
    Column("created_at", Instant, nullable=False, index=True),
)

secrets = Table(
    "secrets",
    METADATA,
    Column("scope", String(16), primary_key=True),  # store/secrets.py, SecretScope
    Column("owner", String(100), primary_key=True),  # an id, a project, or `project/domain`
    Column("name", String(253), primary_key=True),
    Column("key_id", String(16), nullable=False),
    Column("envelope", LargeBinary, nullable=False),
    Column("shown", Json, nullable=False),  # what may be shown of it: a user name
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
)
