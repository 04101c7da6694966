"""The carrel command."""
