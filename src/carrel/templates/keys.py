"""The keys of a template.yaml: one table that reads them, and that its reference is printed from."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from carrel.core.apps import nearest
from carrel.core.durations import in_words
from carrel.core.project import ProjectPolicy
from carrel.core.template import Parameter, ParameterType, Size, Update
from carrel.definition.keys import KEYS as WORKSPACE_KEYS
from carrel.definition.keys import MOST_SECONDS
from carrel.definition.misfits import Misfit, Read, inside, unknown
from carrel.definition.quantities import read_cpu, read_gpu, read_memory
from carrel.definition.scalars import Scalar, members_of, text_of, whole_of, words_of
from carrel.definition.values import read_description, read_name
from carrel.devcontainer.policy import GRANTS
from carrel.templates.parameters import MOST_COUNTED, accepted
from carrel.templates.patterns import MOST_CHARACTERS, check_pattern

NOT_OF_A_TEMPLATE: Final = ("name", "project", "domain", "template", "parameters")
"""Keys of a workspace.yaml that are the person's to say."""
IN_WORKSPACE: Final = {name: row for name, row in WORKSPACE_KEYS.items() if name not in NOT_OF_A_TEMPLATE}
MOST_PARAMETERS = 50
SHORTEST_LIFE = 60
_PARAMETER = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,63}")


@dataclass(frozen=True)
class Key:
    """One key, as the reference lists it."""

    name: str
    type: str
    note: str
    read: Read


def _table(*rows: tuple[str, str, str, Read]) -> dict[str, Key]:
    return {row[0]: Key(*row) for row in rows}


def _line(most: int) -> Callable[[object], str]:
    def read(value: object) -> str:
        return "" if value is None else text_of(value, most=most).strip()

    return read


def read_members(value: object, table: Mapping[str, Key]) -> dict[str, Any]:
    """Each member of a mapping as its row reads it. Raises Misfit, also for a key that there is not."""
    members = members_of(value)
    for name in members:
        if name not in table:
            raise unknown(name, table)
    read: dict[str, Any] = {}
    for name, row in table.items():
        if name in members:
            with inside(name):
                read[name] = row.read(members[name])
    return read


# --- parameters ------------------------------------------------------------------------------------------------------


def _parameter_name(value: object) -> str:
    text = text_of(value, most=200)
    if not _PARAMETER.fullmatch(text):
        raise ValueError(f"{text[:64]!r} is no name of a parameter: letters, digits, `_` and `-`")
    return text


def _type(value: object) -> ParameterType:
    text = text_of(value, most=40)
    if text not in set(ParameterType):
        raise ValueError(f"there is no type {text!r}{nearest(text, ParameterType)}: {', '.join(ParameterType)}")
    return ParameterType(text)


def _choices(value: object) -> tuple[str, ...]:
    found = tuple(text_of(item, most=200) for item in words_of(value, most=100, of="choices"))
    if len(set(found)) < len(found):
        raise ValueError("one is there twice")
    return found


def _pattern(value: object) -> str:
    return check_pattern(text_of(value, most=MOST_CHARACTERS))


def _number(value: object) -> float:
    found = value.value if isinstance(value, Scalar) else value
    if isinstance(found, bool) or not isinstance(found, int | float):
        raise ValueError("it should be a number")
    if not abs(found) < MOST_COUNTED:
        raise ValueError("it is no number that can be counted with")
    return found


def _flag(value: object) -> bool:
    found = value.value if isinstance(value, Scalar) else value
    if not isinstance(found, bool):
        raise ValueError("it should be true or false")
    return found


def _default(value: object) -> object:
    return value


def _read_parameter(value: object) -> Parameter:
    members = read_members(value, PARAMETER)
    if "name" not in members:
        raise Misfit("it has no name")
    default = members.pop("default", None)
    parameter = Parameter(**members)
    _check_fit(parameter)
    if default is None:
        return parameter
    with inside("default"):
        found = default.value if isinstance(default, Scalar) else default
        if isinstance(default, Scalar) and parameter.type in (ParameterType.STRING, ParameterType.CHOICE):
            found = default.text  # as it is written: 3.10 is not 3.1
        return Parameter(**members, default=accepted(parameter, found))


_MEANT_FOR: Final = {
    "choices": ParameterType.CHOICE,
    "pattern": ParameterType.STRING,
    "minimum": ParameterType.NUMBER,
    "maximum": ParameterType.NUMBER,
    "whole": ParameterType.NUMBER,
}


def _check_fit(parameter: Parameter) -> None:
    for member, kind in _MEANT_FOR.items():
        if getattr(parameter, member) not in (None, "", (), False) and parameter.type is not kind:
            raise Misfit(
                f"it is for the type {kind.value}, and this one is a {parameter.type.value}", (member,), at_key=True
            )
    if parameter.type is ParameterType.CHOICE and not parameter.choices:
        raise Misfit("a choice needs `choices`")
    least, most = parameter.minimum, parameter.maximum
    if least is not None and most is not None and least > most:
        raise Misfit("it is less than the minimum", ("maximum",))


def read_parameters(value: object) -> tuple[Parameter, ...]:
    """The parameters, in the order in which people are asked."""
    found: dict[str, Parameter] = {}
    for index, item in enumerate(words_of(value, most=MOST_PARAMETERS, of="parameters, each with `name`")):
        with inside(index):
            one = _read_parameter(item)
            if (other := found.get(one.name.casefold())) is not None:
                raise Misfit(f"the parameter {one.name!r} is there twice{_also(one.name, other.name)}", ("name",))
            found[one.name.casefold()] = one
    return tuple(found.values())


# --- the rest ----------------------------------------------------------------------------------------------------------


def _size(value: object) -> Size:
    return Size(**{_SIZE_MEMBERS[name]: read for name, read in read_members(value, SIZE).items()})


_SIZE_MEMBERS: Final = {"cpu": "cpus", "mem": "memory_bytes", "gpu": "gpus"}


def _sizes(value: object) -> dict[str, Size]:
    found: dict[str, Size] = {}
    for name, item in members_of(value, most=20).items():
        with inside(name):
            text = text_of(name, most=40)
            if other := next((one for one in found if one.casefold() == text.casefold()), ""):
                raise Misfit(f"the size {text!r} is there twice{_also(text, other)}", at_key=True)
            found[text] = _size(item)
    return found


def _also(name: str, other: str) -> str:
    return "" if name == other else f", as {other!r} in other letters"


def _grants(value: object) -> tuple[str, ...]:
    found = []
    for index, item in enumerate(words_of(value, most=20, of="grants")):
        with inside(index):
            grant = text_of(item, most=200)
            if grant.partition(":")[0] not in GRANTS:
                raise ValueError(f"there is no grant {grant!r}{nearest(grant, GRANTS)}: {', '.join(sorted(GRANTS))}")
            found.append(grant)
    return tuple(found)


def _update(value: object) -> Update:
    text = text_of(value, most=40)
    if text not in set(Update):
        raise ValueError(f"it should be one of {', '.join(Update)}, not {text!r}")
    return Update(text)


def _workspace(value: object) -> Mapping[str, object]:
    members = members_of(value)
    for name in members:
        if name in NOT_OF_A_TEMPLATE:
            raise Misfit("that is said by the person who makes a workspace of the template", (name,), at_key=True)
        if name not in IN_WORKSPACE:
            raise unknown(name, IN_WORKSPACE)
    return members


def _seconds(value: object) -> int | None:
    if value is None:
        return None
    seconds = whole_of(value)
    if not 0 <= seconds <= MOST_SECONDS:
        raise ValueError(f"{seconds} is not possible: seconds, 0 to {MOST_SECONDS}")
    return seconds


def _policy(value: object) -> ProjectPolicy:
    policy = ProjectPolicy(**read_members(value, POLICY))
    floor, ceiling = policy.ttl_min_seconds or 0, policy.ttl_max_seconds or 0
    if ceiling and floor > ceiling:
        raise Misfit(f"it is below the floor of {floor} ({in_words(floor)})", ("ttl_max_seconds",))
    life, hard = policy.max_life_seconds, policy.hard_life_seconds
    for name, seconds in (("max_life_seconds", life), ("hard_life_seconds", hard)):
        if seconds and seconds < SHORTEST_LIFE:
            raise Misfit(f"a life has at least {SHORTEST_LIFE} seconds", (name,))
    if hard and life is not None and not 0 < life <= hard:
        raise Misfit(f"it is above the ceiling of {hard} ({in_words(hard)})", ("max_life_seconds",))
    return policy


def _template_name(value: object) -> str:
    return read_name(value, "template")


# Tables: one key a line.
# fmt: off
PARAMETER: Final = _table(
    ("name", "text", "Needed. Letters, digits, `_` and `-`.", _parameter_name),
    ("type", f"`{'`, `'.join(ParameterType)}`", "Without it: string.", _type),
    ("title", "text", "How people are asked.", _line(100)),
    ("description", "text", "What it does.", _line(500)),
    ("default", "text, number, true or false", "Without it, a person has to say.", _default),
    ("choices", "list of texts", "Of a choice.", _choices),
    ("pattern", "regular expression", "Of a string: all of it matches.", _pattern),
    ("minimum", "number", "Of a number.", _number),
    ("maximum", "number", "Of a number.", _number),
    ("whole", "true or false", "Of a number: no fractions.", _flag),
    ("mutable", "true or false", "It may be changed later. Without it, a workspace keeps the value that it was made with.", _flag),
)
SIZE: Final = _table(
    ("cpu", "text or number", '`"2"`.', read_cpu),
    ("mem", "text", '`"4Gi"`.', read_memory),
    ("gpu", "text or number", '`"1"`; null: none.', read_gpu),
)
POLICY: Final = _table(
    ("ttl_min_seconds", "number", "Shortest idle TTL that a person may ask for.", _seconds),
    ("ttl_max_seconds", "number", "Longest; 0: none of its own.", _seconds),
    ("max_life_seconds", "number", "Longest life of one start, of a workspace that asks for none; 0: no cap.", _seconds),
    ("hard_life_seconds", "number", "Ceiling that no extension passes; 0: none of its own.", _seconds),
)
KEYS: Final = _table(
    ("name", "text", "Needed. 1 to 40 letters, digits and single hyphens.", _template_name),
    ("title", "text", "How the catalog shows it.", _line(100)),
    ("description", "text", "What it is for.", read_description),
    ("icon", "text", "An emoji, or a name such as `python`.", _line(40)),
    ("parameters", "list", "What people say (keys below).", read_parameters),
    ("sizes", "names with `cpu`, `mem`, `gpu`", "To choose from.", _sizes),
    ("ceiling", "`cpu`, `mem`, `gpu`", "The most that a workspace of it may have.", _size),
    ("grants", "list of texts", "What its workspaces may have beyond the policy.", _grants),
    ("policy", "times (keys below)", "Bounds of its workspaces, within those of their project. The idle TTL and the schedule of `workspace` apply to who says none.", _policy),
    ("update", f"`{'`, `'.join(Update)}`", "When workspaces take a newer version: when their owner says so, or at their next start.", _update),
    ("workspace", "keys of a workspace.yaml", f"All but {', '.join(f'`{name}`' for name in NOT_OF_A_TEMPLATE)}; `${{parameters.NAME}}` in a value is the value of a parameter.", _workspace),
)
# fmt: on
