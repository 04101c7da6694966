"""The files of a template as one piece of bytes: checked, told apart by their content, packed and unpacked."""

from __future__ import annotations

import hashlib
import json
import zlib
from base64 import b64decode, b64encode
from collections.abc import Mapping

from carrel.core.problems import Problem
from carrel.templates.folder import MOST_BYTES, MOST_FILES

LONGEST_PATH = 300
_TOO_MUCH = "A template holds a configuration; data belongs into a repository."


def check_files(files: Mapping[str, bytes]) -> None:
    """Raise `bad_value` for files that are too many, too large, or cannot lie in one folder."""
    size = sum(map(len, files.values()))
    if len(files) > MOST_FILES or size > MOST_BYTES:
        detail = f"The template has {len(files)} files of {size} bytes; at most {MOST_FILES} of {MOST_BYTES} bytes."
        raise Problem("bad_value", detail, _TOO_MUCH)
    folders = {path[:at] for path in files for at, character in enumerate(path) if character == "/"}
    for path in files:
        parts = path.split("/")
        if not path or len(path.encode("utf-8", "replace")) > LONGEST_PATH or not path.isprintable() or "\\" in path:
            raise _bad(path, "a path has 1 to 300 printable characters, with / between its parts")
        if "" in parts or "." in parts or ".." in parts:
            raise _bad(path, "it does not lead into the folder")
        if any(part.casefold() == ".git" for part in parts):
            raise _bad(path, "what is git's own is no part of a template")
        if path in folders:
            raise _bad(path, "it is a file and a folder")


def _bad(path: str, why: str) -> Problem:
    return Problem(
        "bad_value", f"The file {path[:100]!r}: {why}.", "Give files by their path in the template's folder."
    )


def digest_of(files: Mapping[str, bytes]) -> str:
    """The same for the same files."""
    digest = hashlib.sha256()
    for path in sorted(files):
        digest.update(f"{len(path.encode())} {len(files[path])} ".encode() + path.encode() + files[path])
    return digest.hexdigest()


def pack(files: Mapping[str, bytes]) -> bytes:
    """The inverse of `unpack`."""
    members = {path: b64encode(files[path]).decode() for path in sorted(files)}
    return zlib.compress(json.dumps(members, separators=(",", ":")).encode())


def unpack(packed: bytes) -> dict[str, bytes]:
    """Files by path."""
    return {path: b64decode(text) for path, text in json.loads(zlib.decompress(packed)).items()}
