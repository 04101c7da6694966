"""Projects and their members, passwords, identities, what workspace.yaml says, how a retired workspace stands"""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _people()
    _projects()
    with op.batch_alter_table("workspaces", schema=None) as batch_op:
        batch_op.add_column(sa.Column("definition", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("stopped_at", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("archived_at", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("disk_bytes", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("disk_measured_at", sa.BigInteger(), nullable=True))
    with op.batch_alter_table("installation", schema=None) as batch_op:
        batch_op.add_column(sa.Column("machine", sa.Text(), nullable=True))
    _retention()
    _audit()
    _secrets()


def _retention() -> None:
    """A row keeps what was asked: what was the default when it was made is taken as not asked."""
    rows = sa.table("workspaces", sa.column("id", sa.String), sa.column("retention", sa.Text))
    connection = op.get_bind()
    for row in connection.execute(sa.select(rows.c.id, rows.c.retention)).all():
        kept = json.loads(row.retention)
        kept.pop("hard_life_seconds", None)
        for name, default in (("ttl_seconds", 1800), ("max_life_seconds", 86400)):
            kept[name] = None if kept.get(name) == default else kept.get(name)
        text = json.dumps(kept, separators=(",", ":"))
        connection.execute(sa.update(rows).where(rows.c.id == row.id).values(retention=text))


def _secrets() -> None:
    """A domain's owner is `project/domain`; which key seals is known to all servers, so that keys can be rotated."""
    with op.batch_alter_table("secrets", schema=None) as batch_op:
        batch_op.alter_column("owner", existing_type=sa.String(length=40), type_=sa.String(length=100))
    with op.batch_alter_table("installation", schema=None) as batch_op:
        batch_op.add_column(sa.Column("key_id", sa.String(length=16), server_default="", nullable=False))


def _audit() -> None:
    """What was refused is recorded, too, and rows can only be added.

    A later migration that has SQLite make the table anew (batch_alter_table with recreate) loses the triggers: it makes
    them again.
    """
    with op.batch_alter_table("audit", schema=None) as batch_op:
        batch_op.add_column(sa.Column("outcome", sa.String(length=16), server_default="done", nullable=False))
        batch_op.add_column(sa.Column("project", sa.String(length=40), server_default="", nullable=False))
        batch_op.add_column(sa.Column("domain", sa.String(length=40), server_default="", nullable=False))
        batch_op.add_column(sa.Column("named", sa.String(length=100), server_default="", nullable=False))
        batch_op.drop_index(batch_op.f("ix_audit_at"))
        batch_op.drop_index(batch_op.f("ix_audit_subject"))
        batch_op.create_index("ix_audit_at_id", ["at", "id"], unique=False)
        for column in ("actor", "action", "subject", "project"):
            batch_op.create_index(f"ix_audit_{column}_at_id", [column, "at", "id"], unique=False)
        refused = sa.text("outcome = 'refused'")
        batch_op.create_index(
            "ix_audit_refused", ["at", "id"], unique=False, sqlite_where=refused, postgresql_where=refused
        )
    is_postgresql = op.get_bind().dialect.name == "postgresql"
    colon = "chr(58)" if is_postgresql else "char(58)"  # Alembic takes a colon for a parameter
    op.execute(
        "UPDATE audit SET project = w.project, domain = w.domain, named = u.name || '/' || w.name "  # noqa: S608  ours
        "FROM workspaces AS w JOIN users AS u ON u.id = w.owner_id "
        f"WHERE audit.subject = 'workspace' || {colon} || w.id"
    )
    op.create_table(
        "audit_horizon",
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("before", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("row", name=op.f("pk_audit_horizon")),
    )
    op.execute('INSERT INTO audit_horizon ("row", before) VALUES (1, 0)')
    for statement in _POSTGRESQL if is_postgresql else _SQLITE:
        op.execute(statement)


_OLD = 'OLD.at >= (SELECT before FROM audit_horizon WHERE "row" = 1)'
_SQLITE = (
    "CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END",
    (
        f"CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit WHEN {_OLD} "
        "BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END"
    ),
    # INSERT OR REPLACE deletes without asking the trigger above.
    (
        "CREATE TRIGGER audit_no_replace BEFORE INSERT ON audit WHEN EXISTS (SELECT 1 FROM audit WHERE id = NEW.id) "
        "BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END"
    ),
    (
        "CREATE TRIGGER audit_horizon_one BEFORE INSERT ON audit_horizon "
        "BEGIN SELECT RAISE(ABORT, 'the horizon of the audit is one row'); END"
    ),
    (
        "CREATE TRIGGER audit_horizon_stays BEFORE DELETE ON audit_horizon "
        "BEGIN SELECT RAISE(ABORT, 'the horizon of the audit is one row'); END"
    ),
    (
        "CREATE TRIGGER audit_horizon_forward BEFORE UPDATE ON audit_horizon "
        'WHEN NEW.before < OLD.before OR NEW."row" <> OLD."row" '
        "BEGIN SELECT RAISE(ABORT, 'the horizon of the audit moves forward only'); END"
    ),
)
_POSTGRESQL = (
    f"""CREATE FUNCTION audit_guard() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'DELETE' THEN
            IF NOT ({_OLD}) THEN RETURN OLD; END IF;
        END IF;
        RAISE EXCEPTION 'the audit is append-only' USING ERRCODE = 'integrity_constraint_violation';
    END $$""",
    """CREATE FUNCTION audit_horizon_guard() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'UPDATE' THEN
            IF NEW.before >= OLD.before AND NEW."row" = OLD."row" THEN RETURN NEW; END IF;
        END IF;
        RAISE EXCEPTION 'the horizon of the audit moves forward only'
            USING ERRCODE = 'integrity_constraint_violation';
    END $$""",
    "CREATE TRIGGER audit_rows BEFORE UPDATE OR DELETE ON audit FOR EACH ROW EXECUTE FUNCTION audit_guard()",
    "CREATE TRIGGER audit_table BEFORE TRUNCATE ON audit FOR EACH STATEMENT EXECUTE FUNCTION audit_guard()",
    (
        "CREATE TRIGGER audit_horizon_row BEFORE INSERT OR UPDATE OR DELETE ON audit_horizon "
        "FOR EACH ROW EXECUTE FUNCTION audit_horizon_guard()"
    ),
    (
        "CREATE TRIGGER audit_horizon_table BEFORE TRUNCATE ON audit_horizon "
        "FOR EACH STATEMENT EXECUTE FUNCTION audit_horizon_guard()"
    ),
)


def _people() -> None:
    with op.batch_alter_table("users", schema=None) as batch_op:
        batch_op.add_column(sa.Column("kind", sa.String(length=8), server_default="person", nullable=False))
        batch_op.add_column(sa.Column("full_name", sa.String(length=200), server_default="", nullable=False))
        batch_op.add_column(sa.Column("email", sa.String(length=320), server_default="", nullable=False))
        batch_op.add_column(sa.Column("limits", sa.Text(), nullable=True))
    op.create_table(
        "passwords",
        sa.Column("user_id", sa.String(length=12), nullable=False),
        sa.Column("hash", sa.String(length=200), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("must_change", sa.Boolean(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("locked_until", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_passwords_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_passwords")),
    )
    op.create_table(
        "identities",
        sa.Column("issuer", sa.String(length=500), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("user_id", sa.String(length=12), nullable=False),
        sa.Column("email", sa.String(length=320), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_identities_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("issuer", "subject", name=op.f("pk_identities")),
    )
    with op.batch_alter_table("identities", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_identities_user_id"), ["user_id"], unique=False)
    op.create_table(
        "oidc_states",
        sa.Column("state", sa.String(length=64), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("state", name=op.f("pk_oidc_states")),
    )
    with op.batch_alter_table("oidc_states", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_oidc_states_at"), ["at"], unique=False)


def _projects() -> None:
    op.create_table(
        "projects",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("policy", sa.Text(), nullable=True),
        sa.Column("limits", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_projects")),
    )
    op.create_table(
        "members",
        sa.Column("project", sa.String(length=40), nullable=False),
        sa.Column("domain", sa.String(length=40), nullable=False),
        sa.Column("user_id", sa.String(length=12), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.String(length=8), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["project"], ["projects.name"], name=op.f("fk_members_project"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_members_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("project", "domain", "user_id", name=op.f("pk_members")),
    )
    op.execute(
        "INSERT INTO projects (name, description, created_at)"
        " SELECT project, '', MIN(created_at) FROM workspaces GROUP BY project"
    )
    with op.batch_alter_table("members", schema=None) as batch_op:
        batch_op.create_index("ix_members_user_id", ["user_id"], unique=False)


def downgrade() -> None:
    op.execute("DELETE FROM secrets WHERE scope = 'domain'")
    with op.batch_alter_table("installation", schema=None) as batch_op:
        batch_op.drop_column("key_id")
    with op.batch_alter_table("secrets", schema=None) as batch_op:
        batch_op.alter_column("owner", existing_type=sa.String(length=100), type_=sa.String(length=40))
    _audit_as_before()
    with op.batch_alter_table("workspaces", schema=None) as batch_op:
        batch_op.drop_column("disk_measured_at")
        batch_op.drop_column("disk_bytes")
        batch_op.drop_column("archived_at")
        batch_op.drop_column("stopped_at")
        batch_op.drop_column("definition")
    op.drop_table("members")
    op.drop_table("projects")
    op.drop_table("oidc_states")
    op.drop_table("identities")
    op.drop_table("passwords")
    with op.batch_alter_table("installation", schema=None) as batch_op:
        batch_op.drop_column("machine")
    with op.batch_alter_table("users", schema=None) as batch_op:
        batch_op.drop_column("limits")
        batch_op.drop_column("email")
        batch_op.drop_column("full_name")
        batch_op.drop_column("kind")


def _audit_as_before() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION audit_guard() CASCADE")
        op.execute("DROP FUNCTION audit_horizon_guard() CASCADE")
    else:
        for name in ("no_update", "no_delete", "no_replace", "horizon_one", "horizon_stays", "horizon_forward"):
            op.execute(f"DROP TRIGGER audit_{name}")
    op.drop_table("audit_horizon")
    with op.batch_alter_table("audit", schema=None) as batch_op:
        for name in ("at_id", "actor_at_id", "action_at_id", "subject_at_id", "project_at_id", "refused"):
            batch_op.drop_index(f"ix_audit_{name}")
        for column in ("named", "domain", "project", "outcome"):
            batch_op.drop_column(column)
        batch_op.create_index(batch_op.f("ix_audit_at"), ["at"], unique=False)
        batch_op.create_index(batch_op.f("ix_audit_subject"), ["subject"], unique=False)
