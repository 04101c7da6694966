"""Users of an image: its passwd text where it is known, and the home folder that follows (C236, C352-C355)."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from dataclasses import dataclass

_NO_HOME = {"", "/", "/nonexistent", "/dev/null", "/proc", "/bin", "/sbin", "/usr/sbin"}


@dataclass(frozen=True)
class User:
    """One line of a passwd file."""

    name: str
    uid: int
    gid: int
    home: str
    shell: str


def parse_passwd(text: str) -> tuple[User, ...]:
    """The users of a passwd file; lines that are not of its form are left out."""
    users: list[User] = []
    for line in text.splitlines():
        fields = line.split(":")
        if len(fields) == 7 and fields[2].isdigit() and fields[3].isdigit():
            users.append(User(fields[0], int(fields[2]), int(fields[3]), fields[5], fields[6]))
    return tuple(users)


def find_user(users: tuple[User, ...], who: str) -> User | None:
    """A user by name or number; a group after a colon is ignored (C353)."""
    name = user_name(who)
    return next((user for user in users if user.name == name or str(user.uid) == name), None)


def user_name(who: str) -> str:
    """The user part of `user:group`; `0` is root (C353)."""
    name = who.partition(":")[0].strip()
    return "root" if name in {"", "0"} else name


def home_of(who: str, users: tuple[User, ...] = (), env: Mapping[str, str] | None = None) -> str:
    """The home folder: passwd where known, `/root` for root, HOME of the image for a number, else `/home/<name>`.

    Folders that cannot be a home (`/`, `/nonexistent`, ...) are replaced by `/home/<name>`.
    """
    name = user_name(who)
    known = find_user(users, name)
    if known is not None:
        home = known.home
    elif name == "root":
        home = "/root"
    else:
        home = (env or {}).get("HOME", "") if name.isdigit() else ""
    return f"/home/{name}" if posixpath.normpath(home or "/") in _NO_HOME else posixpath.normpath(home)
