"""The only way state changes: row, audit and event in one transaction."""
