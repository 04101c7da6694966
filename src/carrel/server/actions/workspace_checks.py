"""What a person may ask of a workspace, member by member: each is checked, and brought into normal form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from carrel.core import quota
from carrel.core.access import Action, Actor, Resource, demand
from carrel.core.problems import Problem
from carrel.core.sources import folder_source, git_source
from carrel.core.spec import EmptySource, FolderSource, GitSource, Limits, Source
from carrel.devcontainer.policy import GRANTS
from carrel.server.actions import quota as quotas
from carrel.server.settings import Settings


def checked_source(actor: Actor, settings: Settings, source: Source) -> Source:
    """A source in normal form, if this actor may use it. Raises `bad_source`, `not_allowed`."""
    if isinstance(source, GitSource):
        return git_source(source.url, source.ref, settings.allow_git_schemes)
    if isinstance(source, EmptySource):
        return source
    demand(actor, Action.FOLDER_USE, Resource(actor.user_id))
    if settings.mode != "local" or not settings.allow_local_folders:
        hint = "Give a git URL, or run a local-mode server on that machine."
        raise Problem("bad_source", "This server does not use folders of its own machine.", hint=hint)
    return _checked_folder(settings, folder_source(source.path))


def _checked_folder(settings: Settings, source: FolderSource) -> FolderSource:
    """The folder with links resolved, if it is there and holds nothing of the server's own."""
    real = Path(source.path).resolve()
    if not real.is_dir():
        raise Problem("bad_source", f"There is no folder {source.path} on the server's machine.")
    data = settings.data_dir.resolve()
    if real == data or real in data.parents or data in real.parents:
        raise Problem("bad_source", f"{source.path} holds the server's own data.", hint="Give a folder of a project.")
    return folder_source(str(real))


def with_defaults(settings: Settings, limits: Limits) -> Limits:
    """The limits of a workspace that leaves some open: the default, or else the most that one may have."""
    return replace(
        limits,
        cpus=limits.cpus or settings.default_cpus or settings.max_cpus or None,
        memory_bytes=limits.memory_bytes or settings.default_memory_bytes or settings.max_memory_bytes or None,
        pids=limits.pids or settings.default_pids,
    )


def check_limits(settings: Settings, limits: Limits) -> None:
    """Raise `bad_value` for a size that no container can have, `over_quota` for one over the ceiling."""
    lowest = {"cpus": 0.01, "memory_bytes": 16 * 2**20, "pids": 16, "shm_bytes": 2**20, "gpus": 0}
    for name, least in lowest.items():
        value = getattr(limits, name)
        if value is not None and not least <= value < 2**50:
            raise Problem("bad_value", f"limits.{name}: {value} is not possible; the least is {least:g}.")
    quota.check_limits(limits, quotas.of_workspace(settings))


def check_devcontainer(path: str) -> str:
    """`path` if it can be a devcontainer.json inside the repository. Raises `bad_value`."""
    if path and (path.startswith(("/", "-")) or ".." in path.split("/") or len(path) > 500 or not path.isprintable()):
        raise Problem(
            "bad_value", "devcontainer: a path inside the repository, such as `.devcontainer/a/devcontainer.json`."
        )
    return path


def check_labels(labels: Mapping[str, str]) -> dict[str, str]:
    """`labels` if there are at most 64, short and printable. Raises `bad_value`."""
    for key, value in labels.items():
        if not (0 < len(key) <= 63 and key.isprintable() and len(value) <= 255 and (not value or value.isprintable())):
            raise Problem("bad_value", f"The label {key[:63]!r} is too long or holds control characters.")
    if len(labels) > 64:
        raise Problem("bad_value", f"{len(labels)} labels are too many; at most 64.")
    return dict(labels)


def check_allow(actor: Actor, grants: tuple[str, ...]) -> tuple[str, ...]:
    """`grants` if they exist and the actor may give them. Raises `bad_value`, `not_allowed`."""
    for grant in grants:
        name, _, _ = grant.partition(":")
        if name not in GRANTS or len(grant) > 200 or not grant.isprintable():
            known = ", ".join(sorted(GRANTS))
            raise Problem("bad_value", f"There is no grant {grant[:80]!r}.", hint=f"Grants: {known}.")
    if grants:
        demand(actor, Action.WORKSPACE_GRANT, Resource(actor.user_id))
    return tuple(dict.fromkeys(grants))
