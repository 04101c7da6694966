"""What a build may ask of the builder: Dockerfile, arguments, caches. The builder runs beside the engine, with its rights.

A Dockerfile is looked at line by line and not as a builder does: each line that could begin an instruction counts,
also inside here-documents and after any escape sign, so that nothing hides behind what one builder knows and another
does not. What is refused here is refused with its file and line.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from carrel.core.problems import Problem
from carrel.devcontainer.build_arguments import allowed_cache, is_builders
from carrel.devcontainer.build_options import BuildOptions
from carrel.devcontainer.configuration import BuildSettings
from carrel.devcontainer.dockerfile_values import DockerfileValues
from carrel.devcontainer.image_names import could_be_refused, refuse_built
from carrel.devcontainer.notices import Notice, info
from carrel.devcontainer.policy import RULES, Policy, refusal

_FRONTENDS = frozenset({"docker/dockerfile", "docker/dockerfile-upstream"})
_SYNTAX = re.compile(r"\s*(?:#|//)\s*syntax\s*=\s*(\S+)", re.IGNORECASE)
_JSON_SYNTAX = re.compile(r"\s*\{\s*\"syntax\"\s*:\s*\"([^\"]*)\"", re.IGNORECASE)
_KEYWORD = re.compile(r"[ \t]*(?:ONBUILD[ \t]+)?(ADD|COPY|FROM|RUN)[ \t]", re.IGNORECASE)
_REMOTE = re.compile(r"(?:[a-z][a-z0-9+.-]*://|git@)\S*", re.IGNORECASE)
_FLAG = re.compile(r"--([a-z-]+)=(\"[^\"]*\"|'[^']*'|\S+)")
_FROM_IN_MOUNT = re.compile(r"(?:^|,)from=([^,]+)")
_MOUNT_TYPE = re.compile(r"(?:^|,)type=(ssh|secret)(?:,|$)")
_LOCAL_NAMES = re.compile(r"(?:.*\.)?(?:localhost|internal|local|home\.arpa)\.?", re.IGNORECASE)
_COULD_BE_REMOTE = re.compile(r"[a-z0-9+.-]*\$|\w+://[^/]*\$|git@[^:]*\$", re.IGNORECASE)
_USE_RUN = "Fetch it in a RUN instruction, or put the file into the repository."
_ESCAPES = ("\\", "`")
_MAX_CHARACTERS = 4 << 20
"""Looked through in one Dockerfile, of all candidates together."""


@dataclass(frozen=True)
class Line:
    """What could be an instruction: with all lines that continue it."""

    number: int
    keyword: str
    rest: str


def judged_settings(settings: BuildSettings, options: BuildOptions) -> tuple[BuildSettings, tuple[Notice, ...]]:
    """The settings without arguments and caches that are not allowed."""
    notices: list[Notice] = []
    for name in {**settings.args, **options.args}:
        if is_builders(name):
            text = "the argument instructs the builder; it is left out"
            notices.append(refusal("build.args", f"build.args {name}", text, settings.origin))
    kept = tuple(one for one in (allowed_cache(cache) for cache in settings.cache_from) if one)
    for cache in settings.cache_from:
        if not allowed_cache(cache):
            text = f"{cache[:200]!r} is no image in a registry; it is left out"
            notices.append(refusal("build.cacheFrom", "build.cacheFrom", text, settings.origin))
    args = {name: value for name, value in settings.args.items() if not is_builders(name)}
    return replace(settings, args=args, cache_from=kept), tuple(notices)


def judge_dockerfile(
    text: str, settings: BuildSettings, values: DockerfileValues, policy: Policy
) -> tuple[Notice, ...]:
    """Look through a Dockerfile.

    Raises:
        Problem: `refused_by_policy` with `file`, `line` and `property`; notices are about what only has no effect.
    """
    _judge_frontend(text, settings, policy)
    notices: list[Notice] = []
    for line in candidates(text):
        where = _Where(settings.dockerfile, line)
        if line.keyword == "RUN":
            notices += _judge_run(line, where, values, settings.origin)
        elif line.keyword == "FROM":
            words = [word for word in line.rest.split() if not word.startswith("--")]
            _judge_image(words[0] if words else "", where, values)
        else:
            _judge_copy(line, where, values)
    return tuple(dict.fromkeys(notices))


def candidates(text: str) -> Iterator[Line]:
    """Every line that could begin an instruction, with what could continue it.

    Raises:
        Problem: `bad_configuration`, the instructions are too long to be looked through.
    """
    lines = text.replace("\r\n", "\n").split("\n")
    budget = _MAX_CHARACTERS
    for number, line in enumerate(lines, 1):
        match = _KEYWORD.match(line)
        if match is None:
            continue
        parts, at = [line[match.end(1) :].strip()], number
        while (not parts[-1] or parts[-1].endswith(_ESCAPES)) and at < len(lines):
            following = lines[at].strip()
            at += 1
            budget -= len(following) + 1
            if budget < 0:
                raise Problem("bad_configuration", f"Line {number} of the Dockerfile is too long.")
            if following and not following.startswith("#"):
                parts.append(following)
        yield Line(number, match[1].upper(), " ".join(part.rstrip("".join(_ESCAPES)) for part in parts))


@dataclass(frozen=True)
class _Where:
    file: str
    line: Line

    def problem(self, rule: str, what: str, hint: str) -> Problem:
        who = f" {RULES[rule].who} can allow it." if RULES[rule].who else ""
        extra = {"file": self.file, "line": self.line.number, "property": rule}
        return Problem("refused_by_policy", f"{self.file}, line {self.line.number}: {what}", hint + who, extra)


def _judge_frontend(text: str, settings: BuildSettings, policy: Policy) -> None:
    for number, line in enumerate(text.removeprefix("\ufeff").split("\n"), 1):
        match = _SYNTAX.match(line) or _JSON_SYNTAX.match(text if number == 1 else line)
        if match and _frontend(match[1]) not in _FRONTENDS and not policy.allows("build-frontends", match[1]):
            where = _Where(settings.dockerfile, Line(number, "#", line))
            text = f"the builder is asked to run the program {match[1][:200]!r} in place of its own frontend."
            raise where.problem("build.frontend", text, "Remove the line, or name docker/dockerfile.")
        if line.strip() and not line.lstrip().startswith(("#", "//")):
            return


def _frontend(reference: str) -> str:
    """The repository of a frontend's image, without tag and digest, on Docker's own registry."""
    name = reference.partition("@")[0].removeprefix("docker.io/")
    return name.rpartition(":")[0] if ":" in name.rpartition("/")[2] else name


def _judge_run(line: Line, where: _Where, values: DockerfileValues, origin: str) -> Iterator[Notice]:
    for name, quoted in _FLAG.findall(line.rest):
        value = quoted.strip("\"'")
        if name == "security" and value != "sandbox":
            raise where.problem("build.run", f"RUN --security={value} is not allowed.", "Remove the option.")
        if name == "network" and value not in {"none", "default"} and _is_flag(line.rest, name):
            raise where.problem("build.run", f"RUN --network={value} is not allowed.", "Remove the option.")
        if name == "device" and _is_flag(line.rest, name):
            raise where.problem("build.run", f"RUN --device={value} is not allowed.", "Remove the option.")
        if name == "mount":
            if image := _FROM_IN_MOUNT.search(value):
                _judge_image(image[1], where, values)
            if kind := _MOUNT_TYPE.search(value):
                text = f"line {where.line.number} of {where.file}: builds are given no secrets and no SSH agent"
                yield info(f"RUN --mount=type={kind[1]}", text, origin)


def _is_flag(rest: str, name: str) -> bool:
    """Whether an option stands before the command, and is not the command's own."""
    for word in rest.split():
        if not word.startswith("--"):
            return False
        if word.startswith(f"--{name}="):
            return True
    return False


def _judge_copy(line: Line, where: _Where, values: DockerfileValues) -> None:
    for name, quoted in _FLAG.findall(line.rest):
        if name == "from":
            _judge_image(quoted, where, values)
    for word in re.split(r"[\s,\[\]\"']+", line.rest) if line.keyword == "ADD" else ():
        known = values.of(word)
        if known is None and _COULD_BE_REMOTE.match(word):
            raise where.problem("build.add", f"ADD {word[:200]}: what it fetches is not known.", _USE_RUN)
        for one in known or ():
            if (match := _REMOTE.match(one)) and not is_public(match[0]):
                text = f"ADD {match[0][:200]}: the engine fetches nothing from the machine and its network."
                raise where.problem("build.add", text, _USE_RUN)


def is_public(url: str) -> bool:
    """Whether a URL that the engine itself would fetch names a place outside the machine and its network."""
    if url.startswith("git@"):
        host = url[4:].partition(":")[0].partition("/")[0]
    else:
        try:
            host = urlsplit(url).hostname or ""
        except ValueError:
            return False
    host = host.rstrip(".")
    if "." not in host or ":" in host or "%" in host or _LOCAL_NAMES.fullmatch(host):
        return False
    last = host.rpartition(".")[2]
    if last.isdecimal() or last.startswith("0x"):  # an address, perhaps in another notation
        try:
            return ipaddress.ip_address(host).is_global
        except ValueError:
            return False
    return True


def _judge_image(name: str, where: _Where, values: DockerfileValues) -> None:
    name = name.strip("\"'")
    known = values.of(name)
    if known is None and could_be_refused(name.partition("$")[0]):
        raise where.problem("image", f"which image {name[:200]!r} is cannot be known.", "Write the image's name.")
    for one in known or ():
        if values.is_stage(one) or not one:
            continue
        try:
            refuse_built(one)
        except Problem as problem:
            raise where.problem("image", problem.detail, problem.hint) from problem
