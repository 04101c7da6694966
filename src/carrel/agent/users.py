"""Who the remote user is: /etc/passwd and /etc/group read by hand, because an image need not have what NSS needs."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

FALLBACK_SHELL = "/bin/sh"
ROOTS_HOME = "/root"
_NOT_FOR_OTHERS = frozenset({ROOTS_HOME, "/"})


@dataclass(frozen=True)
class RemoteUser:
    """The user that people's processes run as."""

    name: str
    uid: int
    gid: int
    groups: tuple[int, ...]
    """Supplementary groups, the primary one included."""
    home: str
    shell: str
    warning: str = ""
    """Why the user is not quite what was asked for; empty when it is."""

    def is_switch(self) -> bool:
        """Whether a process must change its identity to become this user."""
        return os.geteuid() == 0


@dataclass(frozen=True)
class _Account:
    name: str
    uid: int
    gid: int
    home: str
    shell: str


def find_user(wanted: str, passwd: str, group: str, container_env: Mapping[str, str]) -> RemoteUser:
    """The user that `wanted` names, with home and shell as the conformance list says (C352-C356).

    Args:
        wanted: name or uid, also `user:group` as in an image; empty is root.
        passwd: text of /etc/passwd.
        group: text of /etc/group.
        container_env: environment of the container; its HOME and SHELL may win.

    Returns:
        A user that can run processes in any case; an unknown name becomes root with a warning, an unknown number keeps its number.
    """
    user, _, group_name = wanted.partition(":")
    user = user or "root"
    accounts = _accounts(passwd)
    account = next((a for a in accounts if a.name == user), None)
    if account is None and user.isdecimal():
        account = next((a for a in accounts if a.uid == int(user)), None)
    warning = ""
    if account is None:
        account, warning = _stranger(user, container_env)
    gid = _gid(group_name, group, account.gid)
    groups = (gid,) if group_name else _memberships(account.name, gid, group)
    return RemoteUser(
        name=account.name,
        uid=account.uid,
        gid=gid,
        groups=groups,
        home=_home(account, container_env),
        shell=container_env.get("SHELL", "") or account.shell or FALLBACK_SHELL,
        warning=warning,
    )


def current_user(container_env: Mapping[str, str]) -> RemoteUser:
    """The user that this process is: the remote user of an agent that is not root."""
    uid, gid = os.geteuid(), os.getegid()
    account = next((a for a in _accounts(_text("/etc/passwd")) if a.uid == uid), None)
    home = container_env.get("HOME", "") or (account.home if account else "/")
    shell = container_env.get("SHELL", "") or (account.shell if account else "") or FALLBACK_SHELL
    return RemoteUser(account.name if account else str(uid), uid, gid, tuple(os.getgroups()), home, shell)


def resolve_user(wanted: str, container_env: Mapping[str, str]) -> RemoteUser:
    """The remote user on this machine; a process that is not root can only be itself."""
    if os.geteuid() != 0:
        return current_user(container_env)
    return find_user(wanted, _text("/etc/passwd"), _text("/etc/group"), container_env)


def _text(path: str) -> str:
    try:
        return Path(path).read_text(errors="surrogateescape")
    except OSError:
        return ""


def _accounts(passwd: str) -> list[_Account]:
    accounts = []
    for line in passwd.splitlines():
        fields = line.split(":")
        if len(fields) >= 7 and fields[2].isdecimal() and fields[3].isdecimal():
            accounts.append(_Account(fields[0], int(fields[2]), int(fields[3]), fields[5], fields[6].strip()))
    return accounts


def _stranger(user: str, container_env: Mapping[str, str]) -> tuple[_Account, str]:
    home = container_env.get("HOME", "") or ROOTS_HOME
    if user.isdecimal() and int(user):
        own = f"/home/{user}" if home in _NOT_FOR_OTHERS else home  # where the environment engine mounts the home
        return _Account(user, int(user), 0, own, ""), f"The user {user} is not in /etc/passwd."
    if user == "root":
        return _Account("root", 0, 0, home, ""), ""
    return _Account("root", 0, 0, home, ""), f"The user {user} is not in /etc/passwd; root is used instead."


def _home(account: _Account, container_env: Mapping[str, str]) -> str:
    """C355: the container's HOME counts if it is passwd's, or the user is root, or it is absent or writable for the user."""
    wanted = container_env.get("HOME", "")
    if account.uid != 0 and wanted in _NOT_FOR_OTHERS:  # an engine sets it for PID 1, which is root's
        wanted = ""
    if not wanted or not account.home:
        return wanted or account.home or "/"
    if wanted == account.home or account.uid == 0 or _is_free_or_writable(wanted, account):
        return wanted
    return account.home


def _is_free_or_writable(folder: str, account: _Account) -> bool:
    try:
        found = os.stat(folder)  # noqa: PTH116  a plain call keeps pathlib out of the answer's errors
    except FileNotFoundError:
        return True
    except OSError:
        return False
    if found.st_uid == account.uid:
        return bool(found.st_mode & 0o200)
    if found.st_gid == account.gid:
        return bool(found.st_mode & 0o020)
    return bool(found.st_mode & 0o002)


def _groups(group: str) -> list[tuple[str, int, frozenset[str]]]:
    rows = []
    for line in group.splitlines():
        fields = line.split(":")
        if len(fields) >= 4 and fields[2].isdecimal():
            rows.append((fields[0], int(fields[2]), frozenset(fields[3].strip().split(","))))
    return rows


def _gid(name: str, group: str, default: int) -> int:
    if not name:
        return default
    if name.isdecimal():
        return int(name)
    return next((gid for row, gid, _ in _groups(group) if row == name), default)


def _memberships(user: str, gid: int, group: str) -> tuple[int, ...]:
    others = [other for _, other, members in _groups(group) if user in members and other != gid]
    return (gid, *dict.fromkeys(others))
