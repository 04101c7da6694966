"""Writing into a repository's folder; a link that leads out of it is refused."""

from __future__ import annotations

import asyncio

from carrel.runtimes.folder_files import FolderFiles
from carrel.standalone.engine import say


async def write(files: FolderFiles, path: str, text: str) -> None:
    """Write a file of the repository. Raises `refused_by_policy`."""
    place = files.place(path)
    await asyncio.to_thread(place.write_text, text, encoding="utf-8")
    say(f"Wrote {path}")
