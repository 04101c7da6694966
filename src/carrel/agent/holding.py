"""The agent's side of holders: start them, find them again, attach, wait for the end, end them."""

from __future__ import annotations

import asyncio
import errno
import json
import shutil
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import carrel
from carrel.agent import frames
from carrel.agent.process import Command

SCROLLBACK = 2 << 20
"""Bytes of a terminal's output that are replayed."""
SPOOL = 256 << 20
"""Bytes beyond that which wait on disk for viewers that vanished; with more the command waits."""
START_SECONDS = 10.0
GRACE_SECONDS = 5.0
_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS})
_CODE = "import sys; sys.path.insert(0, sys.argv[1]); from carrel.agent.holder import main; main()"


@dataclass(frozen=True)
class Exit:
    """How a held command ended."""

    code: int
    """Negative: the signal that killed it."""
    ended: datetime
    interrupted: bool = False
    """The workspace was being stopped: nobody's failure."""


@dataclass(frozen=True)
class Manner:
    """How a command is held."""

    terminal: bool = False
    """An interactive PTY with scrollback; otherwise a job with a log."""
    tty: bool = False
    """A job prints to a PTY (which it cannot read from), not to a pipe."""
    cols: int = 120
    rows: int = 40
    masked: tuple[str, ...] = ()
    """Secrets that do not appear in the log."""
    patience_seconds: float = 10.0
    """A viewer that reads nothing for this long while it holds up the command is let go."""
    spool_bytes: int = SPOOL
    """Output beyond the scrollback that is kept for viewers that vanished."""


class Holder:
    """One holder, known by its folder, whether it lives or not."""

    def __init__(self, folder: Path) -> None:
        """The holder whose folder this is."""
        self.folder = folder
        self.name = folder.name

    @property
    def log(self) -> str:
        """Path of a job's log."""
        return str(self.folder / "log")

    def record(self) -> dict[str, Any]:
        """pid, command (process id), began (seconds); empty when it never started."""
        return _read(self.folder / "record.json")

    def exit(self) -> Exit | None:
        """How the command ended, as far as the holder lived to tell."""
        found = _read(self.folder / "exit.json")
        if not found:
            return None
        return Exit(found["code"], datetime.fromtimestamp(found["ended"], UTC), found["interrupted"])

    async def connect(self) -> Connection:
        """A connection to the living holder. Raises OSError when it does not live."""
        reader, writer = await asyncio.open_unix_connection(str(self.folder / "socket"))
        return Connection(reader, writer)

    async def is_alive(self) -> bool:
        """Whether the holder answers."""
        try:
            connection = await self.connect()
        except OSError:
            return False
        await connection.close()
        return True

    async def facts(self) -> dict[str, Any] | None:
        """attached, cols, rows, title, total; None when it does not live."""
        try:
            connection = await self.connect()
        except OSError:
            return None
        try:
            async with asyncio.timeout(START_SECONDS):
                connection.send(frames.QUERY, b"")
                async for kind, content in connection.frames():
                    if kind == frames.FACTS:
                        return dict(json.loads(content))
        except (TimeoutError, OSError):
            pass
        finally:
            await connection.close()
        return None

    async def ended(self) -> Exit | None:
        """Wait until the command has ended; None when its holder was killed and nobody knows how."""
        with suppress(OSError):
            connection = await self.connect()
            try:
                async for kind, _ in connection.frames():
                    if kind == frames.EXIT:
                        break
            finally:
                await connection.close()
        return self.exit()

    async def terminate(self, grace: float = GRACE_SECONDS) -> None:
        """End the command and all of its session; returns when its holder is gone, or soon after the grace."""
        with suppress(OSError, TimeoutError):
            connection = await self.connect()
            try:
                connection.send(frames.TERMINATE, json.dumps({"grace": grace}).encode())
                async with asyncio.timeout(grace + GRACE_SECONDS):
                    async for _ in connection.frames():
                        pass
            finally:
                await connection.close()

    def remove(self) -> None:
        """Forget the holder and its log."""
        shutil.rmtree(self.folder, ignore_errors=True)


class Connection:
    """Frames to and from a living holder."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Over an open socket."""
        self._reader = reader
        self._writer = writer
        self._buffer = bytearray()

    def send(self, kind: bytes, content: bytes) -> None:
        """Queue a frame."""
        self._writer.write(frames.frame(kind, content))

    def waiting(self) -> int:
        """Bytes that the holder has not taken yet."""
        return self._writer.transport.get_write_buffer_size()

    def abort(self) -> None:
        """Close at once."""
        self._writer.transport.abort()

    async def drained(self) -> None:
        """Wait until the holder keeps up. Raises OSError when it is gone."""
        await self._writer.drain()

    async def frames(self) -> AsyncIterator[tuple[bytes, bytes]]:
        """Frames as they come, until the holder closes."""
        while data := await self._read():
            self._buffer += data
            for found in frames.take_frames(self._buffer):
                yield found

    async def _read(self) -> bytes:
        try:
            return await self._reader.read(65536)
        except ConnectionError:
            return b""

    async def close(self) -> None:
        """Close the socket."""
        self._writer.close()
        with suppress(OSError):
            await self._writer.wait_closed()


class Holders:
    """The holders of one kind."""

    def __init__(self, *folders: Path) -> None:
        """Look after `folders`, which must be private; the first that has room is used."""
        self._folders = folders

    def get(self, name: str) -> Holder:
        """The holder of this name, which need not exist."""
        paths = [folder / name for folder in self._folders]
        return Holder(next((path for path in paths if path.exists()), paths[0]))

    def all(self) -> list[Holder]:
        """Every holder that was ever started and not removed, by name."""
        found = (path for folder in self._folders for path in folder.iterdir() if path.is_dir())
        return sorted((Holder(path) for path in found), key=lambda holder: holder.name)

    async def start(self, name: str, command: Command, manner: Manner, note: Mapping[str, Any] | None = None) -> Holder:
        """Start `command` in a new holder; an earlier one of this name must have ended and is forgotten.

        Args:
            name: a file name.
            command: what to run.
            manner: how to hold it.
            note: kept as `note.json` beside it.

        Raises:
            OSError: the command cannot be executed, or the holder could not start.
        """
        self.get(name).remove()
        for folder in self._folders:
            holder = Holder(folder / name)
            try:
                holder.folder.mkdir(mode=0o700)
                (holder.folder / "note.json").write_text(json.dumps(dict(note or {})))
                await _launch(holder.folder, command, manner)
            except OSError as error:
                is_last = folder is self._folders[-1]
                if manner.terminal or not is_last:
                    holder.remove()
                if is_last or error.errno not in _NO_ROOM:
                    raise
            else:
                return holder
        raise AssertionError("there is always a folder")


def read_note(holder: Holder) -> dict[str, Any]:
    """What was noted when the holder was started."""
    return _read(holder.folder / "note.json")


async def _launch(folder: Path, command: Command, manner: Manner) -> None:
    user, switch = command.user, command.user.is_switch()
    orders = {
        "folder": str(folder),
        "argv": list(command.argv),
        "login_name": command.login_name,
        "env": dict(command.env),
        "cwd": command.cwd,
        "home": user.home,
        "uid": user.uid if switch else None,
        "gid": user.gid,
        "groups": list(user.groups),
        "terminal": manner.terminal,
        "tty": manner.tty,
        "cols": manner.cols,
        "rows": manner.rows,
        "scrollback": SCROLLBACK,
        "masked": list(manner.masked),
        "patience": manner.patience_seconds,
        "spool": manner.spool_bytes,
    }
    root = str(Path(carrel.__file__).parents[1])
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-I", "-S", "-c", _CODE, root, folder.name),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env={},  # what it holds may be secret, and /proc/PID/environ is for everybody of the same user
    )
    async with asyncio.timeout(START_SECONDS):
        answer, _ = await process.communicate(json.dumps(orders).encode())
    outcome = json.loads(answer or '{"errno": 5, "error": "the holder did not start"}')
    if outcome:
        raise OSError(outcome["errno"], outcome["error"], command.argv[0])


def _read(path: Path) -> dict[str, Any]:
    try:
        return dict(json.loads(path.read_bytes()))
    except (OSError, ValueError):
        return {}
