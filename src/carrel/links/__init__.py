"""Live SSH connections to agents: an endpoint in; streams, exec, PTY, SFTP and control calls out."""
