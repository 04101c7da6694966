"""Reading a source folder of features or templates from this machine."""

from __future__ import annotations

import os
from pathlib import Path

from carrel.core.problems import Problem
from carrel.devcontainer.features.archive import ArchiveLimits, Packed
from carrel.devcontainer.publishing.packing import Kind, PackedCollection, pack, pack_collection

_LIMITS = ArchiveLimits()


def pack_folder(kind: Kind, folder: Path) -> PackedCollection:
    """Pack a folder: one feature or template where it has the metadata file, else a collection of folders.

    For `carrel devcontainer features package` and `templates package`: write `files()` of the answer.

    Raises:
        Problem: `feature_failed` or `template_failed`; `bad_configuration`, a metadata file is not readable.
        OSError: the folder cannot be read.
    """
    if (folder / f"devcontainer-{kind}.json").is_file():
        return PackedCollection(kind, (pack(kind, folder.resolve().name, _files(kind, folder)),))
    inner = sorted(one for one in folder.iterdir() if one.is_dir() and not one.is_symlink())
    return pack_collection(kind, {one.name: _files(kind, one) for one in inner if not one.name.startswith(".")})


def _files(kind: Kind, folder: Path) -> dict[str, Packed]:
    """All regular files, with those that links inside the folder lead to."""
    files: dict[str, Packed] = {}
    total = 0
    for parent, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            path = Path(parent, name)
            if not path.resolve().is_relative_to(folder.resolve()) or not path.is_file():
                raise Problem(
                    f"{kind}_failed",
                    f"{path.relative_to(folder)} is a link that leaves the folder, or no plain file.",
                    hint="Put a copy of the file there.",
                )
            files[path.relative_to(folder).as_posix()] = Packed(path.read_bytes(), os.access(path, os.X_OK))
            total += path.stat().st_size
            if len(files) > _LIMITS.files or total > _LIMITS.bytes:
                raise Problem(
                    f"{kind}_failed",
                    f"{folder} has more than {_LIMITS.files} files or {_LIMITS.bytes} bytes.",
                    hint="Let install.sh download what is large.",
                )
    return files
