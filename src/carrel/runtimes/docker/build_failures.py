"""A failed build as a problem that names the step and its line. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from carrel.core.problems import Problem
from carrel.runtimes.docker.dockerfile import Instruction, Prepared
from carrel.runtimes.docker.refusals import classify

_CLASSIC_STEP = re.compile(r"Step (\d+)/\d+ : ")
_BUILDKIT_STEP = re.compile(r"#(\d+) \[(?:[^\s\]]+/[^\s\]]+ )?(?:([^\s/\]]+) +)?(\d+)/\d+\] ")
"""Number, perhaps a platform, perhaps a stage, step."""
_CLASSIC_CHATTER = (" --->", "Removing intermediate container")
_BUILDKIT_ERROR = re.compile(r"#(\d+) ERROR: (.*)")
_LINE_IN_MESSAGE = re.compile(
    r"(?:parse error|syntax error) (?:on|at|in) line (\d+)|Dockerfile(?: parse error)? line (\d+)", re.IGNORECASE
)
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_EXIT = re.compile(r"(?:returned a non-zero code|exit code|exit status): (\d+)")
_TAIL_LINES = 12


@dataclass(frozen=True)
class Origin:
    """Where the build file came from, for the words of a failure."""

    file: str = ""
    """Its path in the project; empty: it was made."""
    parts: Mapping[str, str] = field(default_factory=dict)
    """Number of a line to what it does."""


class Classic:
    """Follows the classic builder's output."""

    def __init__(self, prepared: Prepared, origin: Origin | None = None) -> None:
        """Steps of `prepared`."""
        self._prepared = prepared
        self._origin = origin or Origin()
        self._step: Instruction | None = None
        self._tail: list[str] = []

    def see(self, line: str) -> None:
        """One line of output."""
        if match := _CLASSIC_STEP.match(line):
            self._step = self._prepared.counted(int(match[1]))
            self._tail.clear()
        elif line.strip() and not line.startswith(_CLASSIC_CHATTER):
            self._tail.append(line)

    def problem(self, message: str) -> Problem:
        """What `message`, the builder's last word, means."""
        return failure(self._step, message, self._tail, self._origin)


class BuildKit:
    """Follows BuildKit's plain output."""

    def __init__(self, prepared: Prepared, origin: Origin | None = None) -> None:
        """Steps of `prepared`."""
        self._prepared = prepared
        self._origin = origin or Origin()
        self._steps: dict[str, Instruction | None] = {}
        self._said: dict[str, list[str]] = {}
        self._failed: tuple[str, str] | None = None
        self._tail: list[str] = []

    def see(self, line: str) -> None:
        """One line of output."""
        if match := _BUILDKIT_STEP.match(line):
            self._steps.setdefault(match[1], self._prepared.in_stage((match[2] or "").lower(), int(match[3])))
        elif match := _BUILDKIT_ERROR.match(line):
            self._failed = (match[1], match[2])
        elif line.startswith("#"):
            number, _, text = line.removeprefix("#").partition(" ")
            if not _DIGEST.fullmatch(text):
                self._said.setdefault(number, []).append(re.sub(r"^\d+\.\d+ ", "", text))
        elif line.strip("- "):
            self._tail.append(line)

    def problem(self) -> Problem:
        """What the output means, after the CLI ended with an error."""
        last = self._tail[-1] if self._tail else "The builder gave no reason."
        if self._failed is None:
            return failure(None, last, self._tail, self._origin)
        number, message = self._failed
        if not _EXIT.search(message) and _EXIT.search(last):  # the end of a message of several lines
            message = last
        return failure(self._steps.get(number), message or last, self._said.get(number, []), self._origin)


def failure(step: Instruction | None, message: str, said: Sequence[str], origin: Origin) -> Problem:
    """The problem of a build that failed in `step` with `message`, after it had `said` something."""
    everything = " ".join((message, *said[-_TAIL_LINES:]))
    if classify(everything, registry=False) == "no_space":
        return Problem("no_space", message[:500])
    reason = f"exit code {match[1]}" if (match := _EXIT.search(message)) else message
    extra: dict[str, object] = {}
    detail = reason
    if step is not None and step.line:
        extra = {"line": step.line, "step": step.text[:500]}
        detail = f"{_place(step, origin)}: {reason}"
    elif match := _LINE_IN_MESSAGE.search(message):
        extra = {"line": int(match[1] or match[2])}
    extra |= {"file": origin.file} if origin.file else {}
    words = [line.strip() for line in said[-_TAIL_LINES:] if line.strip() not in {"", message.strip()}]
    if words:
        detail += "\n" + "\n".join(words)
    return Problem("build_failed", detail[:2000], extra=extra)


def _place(step: Instruction, origin: Origin) -> str:
    if part := origin.parts.get(str(step.line)):
        return f"{part} failed"
    return f"{f'{origin.file}:{step.line}' if origin.file else f'Line {step.line}'}: {step.text[:200]}"
