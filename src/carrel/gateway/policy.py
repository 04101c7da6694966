"""What may pass between a person's SSH client and the agent: an agent trusts a link with more than people may ask for."""

from __future__ import annotations

from typing import Final

from carrel.gateway.packets import GLOBAL_REQUEST, REQUEST, Request, read_string, string, uint32

SUBSYSTEMS: Final = frozenset({b"sftp"})
"""Of those that the agent has, those that are for people; `carrel-control` and its like are the control plane's."""
REFUSED: Final = b"refused@carrel"
"""A name that no agent knows: a request of this kind fails there, in its turn among the others."""
TO_WORKSPACE: Final = frozenset({b"session", b"direct-tcpip", b"direct-streamlocal@openssh.com"})
"""Kinds of channel that a client may open."""
TO_CLIENT: Final = frozenset({b"forwarded-tcpip", b"forwarded-streamlocal@openssh.com"})
"""Kinds of channel that an agent may open; `auth-agent@openssh.com` only once the client asked for it."""
AGENT_CHANNEL: Final = b"auth-agent@openssh.com"
AGENT_REQUEST: Final = b"auth-agent-req@openssh.com"
_TO_WORKSPACE_REQUESTS: Final = frozenset(
    {
        b"tcpip-forward",
        b"cancel-tcpip-forward",
        b"keepalive@openssh.com",
        b"no-more-sessions@openssh.com",
    }
)


def checked_channel_request(packet: bytes, request: Request) -> bytes:
    """The packet of a channel request as it may go to the agent: one that people may not make, under a name that fails."""
    if request.kind != b"subsystem":
        return packet
    name, _ = read_string(request.rest, 0)
    if name in SUBSYSTEMS:
        return packet
    head = bytes((REQUEST,)) + uint32(request.number) + string(b"subsystem")
    return head + bytes((request.wants_reply,)) + string(REFUSED)


def checked_global_request(packet: bytes, request: Request) -> bytes:
    """The same for a global request of the client."""
    if request.kind in _TO_WORKSPACE_REQUESTS:
        return packet
    return refused_global_request(request)


def refused_global_request(request: Request) -> bytes:
    """A global request that nobody knows, in the place of this one: its answer comes in its turn."""
    return bytes((GLOBAL_REQUEST,)) + string(REFUSED) + bytes((request.wants_reply,))
