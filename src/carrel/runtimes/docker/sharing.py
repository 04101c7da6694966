"""Images to and from registries under other names: what was built once is pulled elsewhere in the place of building."""

from __future__ import annotations

import io
import tarfile
from contextlib import aclosing
from urllib.parse import quote

from carrel.core.problems import Problem
from carrel.runtimes.contract import ImageFact, Log
from carrel.runtimes.docker.connection import Engine, Request
from carrel.runtimes.docker.images import (
    Credentials,
    Images,
    PullDisplay,
    credentials_for,
    encode,
    registry_host,
    split_reference,
)
from carrel.runtimes.docker.manifest import Maker


class Sharing:
    """Names, pushes and adopts images of an engine."""

    def __init__(self, engine: Engine, maker: Maker, images: Images) -> None:
        """Images of `engine`."""
        self._engine = engine
        self._maker = maker
        self._images = images

    async def name(self, image: str, name: str) -> None:
        """See Runtime.name_image."""
        await self._images.need(image)
        repository, tag = split_reference(name)
        await self._engine.post(f"images/{quote(image, safe='/:@')}/tag", repo=repository, tag=tag)

    async def push(self, image: str, name: str, credentials: Credentials, log: Log) -> str:
        """See Runtime.push_image."""
        was_there = await self._images.inspect(name) is not None
        await self.name(image, name)
        try:
            return await self._push(name, credentials, log)
        finally:
            if not was_there:
                await self._images.forget(name)

    async def _push(self, name: str, credentials: Credentials, log: Log) -> str:
        repository, tag = split_reference(name)
        given = credentials_for(name, credentials)
        headers = {"X-Registry-Auth": encode({"serveraddress": registry_host(name), **given} if given else {})}
        request = Request(
            "POST", f"images/{quote(repository, safe='/:')}/push", {"tag": tag}, headers=headers, registry=True
        )
        display, digest = PullDisplay(log), ""
        async with aclosing(self._engine.lines(request)) as lines:
            async for line in lines:
                display.show(line)
                digest = str((line.get("aux") or {}).get("Digest") or digest)
        return digest

    async def adopt(self, name: str, tag: str, credentials: Credentials, log: Log) -> ImageFact:
        """See Runtime.adopt_image."""
        was_there = await self._images.inspect(name) is not None
        fact = await self._images.pull(name, credentials, log)
        ours = self._maker.names.installation_labels("build")
        if ours.items() <= fact.labels.items():
            await self.name(name, tag)
        else:
            await self._relabel(name, tag, ours)
        if not was_there:
            await self._images.forget(name)
        adopted = await self._images.inspect(tag)
        if adopted is None:
            raise Problem("image_missing", f"{name} was pulled and is not there as {tag}.")
        return adopted

    async def _relabel(self, name: str, tag: str, labels: dict[str, str]) -> None:
        """Another installation built it: ours needs its own label, by which it is found when nothing uses it any more."""
        params = {"dockerfile": "Dockerfile", "t": tag, "labels": labels, "rm": True, "forcerm": True}
        request = Request("POST", "build", params, _context(f"FROM {name}\n"), seconds=120.0)
        async with aclosing(self._engine.lines(request)) as lines:
            async for _ in lines:
                pass


def _context(dockerfile: str) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        member = tarfile.TarInfo("Dockerfile")
        member.size = len(dockerfile)
        tar.addfile(member, io.BytesIO(dockerfile.encode()))
    return buffer.getvalue()
