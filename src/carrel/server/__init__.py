"""The control plane: api and reconcile on top of actions on top of the store."""
