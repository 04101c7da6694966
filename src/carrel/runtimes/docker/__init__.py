"""The runtime that talks to one Docker Engine."""
