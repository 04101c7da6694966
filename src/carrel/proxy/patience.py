"""How long the proxy waits for clients."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Patience:
    """How long a client may take, in seconds."""

    head: float = 10.0
    """From the first byte of a head to its end."""
    keep_alive: float = 75.0
    """Between requests, and before the first one."""
    linger: float = 2.0
    """To read an answer that was given before its request was whole."""
    half_closed: float = 30.0
    """Without any byte from the app, when it sends no more itself: it may be gone."""
    silence: float = 60.0
    """Without a byte from a client, after which its system is asked whether it is still there (TCP keep-alive)."""
    ask_again: float = 4.0
    """Between looks at the tickets of what is open, where nothing tells of a revocation."""
