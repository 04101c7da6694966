"""Build files as a list of instructions: where a step stands, and where the organisation's certificates go. Pure.

Source: the Dockerfile reference (parser directives, line continuation, here-documents).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

_DIRECTIVE = re.compile(r"#\s*([a-z]+)\s*=\s*(.*?)\s*", re.IGNORECASE)
_HEREDOC = re.compile(r"<<-?\s*([\"']?)([A-Za-z_][A-Za-z0-9_]*)\1")
_STEPS = frozenset({"RUN", "COPY", "ADD", "WORKDIR"})
"""Instructions that BuildKit counts, beside FROM."""


@dataclass(frozen=True)
class Instruction:
    """One instruction."""

    keyword: str
    text: str
    """Keyword and arguments in one line."""
    line: int
    """Of the original build file, from 1; 0: we put it in."""
    lines: tuple[str, ...] = field(default=(), repr=False)

    @property
    def words(self) -> list[str]:
        """What follows the keyword, without flags."""
        return [word for word in self.text.split()[1:] if not word.startswith("--")]


def instructions(dockerfile: str) -> list[Instruction]:
    """The instructions of a build file, in order."""
    lines = dockerfile.splitlines()
    escape = _escape(lines)
    found, at = [], 0
    while at < len(lines):
        end = _end_of_instruction(lines, at, escape)
        if instruction := _instruction(lines[at:end], at + 1, escape):
            found.append(instruction)
        at = end
    return found


def _escape(lines: list[str]) -> str:
    for line in lines:
        match = _DIRECTIVE.fullmatch(line.strip())
        if not match:
            break
        if match[1].lower() == "escape" and match[2]:
            return match[2][0]
    return "\\"


def _end_of_instruction(lines: list[str], at: int, escape: str) -> int:
    if _is_comment(lines[at]):
        return at + 1
    end = at + 1
    while end < len(lines) and (lines[end - 1].rstrip().endswith(escape) or _is_comment(lines[end - 1])):
        end += 1
    first = lines[at].split(None, 1)
    if first and first[0].upper() in {"RUN", "COPY", "ADD"}:
        for _, marker in _HEREDOC.findall("\n".join(lines[at:end])):
            while end < len(lines) and lines[end].strip("\t") != marker:
                end += 1
            end = min(end + 1, len(lines))
    return end


def _is_comment(line: str) -> bool:
    return not line.strip() or line.lstrip().startswith("#")


def _instruction(lines: list[str], number: int, escape: str) -> Instruction | None:
    told = [line.strip().removesuffix(escape).strip() for line in lines if not _is_comment(line)]
    text = " ".join(" ".join(told).split())
    if not text:
        return None
    return Instruction(text.split()[0].upper(), text, number, tuple(lines))


@dataclass(frozen=True)
class Prepared:
    """A build file as it is given to the builder."""

    text: str
    instructions: tuple[Instruction, ...]

    def counted(self, number: int) -> Instruction | None:
        """The instruction that the classic builder calls `Step number/...`."""
        return self.instructions[number - 1] if 0 < number <= len(self.instructions) else None

    def in_stage(self, stage: str, number: int) -> Instruction | None:
        """The instruction that BuildKit calls `[stage number/...]`; an empty stage is the only one."""
        for name, steps in self._stages():
            if stage in {"", name} and 0 < number <= len(steps):
                return steps[number - 1]
        return None

    def _stages(self) -> Iterator[tuple[str, list[Instruction]]]:
        """Name and counted steps of each stage; a FROM counts where it brings an image from outside."""
        stages: dict[str, list[Instruction]] = {}
        current: list[Instruction] | None = None
        for instruction in self.instructions:
            if instruction.keyword == "FROM":
                words = instruction.words
                outside = bool(words) and words[0].lower() not in {"scratch", *stages}
                name = words[2].lower() if len(words) > 2 else f"stage-{len(stages)}"
                current = stages[name] = [instruction] if outside else []
            elif current is not None and instruction.keyword in _STEPS:
                current.append(instruction)
        yield from stages.items()


def prepare(dockerfile: str, after_from: tuple[str, ...] = ()) -> Prepared:
    """`dockerfile` with the lines `after_from` put behind each FROM of an image that comes from outside."""
    own = instructions(dockerfile)
    if not after_from:
        return Prepared(dockerfile, tuple(own))
    lines, given, stages, done = dockerfile.splitlines(), list[str](), {"scratch"}, 0
    all_instructions = []
    for instruction in own:
        all_instructions.append(instruction)
        if instruction.keyword != "FROM":
            continue
        end = instruction.line - 1 + len(instruction.lines)
        given += lines[done:end]
        done = end
        words = instruction.words
        if words and words[0].lower() not in stages:
            given += after_from
            all_instructions += [Instruction(line.split()[0], line, 0, (line,)) for line in after_from]
        if len(words) > 2:
            stages.add(words[2].lower())
    given += lines[done:]
    return Prepared("".join(f"{line}\n" for line in given), tuple(all_instructions))
