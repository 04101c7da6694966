"""The catalog of templates: entries, versions, the repositories that they come from; which one a workspace was made from"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "template_repositories",
        sa.Column("id", sa.String(length=12), nullable=False),
        sa.Column("project", sa.String(length=40), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("folder", sa.Text(), nullable=False),
        sa.Column("created_by", sa.String(length=12), nullable=False),
        sa.Column("may_grant", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("synced_at", sa.BigInteger(), nullable=True),
        sa.Column("commit", sa.String(length=64), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("report", sa.Text(), nullable=False),
        sa.Column("wake_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["created_by"], ["users.id"], name=op.f("fk_template_repositories_created_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_template_repositories")),
    )
    with op.batch_alter_table("template_repositories", schema=None) as batch_op:
        batch_op.create_index("ix_template_repositories_project", ["project"], unique=False)
        batch_op.create_index("ix_template_repositories_wake_at", ["wake_at"], unique=False)
    op.create_table(
        "templates",
        sa.Column("id", sa.String(length=12), nullable=False),
        sa.Column("project", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("newest", sa.Integer(), nullable=False),
        sa.Column("withdrawn_at", sa.BigInteger(), nullable=True),
        sa.Column("repository_id", sa.String(length=12), nullable=True),
        sa.Column("folder", sa.Text(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["repository_id"],
            ["template_repositories.id"],
            name=op.f("fk_templates_repository_id"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_templates")),
        sa.UniqueConstraint("project", "name", name=op.f("uq_templates_project_name")),
    )
    with op.batch_alter_table("templates", schema=None) as batch_op:
        batch_op.create_index("ix_templates_repository_id", ["repository_id"], unique=False)
    op.create_table(
        "template_versions",
        sa.Column("template_id", sa.String(length=12), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("icon", sa.Text(), nullable=False),
        sa.Column("update_when", sa.String(length=16), nullable=False),
        sa.Column("policy", sa.Text(), nullable=True),
        sa.Column("files", sa.LargeBinary(), nullable=False),
        sa.Column("commit", sa.String(length=64), nullable=False),
        sa.Column("notices", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("created_by", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["template_id"], ["templates.id"], name=op.f("fk_template_versions_template_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("template_id", "number", name=op.f("pk_template_versions")),
    )
    with op.batch_alter_table("workspaces", schema=None) as batch_op:
        batch_op.add_column(sa.Column("template_id", sa.String(length=12), nullable=True))
        batch_op.add_column(sa.Column("template_version", sa.Integer(), nullable=True))
        batch_op.create_index("ix_workspaces_template_id", ["template_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("workspaces", schema=None) as batch_op:
        batch_op.drop_index("ix_workspaces_template_id")
        batch_op.drop_column("template_version")
        batch_op.drop_column("template_id")
    op.drop_table("template_versions")
    op.drop_table("templates")
    op.drop_table("template_repositories")
