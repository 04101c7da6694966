"""Variables in Compose values: `$A`, `${A}`, `${A:-b}`, `${A-b}`, `${A:?m}`, `${A?m}`, `${A:+c}`, `${A+c}`, `$$`; they nest.

Values come from `.env` and the workspace's own map, never from the server's environment.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_MAX_DEPTH = 20
MAX_LENGTH = 1 << 20
"""Characters of one value: a short text can ask for a huge one."""
_OPERATORS = (":-", ":?", ":+", "-", "?", "+")


class BadTemplateError(ValueError):
    """A template that cannot be read, or a variable that has to be set."""


def interpolate(
    text: str, values: Mapping[str, str], missing: Callable[[str], None] | None = None, depth: int = 0
) -> str:
    """`text` with its variables replaced; `missing` is told of those that are not set.

    Raises:
        BadTemplateError: the template is not well formed, or `${A:?m}` is not set.
    """
    if depth > _MAX_DEPTH:
        message = "variables are nested too deeply"
        raise BadTemplateError(message)
    result: list[str] = []
    at = length = 0
    while (dollar := text.find("$", at)) >= 0:
        result.append(text[at:dollar])
        following = text[dollar + 1 : dollar + 2]
        if following == "$":
            result.append("$")
            at = dollar + 2
        elif following == "{":
            end = _closing(text, dollar + 2)
            result.append(_braced(text[dollar + 2 : end], values, missing, depth + 1))
            at = end + 1
        elif match := _NAME.match(text, dollar + 1):
            result.append(_value(match[0], values, missing))
            at = match.end()
        else:
            message = f"{text!r} has a `$` that begins no variable; write `$$` for a dollar sign"
            raise BadTemplateError(message)
        length += len(result[-1])
        if length > MAX_LENGTH:
            message = f"the value {text[:60]!r} would be longer than {MAX_LENGTH} characters"
            raise BadTemplateError(message)
    return "".join([*result, text[at:]])


def _closing(text: str, start: int) -> int:
    """The place of the brace that closes the one before `start`."""
    depth = 1
    at = start
    while at < len(text):
        if text.startswith("${", at):
            depth += 1
            at += 1
            if depth > _MAX_DEPTH:
                message = "variables are nested too deeply"
                raise BadTemplateError(message)
        elif text[at] == "}":
            depth -= 1
            if not depth:
                return at
        at += 1
    message = f"{text!r} has a `${{` that is not closed"
    raise BadTemplateError(message)


def _braced(inner: str, values: Mapping[str, str], missing: Callable[[str], None] | None, depth: int) -> str:
    match = _NAME.match(inner)
    rest = inner[match.end() :] if match else inner
    operator = next((one for one in _OPERATORS if rest.startswith(one)), "")
    if match is None or (rest and not operator):
        message = f"`${{{inner}}}` is no variable"
        raise BadTemplateError(message)
    name, word = match[0], rest[len(operator) :]
    if not operator:
        return _value(name, values, missing)
    is_set = bool(values.get(name)) if operator.startswith(":") else name in values
    if operator.endswith("+"):
        return interpolate(word, values, missing, depth) if is_set else ""
    if is_set:
        return values[name]
    if operator.endswith("?"):
        message = f"the variable {name} has to be set: {interpolate(word, values, missing, depth) or 'it is not'}"
        raise BadTemplateError(message)
    return interpolate(word, values, missing, depth)


def _value(name: str, values: Mapping[str, str], missing: Callable[[str], None] | None) -> str:
    if name not in values and missing is not None:
        missing(name)
    return values.get(name, "")
