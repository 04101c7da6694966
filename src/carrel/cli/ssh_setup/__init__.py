"""What makes OpenSSH's client, and editors that use it, know workspaces: keys, certificates, configuration."""
