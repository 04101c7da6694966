"""SSH in: OpenSSH, VS Code Remote-SSH and JetBrains reach workspaces here."""
