"""The runtime contract on one Docker Engine; each part of the work is in its own module."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager

from carrel.core.secret import Secret
from carrel.core.spec import BOOT_FOLDER, FolderSource, Source, VolumeSpec, WorkspaceRef, WorkspaceSpec
from carrel.runtimes.contract import (
    BuildJob,
    FilePlacement,
    ImageFact,
    Log,
    ProjectFiles,
    RuntimeFacts,
    RuntimeInfo,
    SourceFile,
    SourceJob,
    SourceResult,
)
from carrel.runtimes.docker import toolbox
from carrel.runtimes.docker.base_image import ensure_base_image
from carrel.runtimes.docker.boot_archive import Entry, archive, boot_entries, certificate_entries
from carrel.runtimes.docker.build import Builds
from carrel.runtimes.docker.connection import Engine
from carrel.runtimes.docker.containers import Archives, Containers
from carrel.runtimes.docker.endpoints import Endpoints
from carrel.runtimes.docker.fence import fence
from carrel.runtimes.docker.files import SourceFiles
from carrel.runtimes.docker.home import Homes, first_mark
from carrel.runtimes.docker.images import Images
from carrel.runtimes.docker.init_record import RECORD_FILE, init_record
from carrel.runtimes.docker.jobs import Jobs
from carrel.runtimes.docker.manifest import CA_FILE, Maker, home_target
from carrel.runtimes.docker.names import Names
from carrel.runtimes.docker.observing import Observing
from carrel.runtimes.docker.probing import probe, shares_files
from carrel.runtimes.docker.settings import DockerSettings
from carrel.runtimes.docker.sharing import Sharing
from carrel.runtimes.docker.source import Sources, look_at_folder
from carrel.runtimes.docker.volumes import Volumes
from carrel.runtimes.docker.watching import watch
from carrel.runtimes.folder_files import FolderFiles


class DockerRuntime:
    """Implements Runtime."""

    name = "docker"
    fills_new_volumes = True

    def __init__(self, settings: DockerSettings) -> None:
        """Nothing is opened before the first call."""
        self.settings = settings
        self._engine = engine = Engine(settings.host)
        self._maker = maker = Maker(settings, Names(settings.installation))
        self._volumes = Volumes(engine, maker)
        self._images = Images(engine, maker)
        self._containers = Containers(engine, maker, self._volumes, self._images)
        self._observing = Observing(engine, self._volumes, self._containers, Endpoints(engine, settings.command_line))
        self._sources = Sources(maker, self._volumes, self._images, Jobs(engine, maker))
        self._files = SourceFiles(engine, maker, self._volumes, self._images)
        self._homes = Homes(engine, maker, self._volumes, self._images)
        self._sharing = Sharing(engine, maker, self._images)
        self._builds = Builds(engine, maker, self._images, self._files)
        self._toolbox = ""
        self._shares_files: str | None = None

    async def probe(self) -> RuntimeInfo:
        """Connect, negotiate, measure."""
        return await probe(self._engine, self._builds, await self._shared())

    async def _shared(self) -> str:
        if self._shares_files is None:
            self._shares_files = await shares_files(self._engine, self._maker, self._images)
        return self._shares_files

    async def ensure_toolbox(self, log: Log) -> str:
        """Build this version's toolbox unless it is there."""
        if await self.has_toolbox() is None:
            around = self._surroundings(await self.base_image(log))
            async with self._engine.borrowed() as docker:
                self._toolbox = await toolbox.ensure_toolbox(docker, around, log)
        return self._toolbox

    async def has_toolbox(self) -> str | None:
        """This version's toolbox; once seen complete it never changes, so that then only its volume is looked for."""
        if self._toolbox and await self._engine.find(f"volumes/{self._toolbox}") is not None:
            return self._toolbox
        async with self._engine.borrowed() as docker:
            self._toolbox = await toolbox.has_toolbox(docker, self._surroundings()) or ""
        return self._toolbox or None

    async def base_image(self, log: Log) -> str:
        """A small Debian 12 image that is present."""
        return await ensure_base_image(self._images, self.settings.base_image, log)

    def _surroundings(self, base_image: str = "") -> toolbox.Surroundings:
        return toolbox.Surroundings(
            base_image=base_image or self.settings.base_image,
            ca_bundle=self.settings.ca_bundle,
            proxy_env={**self.settings.proxies, **self._maker.python_index()},
            labels=self._maker.names.installation_labels("toolbox"),
        )

    async def observe(self, ref: WorkspaceRef) -> RuntimeFacts:
        """The facts of one workspace, now."""
        return await self._observing.one(ref)

    async def observe_all(self) -> Mapping[str, RuntimeFacts]:
        """The facts of every workspace of this installation."""
        return await self._observing.all()

    async def disk_usage(self) -> Mapping[str, int]:
        """Bytes of each workspace's own volumes, as the engine counts them."""
        return await self._volumes.sizes()

    def watch(self) -> AsyncIterator[str]:
        """Workspace ids whose facts may have changed."""
        return watch(self._engine, self._maker.names)

    async def create_volumes(self, ref: WorkspaceRef, volumes: Sequence[VolumeSpec]) -> None:
        """Find or create the volumes."""
        await self._volumes.create(ref, volumes)

    async def fetch_source(self, job: SourceJob, log: Log) -> SourceResult:
        """Fill the project volume, or look whether a local folder can be mounted."""
        if isinstance(job.source, FolderSource):
            return await look_at_folder(job.source, await self._shared())
        return await self._sources.fetch(job, log)

    @asynccontextmanager
    async def open_source(self, ref: WorkspaceRef, source: Source) -> AsyncIterator[ProjectFiles]:
        """Read access to the source, without a running workspace."""
        if isinstance(source, FolderSource):
            yield FolderFiles(source.path)
            return
        async with self._files.open(ref) as files:
            yield files

    async def write_source_file(self, ref: WorkspaceRef, source: Source, file: SourceFile) -> None:
        """Put one file into the project volume or the local folder."""
        if isinstance(source, FolderSource):
            await FolderFiles(source.path).write(file.path, file.content, file.like)
            return
        await self._files.write(ref, file)

    async def place_source_files(self, job: SourceJob, files: Sequence[FilePlacement]) -> Sequence[str]:
        """Put files into the project volume or the local folder where nobody else's are."""
        if isinstance(job.source, FolderSource):
            return await FolderFiles(job.source.path).put(files)
        return await self._sources.place(job, files)

    async def inspect_image(self, image: str) -> ImageFact | None:
        """A local image's facts, or None."""
        return await self._images.inspect(image)

    async def pull_image(
        self, image: str, credentials: Mapping[str, tuple[str, Secret]], log: Log, *, newest: bool = False
    ) -> ImageFact:
        """Make an image present."""
        return await self._images.pull(image, credentials, log, newest=newest)

    async def name_image(self, image: str, name: str) -> None:
        """One more name for a local image."""
        await self._sharing.name(image, name)

    async def push_image(self, image: str, name: str, credentials: Mapping[str, tuple[str, Secret]], log: Log) -> str:
        """Push a local image under `name`."""
        return await self._sharing.push(image, name, credentials, log)

    async def adopt_image(
        self, name: str, tag: str, credentials: Mapping[str, tuple[str, Secret]], log: Log
    ) -> ImageFact:
        """Pull an image in the place of building it."""
        return await self._sharing.adopt(name, tag, credentials, log)

    async def build_image(self, job: BuildJob, log: Log) -> ImageFact:
        """Build unless the tag is present."""
        return await self._builds.build(job, log)

    async def seed_home(self, ref: WorkspaceRef, image: str, home: str, toolbox: str, log: Log) -> None:
        """Merge what the image has in its home folder into the home volume."""
        await self._homes.seed(ref, image, home, toolbox, log)

    async def create(self, spec: WorkspaceSpec, log: Log) -> None:  # noqa: ARG002  nothing takes long enough to say
        """Find or create network and containers."""
        await self._containers.create(spec)

    async def image_users(self, ref: WorkspaceRef, image: str) -> str:
        """The text of an image's passwd file."""
        return await self._homes.users(ref, image)

    async def start(self, spec: WorkspaceSpec, boot: Mapping[str, bytes], log: Log) -> None:
        """Put the boot files and start, dependencies first."""
        primary = spec.primary_container()
        image = (await self._images.need(primary.image)).fact
        files = {**boot, RECORD_FILE: init_record(primary, image, fence(spec, primary))}
        certificates = certificate_entries(CA_FILE, self.settings.ca_bundle)
        entries = [*boot_entries(BOOT_FOLDER, files), *certificates, *await self._mark_of_home(spec, image)]
        others = archive(certificates) if certificates else b""
        await self._containers.start(spec, Archives(archive(entries), others), log)

    async def _mark_of_home(self, spec: WorkspaceSpec, image: ImageFact) -> list[Entry]:
        home = home_target(spec)
        container = self._maker.names.container(spec.ref, spec.primary)
        if not home or await self._homes.is_marked(container, home):
            return []
        return [first_mark(home, image)]

    async def stop(self, ref: WorkspaceRef, grace_seconds: float = 10.0) -> None:
        """Stop all containers and release the network."""
        await self._containers.stop(ref, grace_seconds)

    async def remove(self, ref: WorkspaceRef) -> None:
        """Stop and remove all containers and networks."""
        await self._containers.remove(ref)

    async def remove_volumes(self, ref: WorkspaceRef) -> None:
        """Remove the workspace's own volumes for ever."""
        await self._volumes.remove(ref)

    async def container_log(self, ref: WorkspaceRef, container: str, tail_lines: int = 200) -> str:
        """The last lines that a container wrote."""
        return await self._containers.log(ref, container, tail_lines)

    async def collect(self, images_in_use: frozenset[str], toolboxes_in_use: frozenset[str]) -> Sequence[str]:
        """Remove our images and toolboxes that nothing refers to."""
        removed = await self._images.collect(images_in_use)
        labels = self._maker.names.installation_labels("toolbox")
        async with self._engine.borrowed() as docker:
            return removed + await toolbox.collect_toolboxes(docker, toolboxes_in_use, labels)

    async def close(self) -> None:
        """Release the connection."""
        await self._engine.close()
