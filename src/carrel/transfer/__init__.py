"""Files as a tar stream: packed on one side, unpacked safely on the other. Used by the agent and by the command line."""
