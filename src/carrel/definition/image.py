"""`container_image`: the reference of an image, or the specification of one that is to be made."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from carrel.core.definition import ImageSpec
from carrel.definition.misfits import inside, unknown
from carrel.definition.scalars import text_of, words_of
from carrel.definition.values import read_commands, read_env

_HOST = r"(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9a-fA-F:]+\])(?::[0-9]{1,5})?"
_PART = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
_REFERENCE = re.compile(
    rf"(?:{_HOST}/)?{_PART}(?:/{_PART})*(?::[A-Za-z0-9_][A-Za-z0-9_.-]{{0,127}})?(?:@sha256:[0-9a-f]{{64}})?"
)
_NAME = re.compile(_PART)
_REGISTRY = re.compile(rf"{_HOST}(?:/{_PART})*")
_PYTHON = re.compile(r"3\.[0-9]{1,2}(\.[0-9]{1,2})?")
_PACKAGE = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?\s*(\[[A-Za-z0-9 ,._-]*\])?\s*([@=<>!~;(].*)?")
_APT = re.compile(r"[a-z0-9][a-z0-9+.-]+(:[a-z0-9]+)?(=[A-Za-z0-9.+:~-]+)?")
_RESERVED = re.compile(r"CARREL_.*|HOME|IFS|LOGNAME|PATH|PWD|SHELL|SHELLOPTS|USER|VIRTUAL_ENV", re.IGNORECASE)
BUILDERS: Final = ("carrel", "union")
MOST_LINES = 2000


def read_image(value: object) -> str | ImageSpec | None:
    """A reference, a specification, or None where nothing is said."""
    if value is None or value == "":
        return None
    if isinstance(value, Mapping):
        return read_image_spec(value)
    return read_reference(value)


def read_reference(value: object) -> str:
    """The reference of an image, as registries write it."""
    text = text_of(value, most=400).strip()
    if "://" in text:
        raise ValueError(f"{text[:80]!r} is an address, not an image: leave out {text.partition('://')[0]}://")
    if not _REFERENCE.fullmatch(text):
        lower = f"; did you mean {text.lower()[:80]!r}?" if _REFERENCE.fullmatch(text.lower()) else ""
        raise ValueError(f"{text[:80]!r} is no image{lower or ': write one such as python:3.12-slim'}")
    return text


def read_image_spec(value: Mapping[str, object]) -> ImageSpec:
    """The specification of an image. Raises Misfit for unknown keys and values that nothing can be made of."""
    for key in value:
        if key not in SPEC_READERS:
            raise unknown(str(key), SPEC_READERS)
    members: dict[str, Any] = {}
    for key, read in SPEC_READERS.items():
        with inside(key):
            if value.get(key) not in (None, ""):
                members[key] = read(value[key])
            elif key == "name":
                raise ValueError("it is missing: the image's name")
    return ImageSpec(**members)


def _builder(value: object) -> str:
    text = text_of(value, most=80)
    if text not in BUILDERS:
        raise ValueError(f"{text!r} is no builder: carrel (union means the same)")
    return BUILDERS[0]


def _python(value: object) -> str:
    text = text_of(value, most=40).strip()
    if not _PYTHON.fullmatch(text):
        raise ValueError(f'{text!r} is no version of Python: write "3.12"')
    return text


def _packages(value: object) -> tuple[str, ...]:
    return _each(value, _package, "packages")


def _package(value: object) -> str:
    text = text_of(value, most=500).strip()
    if not _PACKAGE.fullmatch(text):
        raise ValueError(f'{text[:80]!r} is no requirement: write "pandas", "pandas>=2" or "pandas==2.2.3"')
    return text


def _apt_packages(value: object) -> tuple[str, ...]:
    return _each(value, _apt, "packages")


def _apt(value: object) -> str:
    text = text_of(value, most=200).strip()
    if not _APT.fullmatch(text):
        raise ValueError(f"{text[:80]!r} is no package of Debian: small letters, digits, `+`, `-` and `.`")
    return text


def _each(value: object, read: Callable[[object], str], of: str) -> tuple[str, ...]:
    found = []
    for index, item in enumerate(words_of(value, of=of)):
        with inside(index):
            found.append(read(item))
    return tuple(found)


def read_requirements(value: object) -> tuple[str, ...]:
    """Lines of a requirements file; options that would read other files of the machine that builds are refused."""
    lines = []
    for index, item in enumerate(words_of(value, most=MOST_LINES, of="lines")):
        with inside(index):
            line = text_of(item, most=1000).strip()
            if re.match(r"-(r|c|e|-requirement|-constraint|-editable)\b", line):
                raise ValueError(f"{line[:80]!r} names another file: write its lines here")
            lines.append(line)
    return tuple(line for line in lines if line and not line.startswith("#"))


def _registry(value: object) -> str:
    text = text_of(value, most=300).strip().rstrip("/")
    if text and not _REGISTRY.fullmatch(text):
        raise ValueError(f"{text[:80]!r} is no registry: write host/path, such as registry.example.com/team")
    return text


def _image_name(value: object) -> str:
    text = text_of(value, most=100).strip()
    if not _NAME.fullmatch(text):
        raise ValueError(f"{text!r} is no name of an image: small letters, digits, `.`, `_` and `-`")
    return text


def _env(value: object) -> dict[str, str]:
    """Of an image: how its programs are started is its own business, but for what is there already."""
    return read_env(value, _RESERVED)


SPEC_READERS: Final[Mapping[str, Callable[[object], object]]] = {
    "name": _image_name,
    "builder": _builder,
    "packages": _packages,
    "python_version": _python,
    "apt_packages": _apt_packages,
    "requirements": read_requirements,
    "env": _env,
    "commands": read_commands,
    "base_image": read_reference,
    "registry": _registry,
}
"""How each key of a specification is read; of a file, `requirements` is a path first (read.py)."""
