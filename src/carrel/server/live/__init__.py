"""Workspaces that run, through links to their agents: for the API's sessions, and for proxy and gateway."""
