"""Reads a project volume, and writes single files into it, without running anything: through the archive of a container that is never started.

The engine resolves every path inside that container, which has nothing but the volume: even a link that changes while
it is read leads nowhere. Our own look at each link is for the answer that people get.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import posixpath
import secrets
import tarfile
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import IO

from carrel.core.problems import Problem
from carrel.core.spec import PROJECT_VOLUME, VolumeSpec, WorkspaceRef
from carrel.runtimes.build_context import ContextDigest, IgnoreRules
from carrel.runtimes.contract import SourceFile
from carrel.runtimes.docker.boot_archive import Entry, archive
from carrel.runtimes.docker.connection import Engine, Request
from carrel.runtimes.docker.helpers import Helper, helper_manifest, volume_mount
from carrel.runtimes.docker.images import Images
from carrel.runtimes.docker.manifest import Maker
from carrel.runtimes.docker.refusals import EngineRefused
from carrel.runtimes.docker.tar_stream import reading_tar
from carrel.runtimes.docker.volumes import Volumes
from carrel.runtimes.source_path import MAX_FILE_BYTES, MAX_LINKS, clean, outside, too_large

_ROOT = "/source"
_GO_FOLDER, _GO_LINK = 1 << 31, 1 << 27
"""Bits of Go's os.FileMode, which the engine answers with."""
_GO_NOT_REGULAR = 0x8F280000


@dataclass(frozen=True)
class Status:
    """What the engine says of one path."""

    mode: int
    size: int
    target: str

    @property
    def is_folder(self) -> bool:
        """A folder itself, not a link to one."""
        return bool(self.mode & _GO_FOLDER)

    @property
    def is_link(self) -> bool:
        """A symbolic link."""
        return bool(self.mode & _GO_LINK)

    @property
    def is_file(self) -> bool:
        """A regular file."""
        return not self.mode & _GO_NOT_REGULAR


class VolumeFiles:
    """ProjectFiles over a container that has the volume at /source."""

    def __init__(self, engine: Engine, container: str) -> None:
        """Read through `container`."""
        self._engine = engine
        self._container = container
        self._known: dict[str, Status | None] = {}

    async def read(self, path: str) -> bytes | None:
        """Content of a regular file, or None."""
        place, status = await self._resolve(path)
        if status is None or not status.is_file:
            return None
        if status.size > MAX_FILE_BYTES:
            raise too_large(path)
        async with self.opened(place) as tar:
            return await asyncio.to_thread(_only_file, tar)

    async def list(self, path: str) -> Sequence[str]:
        """Names in a folder, folders with a trailing slash."""
        place, status = await self._resolve(path)
        if status is None or not status.is_folder:
            return []
        async with self.opened(place) as tar:
            return await asyncio.to_thread(lambda: sorted(_children(tar)))

    async def tree(self, path: str) -> Sequence[str]:
        """The files below a folder."""
        place, status = await self._resolve(path)
        if status is None or not status.is_folder:
            return []
        async with self.opened(place) as tar:
            found = await asyncio.to_thread(lambda: [path for path, member in inside(tar) if member.isreg()])
        return sorted(path for path in found if ".git" not in path.split("/"))

    async def digest(self, path: str, ignore: str = "") -> str:
        """Content hash of the folder as a build context."""
        place, status = await self._resolve(path)
        if status is None or not status.is_folder:
            return ContextDigest().hexdigest()
        async with self.opened(place) as tar:
            return await asyncio.to_thread(_digest, tar, IgnoreRules(ignore))

    async def write(self, file: SourceFile) -> None:
        """Put a file in its place; the engine extracts it inside the container, whatever links the folder has become."""
        folder, name = posixpath.split(clean(file.path))
        place = posixpath.join(_ROOT, await self.place(folder))
        content = archive([Entry(name, file.content, owner=await self._owner(file.like))])
        path = f"containers/{self._container}/archive"
        async with self._engine.stream(Request("PUT", path, {"path": place}, content, seconds=120.0)):
            self._known.clear()

    async def _owner(self, path: str) -> tuple[int, int]:
        """User and group of a file; root's where there is none."""
        place, status = await self._resolve(path)
        if status is None or not status.is_file:
            return 0, 0
        async with self.opened(place) as tar:
            member = await asyncio.to_thread(tar.next)
        return (member.uid, member.gid) if member else (0, 0)

    async def place(self, path: str) -> str:
        """The folder `path` with links resolved, relative to the root. Raises `bad_configuration` where there is none."""
        place, status = await self._resolve(path)
        if status is None or not status.is_folder:
            raise Problem("bad_configuration", f"There is no folder {path[:200]!r}.")
        return place

    @asynccontextmanager
    async def opened(self, place: str) -> AsyncIterator[tarfile.TarFile]:
        """The tar of a file or folder, to be read in a thread."""
        params = {"path": posixpath.join(_ROOT, place)}
        request = Request("GET", f"containers/{self._container}/archive", params, seconds=120.0)
        async with self._engine.stream(request) as answer, reading_tar(answer.content.iter_any()) as tar:
            yield tar

    async def _resolve(self, path: str) -> tuple[str, Status | None]:
        """The real place of `path`, and what is there. Raises `refused_by_policy`."""
        done, waiting = "", [part for part in clean(path).split("/") if part]
        status = await self._status("")
        links = 0
        while waiting:
            step = posixpath.join(done, waiting.pop(0))
            status = await self._status(step)
            if status is None or not status.is_link:
                if status is None or (waiting and not status.is_folder):
                    return step, None
                done = step
                continue
            links += 1
            if links > MAX_LINKS:
                raise outside(path)
            done, waiting = "", [*_below_root(step, status.target), *waiting]
            status = await self._status("")
        return done, status

    async def _status(self, place: str) -> Status | None:
        if place not in self._known:
            self._known[place] = await self._ask(place)
        return self._known[place]

    async def _ask(self, place: str) -> Status | None:
        request = Request("HEAD", f"containers/{self._container}/archive", {"path": posixpath.join(_ROOT, place)})
        try:
            async with self._engine.stream(request) as answer:
                told = json.loads(base64.b64decode(answer.headers["X-Docker-Container-Path-Stat"]))
        except EngineRefused as refused:
            if refused.code == 404:
                return None
            raise await self._why(place, refused) from refused
        return Status(told["mode"], told["size"], told["linkTarget"])

    async def _why(self, place: str, refused: EngineRefused) -> Problem:
        """The answer to HEAD has no words; the answer to GET has."""
        try:
            async with self.opened(place):
                return refused
        except EngineRefused as told:
            return outside(place) if "too many" in told.message else told


def _below_root(link: str, target: str) -> list[str]:
    """Where a link leads, as a path below the root; the engine has resolved it inside the container."""
    if target != _ROOT and not target.startswith(f"{_ROOT}/"):
        raise outside(link)
    return [part for part in target.removeprefix(_ROOT).split("/") if part]


class SourceFiles:
    """Opens project volumes for reading."""

    def __init__(self, engine: Engine, maker: Maker, volumes: Volumes, images: Images) -> None:
        """Open through `engine`."""
        self._engine = engine
        self._maker = maker
        self._volumes = volumes
        self._images = images

    async def write(self, ref: WorkspaceRef, file: SourceFile) -> None:
        """Put one file into the project volume, with the owner of another."""
        async with self.open(ref, read_only=False) as files:
            await files.write(file)

    @asynccontextmanager
    async def open(self, ref: WorkspaceRef, *, read_only: bool = True) -> AsyncIterator[VolumeFiles]:
        """A container that is never started, while it is needed; `remove` takes what a crash left."""
        await self._volumes.need(ref, [VolumeSpec(PROJECT_VOLUME)])
        mount = volume_mount(self._maker.names.volume(ref, PROJECT_VOLUME), _ROOT, read_only=read_only)
        helper = Helper(ref, "files", await self._images.scratch(), (mount,))
        name = f"{self._maker.names.helper(ref, 'files')}-{secrets.token_hex(4)}"
        made = await self._engine.post("containers/create", helper_manifest(self._maker, helper), name=name)
        try:
            yield VolumeFiles(self._engine, made["Id"])
        finally:
            await asyncio.shield(self._engine.delete(f"containers/{made['Id']}", force=True))


def _only_file(tar: tarfile.TarFile) -> bytes | None:
    for member in tar:
        if member.isreg() and (content := tar.extractfile(member)):
            return content.read(MAX_FILE_BYTES)
    return None


def inside(tar: tarfile.TarFile) -> Iterator[tuple[str, tarfile.TarInfo]]:
    """The members of a folder's tar with their paths in that folder; the engine puts the folder's own name in front."""
    for member in tar:
        _, slash, rest = member.name.partition("/")
        if slash and rest:
            yield rest, member


def _children(tar: tarfile.TarFile) -> Iterator[str]:
    for path, member in inside(tar):
        if "/" not in path:
            yield f"{path}/" if member.isdir() else path


def _digest(tar: tarfile.TarFile, rules: IgnoreRules) -> str:
    digest = ContextDigest()
    for path, member in inside(tar):
        if rules.excludes(path):
            continue
        if member.issym():
            digest.add(path, "link", member.linkname)
        elif member.isdir():
            digest.add(path, "folder")
        elif member.isreg():
            digest.add(path, "file", _hash(tar.extractfile(member)), executable=bool(member.mode & 0o111))
        elif member.islnk():
            digest.add(path, "link", f"={member.linkname.partition('/')[2]}")
    return digest.hexdigest()


def _hash(file: IO[bytes] | None) -> str:
    digest = hashlib.sha256()
    while file and (chunk := file.read(1 << 20)):
        digest.update(chunk)
    return digest.hexdigest()
