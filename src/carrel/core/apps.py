"""What people write about an app: one schema for devcontainer.json, templates and workspace.yaml.

`read_apps` is pure and never raises: what is wrong is left out and complained about, and who calls decides whether that
is a notice (a repository's file) or a refusal (a request). docs/guides/apps.md explains the members; docs/reference/devcontainer.md is printed from MEMBERS.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from carrel.core.agent import App, CommandLine
from carrel.core.spec import AGENT_PORT

ICONS: Final = (
    "app", "book", "chart", "code", "database", "desktop", "docs", "flask", "globe", "jupyter", "notebook", "play",
    "rstudio", "server", "terminal", "web",
)  # fmt: skip
SHARES: Final = ("private", "project", "public")
STARTS: Final = ("demand", "boot")
OWN: Final = ("code", "jupyter", "terminal")
"""Names of the platform's own apps."""
ADJUSTABLE: Final = frozenset({"name", "title", "icon", "start", "env"})
"""What may be said about one of them."""
MOST_APPS: Final = 32
MOST_TEXT: Final = 4096
MAX_NAME: Final = 30
_NAME = re.compile(r"[a-z]([a-z0-9]|-(?!-))*")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,255}")
_PATH = re.compile(r"/(?!/)[!-~]*")
_EMOJI_JOINTS = frozenset({0x200D, 0xFE0F, 0x20E3})
_EMOJI_CATEGORIES = frozenset({"So", "Sk"})


@dataclass(frozen=True)
class Complaint:
    """Something about an app that is not as it should be."""

    key: str
    """`[2].port`: the place below the list."""
    message: str
    """What is wrong and what was done about it."""


@dataclass(frozen=True)
class Member:
    """One member of an app, as the reference lists it."""

    name: str
    type: str
    note: str
    read: Callable[[Any], Any]
    """The value as it is used. Raises ValueError, which says what it should be."""


@dataclass(frozen=True)
class WrittenApps:
    """What could be made of a list."""

    apps: tuple[App, ...] = ()
    adjusted: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """What is said about the platform's own apps, by their name."""
    complaints: tuple[Complaint, ...] = ()


def read_apps(value: Any) -> WrittenApps:
    """The apps of a list as JSON or YAML has it; of two with one name the last counts."""
    if not isinstance(value, list):
        return WrittenApps(complaints=(Complaint("", "should be an array of objects; it is not used"),))
    complaints: list[Complaint] = []
    found: dict[str, dict[str, Any]] = {}
    for index, item in enumerate(value[:MOST_APPS]):
        members = _read(item, f"[{index}]", complaints)
        if members is not None:
            if members["name"] in found:
                text = f"a second app {members['name']!r}; it takes the place of the first"
                complaints.append(Complaint(f"[{index}].name", text))
            found[members["name"]] = members
    if len(value) > MOST_APPS:
        complaints.append(Complaint("", f"there are more than {MOST_APPS} apps; the others are left out"))
    own = {name: members for name, members in found.items() if name in OWN}
    apps = tuple(_app({"port": 0, "title": name} | members) for name, members in found.items() if name not in OWN)
    return WrittenApps(apps, own, tuple(complaints))


def _app(members: Mapping[str, Any]) -> App:
    return App(**members)


def nearest(word: str, words: Iterable[str]) -> str:
    """` (did you mean X?)`, or nothing."""
    near = difflib.get_close_matches(word, list(words), n=1)
    return f" (did you mean {near[0]!r}?)" if near else ""


def _read(item: Any, place: str, complaints: list[Complaint]) -> dict[str, Any] | None:
    """Members that are sound; None where nothing can be made of it."""
    if not isinstance(item, Mapping):
        complaints.append(Complaint(place, "should be an object; it is left out"))
        return None
    members: dict[str, Any] = {}
    fatal = False
    for key, value in item.items():
        member = MEMBERS.get(key)
        if member is None:
            near = nearest(str(key), MEMBERS)
            complaints.append(Complaint(f"{place}.{str(key)[:80]}", f"unknown{near}; nothing reads it"))
            continue
        try:
            members[key] = member.read(value)
        except ValueError as error:
            is_needed = key in {"name", "command", "port"}
            fatal = fatal or is_needed
            outcome = "the app is left out" if is_needed else "the value is not used"
            complaints.append(Complaint(f"{place}.{key}", f"should be {error}; {outcome}"))
    if fatal:
        return None
    return _complete(members, place, complaints)


def _complete(members: dict[str, Any], place: str, complaints: list[Complaint]) -> dict[str, Any] | None:
    name = members.get("name")
    if name is None:
        complaints.append(Complaint(place, "has no name; the app is left out"))
        return None
    if name == "terminal":
        complaints.append(Complaint(f"{place}.name", "every workspace has its terminal; nothing about it can be said"))
        return None
    if name in OWN:
        for key in members.keys() - ADJUSTABLE:
            text = f"{name} is Carrel's own app, this cannot be said of it; use another name for an app of your own"
            complaints.append(Complaint(f"{place}.{key}", text))
        return {key: value for key, value in members.items() if key in ADJUSTABLE}
    if "command" not in members and "port" not in members:
        complaints.append(Complaint(place, f"{name} has neither command nor port; the app is left out"))
        return None
    return members


# --- values ------------------------------------------------------------------------------------------------------------


def _name(value: Any) -> str:
    if isinstance(value, str) and len(value) <= MAX_NAME and _NAME.fullmatch(value) and not value.endswith("-"):
        return value
    raise ValueError(f"1 to {MAX_NAME} small letters, digits and single hyphens, beginning with a letter")


def _text(value: Any) -> str:
    if isinstance(value, str) and value.strip() and len(value) <= 80 and value.isprintable():
        return value.strip()
    raise ValueError("a line of at most 80 characters")


def _command(value: Any) -> CommandLine:
    words = [value] if isinstance(value, str) else value
    is_sound = isinstance(words, list) and words and all(isinstance(word, str) for word in words)
    if is_sound and words[0].strip() and all("\0" not in word and len(word) <= MOST_TEXT for word in words):
        return value if isinstance(value, str) else tuple(words)
    raise ValueError("a shell line, or an array of a program and its arguments")


def _port(value: Any) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 65535 and value != AGENT_PORT:
        return value
    raise ValueError(f"a port from 1 to 65535, and not {AGENT_PORT}, which is Carrel's own")


def _path(value: Any) -> str:
    if isinstance(value, str) and len(value) <= MOST_TEXT and _PATH.fullmatch(value):
        return value
    raise ValueError("a path that begins with one slash, without spaces")


def _health(value: Any) -> str:
    return "" if value == "" else _path(value)


def _icon(value: Any) -> str:
    if isinstance(value, str) and (value in ICONS or is_emoji(value)):
        return value
    raise ValueError(f"an emoji, or one of {', '.join(ICONS)}{nearest(str(value), ICONS)}")


def is_emoji(text: str) -> bool:
    """Whether a text is one emoji, or a few that are joined to one."""
    pictures = [c for c in text if ord(c) > 0x203B and unicodedata.category(c) in _EMOJI_CATEGORIES]
    return 0 < len(text) <= 12 and bool(pictures) and all(c in pictures or ord(c) in _EMOJI_JOINTS for c in text)


def _one_of(*values: str) -> Callable[[Any], str]:
    def read(value: Any) -> str:
        if isinstance(value, str) and value in values:
            return value
        raise ValueError(f"one of {', '.join(values)}{nearest(str(value), values)}")

    return read


def _env(value: Any) -> dict[str, str]:
    is_sound = isinstance(value, Mapping) and all(_is_variable(name, one) for name, one in value.items())
    if not is_sound:
        raise ValueError("an object of texts whose keys are names of variables")
    return {name: str(one).lower() if isinstance(one, bool) else str(one) for name, one in value.items()}


def _is_variable(name: Any, value: Any) -> bool:
    is_text = isinstance(value, (str, int, float)) and "\0" not in str(value) and len(str(value)) <= MOST_TEXT
    return isinstance(name, str) and bool(_VARIABLE.fullmatch(name)) and is_text


# fmt: off
MEMBERS: Final[Mapping[str, Member]] = {row[0]: Member(*row) for row in (
    ("name", "text", "Needed. Part of the app's address: small letters, digits, single hyphens. `code` and `jupyter` adjust Carrel's own (title, icon, start, env).", _name),
    ("title", "text", "What people see; default: the name.", _text),
    ("command", "string or array of strings", "What starts it, in the project folder, as the remote user: a shell line, or a program with arguments. `{port}` is replaced, and `PORT` is set. Without it the app is only a port.", _command),
    ("port", "number", "Where it listens on loopback; without one a free port is chosen.", _port),
    ("health", "path", "Answers below status 500 when the app is ready; empty: it is ready when it accepts connections. Default `/`.", _health),
    ("icon", "text", f"An emoji, or one of {', '.join(ICONS)}.", _icon),
    ("share", "`private`, `project` or `public`", "The widest circle to which it may be opened; default `private`. It opens nothing by itself.", _one_of(*SHARES)),
    ("open_path", "path", 'Where "Open" leads; default `/`.', _path),
    ("start", "`demand` or `boot`", "When it is first opened (default), or with the workspace, beside the hooks.", _one_of(*STARTS)),
    ("env", "object of strings", "Variables of this app alone; `{port}` is replaced.", _env),
)}
# fmt: on
