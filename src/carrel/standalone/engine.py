"""Wires the environment engine with this machine's Docker Engine and the registries, as the settings say."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace

from carrel.core.secret import Secret
from carrel.core.spec import FolderSource, WorkspaceRef
from carrel.core.workspace import ID_ALPHABET, ID_LENGTH
from carrel.devcontainer import ImageFacts, Policy, Request, refuse_built
from carrel.devcontainer.registry import RegistryClient
from carrel.runtimes.contract import Runtime
from carrel.runtimes.docker.runtime import DockerRuntime
from carrel.runtimes.folder_files import FolderFiles
from carrel.server.settings import Settings
from carrel.standalone.asked import Asked
from carrel.wiring import docker_settings, read_ca_bundle, registry_settings

INSTALLATION = "devcontainer"
"""Marks what is built here: it belongs to no server, which therefore never removes it."""


@dataclass(frozen=True)
class Engine:
    """Everything that a command may need; nothing is opened before it is used."""

    settings: Settings
    runtime: Runtime
    registry: RegistryClient
    credentials: Mapping[str, tuple[str, Secret]]
    certificates: str

    async def inspect(self, image: str) -> ImageFacts:
        """Facts of an image; an absent one is pulled."""
        refuse_built(image)
        found = await self.runtime.inspect_image(image)
        if found is not None:
            return found
        say(f"Pulling {image}")
        return await self.runtime.pull_image(image, self.credentials, say)

    def request(self, asked: Asked) -> Request:
        """The request for a folder: the caller's own environment and files, and no workspace."""
        return Request(
            workspace_id=workspace_id(asked.folder),
            source=FolderSource(asked.folder),
            repository=os.path.basename(asked.folder.rstrip("/")) or "project",  # noqa: PTH119  a name, not a place
            configuration=asked.config,
            default_image=self.settings.default_image,
            local_env=dict(os.environ),
            policy=Policy(granted=frozenset(asked.allow)),
            additional_features=asked.additional_features,
            no_cache=asked.no_cache,
            lockfile=asked.lockfile,
            registry_mirrors=self.registry_mirrors(),
            certificates=self.certificates,
        )

    def registry_mirrors(self) -> Mapping[str, str]:
        """Registry host to the host that is asked in its place."""
        return registry_settings(self.settings).mirrors


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Engine]:
    """The engine for one command."""
    async with AsyncExitStack() as stack:
        bundle = read_ca_bundle(settings)
        registries = registry_settings(settings)
        registry = await stack.enter_async_context(RegistryClient(registries))
        # Folders are read by this process and sent: whether the engine could mount them does not matter.
        runtime = DockerRuntime(replace(docker_settings(settings, INSTALLATION, bundle), local_folders=False))
        stack.push_async_callback(runtime.close)
        yield Engine(settings, runtime, registry, registries.credentials, (bundle or b"").decode(errors="replace"))


def files_of(asked: Asked) -> FolderFiles:
    """The repository's files. Raises `bad_source`."""
    return FolderFiles(asked.folder)


def workspace_id(folder: str) -> str:
    """What takes the place of a workspace's id: the same for the same folder."""
    digest = hashlib.sha256(folder.encode()).digest()
    return "".join(ID_ALPHABET[byte % len(ID_ALPHABET)] for byte in digest[:ID_LENGTH])


def build_ref(asked: Asked) -> WorkspaceRef:
    """How a runtime names this build."""
    return WorkspaceRef(workspace_id(asked.folder), os.path.basename(asked.folder))  # noqa: PTH119  a name, not a place


def say(line: str) -> None:
    """A line for people, at once."""
    sys.stderr.write(line + "\n")
    sys.stderr.flush()
