"""The oracle's configurations: each folder below `configurations` is a repository, with what else is to be known in case.json."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.integration.oracle.reference import ENVIRONMENT
from tests.unit.devcontainer.repository import Image, Images, Published, Repository

from carrel.core.spec import FolderSource
from carrel.devcontainer import Request, gather
from carrel.devcontainer.inputs import Inputs
from carrel.devcontainer.metadata import LABEL
from carrel.standalone.read import merged

FOLDER = Path(__file__).parent / "configurations"
ABOUT = "case.json"


@dataclass(frozen=True)
class Case:
    """One repository and what is asked of it."""

    name: str
    files: Mapping[str, bytes]
    configuration: str = ""
    """Path of the wanted one; empty: found by the rules."""
    folder: str = ""
    """The opened folder."""
    root: str = "repository"
    """Name of the repository's folder."""
    git: bool = False
    """Whether the repository is a git work tree."""
    git_root: bool = True
    """Whether the work tree's root is mounted, not only the opened folder."""
    link: bool = False
    """Whether the repository's folder is opened through a symbolic link."""
    environment: Mapping[str, str] | None = None
    images: Mapping[str, Any] | None = None
    """Image -> its metadata label; a text is the label as it is."""

    @property
    def labels(self) -> dict[str, str]:
        """Image -> text of its label."""
        return {
            name: label if isinstance(label, str) else json.dumps(label) for name, label in (self.images or {}).items()
        }

    @property
    def local_env(self) -> dict[str, str]:
        """What `${localEnv:X}` sees."""
        return {**ENVIRONMENT, **(self.environment or {})}


def load_case(folder: Path) -> Case:
    """Read one."""
    paths = [path for path in sorted(folder.rglob("*")) if path.is_file() and path.name != ABOUT]
    about = json.loads((folder / ABOUT).read_text()) if (folder / ABOUT).exists() else {}
    return Case(folder.name, {str(path.relative_to(folder)): path.read_bytes() for path in paths}, **about)


def load_cases() -> list[Case]:
    """All of them."""
    return [load_case(folder) for folder in sorted(FOLDER.iterdir())]


async def ours(case: Case, root: str) -> dict[str, Any]:
    """Our answer in the shape of the reference's `read-configuration`, for a repository at `root`."""
    outside = case.folder if not case.git_root else ""
    request = Request(
        "ws1",
        source=FolderSource(f"{root}/{outside}".rstrip("/")),
        folder="" if outside else case.folder,
        configuration=case.configuration,
        local_env=case.local_env,
        lockfile="ignore",
    )
    images = Images({name: Image(labels={LABEL: label}) for name, label in case.labels.items()})
    files = {path.removeprefix(f"{outside}/"): content for path, content in case.files.items()}
    return answer_of(await gather(request, Repository(files), images, Published()))


def answer_of(inputs: Inputs) -> dict[str, Any]:
    """Gathered inputs in the shape of the reference's `read-configuration`."""
    configuration = inputs.configuration
    values = dict(configuration.values)
    return {
        "configuration": values,
        "workspace": configuration.workspace.as_reference(),
        "mergedConfiguration": merged(inputs),
        "features": [one.name for one in inputs.features],
    }
