"""Users of an image: its passwd text where it is known, and the home folder that follows (C236, C352-C355)."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass

from carrel.core.problems import Problem
from carrel.devcontainer.targets import is_reserved

_NO_HOME = {
    "",
    "/",
    "/nonexistent",
    "/bin",
    "/sbin",
    "/usr",
    "/usr/bin",
    "/usr/sbin",
    "/lib",
    "/etc",
    "/opt",
    "/var",
    "/workspaces",
}
_MAX_USER = 256
_NUMBER = re.compile(r"[0-9]{1,10}")


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
        if len(fields) == 7 and _NUMBER.fullmatch(fields[2]) and _NUMBER.fullmatch(fields[3]):
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

    Folders that cannot be a home (`/`, `/nonexistent`, the toolbox ...) are replaced by `/home/<name>`: a volume is
    mounted there, and the image's author chooses what is in it.
    """
    name = user_name(who)
    known = find_user(users, name)
    if known is not None:
        home = known.home
    elif name == "root":
        home = "/root"
    else:
        home = (env or {}).get("HOME", "") if name.isdigit() else ""
    folder = posixpath.normpath(home or "/")
    usable = folder.startswith("/") and folder.isprintable() and folder not in _NO_HOME and not is_reserved(folder)
    return folder if usable else f"/home/{name}"


def checked_user(who: str, where: str) -> str:
    """`who` if it can be a user: no spaces, control characters or signs that end a line of a build file.

    Raises:
        Problem: `bad_configuration`.
    """
    if len(who) > _MAX_USER or not who.isprintable() or any(char in who for char in " \\\"'$#/="):
        raise Problem("bad_configuration", f"{where}: {who[:80]!r} is no name of a user.")
    return who
