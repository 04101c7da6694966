"""Writing a template's files into a folder: never over what is there unless that is wanted, never out of the folder."""

from __future__ import annotations

import os
from pathlib import Path

from carrel.core.problems import Problem
from carrel.devcontainer.templates.apply import Applied


def write_files(applied: Applied, folder: Path, *, overwrite: bool = False) -> tuple[str, ...]:
    """Write all files, or none when one of them must not be written.

    Args:
        applied: from `apply_template`.
        folder: where the template's root goes; made where it is absent.
        overwrite: whether files that are there are replaced. Links are never followed.

    Returns:
        The paths that were written, relative to `folder`.

    Raises:
        Problem: `template_failed`: files are there already, or a folder of the path is a link or a file.
        OSError: the folder cannot be written.
    """
    taken = [path for path in applied.files if os.path.lexists(folder / path)]
    if taken and not overwrite:
        raise Problem(
            "template_failed",
            f"These files are there already: {', '.join(taken[:10])}{' ...' if len(taken) > 10 else ''}.",
            hint="Apply the template to another folder, or say that files may be overwritten.",
            extra={"files": taken},
        )
    for path in applied.files:
        _check_way(folder, path)
    for path, file in applied.files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        partial = target.with_name(f".{target.name}.partial")
        partial.unlink(missing_ok=True)
        partial.write_bytes(file.content)
        partial.chmod(0o755 if file.executable else 0o644)
        partial.replace(target)
    return tuple(applied.files)


def _check_way(folder: Path, path: str) -> None:
    """Every folder on the way to a file must be a real folder, and the file no folder."""
    way = folder
    for part in Path(path).parent.parts:
        way /= part
        if way.is_symlink() or (way.exists() and not way.is_dir()):
            raise Problem(
                "template_failed",
                f"{path} cannot be written: {way.relative_to(folder)} is a link or a file.",
                hint="Move it away, or apply the template to another folder.",
            )
    if (folder / path).is_dir() and not (folder / path).is_symlink():
        raise Problem("template_failed", f"{path} cannot be written: it is a folder.", hint="Move it away.")
