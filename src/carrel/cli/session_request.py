"""The words after `carrel exec` and `carrel ssh`. Everything after the workspace's name belongs to the command."""

from __future__ import annotations

import os
from dataclasses import dataclass, field

USAGE = {
    "exec": "usage: carrel exec [-t|-T] [-n] [-e NAME[=VALUE]]... [-w FOLDER] [-s] NAME [--] COMMAND [ARG]...",
    "ssh": "usage: carrel ssh [-t|-T] [-n] [-e NAME[=VALUE]]... [-w FOLDER] [-s] NAME [COMMAND]...",
}

STARTS = "CARREL_START_ON_CONNECT"
"""Environment variable: `1` means `--start` wherever nothing else is said."""


class UsageError(Exception):
    """The words of the call are off."""


@dataclass
class Request:
    """What to run where."""

    workspace: str = ""
    """Name, `owner/name` or id."""
    command: list[str] = field(default_factory=list)
    """exec: an argv. ssh: words that the remote shell reads; none: a login shell."""
    tty: bool | None = None
    """None: as stdin and stdout are."""
    reads_stdin: bool = True
    env: dict[str, str] = field(default_factory=dict)
    cwd: str = ""
    starts: bool = False
    """A workspace that does not run is started first."""

    def wants_tty(self, verb: str, *, interactive: bool) -> bool:
        """Whether to ask for a terminal; `interactive`: stdin and stdout are one."""
        if self.tty is not None:
            return self.tty
        return interactive and (verb == "exec" or not self.command)


def parse(verb: str, words: list[str]) -> Request:
    """The request in the words after `carrel exec` or `carrel ssh`. Raises UsageError."""
    request = Request(starts=os.environ.get(STARTS, "") not in {"", "0"})
    rest = list(words)
    while rest and rest[0].startswith("-") and rest[0] != "--":
        _option(request, rest)
    if not rest or rest[0] == "--":
        raise UsageError("the workspace's name is missing")
    request.workspace = rest.pop(0)
    if rest and rest[0] == "--":
        rest.pop(0)
    request.command = rest
    if verb == "exec" and not rest:
        raise UsageError("the command is missing; `carrel ssh` opens a shell")
    return request


def _option(request: Request, rest: list[str]) -> None:
    word = rest.pop(0)
    flag, equals, inline = word.partition("=") if word.startswith("--") else (word, "", "")
    if flag in {"-e", "--env", "-w", "--workdir"}:
        if not equals and not rest:
            raise UsageError(f"{flag} needs a value")
        value = inline if equals else rest.pop(0)
        if flag in {"-w", "--workdir"}:
            request.cwd = value
        else:
            name, given, text = value.partition("=")
            request.env[name] = text if given else os.environ.get(name, "")
    elif word in {"-t", "-it", "-ti", "--tty"}:
        request.tty = True
    elif word in {"-T", "--no-tty"}:
        request.tty = False
    elif word in {"-s", "--start", "--no-start"}:
        request.starts = word != "--no-start"
    elif word in {"-n", "--no-stdin"}:
        request.reads_stdin = False
    elif word != "-i":  # known from other programs; stdin is always passed on
        raise UsageError(f"unknown option {word}")
