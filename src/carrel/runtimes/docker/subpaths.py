"""Folders and files inside volumes, on engines that cannot mount them (before API 1.45): the whole volume, and a link. Pure.

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


def links_for(container: ContainerSpec, image_volumes: Iterable[str]) -> Links:
    """The links of a container; without sub-paths nothing changes."""
    wanted = [one for one in container.mounts if one.kind is MountKind.VOLUME and one.subpath]
    if not wanted:
        return Links(container)
    kept = [one for one in container.mounts if one not in wanted]
    links, left_out, used = [], [], []
    for mount in wanted:
        others = [one.target for one in container.mounts if one is not mount] + list(image_volumes)
        if any(_nested(mount.target, other) for other in others):
            left_out.append(mount.target)
            continue
        links.append((mount.target, posixpath.join(VOLUMES_FOLDER, mount.source, mount.subpath)))
        used.append(mount)
    whole = {
        source: Mount(
            MountKind.VOLUME,
            posixpath.join(VOLUMES_FOLDER, source),
            source,
            read_only=all(one.read_only for one in used if one.source == source),
        )
        for source in sorted({one.source for one in used})
    }
    return Links(replace(container, mounts=(*kept, *whole.values())), tuple(links), tuple(left_out))


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
