"""The third composition root: a proxy or a gateway as a process of its own, without state (docs/adr/0021-processes-without-state.md)."""
