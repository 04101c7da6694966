"""A value that must never be printed: its text form is three stars."""

from __future__ import annotations


class Secret:
    """Wraps a secret string so that logs, reprs and tracebacks show `***`."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        """Wrap `value`."""
        self._value = value

    def reveal(self) -> str:
        """The wrapped string; call this only where the value leaves for its one purpose."""
        return self._value

    def __repr__(self) -> str:
        """Three stars, whatever the value is."""
        return "***"

    __str__ = __repr__

    def __eq__(self, other: object) -> bool:
        """Equal when the wrapped strings are."""
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        """Hash of the wrapped string."""
        return hash(self._value)

    def __bool__(self) -> bool:
        """Whether the wrapped string is non-empty."""
        return bool(self._value)
