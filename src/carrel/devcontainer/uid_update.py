"""updateRemoteUserUID: a build file that gives the remote user the uid and gid of the mounted local folder (C341-C350)."""

from __future__ import annotations

from dataclasses import dataclass

from carrel.devcontainer.features.install import quote
from carrel.devcontainer.users import user_name

_NAME = "carrel-update-uid.sh"
_SCRIPT = """set -e
[ -w /etc/passwd ] || exit 0
user={user}; want_uid={uid}; want_gid={gid}
line=$(grep "^$user:" /etc/passwd) || { echo "no user $user in /etc/passwd: nothing changes"; exit 0; }
old_uid=$(echo "$line" | cut -d: -f3); old_gid=$(echo "$line" | cut -d: -f4); home=$(echo "$line" | cut -d: -f6)
if cut -d: -f3 /etc/passwd | grep -qx "$want_uid" && [ "$old_uid" != "$want_uid" ]; then echo "another user has uid $want_uid: nothing changes"; exit 0; fi
if [ "$old_gid" != "$want_gid" ] && cut -d: -f3 /etc/group | grep -qx "$want_gid"; then echo "another group has gid $want_gid: the group stays"; want_gid=$old_gid; fi
if [ "$old_uid" = "$want_uid" ] && [ "$old_gid" = "$want_gid" ]; then exit 0; fi
sed -i "s/^\\($user:[^:]*\\):[^:]*:[^:]*/\\1:$want_uid:$want_gid/" /etc/passwd
if [ "$old_gid" != "$want_gid" ]; then sed -i "s/^\\([^:]*:[^:]*\\):$old_gid:/\\1:$want_gid:/" /etc/group; fi
case "$home" in ""|/) ;; *) if [ -d "$home" ]; then chown -R "$want_uid:$want_gid" "$home"; fi ;; esac
"""


@dataclass(frozen=True)
class UidUpdate:
    """The step's parameters."""

    base: str
    user: str
    uid: int
    gid: int
    image_user: str


def wants_update(user: str, owner: tuple[int, int] | None, *, enabled: bool | None) -> bool:
    """Only for a mounted folder that is not root's, for a user given by name who is not root (C341, C343)."""
    name = user_name(user)
    return owner is not None and owner[0] != 0 and enabled is not False and name != "root" and not name.isdigit()


def build_file(update: UidUpdate) -> str:
    """The text of the build file; its one context file is `context_files`."""
    script = f"/tmp/{_NAME}"  # noqa: S108  inside the image, removed in the same step
    return f"FROM {update.base}\nUSER root\nCOPY {_NAME} {script}\nRUN sh {script} && rm -f {script}\nUSER {update.image_user or 'root'}\n"


def context_files(update: UidUpdate) -> dict[str, bytes]:
    """The script; nothing changes where the user is absent or the ids belong to others (C345-C347)."""
    script = (
        _SCRIPT.replace("{user}", quote(user_name(update.user)))
        .replace("{uid}", str(update.uid))
        .replace("{gid}", str(update.gid))
    )
    return {_NAME: script.encode()}
