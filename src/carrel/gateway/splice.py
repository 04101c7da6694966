"""A client's connection joined to an agent's: packets go through as they are, but for what the policy holds back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from carrel.gateway import packets, policy
from carrel.gateway.packets import Open, Request
from carrel.gateway.tap import Tap

MOST_CHANNELS: Final = 256
"""Open at a time in one connection. An editor with its terminals and ports has about twenty."""


@dataclass
class Moved:
    """What went through a splice: bytes of packets, and channels."""

    to_workspace: int = 0
    to_client: int = 0
    opened: int = 0
    open: int = 0
    """Channels that are open, or asked for."""


class Splice:
    """Relays until one side ends."""

    def __init__(self, client: Tap, agent: Tap, moved: Moved, clock: Callable[[], float]) -> None:
        """Join them."""
        self._client = client
        self._agent = agent
        self._moved = moved
        self._clock = clock
        self.heard_at = clock()
        """When the agent was last heard of."""
        self.is_held = False
        """The client takes nothing: the agent is not read."""
        self._forwards_agent = False
        client.on_pressure = self._client_pressure
        agent.on_pressure = self._agent_pressure
        client.receive = self.from_client
        agent.receive = self.from_agent

    def _client_pressure(self, is_high: bool) -> None:  # noqa: FBT001  a state, not an option
        self.is_held = is_high
        if is_high:
            self._agent.pause_reading()
        else:
            self.heard_at = self._clock()
            self._agent.resume_reading()

    def _agent_pressure(self, is_high: bool) -> None:  # noqa: FBT001
        if is_high:
            self._client.pause_reading()
        else:
            self._client.resume_reading()

    def from_client(self, packet: bytes) -> None:
        """A packet of the client."""
        self._moved.to_workspace += len(packet)
        match packet[0]:
            case packets.DATA | packets.WINDOW_ADJUST:
                self._agent.send(packet)
            case packets.OPEN:
                self._open(packet)
            case packets.REQUEST:
                request = Request.read(packet)
                self._forwards_agent |= request.kind == policy.AGENT_REQUEST
                self._agent.send(policy.checked_channel_request(packet, request))
            case packets.GLOBAL_REQUEST:
                self._agent.send(policy.checked_global_request(packet, Request.read(packet)))
            case packets.CLOSE | packets.OPEN_FAILURE:
                self._moved.open -= 1
                self._agent.send(packet)
            case _:
                self._agent.send(packet)

    def from_agent(self, packet: bytes) -> None:
        """A packet of the agent."""
        self._moved.to_client += len(packet)
        self.heard_at = self._clock()
        match packet[0]:
            case packets.OPEN:
                self._open_back(packet)
            case packets.GLOBAL_REQUEST:
                self._asked_by_agent(packet)
            case packets.OPEN_FAILURE:
                self._moved.open -= 1
                self._client.send(packet)
            case _:
                self._client.send(packet)

    def _open(self, packet: bytes) -> None:
        opening = Open.read(packet)
        if opening.kind not in policy.TO_WORKSPACE:
            reason = "This kind of channel is not relayed."
            self._client.send(packets.open_failure(opening.number, packets.ADMINISTRATIVELY_PROHIBITED, reason))
        elif self._moved.open >= MOST_CHANNELS:
            reason = f"At most {MOST_CHANNELS} channels at a time."
            self._client.send(packets.open_failure(opening.number, packets.RESOURCE_SHORTAGE, reason))
        else:
            self._moved.open += 1
            self._moved.opened += 1
            self._agent.send(packet)

    def _open_back(self, packet: bytes) -> None:
        opening = Open.read(packet)
        is_agent = opening.kind == policy.AGENT_CHANNEL and self._forwards_agent
        if (not is_agent and opening.kind not in policy.TO_CLIENT) or self._moved.open >= MOST_CHANNELS:
            reason = "not relayed"
            self._agent.send(packets.open_failure(opening.number, packets.ADMINISTRATIVELY_PROHIBITED, reason))
            return
        self._moved.open += 1
        self._moved.opened += 1
        self._client.send(packet)

    def _asked_by_agent(self, packet: bytes) -> None:
        """Its keep-alives are the client's to answer; its host key is not the gateway's."""
        request = Request.read(packet)
        if request.kind == b"keepalive@openssh.com":
            self._client.send(packet)
        elif request.wants_reply:
            self._client.send(policy.refused_global_request(request))
