"""The build context as a tar in a pipe: the project's files that belong to it, the step's own files, the build file."""

from __future__ import annotations

import asyncio
import io
import os
import tarfile
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from carrel.core.problems import Problem
from carrel.core.spec import FolderSource
from carrel.runtimes.build_context import IgnoreRules
from carrel.runtimes.contract import BuildJob
from carrel.runtimes.docker.files import SourceFiles, VolumeFiles, inside
from carrel.runtimes.folder_files import FolderFiles, walk

BUILD_FOLDER = ".carrel-build"
DOCKERFILE = f"{BUILD_FOLDER}/Dockerfile"
CA_IN_CONTEXT = f"{BUILD_FOLDER}/ca.crt"
IGNORE_FILE = ".dockerignore"

Member = tuple[str, tarfile.TarInfo, Callable[[], IO[bytes] | None]]
"""Path in the context, description, and how its content is opened."""


@dataclass(frozen=True)
class ContextPlan:
    """What goes into a context."""

    files: Mapping[str, bytes]
    """Path to content; mode 0755."""
    max_bytes: int


@asynccontextmanager
async def context_pipe(job: BuildJob, sources: SourceFiles, plan: ContextPlan) -> AsyncIterator[int]:
    """The read end of a pipe with the context's tar, written by a thread while somebody reads it.

    Raises:
        Problem: `build_failed`: too large, or a file of the project has the name of one of ours.
    """
    async with AsyncExitStack() as stack:
        members = await _members(job, sources, plan, stack)
        read_end, write_end = os.pipe()
        writer = asyncio.create_task(asyncio.to_thread(_write, write_end, members, plan))
        try:
            yield read_end
        finally:
            os.close(read_end)
            with suppress(BrokenPipeError):
                await asyncio.shield(writer)


async def _members(
    job: BuildJob, sources: SourceFiles, plan: ContextPlan, stack: AsyncExitStack
) -> Callable[[], Iterator[Member]]:
    if job.step.context is None:
        return lambda: iter(())
    if isinstance(job.source, FolderSource):
        folder = FolderFiles(job.source.path)
        root = folder.place(job.step.context)
        rules = await _rules(job, plan, folder)
        return lambda: _of_folder(root, rules)
    files = await stack.enter_async_context(sources.open(job.ref))
    place = await files.place(job.step.context)
    rules = await _rules(job, plan, files)
    tar = await stack.enter_async_context(files.opened(place))
    return lambda: _of_tar(tar, rules)


async def _rules(job: BuildJob, plan: ContextPlan, files: VolumeFiles | FolderFiles) -> IgnoreRules:
    """The step's own .dockerignore (a `<Dockerfile>.dockerignore` of the project), else the context's."""
    own = plan.files.get(IGNORE_FILE)
    if own is None:
        own = await files.read(f"{job.step.context}/{IGNORE_FILE}")
    return IgnoreRules((own or b"").decode(errors="replace"))


def _of_tar(tar: tarfile.TarFile, rules: IgnoreRules) -> Iterator[Member]:
    for path, member in inside(tar):
        if member.islnk():
            member.linkname = member.linkname.partition("/")[2]
            if rules.excludes(member.linkname) and not rules.excludes(path):
                raise Problem(
                    "build_failed", f"{path!r} is a hard link to {member.linkname!r}, which .dockerignore leaves out."
                )
        if not rules.excludes(path):
            yield path, member, lambda member=member: tar.extractfile(member)  # type: ignore[misc]


def _of_folder(root: Path, rules: IgnoreRules) -> Iterator[Member]:
    with tarfile.open(fileobj=io.BytesIO(), mode="w") as describing:
        for path, file in walk(root, rules):
            member = describing.gettarinfo(file, arcname=path)
            if member is None:
                continue  # a socket
            if member.islnk():
                member.type, member.size = tarfile.REGTYPE, file.stat().st_size
            yield path, member, lambda file=file: file.open("rb")  # type: ignore[misc]


def _write(descriptor: int, members: Callable[[], Iterator[Member]], plan: ContextPlan) -> None:
    written = 0
    with os.fdopen(descriptor, "wb") as pipe, tarfile.open(fileobj=pipe, mode="w|", format=tarfile.PAX_FORMAT) as tar:
        for path, member, opened in members():
            if path == IGNORE_FILE:
                continue  # applied by us; the builder must not apply it to our own files
            if path in plan.files or path.split("/", 1)[0] == BUILD_FOLDER:
                raise Problem("build_failed", f"The context has a file {path!r}, which is the name of one of Carrel's.")
            written += member.size
            if written > plan.max_bytes:
                detail = f"The build context is larger than {plan.max_bytes >> 20} MiB."
                raise Problem("build_failed", detail, hint="Leave out what the build does not need with .dockerignore.")
            _add(tar, path, member, opened)
        # Last, and with them the build file: a context that broke off can never be built.
        for path, content in plan.files.items():
            if path != IGNORE_FILE:
                member = tarfile.TarInfo(path)
                member.size, member.mode = len(content), 0o755
                tar.addfile(member, io.BytesIO(content))


def _add(tar: tarfile.TarFile, path: str, member: tarfile.TarInfo, opened: Callable[[], IO[bytes] | None]) -> None:
    """Owners and times are not the build's business: they would make equal contexts different."""
    member.name = path
    member.uid = member.gid = member.mtime = 0
    member.uname = member.gname = ""
    member.pax_headers = {}
    if member.isreg():
        content = opened()
        if content is not None:
            with content:
                tar.addfile(member, content)
    elif member.isdir() or member.issym() or member.islnk():
        tar.addfile(member)
