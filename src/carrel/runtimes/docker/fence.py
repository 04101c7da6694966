"""What a workspace's network may never reach, and how its containers come to be behind that fence. Pure.

Routes and a packet filter are set by PID 1 (toolbox/init) before anything of the workspace runs. For that it holds
NET_ADMIN, which it drops for ever; an exec of the engine would have it again, so that what the engine runs by itself
(health checks, the byte pipe) goes through init too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from carrel.core.problems import Problem
from carrel.core.spec import AGENT_PORT, TOOLBOX_PATH, ContainerSpec, Egress, WorkspaceSpec

CAPABILITY = "NET_ADMIN"
LINK_LOCAL = "169.254.0.0/16"
"""RFC 3927; clouds answer with the machine's credentials there."""
EVERYTHING = "default"
DROP = "drop-net-admin"
INIT = f"{TOOLBOX_PATH}/bin/init"


@dataclass(frozen=True)
class Fence:
    """The fence of one container."""

    networks: tuple[str, ...] = ()
    neighbours_only: bool = False
    """Whether nothing but the workspace's own containers can be reached, not even the host in the workspace's network."""
    answers: int = 0
    """The port whose connections the host may open; 0: none."""
    drops: bool = False
    """Whether the capability is there for the fence alone; not where a policy granted it to the workspace."""

    def record(self) -> Iterator[tuple[str, str]]:
        """Entries of init's record."""
        for network in self.networks:
            yield "unreachable", network
        if self.neighbours_only:
            yield "neighbours-only", "1"
        if self.answers:
            yield "answers", str(self.answers)
        if self.drops:
            yield DROP, "1"


def fence(spec: WorkspaceSpec, container: ContainerSpec) -> Fence:
    """The fence of a container; one that shares another's network is behind that one's."""
    if not spec.toolbox or container.shares_network_with:
        return Fence()
    drops = not container.grants.privileged and CAPABILITY not in granted(container)
    if spec.egress is Egress.OPEN:
        return Fence((LINK_LOCAL,), drops=drops)
    has_agent = container.name == network_owner(spec, spec.primary_container()).name
    answers = AGENT_PORT if has_agent else 0
    return Fence((LINK_LOCAL, EVERYTHING), neighbours_only=True, answers=answers, drops=drops)


def network_owner(spec: WorkspaceSpec, container: ContainerSpec) -> ContainerSpec:
    """The container whose network `container` is in: most often itself."""
    others = {one.name: one for one in spec.containers}
    while container.shares_network_with and (owner := others.pop(container.shares_network_with, None)):
        container = owner
    return container


def granted(container: ContainerSpec) -> set[str]:
    """Capabilities that a policy granted, without prefix."""
    return {name.upper().removeprefix("CAP_") for name in container.grants.capabilities}


def behind(entries: Iterable[tuple[str, str]], argv: Iterable[str]) -> list[str]:
    """`argv` started by init as a program of its own."""
    text = "\n".join(f"{key}={checked(key, value, chr(10))}" for key, value in entries)
    return [INIT, "--service", text, "--", *argv]


def checked(key: str, value: str, end: str) -> str:
    """`value` if it holds no end of an entry: what a repository writes must not become an entry of its own.

    Raises:
        Problem: `refused_by_policy`.
    """
    if end in value:
        raise Problem("refused_by_policy", f"The container's {key} {value[:80]!r} holds a control character.")
    return value


def without_right(argv: Iterable[str]) -> list[str]:
    """`argv` as an exec of the engine that must not be able to change routes."""
    return behind([(DROP, "1")], argv)


def health_behind(check: Mapping[str, Any] | None, user: str) -> dict[str, Any] | None:
    """A health check as the engine runs it, as the container's user and without the right to change routes."""
    if not check:
        return None
    test = list(check.get("Test") or ())
    if test[:1] == ["CMD-SHELL"]:
        argv = ["/bin/sh", "-c", " ".join(test[1:])]
    elif test[:1] == ["CMD"]:
        argv = test[1:]
    else:
        return dict(check)
    entries = [(DROP, "1")] + ([("user", user)] if user else [])
    return {**check, "Test": ["CMD", *behind(entries, argv)]}
