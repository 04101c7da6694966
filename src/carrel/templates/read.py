"""From the text of a template.yaml to a template; all that is wrong is told at once, with line and column."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from carrel.core.template import Parameter, ParameterType, Size, Template, Value
from carrel.definition.misfits import Findings, Misfit, shown, unknown
from carrel.definition.problem import Fault, problem_of
from carrel.definition.quantities import format_cpu, format_memory
from carrel.definition.scalars import kind_of, whole_of
from carrel.definition.yaml_tree import UnreadableError, read_tree
from carrel.templates.fill import filled, places
from carrel.templates.keys import IN_WORKSPACE, KEYS

FILE = "template.yaml"
REFERENCE = "template-yaml.md"
MOST_TRIED = 1_000_000
"""Characters of values that are tried with choices, a fraction of a second; what is left is tried when somebody chooses it."""


def read_template_file(data: bytes | str, file: str = FILE) -> Template:
    """The template of a template.yaml, of which workspaces can be made.

    Its workspace is tried with the defaults, and with each choice: a value that nobody could use is told here, not
    to the person who chose it.

    Args:
        data: the file; UTF-8.
        file: how messages call it.

    Raises:
        Problem: `bad_value` with every fault, its line and its column; `extra["faults"]` has them as data.
    """
    try:
        tree = read_tree(data)
    except UnreadableError as error:
        raise problem_of([error.fault], file, REFERENCE) from error
    findings = Findings()
    template = _template(tree.value, findings)
    if template is not None:
        _check_workspace(template, findings)
        _check_sizes(template, findings)
        _check_idle(template, findings)
    faults = tree.faults + [Fault(tree.mark(one.path, at_key=one.at_key), _message(one)) for one in findings.found]
    if faults or template is None:
        raise problem_of(faults, file, REFERENCE)
    return template


def _message(one: Misfit) -> str:
    return one.message if one.at_key or not one.path else f"{shown(one.path)}: {one.message}"


def _template(value: object, findings: Findings) -> Template | None:
    if not isinstance(value, Mapping):
        with findings.at():
            raise Misfit(
                "the file is empty" if value is None else f"it should be keys with values, not {kind_of(value)}"
            )
        return None
    for key in value:
        with findings.at():
            if key not in KEYS:
                raise unknown(str(key), KEYS)
    read: dict[str, Any] = {}
    for name, row in KEYS.items():
        with findings.at(name):
            if name in value or name == "name":
                read[name] = row.read(value.get(name))
    return None if findings.found else Template(**read)


def _check_workspace(template: Template, findings: Findings) -> None:
    named = {one.name for one in template.parameters}
    used = set()
    for path, name in places(template.workspace):
        used.add(name)
        if name not in named:
            with findings.at("workspace", *path):
                filled(_at(template.workspace, path), dict.fromkeys(named, ""))
    for index, one in enumerate(template.parameters):
        if one.name not in used:
            with findings.at("parameters", index, "name"):
                raise Misfit(f"nothing in `workspace` uses it: write ${{parameters.{one.name}}} where its value comes")
    if findings.found:
        return
    left = MOST_TRIED
    for key, item in template.workspace.items():
        size = _length(item)
        for number, values in enumerate(_tries(template.parameters, {name for _, name in places(item)})):
            left -= size
            if (number and left < 0) or not _fits(template, key, values, findings):
                break


def _length(value: object) -> int:
    """How much there is to be tried; a number may have more digits than Python makes text of."""
    if isinstance(value, Mapping):
        return sum(len(key) + _length(item) for key, item in value.items())
    if isinstance(value, list):
        return sum(map(_length, value))
    return len(value) if isinstance(value, str) else 1


def _fits(template: Template, key: str, values: Mapping[str, Value], findings: Findings) -> bool:
    """Whether a key of the workspace can be used with these values; if not, it is told."""
    with findings.at("workspace", key):
        try:
            read = IN_WORKSPACE[key].read(filled(template.workspace[key], values))
            if key == "resources" and isinstance(read, Mapping):
                check_size(Size(read["cpu"], read["mem"], read["gpu"]), template.ceiling)
        except ValueError as error:
            raise _told(error, values) from error
        return True
    return False


def _told(error: ValueError, values: Mapping[str, Value]) -> Misfit:
    """The fault, with the values of parameters that it comes from."""
    fault = error if isinstance(error, Misfit) else Misfit(str(error))
    said = ", ".join(f"{name} {value!r}" for name, value in values.items())
    return Misfit(f"with {said}: {fault.message}" if said else fault.message, fault.path, fault.at_key)


def _at(value: Any, path: tuple[str | int, ...]) -> object:
    for part in path:
        value = value[part]
    return value


def _tries(parameters: tuple[Parameter, ...], names: set[str]) -> Iterator[dict[str, Value]]:
    """Values to try a key of the workspace with: the defaults, then each choice in turn; none where a value is open."""
    used = [one for one in parameters if one.name in names]
    base = {one.name: one.default if one.default is not None else _first(one) for one in used}
    known = {name: value for name, value in base.items() if value is not None}
    if len(known) < len(base):
        return
    yield known
    for one in used:
        for choice in one.choices if one.type is ParameterType.CHOICE else ():
            if choice != known[one.name]:
                yield known | {one.name: choice}


def _first(parameter: Parameter) -> Value | None:
    """A value that stands for those that a person may say; None for text, of which nothing is known."""
    match parameter.type:
        case ParameterType.CHOICE:
            return parameter.choices[0]
        case ParameterType.BOOLEAN:
            return True
        case ParameterType.NUMBER:
            return next((value for value in (parameter.minimum, parameter.maximum) if value is not None), 1)
        case ParameterType.STRING:
            return None


def _check_sizes(template: Template, findings: Findings) -> None:
    for name, size in template.sizes.items():
        with findings.at("sizes", name):
            check_size(size, template.ceiling)


def _check_idle(template: Template, findings: Findings) -> None:
    """The idle TTL of who says none is one that he might say."""
    value = template.workspace.get("ttl_seconds")
    if findings.found or value is None or any(places(value)):
        return
    floor, ceiling = template.policy.ttl_min_seconds or 0, template.policy.ttl_max_seconds or 0
    with findings.at("workspace", "ttl_seconds"):
        ttl = whole_of(value)
        if ceiling and not 0 < ttl <= ceiling:
            raise ValueError(f"{ttl or '0 (never)'} is above the policy's ttl_max_seconds, {ceiling}")
        if 0 < ttl < floor:
            raise ValueError(f"{ttl} is below the policy's ttl_min_seconds, {floor}")


def check_size(size: Size, ceiling: Size | None) -> None:
    """Raise ValueError for a size over a template's ceiling, naming both."""
    if ceiling is None:
        return
    for what, asked, most, text in (
        ("cpu", size.cpus, ceiling.cpus, format_cpu),
        ("mem", size.memory_bytes, ceiling.memory_bytes, lambda value: format_memory(int(value))),
    ):
        if asked is not None and most is not None and asked > most:
            raise ValueError(f"{what}: {text(asked)} is over the template's ceiling of {text(most)}")
    if size.gpus > ceiling.gpus:
        raise ValueError(f"gpu: {size.gpus} is over the template's ceiling of {ceiling.gpus or 'none'}")
