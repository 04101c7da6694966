"""What is asked of a workspace's files over one channel; docs/reference/agent-protocol.md has what is answered."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

FILES_SUBSYSTEM = "carrel-files"
"""SSH subsystem of the agent, followed by a space and a FilesRequest as JSON; served as the remote user."""
LONGEST_PATH = 4096


class Operation(StrEnum):
    """What to do."""

    SEND = "send"
    """Files and folders as a stream on standard output."""
    RECEIVE = "receive"
    """A stream on standard input into files."""
    LIST = "list"
    """What is in a folder, as JSON on standard output."""


class Form(StrEnum):
    """Of the stream."""

    TAR = "tar"
    ZIP = "zip"
    """Only sent: for browsers."""
    FILE = "file"
    """The bytes of one file."""


@dataclass(frozen=True)
class FilesRequest:
    """One request. Relative paths begin at the workspace folder, `~/` at the home."""

    operation: Operation
    paths: tuple[str, ...]
    """SEND: what to send. RECEIVE, LIST: the one place."""
    form: Form = Form.TAR
    plain: bool = False
    """SEND: a single file is sent as its bytes, whatever the form."""
    follow: bool = False
    """SEND: links that are named themselves are followed."""
    names: tuple[str, ...] | None = None
    """RECEIVE of a tar stream: the top names that it may have; None: any, all below the folder."""
    overwrite: bool = True
    """RECEIVE of a file."""
    parents: bool = False
    """RECEIVE of a file: make the folders above it."""
    size: int | None = None
    """RECEIVE of a file: how large it will be, where that is known; what cannot fit is refused at once."""
    limit: int = 10_000
    """LIST: at most so many entries."""
