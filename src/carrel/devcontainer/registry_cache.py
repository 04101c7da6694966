"""Manifests and layers by digest in a folder, shared by all who may read it; what is damaged counts as absent."""

from __future__ import annotations

import hashlib
import re
import time
from pathlib import Path

DIGEST = re.compile(r"sha256:[a-f0-9]{64}")


def digest_of(content: bytes) -> str:
    """`sha256:...` of some bytes."""
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


class DigestCache:
    """Keeps content under its digest; with an empty folder it keeps nothing."""

    def __init__(self, folder: str) -> None:
        """The folder is made on first use."""
        self._folder = folder

    def get(self, digest: str) -> bytes | None:
        """The content, verified."""
        if not self._folder or not DIGEST.fullmatch(digest):
            return None
        try:
            content = Path(self._folder, digest.removeprefix("sha256:")).read_bytes()
        except OSError:
            return None
        return content if digest_of(content) == digest else None

    def put(self, digest: str, content: bytes) -> None:
        """Keep it; that a folder cannot be written is no reason to fail."""
        if not self._folder:
            return
        folder = Path(self._folder)
        target = folder / digest.removeprefix("sha256:")
        try:
            if target.exists() and target.stat().st_size == len(content):
                return
            folder.mkdir(parents=True, exist_ok=True)
            partial = target.with_suffix(f".{time.monotonic_ns()}")
            partial.write_bytes(content)
            partial.replace(target)
        except OSError:
            return
