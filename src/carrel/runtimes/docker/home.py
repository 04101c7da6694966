"""Seeds the home volume with what a new image has under the home folder; inside/seed.py does the merging."""

from __future__ import annotations

import asyncio
import hashlib
import json
import posixpath
import secrets
import tarfile
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, TypeVar

from carrel.core.problems import Problem
from carrel.core.spec import HOME_VOLUME, VolumeSpec, WorkspaceRef
from carrel.runtimes.contract import ImageFact, Log
from carrel.runtimes.docker.boot_archive import Entry
from carrel.runtimes.docker.connection import Engine, Request
from carrel.runtimes.docker.files import inside
from carrel.runtimes.docker.helpers import Helper, helper_manifest, volume_mount
from carrel.runtimes.docker.images import Images
from carrel.runtimes.docker.jobs import Jobs, python_command
from carrel.runtimes.docker.manifest import Maker
from carrel.runtimes.docker.refusals import EngineRefused
from carrel.runtimes.docker.tar_stream import reading_tar
from carrel.runtimes.docker.volumes import Volumes

MANIFEST = ".carrel-seed.json"
"""In the home volume; see inside/seed.py. Without `files`: filled by that image at the first mount."""
_VOLUME = "/.carrel-home"
_MAX_MANIFEST = 64 << 20
_CAPABILITIES = ("CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID")

T = TypeVar("T")


def first_mark(home: str, image: ImageFact) -> Entry:
    """The note that the engine filled a new home volume from `image`."""
    return Entry(posixpath.join(home, MANIFEST), json.dumps({"image": image.id}).encode())


class Homes:
    """Seeds home volumes."""

    def __init__(self, engine: Engine, maker: Maker, volumes: Volumes, images: Images) -> None:
        """Seed with `engine`."""
        self._engine = engine
        self._maker = maker
        self._volumes = volumes
        self._images = images
        self._jobs = Jobs(engine, maker)
        self._users: dict[str, str] = {}
        """Passwd text by image id: an id is its content."""

    async def is_marked(self, container: str, home: str) -> bool:
        """Whether the home volume of a container has been filled or seeded before."""
        params = {"path": posixpath.join(home, MANIFEST)}
        try:
            await self._engine.ask(Request("HEAD", f"containers/{container}/archive", params, seconds=60.0))
        except EngineRefused as refused:
            if refused.code == 404:
                return False
            raise
        return True

    async def seed(self, ref: WorkspaceRef, image: str, home: str, toolbox: str, log: Log) -> None:
        """See Runtime.seed_home."""
        await self._volumes.need(ref, [VolumeSpec(HOME_VOLUME)])
        await self._volumes.need_toolbox(toolbox)
        fact = await self._images.inspect(image)
        if fact is None:
            raise Problem("image_missing", f"There is no image {image}.")
        noted = await self._noted(ref)
        if noted.get("image") == fact.id:
            return
        files = noted.get("files")
        previous = files if isinstance(files, dict) else await self._of_image(ref, str(noted.get("image", "")), home)
        helper = Helper(
            ref=ref,
            kind="seed",
            image=image,
            mounts=(self._mount(ref),),
            command=python_command("seed"),
            toolbox=toolbox,
            job=hashlib.sha256(f"{fact.id}\0{home}\0{toolbox}".encode()).hexdigest()[:16],
            capabilities=_CAPABILITIES,
        )
        order = {"home": home, "volume": _VOLUME, "image": fact.id, "previous": previous}
        counts = await self._jobs.run(helper, order, log)
        log(f"Home folder: {counts['added']} added, {counts['renewed']} renewed, {counts['kept']} left as they are")

    async def users(self, ref: WorkspaceRef, image: str) -> str:
        """See Runtime.image_users."""
        fact = (await self._images.need(image)).fact
        if fact.id not in self._users:
            content = await self._read(Helper(ref, "files", image), "/etc/passwd", partial(_first_file, limit=1 << 20))
            self._users[fact.id] = (content or b"").decode(errors="replace")
        return self._users[fact.id]

    def _mount(self, ref: WorkspaceRef) -> dict[str, Any]:
        return volume_mount(self._maker.names.volume(ref, HOME_VOLUME), _VOLUME)

    async def _noted(self, ref: WorkspaceRef) -> Mapping[str, object]:
        """What the volume says of its last seed; anything unreadable is nothing."""
        helper = Helper(ref, "files", await self._images.scratch(), (self._mount(ref),))
        content = await self._read(helper, posixpath.join(_VOLUME, MANIFEST), _first_file)
        try:
            noted = json.loads(content or b"{}")
        except ValueError:
            return {}
        return noted if isinstance(noted, dict) else {}

    async def _of_image(self, ref: WorkspaceRef, image: str, home: str) -> Mapping[str, str]:
        """What the image that filled the volume has in its home folder; nothing where the image is gone."""
        if not image or await self._images.inspect(image) is None:
            return {}
        return await self._read(Helper(ref, "files", image), home, _descriptions) or {}

    async def _read(self, helper: Helper, path: str, reader: Callable[[tarfile.TarFile], T]) -> T | None:
        """What `reader` makes of a path in a container that is never started; None where there is no such path."""
        name = f"{self._maker.names.helper(helper.ref, helper.kind)}-{secrets.token_hex(4)}"
        made = await self._engine.post("containers/create", helper_manifest(self._maker, helper), name=name)
        request = Request("GET", f"containers/{made['Id']}/archive", {"path": path}, seconds=120.0)
        try:
            async with self._engine.stream(request) as answer, reading_tar(answer.content.iter_any()) as tar:
                return await asyncio.to_thread(reader, tar)
        except EngineRefused as refused:
            if refused.code == 404:
                return None
            raise
        finally:
            await asyncio.shield(self._engine.delete(f"containers/{made['Id']}", force=True))


def _first_file(tar: tarfile.TarFile, limit: int = _MAX_MANIFEST) -> bytes:
    member = tar.next()
    content = tar.extractfile(member) if member is not None and member.isreg() else None
    return content.read(limit) if content else b""


def _descriptions(tar: tarfile.TarFile) -> dict[str, str]:
    """Path to description, in the words of inside/seed.py."""
    found = {}
    for path, member in inside(tar):
        if member.isdir():
            found[path] = "d"
        elif member.issym():
            found[path] = f"l:{member.linkname}"
        elif member.isreg() and (content := tar.extractfile(member)):
            found[path] = f"f:{hashlib.file_digest(content, 'sha256').hexdigest()}"  # type: ignore[arg-type]
    return found
