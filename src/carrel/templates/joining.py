"""What a template and a person make of a workspace together, and what of a workspace is the person's own; pure.

The template decides what it names. Of its lists of variables, secrets and labels a person has more, and he may have his
own size, idle TTL, schedule and description.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from carrel.core.definition import Definition, WantedSecret
from carrel.core.problems import Problem
from carrel.core.sources import git_source
from carrel.core.spec import EmptySource, FolderSource, GitSource, Limits, Source
from carrel.core.template import Size
from carrel.templates.read import check_size
from carrel.templates.use import Filled

DECIDES = ("accelerator", "on_startup", "apps")
"""Members of the definition that are wholly the template's where it names them; the image, the devcontainer and the source are, too."""


@dataclass(frozen=True)
class Shape:
    """What can be said of a workspace by a template and by a person; None or empty: nothing is said."""

    source: Source = field(default_factory=EmptySource)
    devcontainer: str = ""
    limits: Limits = field(default_factory=Limits)
    ttl_seconds: int | None = None
    allow: tuple[str, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    definition: Definition = field(default_factory=Definition)
    has_configuration: bool = False
    """A devcontainer configuration comes with it."""


def shape_of(filled: Filled, grants: tuple[str, ...]) -> Shape:
    """What a template says of one workspace."""
    url, ref = filled.source
    source: Source = EmptySource()
    if url:
        source = FolderSource(url) if url.startswith("/") else GitSource(url, ref)
    size = filled.size
    return Shape(
        source=source,
        devcontainer=filled.devcontainer,
        limits=Limits(cpus=size.cpus, memory_bytes=size.memory_bytes, gpus=size.gpus, pids=None),
        ttl_seconds=filled.ttl_seconds,
        allow=grants,
        labels=filled.labels,
        definition=filled.definition,
        has_configuration=filled.has_configuration,
    )


# --- may it be said --------------------------------------------------------------------------------------------------


def check_said(template: str, of: Shape, said: Shape) -> None:
    """Raise `bad_value`, naming every key, where a person says what the template says otherwise."""
    keys = [name for name in ("source", "devcontainer") if _differs(name, getattr(of, name), getattr(said, name))]
    ours, own = of.definition, said.definition
    if own.image or own.image_spec:
        same = (own.image, own.image_spec) == (ours.image, ours.image_spec)
        has_one = bool(ours.image or ours.image_spec or of.has_configuration)
        keys += ["image"] if has_one and not same else []
    keys += [name for name in DECIDES if _differs(name, getattr(ours, name), getattr(own, name))]
    taken = {one.env_var: one.key for one in ours.secrets if one.env_var}
    keys += [f"env.{name}" for name, value in own.env.items() if ours.env.get(name, value) != value or name in taken]
    for one in own.secrets:
        if one.env_var in ours.env or taken.get(one.env_var, one.key) != one.key:
            keys.append(f"secrets.{one.env_var}")
    if keys:
        hint = "Leave it out, or make the workspace without the template."
        raise Problem("bad_value", f"The template {template} decides: {', '.join(keys)}.", hint, {"keys": keys})


def _differs(name: str, ours: Any, said: Any) -> bool:
    if not said or isinstance(said, EmptySource) or not ours or isinstance(ours, EmptySource):
        return False
    return not (_same_source(ours, said) if name == "source" else ours == said)


def _same_source(one: Source, other: Source) -> bool:
    return one == other or _normal(one) == _normal(other)


def _normal(source: Source) -> Source:
    if not isinstance(source, GitSource):
        return source
    try:
        return git_source(source.url, source.ref, {"https", "http", "ssh", "git", "file"})
    except Problem:
        return source


# --- together --------------------------------------------------------------------------------------------------------


def joined(of: Shape, own: Shape, ceiling: Size | None) -> Shape:
    """The template's and the person's own together; where both name what the template decides, it is the template's.

    Raises:
        Problem: `over_quota`: the size is over the template's ceiling.
    """
    limits = Limits(
        cpus=own.limits.cpus if own.limits.cpus is not None else of.limits.cpus,
        memory_bytes=own.limits.memory_bytes if own.limits.memory_bytes is not None else of.limits.memory_bytes,
        gpus=own.limits.gpus or of.limits.gpus,
        pids=own.limits.pids,
        shm_bytes=own.limits.shm_bytes,
    )
    check_ceiling(limits, ceiling)
    return Shape(
        source=own.source if isinstance(of.source, EmptySource) else of.source,
        devcontainer=of.devcontainer or own.devcontainer,
        limits=limits,
        ttl_seconds=of.ttl_seconds if own.ttl_seconds is None else own.ttl_seconds,
        allow=tuple(dict.fromkeys((*of.allow, *own.allow))),
        labels={**of.labels, **own.labels},
        definition=_definition(of, own.definition),
        has_configuration=of.has_configuration,
    )


def check_ceiling(limits: Limits, ceiling: Size | None) -> None:
    """Raise `over_quota` for a size over a template's ceiling, naming both."""
    try:
        check_size(Size(limits.cpus, limits.memory_bytes, limits.gpus), ceiling)
    except ValueError as error:
        hint = "Ask for less; those who look after the template can raise it."
        raise Problem("over_quota", f"{error}.", hint, {"level": "template"}) from error


def bounded(limits: Limits, defaults: Limits, ceiling: Size | None) -> Limits:
    """`limits` with defaults where nothing is said, which are never over the ceiling."""
    most = ceiling or Size()
    return replace(
        limits,
        cpus=limits.cpus or _least(defaults.cpus, most.cpus),
        memory_bytes=limits.memory_bytes or _least(defaults.memory_bytes, most.memory_bytes),
    )


def _least(one: Any, other: Any) -> Any:
    return min((value for value in (one, other) if value), default=None)


def _definition(of: Shape, own: Definition) -> Definition:
    ours = of.definition
    of_image = ours if ours.image or ours.image_spec or of.has_configuration else own
    taken = {one.env_var for one in ours.secrets if one.env_var}
    env = {name: value for name, value in own.env.items() if name not in taken}
    wholly: dict[str, Any] = {name: getattr(ours, name) or getattr(own, name) for name in DECIDES}
    return replace(
        own,
        description=own.description or ours.description,
        image=of_image.image,
        image_spec=of_image.image_spec,
        env={**env, **ours.env},
        secrets=(*ours.secrets, *(one for one in own.secrets if _is_more(one, ours))),
        schedule=own.schedule if own.schedule is not None else ours.schedule,
        **wholly,
    )


def _is_more(secret: WantedSecret, ours: Definition) -> bool:
    taken = {one.env_var for one in ours.secrets if one.env_var} | set(ours.env)
    return secret not in ours.secrets and secret.env_var not in taken


# --- one's own -------------------------------------------------------------------------------------------------------


def own_of(now: Shape, of: Shape, standard: Limits) -> Shape:
    """What of a workspace is the person's own: what its template does not say, or he said otherwise.

    Args:
        now: the workspace.
        of: what its version of the template says.
        standard: the size that it has where he said none.
    """
    mine, ours = now.definition, of.definition
    has_image = bool(ours.image or ours.image_spec or of.has_configuration)
    wholly: dict[str, Any] = {name: () for name in ("on_startup", "apps") if getattr(ours, name)}
    definition = replace(
        mine,
        template=None,
        description=_own(mine.description, ours.description, ""),
        image="" if has_image else mine.image,
        image_spec=None if has_image else mine.image_spec,
        accelerator="" if ours.accelerator else mine.accelerator,
        env={name: value for name, value in mine.env.items() if ours.env.get(name) != value},
        secrets=tuple(one for one in mine.secrets if one not in ours.secrets),
        schedule=_own(mine.schedule, ours.schedule, None),
        **wholly,
    )
    limits = replace(
        now.limits,
        cpus=_own(now.limits.cpus, standard.cpus, None),
        memory_bytes=_own(now.limits.memory_bytes, standard.memory_bytes, None),
        gpus=_own(now.limits.gpus, standard.gpus, 0),
    )
    return Shape(
        source=now.source if isinstance(of.source, EmptySource) else EmptySource(),
        devcontainer="" if of.devcontainer else now.devcontainer,
        limits=limits,
        ttl_seconds=_own(now.ttl_seconds, of.ttl_seconds, None),
        allow=tuple(grant for grant in now.allow if grant not in of.allow),
        labels={key: value for key, value in now.labels.items() if of.labels.get(key) != value},
        definition=definition,
    )


def _own(now: Any, of: Any, nothing: Any) -> Any:
    return nothing if now == of else now
