"""Carrel: a self-hosted platform for cloud development environments."""

__version__ = "0.1.0.dev0"
