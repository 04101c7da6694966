"""Options of a feature: defaults, shorthands, and the environment that install.sh reads (C217, C218, C229-C234)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from carrel.core.problems import Problem
from carrel.devcontainer.notices import Notice, warning
from carrel.devcontainer.scalars import text_of

OptionValue = str | bool | int | float
Given = Mapping[str, Any] | str | bool
"""What stands beside a reference: options, or a version."""
_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9_]")
_LEADING = re.compile(r"^[0-9_]+")


def variable_name(option: str) -> str:
    """`loud-mode` -> `LOUD_MODE`, `1num` -> `_NUM` (C229)."""
    return _LEADING.sub("_", _NOT_IN_NAMES.sub("_", option)).upper()


def given_options(reference: str, value: Any) -> Given:
    """The value of a `features` entry, checked; an array means no options (C218).

    Raises:
        Problem: `feature_failed`, null or another type.
    """
    if isinstance(value, list):
        return {}
    if isinstance(value, (Mapping, str, bool)):
        return value
    raise Problem(
        "feature_failed",
        f"The options of {reference!r} must be an object or a version, not {value!r}.",
        extra={"feature": reference},
    )


def effective_options(declared: Mapping[str, Any], given: Given) -> dict[str, OptionValue]:
    """Defaults of declared options under the given ones; undeclared ones are passed as well (C230, C231)."""
    options: dict[str, OptionValue] = {}
    for name, option in declared.items():
        if isinstance(option, Mapping) and _is_value(option.get("default")):
            options[name] = option["default"]
    if isinstance(given, Mapping):
        options |= {name: value for name, value in given.items() if _is_value(value)}
    elif "version" in declared:
        options["version"] = given
    return options


def _is_value(value: Any) -> bool:
    return isinstance(value, (str, bool, int, float))


def environment(options: Mapping[str, OptionValue]) -> dict[str, str]:
    """The options as environment variables: booleans as `true`/`false`, numbers in decimal (C233)."""
    return {variable_name(name): text_of(value) for name, value in options.items()}


def option_notices(reference: str, declared: Mapping[str, Any], given: Given) -> tuple[Notice, ...]:
    """Warnings about undeclared options, wrong types and values that are not in an enum (C232, D32)."""
    options = given if isinstance(given, Mapping) else {"version": given} if "version" in declared else {}
    notices: list[Notice] = []
    for name, value in options.items():
        option = declared.get(name)
        key = f"features.{reference}.{name}"
        if not isinstance(option, Mapping):
            notices.append(warning(key, "the feature declares no such option; it is passed all the same"))
            continue
        allowed = option.get("enum")
        if isinstance(allowed, list) and value not in allowed:
            notices.append(warning(key, f"{value!r} is not among {', '.join(map(str, allowed))}"))
        kind = option.get("type")
        if (kind == "boolean" and str(value).lower() not in {"true", "false"}) or (
            kind == "string" and isinstance(value, bool) and name != "version"
        ):
            notices.append(warning(key, f"should be a {kind}"))
    return tuple(notices)
