"""What `workspace.yaml` says of a workspace beyond its name, place, source and size: kept with the workspace as it was said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from carrel.core.schedule import Schedule


@dataclass(frozen=True)
class ImageSpec:
    """An image to be made; tagged by the content of all of this."""

    name: str
    builder: str = "carrel"
    """`carrel`; `union` is read as the same."""
    packages: tuple[str, ...] = ()
    """Of Python, installed by uv; pip's requirement syntax."""
    python_version: str = ""
    """`3.12`; empty: the base image's."""
    apt_packages: tuple[str, ...] = ()
    requirements: tuple[str, ...] = ()
    """Lines of the requirements file, read where the definition was."""
    env: Mapping[str, str] = field(default_factory=dict)
    commands: tuple[str, ...] = ()
    """Shell lines, run last, as root."""
    base_image: str = ""
    """Empty: the setting `workspace_image`."""
    registry: str = ""
    """Where it is pushed, `host/path`; empty: it stays with the engine."""


@dataclass(frozen=True)
class WantedSecret:
    """A secret that the workspace cannot do without."""

    key: str
    env_var: str = ""
    """The variable that holds it; empty: it is a file."""


@dataclass(frozen=True)
class TemplateUse:
    """Which version of which template, with what."""

    name: str
    version: str = ""
    """Empty: the newest; kept with a workspace, it is the one that it was made from."""
    parameters: Mapping[str, str | float | bool] = field(default_factory=dict)
    size: str = ""
    """Of the template's sizes; empty: none was chosen."""


@dataclass(frozen=True)
class Definition:
    """The rest of a workspace.yaml in normal form. All empty: nothing was said."""

    description: str = ""
    image: str = ""
    """`container_image` where it is a reference."""
    image_spec: ImageSpec | None = None
    """`container_image` where it is a specification."""
    accelerator: str = ""
    on_startup: tuple[str, ...] = ()
    """Shell lines, run at every start as the workspace's user, one after the other."""
    env: Mapping[str, str] = field(default_factory=dict)
    secrets: tuple[WantedSecret, ...] = ()
    apps: tuple[Mapping[str, object], ...] = ()
    """As they are written; `core.apps.read_apps` reads the list of them."""
    template: TemplateUse | None = None
    schedule: Schedule | None = None
