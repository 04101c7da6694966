"""What must be known of a Dockerfile before it is built: its base image and its user (C142-C145).

This is not a builder's parser: only FROM, ARG, ENV and USER are read, with the values known before the build.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from carrel.core.problems import Problem

_FROM_AHEAD = re.compile(r"(?=^[ \t]*FROM[ \t])", re.IGNORECASE | re.MULTILINE)
_FROM = re.compile(
    r"\s*FROM\s+(?:(?P<platform>--platform=\S+)\s+)?(?P<image>\"[^\"]+\"|'[^']+'|\S+)(?:\s+AS\s+(?P<label>\S+))?",
    re.IGNORECASE,
)
_STATEMENT = re.compile(
    r"^[ \t]*(ARG|ENV|USER)\s+([^\s=]+)(?:[ =]+(?:\"([^\"]*)\"|'([^']*)'|(\S+)))?", re.IGNORECASE | re.MULTILINE
)
_PAIR = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)=(?:\"([^\"]*)\"|'([^']*)'|(\S*))")
_EXPRESSION = re.compile(
    r"\$(?:\{(?P<braced>[A-Za-z0-9_]+)(?::(?P<option>[-+])(?P<word>[^}]*))?\}|(?P<plain>[A-Za-z0-9_]+))"
)
_WITH_HERE_DOCUMENTS = re.compile(r"\s*(?:RUN|COPY|ADD)\s", re.IGNORECASE)
_HERE_DOCUMENT = re.compile(r"(?<!<)<<-?[\"']?([A-Za-z_][A-Za-z0-9_]*)[\"']?")
_SYNTAX = re.compile(r"^\s*#\s*syntax\s*=\s*(\S+)", re.IGNORECASE)
_MAX_STAGES = 200
_MAX_DEPTH = 20
_MAX_DIGITS = 6
_MAX_EXPANDED = 20_000
"""Characters of one value: variables that hold each other twice would fill the memory."""


@dataclass(frozen=True)
class Instruction:
    """One ARG, ENV or USER."""

    keyword: str
    name: str
    value: str | None = None


@dataclass(frozen=True)
class Stage:
    """One FROM with what follows it; the text before the first FROM is a stage without `image`."""

    image: str = ""
    label: str = ""
    instructions: tuple[Instruction, ...] = ()


@dataclass(frozen=True)
class Dockerfile:
    """The stages of a Dockerfile."""

    text: str
    preamble: Stage
    stages: tuple[Stage, ...]
    syntax: str = ""

    def stage(self, name: str) -> Stage | None:
        """A stage by its name (the last one of that name), or by its number."""
        named = [stage for stage in self.stages if stage.label.lower() == name.lower()]
        if named:
            return named[-1]
        number = int(name) if name.isdecimal() and len(name) < _MAX_DIGITS else len(self.stages)
        return self.stages[number] if number < len(self.stages) else None


@dataclass(frozen=True)
class KnownValues:
    """What can be known before the build: build arguments, the base image's environment, the platform's arguments."""

    args: Mapping[str, str] = field(default_factory=dict)
    base_env: Mapping[str, str] = field(default_factory=dict)
    platform: Mapping[str, str] = field(default_factory=dict)
    expanded: dict[tuple[str, int, int], str | None] = field(default_factory=dict, compare=False, repr=False)
    """Name of a variable and a place -> its value: each is looked up once."""


def parse_dockerfile(text: str, name: str = "Dockerfile") -> Dockerfile:
    """Read the stages.

    Raises:
        Problem: `bad_configuration`, there is no FROM.
    """
    joined = _join_lines(text)
    head, *parts = _FROM_AHEAD.split(joined)
    if head and _FROM.match(head):
        head, parts = "", [head, *parts]
    if len(parts) > _MAX_STAGES:
        raise Problem("bad_configuration", f"{name} has more than {_MAX_STAGES} stages.", extra={"file": name})
    if not parts:
        raise Problem("bad_configuration", f"{name} contains no FROM instruction.", extra={"file": name})
    syntax = _SYNTAX.match(text)
    return Dockerfile(
        text,
        Stage(instructions=_instructions(head)),
        tuple(_stage(part) for part in parts),
        syntax.group(1) if syntax else "",
    )


def _join_lines(text: str) -> str:
    """Without comment lines and here-documents, and with continued lines joined."""
    lines = [line for line in text.replace("\r\n", "\n").split("\n") if not line.lstrip().startswith("#")]
    joined = re.sub(r"\\[ \t]*\n", " ", "\n".join(lines)).split("\n")
    kept: list[str] = []
    endings: list[str] = []
    for line in joined:
        if endings:
            endings = endings[1:] if line.strip() == endings[0] else endings
            continue
        kept.append(line)
        if _WITH_HERE_DOCUMENTS.match(line):
            endings = _HERE_DOCUMENT.findall(line)
    return "\n".join(kept)


def _stage(part: str) -> Stage:
    match = _FROM.match(part)
    image = match["image"].strip("\"'") if match else ""
    return Stage(image, (match["label"] or "") if match else "", _instructions(part))


def _instructions(part: str) -> tuple[Instruction, ...]:
    result: list[Instruction] = []
    for match in _STATEMENT.finditer(part):
        keyword = match[1].upper()
        line = part[match.start() : part.find("\n", match.end()) if "\n" in part[match.end() :] else len(part)]
        if (
            keyword == "ENV"
            and (pairs := _PAIR.findall(line.strip()[3:]))
            and "=" in line.strip().split(None, 1)[1].split(None, 1)[0]
        ):
            result += [Instruction("ENV", pair[0], pair[1] or pair[2] or pair[3]) for pair in pairs]
            continue
        value = next((group for group in match.groups()[2:] if group is not None), None)
        result.append(Instruction(keyword, match[2].strip("\"'") if keyword == "USER" else match[2], value))
    return tuple(result)


def base_image(dockerfile: Dockerfile, known: KnownValues, target: str = "") -> str:
    """The image at the root of the target stage (default: the last stage); empty when stages refer to each other in a circle.

    Raises:
        Problem: `bad_configuration`, there is no such stage.
    """
    stage: Stage | None = _target(dockerfile, target)
    seen: set[int] = set()
    image = ""
    while stage is not None:
        if id(stage) in seen:
            return ""
        seen.add(id(stage))
        image = _from(dockerfile, known, stage)
        stage = _earlier(dockerfile, stage, image)
    return image


def dockerfile_user(dockerfile: Dockerfile, known: KnownValues, target: str = "") -> str:
    """The last USER of the target stage or of the stages it is built from; empty when none is given."""
    stage: Stage | None = _target(dockerfile, target)
    seen: set[int] = set()
    while stage is not None and id(stage) not in seen:
        seen.add(id(stage))
        for index in range(len(stage.instructions) - 1, -1, -1):
            if stage.instructions[index].keyword == "USER":
                return _expand(dockerfile, known, stage.instructions[index].name, (stage, index))
        stage = _earlier(dockerfile, stage, _from(dockerfile, known, stage))
    return ""


def external_images(dockerfile: Dockerfile, known: KnownValues) -> tuple[str, ...]:
    """Every image that some stage is built from, without the stages themselves and `scratch`."""
    images: list[str] = []
    for stage in dockerfile.stages:
        image = _from(dockerfile, known, stage)
        if image and image != "scratch" and _earlier(dockerfile, stage, image) is None and image not in images:
            images.append(image)
    return tuple(images)


def _target(dockerfile: Dockerfile, target: str) -> Stage:
    if not target:
        return dockerfile.stages[-1]
    stage = dockerfile.stage(target)
    if stage is None:
        names = ", ".join(stage.label for stage in dockerfile.stages if stage.label) or "none has a name"
        raise Problem("bad_configuration", f"The Dockerfile has no stage {target!r} (its stages: {names}).")
    return stage


def _earlier(dockerfile: Dockerfile, stage: Stage, image: str) -> Stage | None:
    """The stage of that name which stands before `stage`."""
    before = dockerfile.stages[: next(i for i, one in enumerate(dockerfile.stages) if one is stage)]
    return next((one for one in reversed(before) if one.label and one.label.lower() == image.lower()), None)


def _from(dockerfile: Dockerfile, known: KnownValues, stage: Stage) -> str:
    scope = KnownValues(known.args, {}, known.platform)  # a base image's environment is not available in FROM
    return _expand(dockerfile, scope, stage.image, (dockerfile.preamble, len(dockerfile.preamble.instructions)))


def _expand(dockerfile: Dockerfile, known: KnownValues, text: str, before: tuple[Stage, int], depth: int = 0) -> str:
    """`text` with `$x`, `${x}`, `${x:-word}`, `${x:+word}` replaced by what is set before a place."""

    def replacement(match: re.Match[str]) -> str:
        name = match["braced"] or match["plain"]
        key = (name, id(before[0]), before[1])
        if key not in known.expanded:
            too_deep = depth > len(dockerfile.stages) + _MAX_DEPTH
            known.expanded[key] = None if too_deep else _value(dockerfile, known, name, before, depth)
        value = known.expanded[key] or ""
        if match["option"] == "-":
            value = value or _expand(dockerfile, known, match["word"], before, depth + 1)
        elif match["option"] == "+":
            value = _expand(dockerfile, known, match["word"], before, depth + 1) if value else ""
        return value.strip("\"'")

    result = _EXPRESSION.sub(replacement, text)
    if len(result) > _MAX_EXPANDED:
        raise Problem("bad_configuration", f"The Dockerfile's value {text[:60]!r} is too long.")
    return result


def _value(dockerfile: Dockerfile, known: KnownValues, name: str, before: tuple[Stage, int], depth: int) -> str | None:
    stage, index = before
    consider_args = True
    while True:
        for at in range(min(index, len(stage.instructions)) - 1, -1, -1):
            one = stage.instructions[at]
            if one.name != name or one.keyword == "USER":
                continue
            given = one.value if one.keyword == "ENV" else known.args.get(name, one.value)
            if one.keyword == "ENV" or (consider_args and given is not None):
                return _expand(dockerfile, known, given or "", (stage, at), depth + 1)
        if stage is dockerfile.preamble:
            return known.base_env.get(name, known.platform.get(name))
        parent = _earlier(dockerfile, stage, _from(dockerfile, known, stage))
        stage, consider_args = (dockerfile.preamble, True) if parent is None else (parent, False)
        index = len(stage.instructions)
