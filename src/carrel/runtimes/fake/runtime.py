"""The contract's reference implementation, over a FakeEngine."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager

from carrel.core.problems import Problem
from carrel.core.secret import Secret
from carrel.core.spec import (
    AGENT_PORT,
    HOME_VOLUME,
    PROJECT_VOLUME,
    Endpoint,
    FolderSource,
    MountKind,
    Source,
    VolumeSpec,
    WorkspaceRef,
    WorkspaceSpec,
)
from carrel.runtimes.contract import (
    BuildJob,
    Capacity,
    ContainerState,
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
from carrel.runtimes.fake import containers, images, source
from carrel.runtimes.fake.engine import Call, FakeEngine, FakeState, FakeVolume, Moment
from carrel.runtimes.fake.files import FakeFiles
from carrel.runtimes.folder_files import FolderFiles

Hook = Callable[[Call], Awaitable[None]]
TOOLBOX = "carrel-toolbox-fake"


async def no_hook(_: Call) -> None:
    """Neither fault nor delay."""


class FakeRuntime:
    """Runs nothing, but answers as a runtime does.

    Args:
        engine: what outlives this object.
        hook: awaited around each call; see Call.
        installation: whose things are ours.
    """

    name = "fake"
    fills_new_volumes = True

    def __init__(self, engine: FakeEngine, hook: Hook = no_hook, installation: str = "fakefakefake") -> None:
        """Connect to `engine`."""
        self.engine = engine
        self.hook = hook
        self.installation = installation

    async def probe(self) -> RuntimeInfo:
        """Constant figures."""
        async with self._call("probe"):
            with self.engine.reading():
                return RuntimeInfo("fake", "1", "amd64", Capacity(4, 8 << 30), "buildkit", "one process")

    async def ensure_toolbox(self, log: Log) -> str:
        """Note that the toolbox is there."""
        async with self._call("ensure_toolbox"):
            with self.engine.changing() as state:
                if TOOLBOX not in state.toolboxes:
                    log("building the toolbox")
                    state.toolboxes[TOOLBOX] = self.installation
        return TOOLBOX

    async def has_toolbox(self) -> str | None:
        """The toolbox's name if it is there."""
        with self.engine.reading() as state:
            return TOOLBOX if TOOLBOX in state.toolboxes else None

    async def observe(self, ref: WorkspaceRef) -> RuntimeFacts:
        """The facts of one workspace."""
        async with self._call("observe", ref):
            with self.engine.reading() as state:
                return self._facts(state, ref.id, ref.project)

    async def observe_all(self) -> Mapping[str, RuntimeFacts]:
        """The facts of all workspaces of this installation."""
        async with self._call("observe_all"):
            with self.engine.reading() as state:
                projects = {
                    v.workspace: v.project
                    for v in state.volumes.values()
                    if self._is_ours(v.installation) and not v.shared
                }
                known = {c.workspace: "" for c in state.containers.values() if self._is_ours(c.installation)}
                networks = {key.split("/")[1]: "" for key in state.networks if self._is_ours(key.split("/")[0])}
                return {
                    id_: self._facts(state, id_, project) for id_, project in {**networks, **known, **projects}.items()
                }

    async def disk_usage(self) -> Mapping[str, int]:
        """The sizes of all files."""
        async with self._call("disk_usage"):
            found: dict[str, int] = {}
            with self.engine.reading() as state:
                for volume in state.volumes.values():
                    if self._is_ours(volume.installation) and not volume.shared:
                        size = sum(map(len, volume.files.values()))
                        found[volume.workspace] = found.get(volume.workspace, 0) + size
            return found

    def watch(self) -> AsyncIterator[str]:
        """Workspace ids as they change."""
        return self.engine.watch()

    async def create_volumes(self, ref: WorkspaceRef, volumes: Sequence[VolumeSpec]) -> None:
        """Find or create the volumes."""
        async with self._call("create_volumes", ref):
            with self.engine.changing(ref.id) as state:
                for volume in volumes:
                    fresh = FakeVolume(
                        self.installation, "" if volume.shared else ref.id, ref.project, volume.name, volume.shared
                    )
                    state.volumes.setdefault(self._volume(ref, volume.name, shared=volume.shared), fresh)

    async def fetch_source(self, job: SourceJob, log: Log) -> SourceResult:
        """Fill the project volume."""
        async with self._call("fetch_source", job.ref):
            source.check(job)
            if isinstance(job.source, FolderSource):
                return SourceResult()
            with self.engine.reading() as state:
                self._need_toolbox(state, job.toolbox)
            await self._job("fetch_source", job.ref, log)
            with self.engine.changing(job.ref.id) as state:
                state.containers.pop(containers.key(self.installation, job.ref.id, "source"), None)
                volume = state.volumes.get(self._volume(job.ref, PROJECT_VOLUME))
                if volume is None:
                    raise Problem("volume_missing", "The project volume is gone.")
                return source.fill(state, volume, job)

    @asynccontextmanager
    async def open_source(self, ref: WorkspaceRef, source: Source) -> AsyncIterator[ProjectFiles]:
        """Read access to the volume or folder."""
        if isinstance(source, FolderSource):
            yield FolderFiles(source.path)
            return
        with self.engine.reading() as state:
            volume = state.volumes.get(self._volume(ref, PROJECT_VOLUME))
        if volume is None:
            raise Problem("volume_missing", "The project volume is gone.")
        yield FakeFiles(volume)

    async def write_source_file(self, ref: WorkspaceRef, source: Source, file: SourceFile) -> None:
        """Put one file into the volume or folder."""
        if isinstance(source, FolderSource):
            await FolderFiles(source.path).write(file.path, file.content, file.like)
            return
        async with self._call("write_source_file"):
            with self.engine.changing() as state:
                volume = state.volumes.get(self._volume(ref, PROJECT_VOLUME))
                if volume is None:
                    raise Problem("volume_missing", "The project volume is gone.")
                FakeFiles(volume).write(file.path, file.content)

    async def place_source_files(self, job: SourceJob, files: Sequence[FilePlacement]) -> Sequence[str]:
        """Put files into the volume or folder where nobody else's are."""
        if isinstance(job.source, FolderSource):
            return await FolderFiles(job.source.path).put(files)
        async with self._call("place_source_files", job.ref):
            with self.engine.changing() as state:
                self._need_toolbox(state, job.toolbox)
                volume = state.volumes.get(self._volume(job.ref, PROJECT_VOLUME))
                if volume is None:
                    raise Problem("volume_missing", "The project volume is gone.")
                return FakeFiles(volume).put(files)

    async def inspect_image(self, image: str) -> ImageFact | None:
        """A local image's facts."""
        async with self._call("inspect_image"):
            with self.engine.reading() as state:
                return state.images[image].fact if image in state.images else None

    async def image_users(self, ref: WorkspaceRef, image: str) -> str:  # noqa: ARG002  nothing is made for it
        """The image's passwd file."""
        async with self._call("image_users"):
            with self.engine.reading() as state:
                if image not in state.images:
                    raise Problem("image_missing", f"There is no image {image!r}.")
                return state.images[image].files.get("/etc/passwd", b"").decode(errors="replace")

    async def base_image(self, log: Log) -> str:  # noqa: ARG002  nothing to say
        """A constant name."""
        return "debian:12"

    async def pull_image(
        self, image: str, credentials: Mapping[str, tuple[str, Secret]], log: Log, *, newest: bool = False
    ) -> ImageFact:
        """Make an image present."""
        async with self._call("pull_image"):
            log(f"pulling {image}")
            with self.engine.changing() as state:
                return images.pull(state, image, credentials, newest=newest)

    async def name_image(self, image: str, name: str) -> None:
        """One more name for a local image."""
        async with self._call("name_image"):
            with self.engine.changing() as state:
                images.name(state, image, name)

    async def push_image(self, image: str, name: str, credentials: Mapping[str, tuple[str, Secret]], log: Log) -> str:
        """Copy a local image to the registry."""
        async with self._call("push_image"):
            log(f"pushing {name}")
            with self.engine.changing() as state:
                return images.push(state, image, name, credentials)

    async def adopt_image(
        self, name: str, tag: str, credentials: Mapping[str, tuple[str, Secret]], log: Log
    ) -> ImageFact:
        """Pull an image in the place of building it."""
        async with self._call("adopt_image"):
            log(f"pulling {name}")
            with self.engine.changing() as state:
                return images.adopt(state, (name, tag), credentials, self.installation)

    async def build_image(self, job: BuildJob, log: Log) -> ImageFact:
        """Build unless the tag is there."""
        async with self._call("build_image", job.ref):
            with self.engine.reading() as state:
                if job.step.tag in state.images and not job.force:
                    return state.images[job.step.tag].fact
                reads_volume = job.step.context is not None and not isinstance(job.source, FolderSource)
                if reads_volume and self._volume(job.ref, PROJECT_VOLUME) not in state.volumes:
                    raise Problem("volume_missing", "The project volume is gone.")
            await self._job("build_image", job.ref, log)
            with self.engine.changing(job.ref.id) as state:
                for line in job.step.dockerfile.splitlines():
                    log(line)
                return images.build(state, job, self.installation)

    async def seed_home(self, ref: WorkspaceRef, image: str, home: str, toolbox: str, log: Log) -> None:  # noqa: ARG002  nothing is run
        """Merge the image's home folder into the home volume."""
        async with self._call("seed_home", ref):
            with self.engine.changing(ref.id) as state:
                volume = state.volumes.get(self._volume(ref, HOME_VOLUME))
                if volume is None:
                    raise Problem("volume_missing", "The home volume is gone.")
                if image not in state.images:
                    raise Problem("image_missing", f"There is no image {image!r}.")
                images.seed(volume, state.images[image], home)
                log("home folder seeded")

    async def create(self, spec: WorkspaceSpec, log: Log) -> None:  # noqa: ARG002  nothing to say
        """Find or create network and containers."""
        async with self._call("create", spec.ref):
            with self.engine.changing(spec.ref.id) as state:
                self._need_volumes(state, spec)
                containers.create(state, spec, self.installation)
                self._fill_home(state, spec)

    async def start(self, spec: WorkspaceSpec, boot: Mapping[str, bytes], log: Log) -> None:  # noqa: ARG002  nothing to say
        """Start, dependencies first."""
        async with self._call("start", spec.ref):
            with self.engine.changing(spec.ref.id) as state:
                self._need_volumes(state, spec)
                containers.start(state, spec, boot, self.engine.now(state))

    async def stop(self, ref: WorkspaceRef, grace_seconds: float = 10.0) -> None:  # noqa: ARG002  all end at once
        """Stop all containers, release the network."""
        async with self._call("stop", ref):
            with self.engine.changing(ref.id) as state:
                containers.stop(state, self.installation, ref.id)

    async def remove(self, ref: WorkspaceRef) -> None:
        """Remove all containers and the network."""
        async with self._call("remove", ref):
            with self.engine.changing(ref.id) as state:
                containers.remove(state, self.installation, ref.id)

    async def remove_volumes(self, ref: WorkspaceRef) -> None:
        """Remove the workspace's own volumes."""
        async with self._call("remove_volumes", ref):
            with self.engine.changing(ref.id) as state:
                ours = [k for k, v in state.volumes.items() if self._is_ours(v.installation) and v.workspace == ref.id]
                for key in ours:
                    del state.volumes[key]

    async def container_log(self, ref: WorkspaceRef, container: str, tail_lines: int = 200) -> str:
        """The last lines of one container."""
        with self.engine.reading() as state:
            found = state.containers.get(containers.key(self.installation, ref.id, container))
            return "\n".join(found.log[-tail_lines:]) if found else ""

    async def collect(self, images_in_use: frozenset[str], toolboxes_in_use: frozenset[str]) -> Sequence[str]:
        """Remove our unused images and toolboxes."""
        async with self._call("collect"):
            with self.engine.changing() as state:
                return images.collect(state, self.installation, images_in_use, toolboxes_in_use)

    async def close(self) -> None:
        """Nothing is held."""

    @asynccontextmanager
    async def _call(self, name: str, ref: WorkspaceRef | None = None) -> AsyncIterator[None]:
        workspace = ref.id if ref else ""
        await self.hook(Call(name, workspace, Moment.BEFORE))
        yield
        await self.hook(Call(name, workspace, Moment.AFTER))

    async def _job(self, name: str, ref: WorkspaceRef, log: Log) -> None:
        """Begin a long job in the engine unless it is found there, and wait for it."""
        job = f"{self.installation}/{ref.id}/{name}"
        with self.engine.changing(ref.id) as state:
            begun = containers.begin_job(state, self.installation, ref.id, name)
            state.jobs[job] = state.jobs.get(job, 0) + begun
        log("begun" if begun else "found again")
        await self.hook(Call(name, ref.id, Moment.DURING))
        with self.engine.changing() as state:
            containers.end_job(state, self.installation, ref.id, name)

    def _is_ours(self, installation: str) -> bool:
        return installation == self.installation

    def _volume(self, ref: WorkspaceRef, name: str, *, shared: bool = False) -> str:
        return f"{self.installation}/project:{ref.project}/{name}" if shared else f"{self.installation}/{ref.id}/{name}"

    def _need_volumes(self, state: FakeState, spec: WorkspaceSpec) -> None:
        for volume in spec.volumes:
            if self._volume(spec.ref, volume.name, shared=volume.shared) not in state.volumes:
                raise Problem("volume_missing", f"The volume {volume.name!r} is gone.")
        self._need_toolbox(state, spec.toolbox)

    def _need_toolbox(self, state: FakeState, toolbox: str) -> None:
        if toolbox and toolbox not in state.toolboxes:
            raise Problem("toolbox_failed", f"The toolbox {toolbox!r} is gone.")

    def _fill_home(self, state: FakeState, spec: WorkspaceSpec) -> None:
        """A new home volume gets what the image has at its target (fills_new_volumes)."""
        primary = spec.primary_container()
        for mount in primary.mounts:
            if mount.kind is MountKind.VOLUME and mount.source == HOME_VOLUME:
                volume = state.volumes[self._volume(spec.ref, HOME_VOLUME)]
                if volume.fresh and not volume.files:
                    images.seed(volume, state.images[primary.image], mount.target)

    def _facts(self, state: FakeState, workspace: str, project: str) -> RuntimeFacts:
        own = {v.name for v in state.volumes.values() if self._is_ours(v.installation) and v.workspace == workspace}
        shared = {
            v.name
            for v in state.volumes.values()
            if self._is_ours(v.installation) and v.shared and v.project == project
        }
        facts = containers.facts(state, self.installation, workspace)
        primary = state.containers.get(containers.primary_key(state, self.installation, workspace))
        endpoint = None
        if primary is not None and primary.state is ContainerState.RUNNING:
            endpoint = self.engine.endpoints.get(workspace, Endpoint("tcp", f"{workspace}.fake", AGENT_PORT))
        network = f"{self.installation}/{workspace}" in state.networks
        return RuntimeFacts(frozenset(own | shared), frozenset(shared - own), network, facts, endpoint)
