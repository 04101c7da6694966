"""Questions of the workspace's own programs, which the control plane answers over its links."""
