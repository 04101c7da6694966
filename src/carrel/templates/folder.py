"""A template's folder as a whole: its template.yaml, and the devcontainer configuration beside it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from carrel.core.problems import Problem
from carrel.core.template import Template
from carrel.definition.image import read_requirements
from carrel.devcontainer.checks import check
from carrel.devcontainer.jsonc import parse_object
from carrel.templates.fill import places
from carrel.templates.read import FILE, read_template_file

MOST_FILES = 200
MOST_BYTES = 1 << 20
"""Of all files of a template together: it holds a configuration, not data."""
MOST_CONFIGURATION_BYTES = 1 << 18
"""Of its devcontainer configurations together: each is read whenever the template is."""
_CONFIGURATION = re.compile(r"\.devcontainer\.json|\.devcontainer/([^/]+/)?devcontainer\.json")
STARTERS = ("python", "ml", "compose")
"""What `carrel template init --starter` knows."""


@dataclass(frozen=True)
class TemplateFolder:
    """A template with what lies beside its template.yaml."""

    template: Template
    files: Mapping[str, bytes]
    """By path in the folder, template.yaml apart; what workspaces of it begin with."""
    notices: tuple[str, ...] = ()
    """What works, and should be looked at."""

    @property
    def has_configuration(self) -> bool:
        """A devcontainer configuration lies beside the template.yaml."""
        return any(map(is_configuration, self.files))


def read_template_folder(files: Mapping[str, bytes], name: str = "") -> TemplateFolder:
    """A template that is sound.

    Args:
        files: by path in the folder.
        name: how messages call the folder.

    Raises:
        Problem: `bad_value`, `bad_configuration` (of a devcontainer.json), with file, line and column.
    """
    prefix = f"{name}/" if name else ""
    if FILE not in files:
        hint = f"`carrel template init {name or 'FOLDER'}` writes one."
        raise Problem("bad_value", f"{prefix}{FILE} is missing.", hint)
    template = read_template_file(files[FILE], prefix + FILE)
    notices = []
    configurations = [path for path in sorted(files) if is_configuration(path)]
    if (size := sum(len(files[path]) for path in configurations)) > MOST_CONFIGURATION_BYTES:
        detail = f"The devcontainer configurations have {size} bytes; at most {MOST_CONFIGURATION_BYTES} are read."
        raise Problem("bad_value", detail, "Data belongs into files beside them, or into a repository.")
    for path in configurations:
        document = parse_object(files[path], prefix + path)
        notices += [f"{prefix}{path}: {notice.message}" for notice in check(document, prefix + path)]
    if configurations and template.workspace.get("container_image") is not None:
        detail = f"{prefix}{FILE} has a container_image, and {prefix}{configurations[0]} is there as well."
        raise Problem("bad_value", detail, "Choose one of them: the image of a workspace comes from one place.")
    beside = {path: content for path, content in files.items() if path != FILE}
    _check_requirements(template, beside, prefix)
    return TemplateFolder(template, beside, tuple(notices))


def _check_requirements(template: Template, files: Mapping[str, bytes], prefix: str) -> None:
    """Raise `bad_value` where the image's requirements file is not there, or nothing can be made of it."""
    image = template.workspace.get("container_image")
    path = image.get("requirements") if isinstance(image, Mapping) else None
    if not isinstance(path, str) or not path or any(places(path)):
        return
    try:
        read_requirements(list(requirements_of(files, path)))
    except ValueError as error:
        hint = "Put it beside the template.yaml."
        raise Problem("bad_value", f"{prefix}{FILE}, workspace.container_image.requirements: {error}.", hint) from error


def requirements_of(files: Mapping[str, bytes], path: str) -> tuple[str, ...]:
    """The lines of the requirements file beside a template.yaml. Raises ValueError."""
    content = files.get(path.removeprefix("./"))
    if content is None:
        raise ValueError(f"there is no file {path[:100]!r} beside the template.yaml")
    try:
        return tuple(content.decode().splitlines())
    except UnicodeDecodeError:
        raise ValueError(f"the file {path[:100]!r} is no text") from None


def is_configuration(path: str) -> bool:
    """Whether a file of a template is a devcontainer.json that a workspace can be made from."""
    return _CONFIGURATION.fullmatch(path) is not None


def files_of(folder: Path) -> dict[str, bytes]:
    """The files of a folder of this machine, without `.git`; links are not followed.

    Raises:
        Problem: `bad_value`: it is no folder, or holds too much for a template.
    """
    if not folder.is_dir():
        raise Problem("bad_value", f"{folder} is no folder.", "Give the folder that holds the template.yaml.")
    found: dict[str, bytes] = {}
    size = 0
    for path in _walk(folder):
        size += path.stat().st_size
        if len(found) >= MOST_FILES or size > MOST_BYTES:
            detail = f"{folder} holds more than {MOST_FILES} files, or more than {MOST_BYTES >> 20} MiB."
            raise Problem("bad_value", detail, "A template holds a configuration; data belongs into a repository.")
        found[path.relative_to(folder).as_posix()] = path.read_bytes()
    return found


def _walk(folder: Path) -> Iterator[Path]:
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if name != ".git")
        for name in sorted(names):
            path = Path(parent, name)
            if path.is_file() and not path.is_symlink():
                yield path


def starter_files(starter: str) -> dict[str, bytes]:
    """The files of a starter. Raises `bad_value` for one that there is not."""
    if starter not in STARTERS:
        raise Problem("bad_value", f"There is no starter {starter!r}.", f"Starters: {', '.join(STARTERS)}.")
    with resources.as_file(resources.files("carrel.templates") / "starters" / starter) as folder:
        return files_of(folder)
