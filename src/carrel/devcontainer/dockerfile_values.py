"""Every value that a text of a Dockerfile could have: its variables with all the values that the file and the build give them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

_DEFINITION = re.compile(r"[ \t]*(?:ONBUILD[ \t]+)?(ARG|ENV)[ \t]+(.*)", re.IGNORECASE)
_PAIR = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)(?:=(\"[^\"]*\"|'[^']*'|[^\s]*)|[ \t]+(.*))?")
_STAGE = re.compile(r"[ \t]*FROM[ \t]+.*[ \t]AS[ \t]+(\S+)", re.IGNORECASE)
_VARIABLE = re.compile(
    r"\$(?:(?P<plain>[A-Za-z_][A-Za-z0-9_]*)|\{(?P<braced>[A-Za-z_][A-Za-z0-9_]*)(?::?(?P<sign>[-+])(?P<word>[^${}]*))?\})"
)
_MAX_VALUES = 64
_MAX_LENGTH = 10_000


@dataclass(frozen=True)
class DockerfileValues:
    """The variables and stages of one Dockerfile."""

    variables: Mapping[str, frozenset[str]] = field(default_factory=dict)
    stages: frozenset[str] = frozenset()

    def of(self, text: str) -> frozenset[str] | None:
        """All values that `text` could have; None: too many, or it is written in a way that is not known."""
        open_texts, done = {text}, set[str]()
        while open_texts:
            one = open_texts.pop()
            match = _VARIABLE.search(one)
            if match is None:
                done.add(one)
            else:
                open_texts |= {one[: match.start()] + value + one[match.end() :] for value in self._values(match)}
            too_long = any(len(other) > _MAX_LENGTH for other in open_texts)
            if too_long or len(done) + len(open_texts) > _MAX_VALUES or any("$" in one for one in done):
                return None
        return frozenset(done)

    def _values(self, match: re.Match[str]) -> frozenset[str]:
        values = self.variables.get(match["plain"] or match["braced"], frozenset({""}))
        if match["sign"]:
            return values | {match["word"], ""}
        return values

    def is_stage(self, name: str) -> bool:
        """Whether a name is a stage's, or a stage's number."""
        return name.lower() in self.stages or bool(re.fullmatch(r"[0-9]{1,3}", name))


def values_of(text: str, given: Mapping[str, str]) -> DockerfileValues:
    """What ARG, ENV and the build's arguments say; `given` are the arguments, and the platform's variables."""
    found: dict[str, set[str]] = {name: {value} for name, value in given.items()}
    joined = re.sub(r"[\\`][ \t]*\n", " ", text.replace("\r\n", "\n"))
    for line in (*text.split("\n"), *joined.split("\n")):
        match = _DEFINITION.match(line)
        for name, value, rest in _PAIR.findall(match[2]) if match else ():
            found.setdefault(name, {""}).add((value or rest).strip().strip("\"'"))
    stages = frozenset(match[1].lower() for match in map(_STAGE.match, joined.split("\n")) if match)
    return DockerfileValues({name: frozenset(values) for name, values in found.items()}, stages)
