"""Addresses of a provider that may be used."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})


def is_safe(url: str, *, loopback: bool = True) -> bool:
    """Whether it is https, or http on this machine where that is allowed."""
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return False
    if parts.username or parts.fragment or not host:
        return False
    return parts.scheme == "https" or (loopback and parts.scheme == "http" and host in LOOPBACK)


def is_loopback(url: str) -> bool:
    """Whether it is on this machine."""
    return (urlsplit(url).hostname or "") in LOOPBACK
