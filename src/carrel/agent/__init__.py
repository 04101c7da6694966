"""The process inside the workspace: an SSH server with hooks, apps, ports and activity."""
