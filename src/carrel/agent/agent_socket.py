"""The socket of a forwarded SSH agent (`ssh -A`), made by asyncssh for us, and handed over to the remote user."""

from __future__ import annotations

import os

from carrel.agent.users import RemoteUser

VARIABLE = "SSH_AUTH_SOCK"


def hand_over(path: str, user: RemoteUser) -> None:
    """Give the socket (0600) and its folder (0700) to `user`; nobody else could reach into the folder before.

    Raises:
        OSError: the connection has ended, and the folder is gone.
    """
    folder = os.path.dirname(path)  # noqa: PTH120
    if os.stat(folder).st_uid != os.geteuid():  # noqa: PTH116  a session before this one did it
        return
    os.chmod(path, 0o600)  # noqa: PTH101
    if user.is_switch():
        os.chown(path, user.uid, user.gid)
        os.chown(folder, user.uid, user.gid)
