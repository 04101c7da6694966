"""Starting a process as the remote user, and moving its bytes with back-pressure."""

from __future__ import annotations

import asyncio
import fcntl
import os
import signal
import subprocess
import termios
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass

from carrel.agent.users import RemoteUser

CHUNK = 65536
"""Bytes read at once; two SSH packets."""
LINGER = 0.2
"""Seconds that `capture` waits for the end of the output after the end of the process."""
INPUT_LIMIT = 262144
"""Bytes that may wait for a process that does not read."""


@dataclass(frozen=True)
class Command:
    """What to run, as whom, where and in which environment."""

    argv: tuple[str, ...]
    env: Mapping[str, str]
    cwd: str
    user: RemoteUser
    login_name: str = ""
    """argv[0] where it differs from the program: `-bash` makes a login shell."""


@dataclass(frozen=True)
class Streams:
    """File descriptors that become the child's standard streams."""

    stdin: int
    stdout: int
    stderr: int
    is_terminal: bool = False
    """The three are one PTY, which becomes the controlling terminal."""


def spawn(command: Command, streams: Streams) -> subprocess.Popen[bytes]:
    """Start `command` in a session of its own.

    Raises:
        OSError: the program cannot be executed.
    """
    user = command.user
    switch = user.is_switch()
    argv = list(command.argv)
    program = argv[0]
    if command.login_name:
        argv[0] = command.login_name
    return subprocess.Popen(
        argv,
        executable=_find(program, command.env),
        stdin=streams.stdin,
        stdout=streams.stdout,
        stderr=streams.stderr,
        env=dict(command.env),
        cwd=usable_folder(command.cwd, user.home),
        start_new_session=True,
        user=user.uid if switch else None,
        group=user.gid if switch else None,
        extra_groups=list(user.groups) if switch else None,
        umask=0o022,
        preexec_fn=_take_terminal if streams.is_terminal else None,  # noqa: PLW1509  one ioctl, no locks
    )


def _take_terminal() -> None:
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


def usable_folder(wanted: str, home: str) -> str:
    """`wanted` if it is a folder, else the home, else the root (C074)."""
    return next((folder for folder in (wanted, home) if folder and os.path.isdir(folder)), "/")  # noqa: PTH112


def _find(program: str, env: Mapping[str, str]) -> str:
    """The program's path, looked up in the PATH of the command's own environment."""
    if "/" in program:
        return program
    for folder in env.get("PATH", os.defpath).split(":"):
        path = os.path.join(folder or ".", program)  # noqa: PTH118
        if os.access(path, os.X_OK) and not os.path.isdir(path):  # noqa: PTH112
            return path
    raise FileNotFoundError(2, "not found in PATH", program)


async def exit_of(process: subprocess.Popen[bytes]) -> int:
    """The process's return code, negative for a signal; waits without a thread where the kernel has pidfd."""
    if process.poll() is not None:
        return process.wait()
    try:
        pidfd = os.pidfd_open(process.pid)
    except OSError:
        return await asyncio.to_thread(process.wait)
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()
    loop.add_reader(pidfd, ended.set)
    try:
        await ended.wait()
    finally:
        loop.remove_reader(pidfd)
        os.close(pidfd)
    return process.wait()


def signal_group(process: subprocess.Popen[bytes], number: int) -> None:
    """Send a signal to the process's group; one that has ended is left alone."""
    if process.returncode is None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, number)


class Output:
    """Reads a descriptor and hands on what comes, until end of file; owns the descriptor."""

    def __init__(self, fd: int, on_data: Callable[[bytes], None]) -> None:
        """Start reading `fd`, which must be the parent's end of a pipe or PTY."""
        self._fd = fd
        self._on_data = on_data
        self._loop = asyncio.get_running_loop()
        self.ended = asyncio.Event()
        os.set_blocking(fd, False)
        self._loop.add_reader(fd, self._read)

    def _read(self) -> None:
        try:
            data = os.read(self._fd, CHUNK)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:  # a PTY whose other side is closed answers EIO
            data = b""
        if data:
            self._on_data(data)
        else:
            self.close()

    def pause(self) -> None:
        """Read no further until `resume`."""
        if self._fd >= 0:
            self._loop.remove_reader(self._fd)

    def resume(self) -> None:
        """Read on."""
        if self._fd >= 0:
            self._loop.add_reader(self._fd, self._read)

    def close(self) -> None:
        """Close the descriptor; `ended` is set."""
        if self._fd >= 0:
            self._loop.remove_reader(self._fd)
            os.close(self._fd)
            self._fd = -1
        self.ended.set()


class Input:
    """Writes to a descriptor without blocking; owns the descriptor."""

    def __init__(self, fd: int, on_full: Callable[[], None], on_drained: Callable[[], None]) -> None:
        """Write to `fd`; `on_full` asks the source to pause, `on_drained` to go on."""
        self._fd = fd
        self._on_full = on_full
        self._on_drained = on_drained
        self._loop = asyncio.get_running_loop()
        self._waiting = bytearray()
        self._is_full = False
        self._is_closing = False
        os.set_blocking(fd, False)

    def write(self, data: bytes) -> None:
        """Queue `data`; what the process no longer reads is dropped."""
        if self._fd < 0 or self._is_closing:
            return
        if self._waiting:
            self._waiting += data
        else:
            self._waiting += data[self._write_now(data) :]
            if self._waiting:
                self._loop.add_writer(self._fd, self._drain)
        if len(self._waiting) > INPUT_LIMIT and not self._is_full:
            self._is_full = True
            self._on_full()

    def _write_now(self, data: bytes | bytearray) -> int:
        try:
            return os.write(self._fd, data)
        except (BlockingIOError, InterruptedError):
            return 0
        except OSError:
            self.close()
            return len(data)

    def _drain(self) -> None:
        written = self._write_now(self._waiting[:CHUNK])
        del self._waiting[:written]
        if self._is_full and len(self._waiting) <= INPUT_LIMIT // 2:
            self._is_full = False
            self._on_drained()
        if not self._waiting and self._fd >= 0:
            self._loop.remove_writer(self._fd)
            if self._is_closing:
                self.close()

    def end(self) -> None:
        """Close once everything queued is written."""
        self._is_closing = True
        if not self._waiting:
            self.close()

    def close(self) -> None:
        """Close now and drop what is queued."""
        if self._fd >= 0:
            self._loop.remove_writer(self._fd)
            os.close(self._fd)
            self._fd = -1
        self._waiting.clear()
        if self._is_full:
            self._is_full = False
            self._on_drained()


async def capture(command: Command, seconds: float, limit: int = 1 << 20) -> tuple[int, bytes]:
    """Run a command without input; its return code and standard output. After `seconds` its group is killed.

    Raises:
        OSError: it cannot be executed.
        TimeoutError: it was killed.
    """
    null = os.open(os.devnull, os.O_RDWR)
    ours, theirs = os.pipe()
    try:
        process = spawn(command, Streams(null, theirs, null))
    except BaseException:
        os.close(ours)
        raise
    finally:
        os.close(theirs)
        os.close(null)
    collected = bytearray()

    def keep(data: bytes) -> None:
        collected.extend(data[: limit - len(collected)])

    output = Output(ours, keep)
    try:
        async with asyncio.timeout(seconds):
            code = await exit_of(process)
        with suppress(TimeoutError):  # a process left behind may hold the pipe open
            async with asyncio.timeout(LINGER):
                await output.ended.wait()
        return code, bytes(collected)
    finally:
        output.close()
        if process.returncode is None:
            signal_group(process, signal.SIGKILL)
            await exit_of(process)
