"""Folders and files inside volumes, on engines that cannot mount them (before API 1.45): the whole volume, and a link. Pure.

Of a local folder on every engine: at each start the engine resolves the source of a bind on its own machine, and what
runs in the workspace may have turned the folder into a link to `/` in the meantime.

The link is resolved inside the container, so that it leads nowhere else even where the path in the volume is itself a
link: a bind of the volume's folder on the engine's machine could not promise that (docs/adr/0014).
"""

from __future__ import annotations

import posixpath
import tarfile
from collections.abc import Iterable
from dataclasses import dataclass, replace
from io import BytesIO

from carrel.core.spec import ContainerSpec, Mount, MountKind

VOLUMES_FOLDER = "/.carrel-volumes"
"""Where whole volumes are mounted in a container that has links into them."""


@dataclass(frozen=True)
class Links:
    """What takes the place of mounts with a sub-path."""

    container: ContainerSpec
    """With the whole volumes in their place."""
    links: tuple[tuple[str, str], ...] = ()
    """(target, what it leads to)."""
    left_out: tuple[str, ...] = ()
    """Targets that cannot be links: another mount is at them, above or below."""


def links_for(container: ContainerSpec, image_volumes: Iterable[str], *, volumes: bool = True) -> Links:
    """The links of a container; without sub-paths nothing changes.

    Args:
        container: with mounts that have sub-paths.
        image_volumes: where the image declares volumes.
        volumes: also for parts of volumes; else for those of a local folder only.
    """
    kinds = {MountKind.FOLDER, MountKind.VOLUME} if volumes else {MountKind.FOLDER}
    wanted = [one for one in container.mounts if one.kind in kinds and one.subpath]
    if not wanted:
        return Links(container)
    kept = [one for one in container.mounts if one not in wanted]
    links, left_out, used = [], [], []
    for mount in wanted:
        others = [one.target for one in container.mounts if one is not mount] + list(image_volumes)
        if any(_nested(mount.target, other) for other in others):
            left_out.append(mount.target)
            continue
        links.append((mount.target, posixpath.join(_place(mount), mount.subpath)))
        used.append(mount)
    whole = {
        one.source: replace(
            one,
            target=_place(one),
            subpath="",
            read_only=all(other.read_only for other in used if other.source == one.source),
        )
        for one in sorted(used, key=lambda one: one.source)
    }
    return Links(replace(container, mounts=(*kept, *whole.values())), tuple(links), tuple(left_out))


def _place(mount: Mount) -> str:
    """Where the whole volume or folder is."""
    return posixpath.join(VOLUMES_FOLDER, "folder" if mount.kind is MountKind.FOLDER else mount.source)


def _nested(one: str, other: str) -> bool:
    first, second = f"{posixpath.normpath(one)}/", f"{posixpath.normpath(other)}/"
    return first.startswith(second) or second.startswith(first)


def link_archive(links: Iterable[tuple[str, str]]) -> bytes:
    """A tar with the links, to be extracted at the container's root before its first start."""
    buffer = BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for target, place in links:
            member = tarfile.TarInfo(target.lstrip("/"))
            member.type, member.linkname = tarfile.SYMTYPE, place
            tar.addfile(member)
    return buffer.getvalue()
