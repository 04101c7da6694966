"""Wires the environment engine with this machine's Docker Engine and the registries, as the settings say."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from carrel.core.problems import Problem
from carrel.core.spec import FolderSource, WorkspaceRef
from carrel.core.workspace import ID_ALPHABET, ID_LENGTH
from carrel.devcontainer import ImageFacts, Policy, Request, refuse_built
from carrel.runtimes.folder_files import FolderFiles
from carrel.standalone.asked import Asked
from carrel.standalone.glance import glance
from carrel.standalone.lazy_registry import LazyRegistry
from carrel.wiring import control_list, read_ca_bundle, registry_settings

if TYPE_CHECKING:
    from carrel.runtimes.contract import Runtime
    from carrel.server.settings import Settings

INSTALLATION = "devcontainer"
"""Marks what is built here: it belongs to no server, which therefore never removes it."""


class Engine:
    """Everything that a command may need; nothing is opened or imported before it is used."""

    def __init__(self, settings: Settings, stack: AsyncExitStack) -> None:
        """What is opened is closed with `stack`."""
        self.settings = settings
        self.registries = registry_settings(settings)
        self.registry = LazyRegistry(self.registries)
        stack.push_async_callback(self.registry.close)
        self._stack = stack
        self._bundle = read_ca_bundle(settings)
        self._runtime: Runtime | None = None

    @property
    def runtime(self) -> Runtime:
        """The Docker Engine."""
        if self._runtime is None:
            from carrel.runtimes.docker.runtime import DockerRuntime  # noqa: PLC0415  0.15 s, for builds and pulls only
            from carrel.wiring import docker_settings  # noqa: PLC0415

            # Folders are read by this process and sent: whether the engine could mount them does not matter.
            runtime = DockerRuntime(
                replace(docker_settings(self.settings, INSTALLATION, self._bundle), local_folders=False)
            )
            self._stack.push_async_callback(runtime.close)
            self._runtime = runtime
        return self._runtime

    async def find(self, image: str) -> ImageFacts | None:
        """Facts of an image that the engine has."""
        if self._runtime is None and (found := await glance(image, self.settings.docker_host)) is not None:
            return found
        return await self.runtime.inspect_image(image)

    async def inspect(self, image: str, *, newest: bool = False) -> ImageFacts:
        """Facts of an image; an absent one is pulled, with `newest` also one that is present (C150)."""
        refuse_built(image)
        found = await self.find(image)
        if found is not None and not newest:
            return found
        say(f"Pulling {image}")
        try:
            return await self.runtime.pull_image(image, self.registries.credentials, say, newest=newest)
        except Problem as problem:
            if found is None:
                raise
            say(f"{image} stays as it is here: {problem}")
            return found

    def request(self, asked: Asked) -> Request:
        """The request for a folder: the caller's own environment and files, and no workspace."""
        return Request(
            workspace_id=workspace_id(asked.folder),
            source=FolderSource(asked.folder),
            repository=base_name(asked.folder) or "project",
            configuration=asked.config,
            default_image=self.settings.default_image,
            local_env=dict(os.environ),
            policy=Policy(granted=frozenset(asked.allow)),
            additional_features=asked.additional_features,
            no_cache=asked.no_cache,
            cache_from=asked.cache_from,
            platform=asked.platform,
            lockfile=asked.lockfile,
            registry_mirrors=self.registries.mirrors,
            control=control_list(self.settings),
            certificates=(self._bundle or b"").decode(errors="replace"),
        )


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Engine]:
    """The engine for one command."""
    async with AsyncExitStack() as stack:
        yield Engine(settings, stack)


def files_of(asked: Asked) -> FolderFiles:
    """The repository's files. Raises `bad_source`."""
    return FolderFiles(asked.folder)


def workspace_id(folder: str) -> str:
    """What takes the place of a workspace's id: the same for the same folder."""
    digest = hashlib.sha256(folder.encode()).digest()
    return "".join(ID_ALPHABET[byte % len(ID_ALPHABET)] for byte in digest[:ID_LENGTH])


def base_name(folder: str) -> str:
    """The last part of a path."""
    return folder.rstrip("/").rpartition("/")[2]


def build_ref(asked: Asked) -> WorkspaceRef:
    """How a runtime names this build."""
    return WorkspaceRef(workspace_id(asked.folder), base_name(asked.folder))


def say(line: str) -> None:
    """A line for people, at once."""
    sys.stderr.write(line + "\n")
    sys.stderr.flush()
