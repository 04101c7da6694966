"""What the server answers to proxies and gateways that are processes of their own: the operations, as they are sent.

One POST for each call, `{"arguments": [...]}` in, `{"result": ...}` out, both as `core.records` writes them; a problem is
problem+json. Revocations are lines of JSON on a response that never ends, with empty lines as a sign of life.
The signatures of the interfaces are the only description of the messages (docs/adr/0021-processes-without-state.md).
"""

from __future__ import annotations

import inspect
import types
import typing
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from carrel.core.records import load
from carrel.links.access import Authority
from carrel.links.target import Target
from carrel.links.visits import GatewayAuthority

PATH: Final = "/internal/v1/authority"
REVOCATIONS: Final = "revocations"
SIGN_OF_LIFE_SECONDS: Final = 2.0
"""How often a line comes on the stream of revocations, even an empty one."""


@dataclass(frozen=True)
class Names:
    """Under which names the installation is known."""

    public_url: str
    apps_domain: str


class ComponentAuthority(Authority, GatewayAuthority, Protocol):
    """The control plane as a process of its own knows it."""

    async def certificate(self, target: Target, public_key: str) -> str:
        """A short-lived certificate (one OpenSSH line) for a link to this target, for a key that the caller has.

        Raises `not_running` where the target is not that of the workspace's present start.
        """

    async def names(self) -> Names:
        """How the proxy tells apps from the dashboard."""


@dataclass(frozen=True)
class Operation:
    """One call."""

    arguments: tuple[Any, ...]
    """Their types, in order."""
    result: Any

    def read(self, arguments: Any) -> list[Any]:
        """The arguments of a message. Raises ValueError where they are not those of the signature."""
        if not isinstance(arguments, list) or len(arguments) != len(self.arguments):
            message = f"expected {len(self.arguments)} arguments"
            raise ValueError(message)
        return [load(kind, value) for kind, value in zip(self.arguments, arguments, strict=True)]


def _operation(function: Any) -> Operation:
    hints = typing.get_type_hints(function)
    result = hints.pop("return")
    return Operation(tuple(_concrete(hint) for hint in hints.values()), result)


def _concrete(hint: Any) -> Any:
    """A type that can be made: any sequence will do as a tuple."""
    if typing.get_origin(hint) is Sequence:
        return types.GenericAlias(tuple, (typing.get_args(hint)[0], ...))
    return hint


def _operations(interface: type) -> Mapping[str, Operation]:
    functions = inspect.getmembers(interface, inspect.iscoroutinefunction)
    return {name: _operation(function) for name, function in functions if not name.startswith("_")}


KEPT_APART: Final = frozenset({"credential"})
"""Made where it is used: the private key of a link never travels."""

OPERATIONS: Final[Mapping[str, Operation]] = {
    name: operation for name, operation in _operations(ComponentAuthority).items() if name not in KEPT_APART
}
"""Every call, by its name."""
