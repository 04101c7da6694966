"""Projects and their members, passwords, identities, what workspace.yaml says, how a retired workspace stands"""

from __future__ import annotations

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
    with op.batch_alter_table("audit", schema=None) as batch_op:
        batch_op.add_column(sa.Column("outcome", sa.String(length=16), server_default="done", nullable=False))


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
    with op.batch_alter_table("audit", schema=None) as batch_op:
        batch_op.drop_column("outcome")
    with op.batch_alter_table("workspaces", schema=None) as batch_op:
        batch_op.drop_column("disk_measured_at")
        batch_op.drop_column("disk_bytes")
        batch_op.drop_column("archived_at")
        batch_op.drop_column("stopped_at")
        batch_op.drop_column("definition")
    op.drop_table("members")
    op.drop_table("projects")
    op.drop_table("identities")
    op.drop_table("passwords")
    with op.batch_alter_table("installation", schema=None) as batch_op:
        batch_op.drop_column("machine")
    with op.batch_alter_table("users", schema=None) as batch_op:
        batch_op.drop_column("limits")
        batch_op.drop_column("email")
        batch_op.drop_column("full_name")
        batch_op.drop_column("kind")
