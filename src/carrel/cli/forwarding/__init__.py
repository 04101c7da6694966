"""Ports of a workspace on the person's own machine."""
