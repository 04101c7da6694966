"""What a workspace.yaml says: read with line and column, checked, written (ADR 0029)."""
