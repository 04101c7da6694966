"""What a toolbox is made of, and the names that follow from it: the same for every runtime.

A toolbox is named by the hash of everything it is built from, so it is never changed, only replaced. Its slow parts
are named by their own inputs, so that a change of the agent's code builds none of them again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path

import carrel

PARTS: Mapping[str, tuple[str, ...]] = {
    "system": ("build.sh", "relocate.sh", "parts/system.sh", "requirements.txt"),
    "editor": ("build.sh", "relocate.sh", "parts/editor.sh", "editor/*"),
    "init": ("build.sh", "parts/init.sh", "init/*.c", "init/*.h"),
}
"""Files of the recipe that each slow part is built from."""

ASSEMBLY = ("build.sh", "parts/assemble.sh", "bin/*", "wrappers/*", "activity/*", "jupyter/*.py", "jupyter/*.txt")
AGENT_SOURCES = ("__init__.py", "py.typed", "core/**/*.py", "agent/**/*.py", "ssh/**/*.py", "transfer/**/*.py")
"""Relative to the package: what runs inside a workspace."""


def recipe_folder() -> Path:
    """The folder `toolbox`: inside an installed wheel, or in a source checkout.

    Raises:
        FileNotFoundError: neither is there, which a broken installation alone can bring about.
    """
    package = Path(carrel.__file__).parent
    for folder in (package / "_toolbox", package.parents[1] / "toolbox"):
        if (folder / "build.sh").is_file():
            return folder
    message = f"the toolbox's recipe is neither in {package} nor in a source checkout around it"
    raise FileNotFoundError(message)


def part_files(part: str) -> dict[str, bytes]:
    """The inputs of one part: path relative to the recipe -> content."""
    return _files(recipe_folder(), PARTS[part])


def assembly_files() -> dict[str, bytes]:
    """The inputs of the last step: its script, and the agent's sources under `carrel/`."""
    sources = _files(Path(carrel.__file__).parent, AGENT_SOURCES)
    return _files(recipe_folder(), ASSEMBLY) | {f"carrel/{path}": content for path, content in sources.items()}


def part_hash(part: str) -> str:
    """Twelve hex digits over a part's inputs."""
    return _hash(part_files(part))


def toolbox_hash() -> str:
    """Twelve hex digits over all inputs: the toolbox of this version of Carrel."""
    return _hash(assembly_files() | {f"part {part}": part_hash(part).encode() for part in PARTS})


def toolbox_name(architecture: str) -> str:
    """The toolbox's name on a runtime; `architecture` as OCI names it (amd64, arm64)."""
    return f"carrel-toolbox-{toolbox_hash()}-{architecture}"


def part_name(part: str, architecture: str) -> str:
    """The name under which a runtime keeps a built part."""
    return f"carrel-toolbox-part-{part}-{part_hash(part)}-{architecture}"


def _files(folder: Path, patterns: Iterable[str]) -> dict[str, bytes]:
    found = {path for pattern in patterns for path in folder.glob(pattern) if path.is_file()}
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(found)}


def _hash(files: Mapping[str, bytes]) -> str:
    digest = hashlib.sha256()
    for path, content in sorted(files.items()):
        digest.update(f"{path}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()[:12]
