"""Images: inspected, pulled, collected; and the empty image that helpers are made of."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import io
import json
import tarfile
import time
from collections.abc import Mapping
from contextlib import aclosing
from typing import Any
from urllib.parse import quote

from carrel.core.problems import Problem
from carrel.core.secret import Secret
from carrel.core.spec import TOOLBOX_PATH
from carrel.runtimes.contract import ImageFact, Log
from carrel.runtimes.docker import names
from carrel.runtimes.docker.connection import Engine, Request
from carrel.runtimes.docker.facts import Described, describe, image_fact
from carrel.runtimes.docker.manifest import Maker
from carrel.runtimes.docker.refusals import EngineRefused

Credentials = Mapping[str, tuple[str, Secret]]
_HUB = "docker.io"
_HUB_HOSTS = ("docker.io", "index.docker.io", "https://index.docker.io/v1/", "registry-1.docker.io")
_SILENCE_SECONDS = 300.0
_SAY_EVERY_SECONDS = 2.0


class Images:
    """The images of an engine."""

    def __init__(self, engine: Engine, maker: Maker) -> None:
        """Images of `engine`."""
        self._engine = engine
        self._maker = maker
        self._scratch = ""

    async def inspect(self, image: str) -> ImageFact | None:
        """A local image's facts, or None."""
        found = await self._find(image)
        return image_fact(found) if found is not None else None

    async def need(self, image: str) -> Described:
        """A local image. Raises `image_missing`."""
        found = await self._find(image)
        if found is None:
            raise Problem("image_missing", f"There is no image {image}.")
        return describe(found)

    async def _find(self, image: str) -> Mapping[str, Any] | None:
        found: Mapping[str, Any] | None = await self._engine.find(f"images/{quote(image, safe='/:@')}/json")
        return found

    async def pull(self, image: str, credentials: Credentials, log: Log, *, newest: bool = False) -> ImageFact:
        """Make an image present; see Runtime.pull_image."""
        if not newest and (present := await self.inspect(image)) is not None:
            return present
        name, tag = split_reference(image)
        headers = {}
        if given := credentials_for(image, credentials):
            headers["X-Registry-Auth"] = encode({"serveraddress": registry_host(image), **given})
        request = Request("POST", "images/create", {"fromImage": name, "tag": tag}, headers=headers, registry=True)
        await self._follow(image, request, log)
        fact = await self.inspect(image)
        if fact is None:
            raise Problem("image_missing", f"The pull of {image} left no image.")
        wanted = str(self._engine.version.get("Arch", ""))
        if fact.architecture and wanted and fact.architecture != wanted:
            detail = f"{image} is for {fact.architecture}, and the engine runs {wanted}."
            raise Problem("image_missing", detail, hint="Use an image for the engine's platform.")
        return fact

    async def _follow(self, image: str, request: Request, log: Log) -> None:
        patience = self._maker.settings.registry_patience_seconds
        display = PullDisplay(log)
        async with aclosing(self._engine.lines(request)) as lines:
            while True:
                try:
                    async with asyncio.timeout(patience):
                        line = await anext(lines, None)
                except TimeoutError as error:
                    detail = f"The registry {registry_host(image)} did not answer within {patience:.0f} s."
                    raise Problem("registry_unreachable", detail) from error
                if line is None:
                    return
                display.show(line)
                patience = _SILENCE_SECONDS

    async def scratch(self) -> str:
        """The image that throw-away containers are made of: empty folders, and a shell that the toolbox brings."""
        if not self._scratch:
            content = _scratch_archive()
            tag = hashlib.sha256(content).hexdigest()[:12]
            name = f"carrel/scratch:{tag}"
            if await self.inspect(name) is None:
                await self._import(name, tag, content)
            self._scratch = name
        return self._scratch

    async def _import(self, name: str, tag: str, content: bytes) -> None:
        labels = self._maker.names.installation_labels("scratch")
        changes = [f"LABEL {key}={value}" for key, value in labels.items()]
        params = {"fromSrc": "-", "repo": name.rsplit(":", 1)[0], "tag": tag, "changes": "\n".join(changes)}
        request = Request("POST", "images/create", params, content, seconds=120.0)
        async with aclosing(self._engine.lines(request)) as lines:
            async for _ in lines:
                pass

    async def collect(self, in_use: frozenset[str]) -> list[str]:
        """Remove the images that we built and that neither `in_use` nor a container refers to."""
        labels = self._maker.names.installation_labels("build")
        listed = await self._engine.get("images/json", filters=names.label_filter(labels))
        used = {one["ImageID"] for one in await self._engine.get("containers/json", all=True)}
        removed = []
        for image in listed:
            tags = [tag for tag in image.get("RepoTags") or () if tag != "<none>:<none>"]
            if image["Id"] in used or image["Id"] in in_use or any(tag in in_use for tag in tags):
                continue
            removed += [tag for tag in tags or [image["Id"]] if await self._remove(tag)]
        return sorted(removed)

    async def forget(self, name: str) -> bool:
        """Remove a name, and the image where it has no other; what is used stays."""
        return await self._remove(name)

    async def _remove(self, image: str) -> bool:
        try:
            return await self._engine.delete(f"images/{quote(image, safe='/:@')}")
        except EngineRefused as refused:
            if refused.code == 409:  # a container or another image came to need it
                return False
            raise


class PullDisplay:
    """Turns the engine's progress of many layers into few lines."""

    def __init__(self, log: Log) -> None:
        """Write to `log`."""
        self._log = log
        self._layers: dict[str, tuple[int, int]] = {}
        self._said_at = 0.0

    def show(self, line: Mapping[str, Any]) -> None:
        """One object of the stream."""
        status, layer = str(line.get("status", "")), str(line.get("id", ""))
        progress = line.get("progressDetail") or {}
        if status in {"Downloading", "Extracting", "Pushing"} and progress.get("total"):
            self._layers[layer] = (int(progress.get("current", 0)), int(progress["total"]))
            if time.monotonic() - self._said_at >= _SAY_EVERY_SECONDS:
                self._said_at = time.monotonic()
                have, total = (sum(column) // 1_000_000 for column in zip(*self._layers.values(), strict=True))
                self._log(f"{status}: {have} of {total} MB")
        elif status and status not in {"Waiting", "Preparing", "Verifying Checksum", "Pulling fs layer"}:
            self._log(f"{layer}: {status}" if layer else status)


def split_reference(image: str) -> tuple[str, str]:
    """Repository, and tag or digest (`latest` where none is given)."""
    if "@" in image:
        name, _, digest = image.partition("@")
        return name, digest
    head, slash, last = image.rpartition("/")
    name, _, tag = last.partition(":")
    return f"{head}{slash}{name}", tag or "latest"


def registry_host(image: str) -> str:
    """The registry that an image's name points to."""
    first, slash, _ = image.partition("/")
    return first if slash and (set(".:") & set(first) or first == "localhost") else _HUB


def credentials_for(image: str, credentials: Credentials) -> dict[str, str]:
    """User name and password for an image's registry, or nothing."""
    host = registry_host(image)
    for known in _HUB_HOSTS if host == _HUB else (host,):
        if known in credentials:
            user, password = credentials[known]
            return {"username": user, "password": password.reveal()}
    return {}


def encode(value: Mapping[str, Any]) -> str:
    """A header with credentials, as the engine takes it."""
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode()


def _scratch_archive() -> bytes:
    """Folders, a user table, and /bin/sh as a link to the toolbox's busybox: git runs its helpers through a shell."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for folder in ("bin", "etc", "tmp", "source", "home", TOOLBOX_PATH.lstrip("/").split("/", maxsplit=1)[0]):
            member = tarfile.TarInfo(folder)
            member.type, member.mode = tarfile.DIRTYPE, 0o1777 if folder == "tmp" else 0o755
            tar.addfile(member)
        link = tarfile.TarInfo("bin/sh")
        link.type, link.linkname = tarfile.SYMTYPE, f"{TOOLBOX_PATH}/bin/busybox"
        tar.addfile(link)
        users = b"root:x:0:0:root:/tmp:/bin/sh\n"
        member = tarfile.TarInfo("etc/passwd")
        member.size, member.mode = len(users), 0o644
        tar.addfile(member, io.BytesIO(users))
    return buffer.getvalue()
