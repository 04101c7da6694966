"""Starting the command of a holder on a PTY or a pipe. Standard library only, and little of it."""

from __future__ import annotations

import fcntl
import os
import signal
import struct
import termios

TYPE_CHECKING = False  # the name is what type checkers know; importing typing costs a megabyte
if TYPE_CHECKING:
    from typing import Any


def set_size(fd: int, cols: int, rows: int) -> None:
    """Set a PTY's size."""
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", min(rows, 65535), min(cols, 65535), 0, 0))


def start_command(orders: dict[str, Any], cols: int, rows: int) -> tuple[int, int, int]:
    """Start the command on a PTY or a pipe; (descriptor for input or -1, descriptor for output, process id).

    Raises:
        OSError: it cannot be executed; the errno is the command's own.
    """
    if orders["terminal"] or orders["tty"]:
        ours, theirs = os.openpty()
        if orders["uid"] is not None:
            os.fchown(theirs, orders["uid"], -1)
            os.fchmod(theirs, 0o620)
        set_size(ours, cols, rows)
        set_modes(theirs, raw_output=not orders["terminal"])
    else:
        ours, theirs = os.pipe()
    failed, failing = os.pipe2(os.O_CLOEXEC)
    pid = os.fork()
    if pid == 0:
        become_command(orders, theirs, failing)
    os.close(theirs)
    os.close(failing)
    reason = os.read(failed, 64)
    os.close(failed)
    if reason:
        os.waitpid(pid, 0)
        os.close(ours)
        number = int(reason)
        raise OSError(number, os.strerror(number), orders["argv"][0])
    os.set_blocking(ours, False)
    return (ours if orders["terminal"] else -1), ours, pid


def set_modes(slave: int, *, raw_output: bool) -> None:
    """UTF-8 erase as a terminal emulator sets it; a log wants its line ends as the program wrote them."""
    attributes = termios.tcgetattr(slave)
    attributes[0] |= 0o040000  # IUTF8, which Python's termios does not name
    if raw_output:
        attributes[1] &= ~termios.OPOST
    termios.tcsetattr(slave, termios.TCSANOW, attributes)


def become_command(orders: dict[str, Any], stream: int, failing: int) -> None:
    """In the forked child: never returns.

    A job's PTY does not become its controlling terminal: programs see a terminal to print to, with colours and lines
    as they come, but cannot ask anybody anything, for nobody is there to answer.
    """
    try:
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT, signal.SIGPIPE, signal.SIGHUP):
            signal.signal(number, signal.SIG_DFL)
        os.setsid()
        if orders["terminal"]:
            fcntl.ioctl(stream, termios.TIOCSCTTY, 0)
        entrance = stream if orders["terminal"] else os.open("/dev/null", os.O_RDONLY)
        for target, source in ((0, entrance), (1, stream), (2, stream)):
            os.dup2(source, target)
        os.closerange(3, failing)
        os.closerange(failing + 1, 1024)
        change_user(orders)
        os.umask(0o022)
        argv = list(orders["argv"])
        program = argv[0]
        if orders["login_name"]:
            argv[0] = orders["login_name"]
        execute(program, argv, orders["env"])
    except OSError as error:
        os.write(failing, str(error.errno or 5).encode())
    finally:
        os._exit(127)


def change_user(orders: dict[str, Any]) -> None:
    """Enter the folder and become the user; with root's eyes first, so that a folder only root may enter is no error."""
    for folder in (orders["cwd"], orders["home"], "/"):
        try:
            os.chdir(folder)
        except OSError:
            continue
        break
    if orders["uid"] is not None:
        os.setgroups(orders["groups"])
        os.setgid(orders["gid"])
        os.setuid(orders["uid"])


def execute(program: str, argv: list[str], env: dict[str, str]) -> None:
    """Replace this process; the program is looked up in the PATH of `env`. Raises OSError."""
    if "/" in program:
        os.execve(program, argv, env)  # noqa: S606  a shell is what the caller may have put in argv
    failure: OSError = FileNotFoundError(2, "not found in PATH")
    for folder in env.get("PATH", os.defpath).split(":"):
        try:
            os.execve(f"{folder or '.'}/{program}", argv, env)  # noqa: S606
        except OSError as error:
            if error.errno == 13:  # as execvp: permission denied is told if nothing better is found
                failure = error
    raise failure
