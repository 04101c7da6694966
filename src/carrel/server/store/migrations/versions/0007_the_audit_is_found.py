"""The audit is found by a workspace's name, by domain, and by project and domain; workspaces by owner and by project"""

from __future__ import annotations

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Not in a batch: SQLite would make the table anew, without its triggers (0005).
    op.drop_index("ix_audit_project_at_id", "audit")
    op.create_index("ix_audit_project_domain_at_id", "audit", ["project", "domain", "at", "id"])
    op.create_index("ix_audit_domain_at_id", "audit", ["domain", "at", "id"])
    op.create_index("ix_audit_named_at_id", "audit", ["named", "at", "id"])
    for column in ("owner_id", "project"):
        op.create_index(f"ix_workspaces_{column}_created_at_id", "workspaces", [column, "created_at", "id"])


def downgrade() -> None:
    for column in ("project", "owner_id"):
        op.drop_index(f"ix_workspaces_{column}_created_at_id", "workspaces")
    for name in ("named", "domain", "project_domain"):
        op.drop_index(f"ix_audit_{name}_at_id", "audit")
    op.create_index("ix_audit_project_at_id", "audit", ["project", "at", "id"])
