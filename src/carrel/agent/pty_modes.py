"""Terminal modes of an SSH PTY request (RFC 4254 section 8) applied to a PTY."""

from __future__ import annotations

import fcntl
import os
import struct
import termios
from collections.abc import Mapping

from carrel.agent.users import RemoteUser

_CHARACTERS = {
    1: "VINTR", 2: "VQUIT", 3: "VERASE", 4: "VKILL", 5: "VEOF", 6: "VEOL", 7: "VEOL2", 8: "VSTART", 9: "VSTOP",
    10: "VSUSP", 12: "VREPRINT", 13: "VWERASE", 14: "VLNEXT", 18: "VDISCARD",
}  # fmt: skip
_INPUT = {
    30: "IGNPAR", 31: "PARMRK", 32: "INPCK", 33: "ISTRIP", 34: "INLCR", 35: "IGNCR", 36: "ICRNL", 37: "IUCLC",
    38: "IXON", 39: "IXANY", 40: "IXOFF", 41: "IMAXBEL",
}  # fmt: skip
_LOCAL = {
    50: "ISIG", 51: "ICANON", 52: "XCASE", 53: "ECHO", 54: "ECHOE", 55: "ECHOK", 56: "ECHONL", 57: "NOFLSH",
    58: "TOSTOP", 59: "IEXTEN", 60: "ECHOCTL", 61: "ECHOKE", 62: "PENDIN",
}  # fmt: skip
_OUTPUT = {70: "OPOST", 71: "OLCUC", 72: "ONLCR", 73: "OCRNL", 74: "ONOCR", 75: "ONLRET"}
_FLAGS = ((0, _INPUT), (1, _OUTPUT), (3, _LOCAL))
_IUTF8_OPCODE = 42
_IUTF8 = 0o040000
"""Linux's flag, which Python's termios does not name: erase whole characters."""
_DISABLED = 255
"""The wire's value for a control character that is off (POSIX_VDISABLE is 0 on Linux)."""


def open_pty(user: RemoteUser, cols: int, rows: int) -> tuple[int, int]:
    """A PTY (master, slave) of this size, the slave owned by `user`."""
    master, slave = os.openpty()
    if user.is_switch():
        os.fchown(slave, user.uid, -1)
        os.fchmod(slave, 0o620)
    resize(master, cols, rows)
    apply_modes(slave, {})
    return master, slave


def resize(master: int, cols: int, rows: int) -> None:
    """Set the terminal's size; sizes the kernel cannot hold are clamped."""
    size = struct.pack("HHHH", max(1, min(rows, 65535)), max(1, min(cols, 65535)), 0, 0)
    fcntl.ioctl(master, termios.TIOCSWINSZ, size)


def apply_modes(slave: int, modes: Mapping[int, int]) -> None:
    """Set the modes that the client named; UTF-8 erase is on unless it says otherwise."""
    attributes = termios.tcgetattr(slave)
    for index, names in _FLAGS:
        for opcode, name in names.items():
            flag = getattr(termios, name, 0)
            if opcode in modes and flag:
                attributes[index] = attributes[index] | flag if modes[opcode] else attributes[index] & ~flag
    attributes[0] = attributes[0] | _IUTF8 if modes.get(_IUTF8_OPCODE, 1) else attributes[0] & ~_IUTF8
    for opcode, name in _CHARACTERS.items():
        position = getattr(termios, name, None)
        if opcode in modes and position is not None:
            value = modes[opcode] & 255
            attributes[6][position] = bytes([0 if value == _DISABLED else value])
    termios.tcsetattr(slave, termios.TCSANOW, attributes)
