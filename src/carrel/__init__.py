"""Carrel: self-hosted cloud development environments."""
