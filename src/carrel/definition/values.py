"""Each member of a definition: from what a file or a request has to what the core has. Pure but for the time zones."""

from __future__ import annotations

import re
import zoneinfo
from collections.abc import Mapping
from functools import cache
from math import isfinite
from typing import Final

from carrel.core.apps import nearest, read_apps
from carrel.core.definition import TemplateUse, WantedSecret
from carrel.core.names import check_name
from carrel.core.problems import Problem
from carrel.core.schedule import OFF, Schedule
from carrel.core.secret_names import check_key
from carrel.definition.misfits import Misfit, inside, unknown
from carrel.definition.scalars import Scalar, kind_of, members_of, plain, text_of, words_of

MOST_DESCRIPTION = 500
DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,127}")
_RESERVED = re.compile(
    r"LD_.*|CARREL_.*|BASH_ENV|BASH_FUNC_.*|ENV|HOME|IFS|LOGNAME|PATH|PWD|SHELL|SHELLOPTS|USER", re.IGNORECASE
)
"""As of secrets: what every process needs as it is, or what changes how a program starts."""
_TIME = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])")
_ACCELERATOR = re.compile(r"[a-z0-9]+([.-][a-z0-9]+)*")
_VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,99}")
_PARAMETER = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,63}")


def read_name(value: object, what: str = "workspace") -> str:
    """A name, case-folded, without look-alikes."""
    if value is None:
        raise ValueError("it is missing")
    text = text_of(value, most=200)
    try:
        return check_name(text, what=what)
    except Problem as problem:
        strange = next((c for c in text if not c.isascii()), "")
        also = f" ({strange!r} is not a plain letter, however alike it looks)" if strange else ""
        raise ValueError(
            f"{problem.detail.rstrip('.')}{also}: {problem.hint[:1].lower()}{problem.hint[1:].rstrip('.')}"
        ) from problem


def read_description(value: object) -> str:
    """What the workspace is for."""
    return "" if value is None else text_of(value, most=MOST_DESCRIPTION, lines=True).strip()


def read_accelerator(value: object) -> str:
    """The name of a kind of GPU; which there are is the server's to say."""
    if value is None or value == "":
        return ""
    text = text_of(value, most=63).strip()
    if not _ACCELERATOR.fullmatch(text):
        plainer = re.sub(r"[\s_]+", "-", text.casefold())
        meant = f"; did you mean {plainer!r}?" if _ACCELERATOR.fullmatch(plainer) else ""
        raise ValueError(f"{text!r} is no accelerator{meant or ': write a name such as nvidia-l4, or null'}")
    return text


def read_on_startup(value: object) -> tuple[str, ...]:
    """Shell lines: null, one, or a list."""
    if value is None:
        return ()
    if isinstance(value, str):
        return (_command(value),) if value.strip() else ()
    return read_commands(value)


def read_commands(value: object) -> tuple[str, ...]:
    """A list of shell lines."""
    commands = []
    for index, item in enumerate(words_of(value, most=100, of="commands")):
        with inside(index):
            commands.append(_command(item))
    return tuple(commands)


def _command(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(f"it should be a command, not {kind_of(value)}")
    text = text_of(value, lines=True).strip()
    if not text:
        raise ValueError("it is empty")
    return text


def read_env(value: object, reserved: re.Pattern[str] = _RESERVED) -> dict[str, str]:
    """Variables; numbers, true and false as they are written."""
    env: dict[str, str] = {}
    for name, item in members_of(value).items():
        with inside(name):
            check_variable(name, reserved)
            if item is None:
                raise ValueError('it has no value; write "" for an empty one')
            env[name] = _value(item)
    return env


def _value(item: object) -> str:
    return text_of(item, lines=True)


def check_variable(name: str, reserved: re.Pattern[str] = _RESERVED) -> None:
    """Raise Misfit for what cannot be the name of a variable of one's own."""
    if not _VARIABLE.fullmatch(name):
        raise Misfit(f"{name[:80]!r} is no name of a variable: letters, digits and `_`", at_key=True)
    if reserved.fullmatch(name):
        raise Misfit(f"{name} is set by Carrel or the image; use another name", at_key=True)


def read_secrets(value: object) -> tuple[WantedSecret, ...]:
    """Secrets that the workspace cannot do without."""
    found: list[WantedSecret] = []
    for index, item in enumerate(words_of(value, most=100, of="secrets, each with `key`")):
        with inside(index):
            secret = _secret(item)
            if secret in found or any(secret.env_var and secret.env_var == other.env_var for other in found):
                raise Misfit(f"{secret.env_var or secret.key} is there twice")
            found.append(secret)
    return tuple(found)


def _secret(item: object) -> WantedSecret:
    if not isinstance(item, Mapping):
        raise ValueError(f"it should be `key: NAME`, not {kind_of(item)}")
    for name in item:
        if name not in ("key", "env_var"):
            raise unknown(str(name), {"key": 0, "env_var": 0})
    with inside("key"):
        if item.get("key") is None:
            raise ValueError("it is missing")
        key = text_of(item["key"], most=128)
        try:
            check_key(key)
        except Problem as problem:
            raise ValueError(problem.detail.rstrip(".")) from problem
    with inside("env_var"):
        variable = text_of(item.get("env_var") or "", most=128)
        if variable:
            check_variable(variable)
    return WantedSecret(key, variable)


def read_written_apps(value: object) -> tuple[Mapping[str, object], ...]:
    """Apps as they are written, if all of it is sound (docs/guides/apps.md)."""
    items = [plain(item) for item in words_of(value, most=32, of="apps")]
    complaint = next(iter(read_apps(items).complaints), None)
    if complaint is not None:
        raise Misfit(complaint.message.partition("; ")[0], _path(complaint.key))
    return tuple(item for item in items if isinstance(item, Mapping))


def _path(key: str) -> tuple[str | int, ...]:
    """`[2].port` as a path."""
    return tuple(int(part) if part.isdecimal() else part for part in re.findall(r"[^\[\].]+", key))


def read_schedule(value: object) -> Schedule | None:
    """Times of the day in a time zone, or that there are none; null, or nothing in it: as the project says."""
    members = members_of(value)
    known = {"start": "", "stop": "", "days": (), "time_zone": "", "off": False}
    for name in members:
        if name not in known:
            raise unknown(name, known)
    off = plain(members.get("off"))
    if off is not None and not isinstance(off, bool):
        raise ValueError(f"off: it should be true or false, not {kind_of(off)}")
    if off:
        if members.get("start") or members.get("stop"):
            raise ValueError("it is off, and has times")
        return OFF
    times = {}
    for name in ("start", "stop"):
        with inside(name):
            times[name] = _time(members.get(name))
    with inside("days"):
        days = _days(members.get("days"))
    with inside("time_zone"):
        zone = _zone(members.get("time_zone"))
    if not times["start"] and not times["stop"]:
        if members.keys() - {"off"}:
            raise ValueError("it has neither start nor stop")
        return None
    if times["start"] == times["stop"]:
        raise ValueError("start and stop are the same time")
    return Schedule(times["start"], times["stop"], days, zone)


def _time(value: object) -> str:
    if value is None or value == "":
        return ""
    text = text_of(value, most=40).strip()
    match = _TIME.fullmatch(text)
    if match is None:
        raise ValueError(f'{text!r} is no time of the day: write "08:30"')
    return f"{int(match[1]):02}:{match[2]}"


def _days(value: object) -> tuple[str, ...]:
    if value is None:
        return Schedule().days
    found = []
    for index, item in enumerate(words_of(value, most=7, of="days")):
        with inside(index):
            day = text_of(item, most=40).strip().casefold()[:3]
            if day not in DAYS:
                raise ValueError(f"{text_of(item)!r} is no day of the week: {', '.join(DAYS)}")
            found.append(day)
    if not found:
        raise ValueError("it is empty; leave it out for monday to friday")
    return tuple(day for day in DAYS if day in found)


def _zone(value: object) -> str:
    if value is None or value == "":
        return "UTC"
    text = text_of(value, most=64).strip()
    if text not in _zones():
        raise ValueError(f"there is no time zone {text!r}{nearest(text, _zones())}: a name such as Europe/Berlin")
    return text


@cache
def _zones() -> frozenset[str]:
    return frozenset(zoneinfo.available_timezones())


def read_template(value: object, parameters: object = None) -> TemplateUse | None:
    """`NAME`, `NAME@VERSION`, or name, version, parameters and size; null: none."""
    version: object = None
    size: object = None
    if isinstance(value, Mapping):
        known = {"name": "", "version": "", "parameters": {}, "size": ""}
        for key in value:
            if key not in known:
                raise unknown(str(key), known)
        version, parameters = value.get("version"), value.get("parameters", parameters)
        size, value = value.get("size"), value.get("name")
    if value is None or value == "":
        if parameters:
            raise ValueError("parameters are those of a template, and none is named")
        return None
    text = text_of(value, most=200)
    name, _, after = text.partition("@")
    wanted = text_of(version, most=100) if version else after
    if wanted and not _VERSION.fullmatch(wanted):
        raise ValueError(f"{wanted[:80]!r} is no version of a template")
    with inside("size"):
        chosen = "" if size is None else text_of(size, most=40)
    with inside("parameters"):
        return TemplateUse(read_name(name, "template"), wanted, read_parameters(parameters), chosen)


def read_parameters(value: object) -> dict[str, str | float | bool]:
    """Values of a template's parameters: text, numbers, true or false."""
    found: dict[str, str | float | bool] = {}
    for name, item in members_of(value, most=100).items():
        with inside(name):
            if not _PARAMETER.fullmatch(name):
                raise Misfit(f"{name[:80]!r} is no name of a parameter", at_key=True)
            one = item.value if isinstance(item, Scalar) else item
            if isinstance(one, str):
                one = text_of(one, lines=True)
            if not isinstance(one, str | int | float | bool):
                raise ValueError(f"it should be text, a number, true or false, not {kind_of(item)}")
            if isinstance(one, float) and not isfinite(one):
                raise ValueError("it is no number that can be counted with")
            found[name] = one
    return found


def read_labels(value: object) -> dict[str, str]:
    """Labels: short keys and texts."""
    found: dict[str, str] = {}
    for key, item in members_of(value, most=64).items():
        with inside(key):
            if not 0 < len(key) <= 63 or not key.isprintable():
                raise Misfit("a label's key has 1 to 63 characters", at_key=True)
            if key.startswith("carrel."):
                raise Misfit("labels that begin with `carrel.` are Carrel's own", at_key=True)
            found[key] = "" if item is None else text_of(item, most=255)
    return found
