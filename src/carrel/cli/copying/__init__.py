"""Copying files between this machine and workspaces."""
