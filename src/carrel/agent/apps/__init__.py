"""HTTP things in the workspace that the agent starts, watches and restarts."""
