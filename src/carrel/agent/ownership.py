"""Giving the persistent folders to the remote user, once for each change of user id."""

from __future__ import annotations

import os
from collections.abc import Callable


def give(path: str, uid: int, gid: int, chown: Callable[..., None] = os.chown) -> int:
    """Make `path` and what lies in it the user's; how many entries were changed.

    Only what belongs to root or to the folder's former owner changes hands: what other users' services keep there is
    theirs. Links are not followed and other file systems not entered. The folder itself comes last, so that its owner
    says whether the work was completed: an interrupted run is repeated, a completed one is found done by one look.

    Raises:
        OSError: the folder is absent, or this process may not change owners.
    """
    top = os.lstat(path)
    if top.st_uid == uid:
        return 0
    former = {0, top.st_uid} - {uid}
    changed = 0
    for _, folders, files, fd in os.fwalk(path, topdown=True, follow_symlinks=False):
        for name in [*files, *folders]:
            try:
                found = os.stat(name, dir_fd=fd, follow_symlinks=False)
            except FileNotFoundError:
                continue
            if found.st_dev != top.st_dev:
                if name in folders:
                    folders.remove(name)
                continue
            if found.st_uid in former:
                chown(name, uid, gid, dir_fd=fd, follow_symlinks=False)
                changed += 1
    chown(path, uid, gid, follow_symlinks=False)
    return changed + 1
