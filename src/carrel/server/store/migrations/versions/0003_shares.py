"""Shares of workspaces, guest links, ports that others may open"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "shares",
        sa.Column("id", sa.String(length=12), nullable=False),
        sa.Column("workspace_id", sa.String(length=12), nullable=False),
        sa.Column("user_id", sa.String(length=12), nullable=True),
        sa.Column("level", sa.String(length=8), nullable=False),
        sa.Column("ports", sa.Text(), nullable=False),
        sa.Column("title", sa.String(length=30), nullable=False),
        sa.Column("made_by", sa.String(length=12), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_shares_workspace_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_shares_user_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["made_by"], ["users.id"], name=op.f("fk_shares_made_by"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shares")),
        sa.UniqueConstraint("workspace_id", "user_id", name=op.f("uq_shares_workspace_id_user_id")),
    )
    with op.batch_alter_table("shares", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_shares_user_id"), ["user_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_shares_expires_at"), ["expires_at"], unique=False)
    op.create_table(
        "openings",
        sa.Column("workspace_id", sa.String(length=12), nullable=False),
        sa.Column("app", sa.String(length=40), nullable=False),
        sa.Column("visibility", sa.String(length=8), nullable=False),
        sa.Column("made_by", sa.String(length=12), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_openings_workspace_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["made_by"], ["users.id"], name=op.f("fk_openings_made_by"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("workspace_id", "app", name=op.f("pk_openings")),
    )
    with op.batch_alter_table("openings", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_openings_expires_at"), ["expires_at"], unique=False)
        batch_op.create_index("ix_openings_app", ["app"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("openings", schema=None) as batch_op:
        batch_op.drop_index("ix_openings_app")
        batch_op.drop_index(batch_op.f("ix_openings_expires_at"))
    op.drop_table("openings")
    with op.batch_alter_table("shares", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_shares_expires_at"))
        batch_op.drop_index(batch_op.f("ix_shares_user_id"))
    op.drop_table("shares")
