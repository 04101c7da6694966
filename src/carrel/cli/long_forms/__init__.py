"""`carrel create workspace FILE`, `get`, `update`, `delete`: the long forms, a verb and a thing (see docs/guides/coming-from-union.md)."""
