"""Values of a template's parameters: what a person may say, and may change later."""

from __future__ import annotations

from collections.abc import Mapping

from carrel.core.apps import nearest
from carrel.core.problems import Problem
from carrel.core.template import Parameter, ParameterType, Template, Value
from carrel.definition.scalars import kind_of
from carrel.templates.patterns import check_match

MOST_CHARACTERS = 500
MOST_COUNTED = 10**15
"""Numbers below it are exact, whether they come as whole numbers or with fractions."""


def accepted(parameter: Parameter, value: object) -> Value:
    """The value as the parameter holds it. Raises ValueError, which says what would do."""
    match parameter.type:
        case ParameterType.BOOLEAN:
            return _boolean(value)
        case ParameterType.NUMBER:
            return _number(parameter, value)
        case ParameterType.CHOICE:
            return _choice(parameter, value)
        case ParameterType.STRING:
            return _string(parameter, value)


def _boolean(value: object) -> bool:
    words = {"true": True, "false": False}
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.casefold() in words:
        return words[value.casefold()]
    raise ValueError(f"it should be true or false, not {_shown(value)}")


def _number(parameter: Parameter, value: object) -> float:
    if isinstance(value, str):
        try:
            value = float(value) if set("._eE") & set(value) else int(value)
        except ValueError:
            raise ValueError(f"it should be a number, not {_shown(value)}") from None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"it should be a number, not {_shown(value)}")
    if not abs(value) < MOST_COUNTED:
        raise ValueError("it is no number that can be counted with")
    if parameter.whole and value != int(value):
        raise ValueError(f"it should be a whole number, not {value:g}")
    if parameter.minimum is not None and value < parameter.minimum:
        raise ValueError(f"{value:g} is too small; the least is {parameter.minimum:g}")
    if parameter.maximum is not None and value > parameter.maximum:
        raise ValueError(f"{value:g} is too large; the most is {parameter.maximum:g}")
    return int(value) if value == int(value) else value


def _choice(parameter: Parameter, value: object) -> str:
    text = _text(value)
    if text not in parameter.choices:
        shown = ", ".join(parameter.choices)
        raise ValueError(f"{text!r} is none of its choices{nearest(text, parameter.choices)}: {shown}")
    return text


def _string(parameter: Parameter, value: object) -> str:
    text = _text(value)
    if parameter.pattern:
        check_match(parameter.pattern, text)
    return text


def _text(value: object) -> str:
    """Text of one line; a number as it would be typed, because JSON and YAML make `3.12` one."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = f"{value:.15g}"
    if not isinstance(value, str):
        raise ValueError(f"it should be text, not {kind_of(value)}")
    if len(value) > MOST_CHARACTERS or not value.isprintable():
        raise ValueError(f"it should be one line of at most {MOST_CHARACTERS} characters")
    return value


def _shown(value: object) -> str:
    return repr(value[:80]) if isinstance(value, str) else kind_of(value)


def values_of(template: Template, given: Mapping[str, object]) -> dict[str, Value]:
    """What a workspace is made with: what the person gave, and defaults for the rest.

    Raises:
        Problem: `bad_value`, which names every parameter that is unknown, missing or does not fit.
    """
    known = {one.name: one for one in template.parameters}
    wrong = [
        f"{name[:80]!r}: the template has no such parameter{nearest(name, known)}" for name in given.keys() - known
    ]
    values: dict[str, Value] = {}
    for name, parameter in known.items():
        value = given.get(name, parameter.default)
        if value is None:
            wrong.append(f"{name!r}: it is missing{_wish(parameter)}")
            continue
        try:
            values[name] = accepted(parameter, value)
        except ValueError as error:
            wrong.append(f"{name!r}: {error}")
    if wrong:
        hint = f"Parameters of {template.name}: {', '.join(known) or 'none'}."
        raise Problem("bad_value", f"Parameters of the template: {'; '.join(sorted(wrong))}.", hint)
    return values


def _wish(parameter: Parameter) -> str:
    if parameter.type is ParameterType.CHOICE:
        return f", one of {', '.join(parameter.choices)}"
    return f" ({parameter.description})" if parameter.description else ""


def changed(template: Template, before: Mapping[str, Value], given: Mapping[str, object]) -> dict[str, Value]:
    """The values of a workspace after a change of some of them.

    Raises:
        Problem: `bad_value`, also for one that is not mutable and has a value that fits.
    """
    kept = _still_fitting(template, before)
    after = values_of(template, {**kept, **given})
    fixed = [
        one.name for one in template.parameters
        if not one.mutable and one.name in kept and one.name in given and after[one.name] != kept[one.name]
    ]  # fmt: skip
    if fixed:
        hint = "Make a new workspace of the template with the other value."
        raise Problem("bad_value", f"Parameters that stay as they were when it was made: {', '.join(fixed)}.", hint)
    return after


def moved(template: Template, before: Mapping[str, Value]) -> dict[str, Value]:
    """The values of a workspace under another version of its template.

    What fits is kept, also where the version asks for another type and the value can be read as such; what does
    not fit, or is new, is the version's default.

    Raises:
        Problem: `bad_value`, a person has to say a value first; nothing is changed until then.
    """
    return values_of(template, _still_fitting(template, before))


def _still_fitting(template: Template, before: Mapping[str, Value]) -> dict[str, Value]:
    kept: dict[str, Value] = {}
    for parameter in template.parameters:
        if parameter.name in before:
            try:
                kept[parameter.name] = accepted(parameter, before[parameter.name])
            except ValueError:
                continue
    return kept
