"""runArgs: the words of `docker run` read into settings, so that policy can judge each one (C156-C162)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from carrel.core.problems import Problem
from carrel.devcontainer.policy import FLAGS


class Option(NamedTuple):
    """One option as it was given."""

    flag: str
    """Long name without dashes."""
    value: str
    """Empty for a flag without value that is on."""


@dataclass(frozen=True)
class _Flag:
    long: str
    takes_value: bool


_SHORT = {
    "a": "attach", "c": "cpu-shares", "d": "detach", "e": "env", "h": "hostname", "i": "interactive", "l": "label",
    "m": "memory", "p": "publish", "P": "publish-all", "q": "quiet", "t": "tty", "u": "user", "v": "volume", "w": "workdir",
}  # fmt: skip
_SWITCHES = frozenset(
    [
        "detach",
        "disable-content-trust",
        "help",
        "init",
        "interactive",
        "no-healthcheck",
        "oom-kill-disable",
        "privileged",
        "publish-all",
        "quiet",
        "read-only",
        "rm",
        "sig-proxy",
        "tty",
    ]
)


def parse_run_args(words: Sequence[str], where: str = "runArgs") -> tuple[Option, ...]:
    """All options in order: `--flag=value`, `--flag value`, `-f value`, `-fvalue`, and joined switches `-it`.

    Raises:
        Problem: `bad_configuration`, a word is no option, or a value is missing.
    """
    options: list[Option] = []
    rest = list(words)
    while rest:
        word = rest.pop(0)
        if word.startswith("--") and len(word) > 2:
            options.append(_long(word[2:], rest, where))
        elif word.startswith("-") and len(word) > 1:
            options += _short(word[1:], rest, where)
        else:
            raise Problem(
                "bad_configuration",
                f"{where}: expected an option, found {word!r}.",
                hint=f"Write it as a word of its own after its flag in {where}.",
            )
    return tuple(options)


def _long(text: str, rest: list[str], where: str) -> Option:
    name, equals, value = text.partition("=")
    if name in _SWITCHES:
        return Option(name, value if equals else "")
    if name not in FLAGS and not equals and (not rest or rest[0].startswith("-")):
        return Option(name, "")  # nobody knows whether it takes a value; it is refused by its name
    return Option(name, value if equals else _next(name, rest, where))


def _short(text: str, rest: list[str], where: str) -> list[Option]:
    options: list[Option] = []
    while text:
        name = _SHORT.get(text[0])
        if name is None:
            raise Problem("bad_configuration", f"{where}: unknown option -{text[0]}.")
        text = text[1:]
        if name in _SWITCHES:
            options.append(Option(name, ""))
            continue
        options.append(Option(name, text.removeprefix("=") if text else _next(name, rest, where)))
        text = ""
    return options


def _next(name: str, rest: list[str], where: str) -> str:
    if not rest:
        raise Problem("bad_configuration", f"{where}: --{name} needs a value.")
    return rest.pop(0)


def is_on(option: Option) -> bool:
    """Whether a switch is on (`--init`, `--init=true`)."""
    return option.value.lower() in {"", "1", "t", "true"}


def size_bytes(text: str) -> int | None:
    """Bytes of `2g`, `512m`, `64k`, `100`, `1.5gb`; None for what is no size."""
    text = text.strip().lower().removesuffix("ib").removesuffix("b")
    factor = {"k": 2**10, "m": 2**20, "g": 2**30, "t": 2**40}.get(text[-1:], 1)
    number = text[:-1] if factor > 1 else text
    try:
        return int(float(number) * factor) if number and float(number) >= 0 else None
    except (ValueError, OverflowError):
        return None
