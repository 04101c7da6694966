"""Makes, keeps and finds the environments of workspaces: the loop's side of the environment engine."""

from __future__ import annotations

import hashlib
import json
import os
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

import structlog

from carrel.core.accelerators import ACCELERATORS, Accelerator
from carrel.core.events import Event
from carrel.core.problems import Problem
from carrel.core.records import dump, load
from carrel.core.secret import Secret
from carrel.core.spec import BuildStep, EmptySource, FolderSource, WorkspaceRef
from carrel.core.workspace import Workspace
from carrel.definition.image_build import ImageMade
from carrel.devcontainer import (
    EnvironmentPlan,
    Policy,
    Request,
    complete,
    gather,
    inspected,
    plan,
    read_configuration,
    recovery_plan,
    refuse_built,
)
from carrel.devcontainer.configuration_files import RecordingFiles, with_configuration_files
from carrel.devcontainer.features.advisories import ControlList
from carrel.devcontainer.preview import Preview, preview
from carrel.devcontainer.registry import RegistryClient, RegistrySettings
from carrel.devcontainer.remote_env import remote_env_now
from carrel.devcontainer.users import user_name
from carrel.runtimes.build_cache import BuildCache
from carrel.runtimes.contract import BuildJob, Capacity, ImageFact, Log, Runtime
from carrel.server.actions.given_secrets import RevealedSecrets
from carrel.server.reconcile.architecture import check_architecture
from carrel.server.reconcile.building import Building, Built, make_images
from carrel.server.reconcile.default_image import DefaultImage
from carrel.server.reconcile.defined import remote_env_with, with_definition
from carrel.server.reconcile.environment import Environment, Session, repository_name
from carrel.server.reconcile.lockfile import write_lockfile
from carrel.server.reconcile.wanted_image import ImageWish, WantedImage, inspected_by_name
from carrel.server.reconcile.workspace_images import WorkspaceImages, base_name, is_own
from carrel.server.store import environments as rows
from carrel.server.store import events, templates, workspaces
from carrel.server.store.engine import Store

CACHED = 256
"""Environments that are kept parsed."""


class Credentials(Protocol):
    """What belongs to the owner of a workspace."""

    async def git(self, workspace: Workspace, url: str) -> tuple[str, Secret] | None:
        """User name and token for the host of a git URL, or None."""

    async def registries(self, workspace: Workspace) -> Mapping[str, tuple[str, Secret]]:
        """Registry host to user name and password."""

    async def session(self, workspace: Workspace) -> Session:
        """Secrets and git identity for the workspace's processes. Raises `secret_missing`."""

    async def check_secrets(self, workspace: Workspace) -> None:
        """Raise `secret_missing` where the definition wants what nobody has."""

    async def secrets_version(self, workspace: Workspace) -> str:
        """Another one whenever the workspace gets other secrets."""

    async def secrets(self, workspace: Workspace) -> RevealedSecrets:
        """What the workspace gets now."""


@dataclass(frozen=True)
class Making:
    """What environments are made from besides the repository."""

    default_image: DefaultImage
    own_images: WorkspaceImages = field(default_factory=WorkspaceImages)
    registry: RegistrySettings = field(default_factory=RegistrySettings)
    certificates: str = ""
    builder: str = "classic"
    cache: BuildCache | None = None
    control: ControlList = field(default_factory=ControlList)
    """What the administrator says of features."""
    capacity: Capacity = field(default_factory=lambda: Capacity(0, 0))
    """Of the machine; 0: not known."""
    max_gpus: int = 0
    """That one workspace may have."""
    accelerators: Mapping[str, Accelerator] = field(default_factory=lambda: ACCELERATORS)
    grants: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Project -> what its configurations may have beyond the policy; `*` is every project."""

    def granted(self, workspace: Workspace) -> frozenset[str]:
        """What was granted to a workspace, and to its project."""
        every, own = self.grants.get("*", frozenset()), self.grants.get(workspace.project, frozenset())
        return frozenset(workspace.allow) | every | own


class Environments:
    """Resolves configurations and remembers what came of it."""

    def __init__(self, store: Store, credentials: Credentials, making: Making) -> None:
        """Keep environments in `store`, make them from `making`."""
        self._store = store
        self._making = making
        self._cache: OrderedDict[tuple[str, str], Environment] = OrderedDict()
        self.credentials = credentials

    @property
    def own_images(self) -> WorkspaceImages:
        """Carrel's own images for workspaces."""
        return self._making.own_images

    async def stored(self, workspace: Workspace) -> Environment | None:
        """The environment of the wanted revision as it was stored; None: it has to be resolved."""
        key = (workspace.id, workspace.remembered.environment)
        if key in self._cache:
            self._cache.move_to_end(key)
            return self._cache[key]
        async with self._store.reading() as session:
            row = await rows.get(session, workspace.id, workspace.revision)
        if row is None or row.digest != workspace.remembered.environment:
            return None
        return self._remember(workspace, self._environment(load(EnvironmentPlan, row.plan), row.digest))

    async def template_files(self, template_id: str, number: int) -> dict[str, bytes] | None:
        """The files of a version of a template, template.yaml among them; None: it is gone."""
        async with self._store.reading() as session:
            return await templates.files(session, template_id, number)

    async def resolve(self, workspace: Workspace, runtime: Runtime, log: Log) -> Environment:
        """Read the configuration from the source as it lies there now, plan it, and store the plan.

        Raises:
            Problem: the configuration cannot be used, or something it names cannot be had.
        """
        images = replace(await self._images(workspace, runtime, log), newest=workspace.no_cache)
        wanted = await self._wanted_image(workspace, images) or WantedImage("")
        async with runtime.open_source(workspace.ref(), workspace.source) as opened:
            files, request = RecordingFiles(opened), self._request(workspace)
            request = replace(request, image=wanted.reference)
            configuration, _ = await read_configuration(request, files)
            if configuration.values.get("image") == request.default_image:
                chosen = await self._making.default_image.choose(runtime, log, ask_again=workspace.no_cache)
                request = replace(request, default_image=chosen)
            async with RegistryClient(await self._registry(workspace)) as registry:
                made = plan(await gather(request, files, wanted.inspecting(images.inspect), registry))
        made = with_definition(wanted.within(made), workspace.definition)
        made = with_configuration_files(made, files.digests, workspace.source, request.place)
        for notice in made.notices:
            log(notice.line())
        made = await write_lockfile(workspace, made, runtime, log)
        if workspace.no_cache:
            await self._build(workspace, made, images, force=True)
        return await self._keep(workspace, await self._completed(workspace, made, runtime))

    async def preview(self, workspace: Workspace, runtime: Runtime) -> Preview:
        """What the configuration asks for, read from the source as it lies there now. Raises as reading does."""
        async with runtime.open_source(workspace.ref(), workspace.source) as files:
            return await preview(self._request(workspace), files)

    async def remote_env(
        self, workspace: Workspace, environment: Environment, runtime: Runtime, content: bytes
    ) -> dict[str, str | None]:
        """`remoteEnv` with the configuration as it is now (`content`). Raises `bad_configuration`."""
        image = await runtime.inspect_image(environment.image)
        now = remote_env_now(environment.plan, self._request(workspace), content, image.env if image else {})
        return remote_env_with(now, workspace.definition)

    async def complete(self, workspace: Workspace, environment: Environment, runtime: Runtime) -> Environment:
        """The environment with what only the finished image says, stored in its place. Raises `image_missing`."""
        if await runtime.inspect_image(environment.image) is None:
            raise Problem("image_missing", f"{environment.image} is not there although it was made.")
        return await self._keep(workspace, await self._completed(workspace, environment.plan, runtime))

    async def recover(self, workspace: Workspace, runtime: Runtime, problem: Problem, log: Log) -> Environment:
        """Store a recovery environment for the wanted revision: the default image, the same files."""
        failed = await self.stored(workspace) if workspace.remembered.resolved == workspace.revision else None
        chosen = await self._making.default_image.choose(runtime, log)
        request = replace(self._request(workspace), default_image=chosen)
        images = await self._images(workspace, runtime, log)
        image = await inspected(chosen, images.inspect)
        made = recovery_plan(request, image, problem, failed.plan if failed else None)
        if failed is not None:  # whoever mends the file is offered a rebuild
            made = replace(made, agent=replace(made.agent, configuration=failed.plan.agent.configuration))
        return await self._keep(workspace, await self._completed(workspace, made, runtime))

    async def make_image(self, workspace: Workspace, runtime: Runtime, log: Log) -> ImageMade:
        """Have the image of the workspace's definition, before there is such a workspace.

        Raises:
            Problem: `build_failed`, `image_missing`, `registry_unreachable`, `registry_denied`, `refused_by_policy`, `no_space`.
        """
        images = await self._images(workspace, runtime, log)
        wanted = await self._wanted_image(workspace, images)
        if wanted is None:
            raise Problem("bad_value", "Nothing is said of an image.")
        if wanted.step is None:
            was_there = await runtime.inspect_image(wanted.reference) is not None
            await inspected_by_name(wanted.reference, images.inspect)
            return ImageMade(wanted.reference, built=is_own(wanted.reference) and not was_there)
        built = await self._build_steps(workspace, (wanted.step,), images, force=False)
        return ImageMade(wanted.reference, built=built.built)

    async def _wanted_image(self, workspace: Workspace, images: Images) -> WantedImage | None:
        wish = ImageWish(self.own_images, images.runtime, images.inspect, images.log)
        return await wish.find(workspace.definition, workspace.project, no_cache=workspace.no_cache)

    async def make_present(self, workspace: Workspace, environment: Environment, runtime: Runtime, log: Log) -> Built:
        """Pull and build what the environment needs and is not there."""
        images = await self._images(workspace, runtime, log)
        for image in environment.plan.build.pulls:
            await images.inspect(image)
        return await self._build(workspace, environment.plan, images, force=False)

    async def forget(self, workspace: Workspace) -> None:
        """Drop what is cached of a workspace that is gone."""
        for key in [key for key in self._cache if key[0] == workspace.id]:
            del self._cache[key]

    # --- inside ----------------------------------------------------------------------------------------------------

    async def _build(self, workspace: Workspace, made: EnvironmentPlan, images: Images, *, force: bool) -> Built:
        return await self._build_steps(workspace, made.build.steps, images, force=force)

    async def _build_steps(
        self, workspace: Workspace, steps: Sequence[BuildStep], images: Images, *, force: bool
    ) -> Built:
        """Build the steps whose tag is absent here and in the build cache, with `force` all of them."""
        for step in steps:
            base = base_name(step)
            if is_own(base) and (force or await images.runtime.inspect_image(step.tag) is None):
                await images.inspect(base)

        async def told(problem: Problem) -> None:
            structlog.get_logger(__name__).warning("build_cache_failed", workspace=workspace.id, kind=problem.kind)
            async with self._store.writing() as session:
                if await workspaces.find(session, workspace.id) is not None:
                    await events.append(session, workspace.id, [Event("build_cache", {"detail": str(problem)})])

        building = Building(
            workspace.ref(), workspace.source, images.runtime, images.credentials, self._making.cache, told
        )
        return await make_images(building, steps, images.log, force=force)

    async def _images(self, workspace: Workspace, runtime: Runtime, log: Log) -> Images:
        credentials = await self.credentials.registries(workspace)
        return Images(runtime, self._making.default_image, workspace.ref(), credentials, log, own=self.own_images)

    async def _completed(self, workspace: Workspace, made: EnvironmentPlan, runtime: Runtime) -> EnvironmentPlan:
        image = await runtime.inspect_image(made.image)
        if image is None:
            return made
        is_root = user_name(made.agent.remote_user) == "root"  # whose home is /root: not worth a look
        return complete(made, image, "" if is_root else await runtime.image_users(workspace.ref(), made.image))

    async def _keep(self, workspace: Workspace, made: EnvironmentPlan) -> Environment:
        document = dump(made)
        text = json.dumps(document, sort_keys=True, separators=(",", ":"))
        digest = hashlib.sha256(text.encode()).hexdigest()[:16]
        row = rows.StoredEnvironment(workspace.id, workspace.revision, digest, document, recovery=bool(made.recovery))
        async with self._store.writing() as session:
            await rows.put(session, row)
        return self._remember(workspace, self._environment(made, digest))

    def _remember(self, workspace: Workspace, environment: Environment) -> Environment:
        self._cache[workspace.id, environment.digest] = environment
        if len(self._cache) > CACHED:
            self._cache.popitem(last=False)
        return environment

    def _request(self, workspace: Workspace) -> Request:
        return Request(
            workspace_id=workspace.id,
            project=workspace.project,
            source=workspace.source,
            repository=repository_name(workspace),
            configuration=workspace.devcontainer,
            default_image=self._making.default_image.wanted,
            policy=Policy(granted=self._making.granted(workspace), max_gpus=self._gpus(workspace)),
            limits=workspace.limits,
            machine_cpus=self._making.capacity.cpus,
            machine_memory_bytes=self._making.capacity.memory_bytes,
            machine_disk_bytes=self._making.capacity.disk_bytes,
            folder_owner=_owner(workspace),
            builder="buildkit" if self._making.builder == "buildkit" else "classic",
            no_cache=workspace.no_cache,
            registry_mirrors=self._making.registry.mirrors,
            control=self._making.control,
            certificates=self._making.certificates,
        )

    def _environment(self, made: EnvironmentPlan, digest: str) -> Environment:
        return Environment(made, digest, self._making.accelerators)

    def _gpus(self, workspace: Workspace) -> int:
        """How many a configuration may have: the workspace's size where it says one, else what is there, within the limit."""
        return workspace.limits.gpus or min(self._making.max_gpus, self._making.capacity.gpus)

    async def _registry(self, workspace: Workspace) -> RegistrySettings:
        own = await self.credentials.registries(workspace)
        return replace(self._making.registry, credentials={**self._making.registry.credentials, **own})


@dataclass(frozen=True)
class Images:
    """Facts of images for one workspace; absent ones are pulled, or built where they take the default image's place."""

    runtime: Runtime
    default: DefaultImage
    ref: WorkspaceRef
    credentials: Mapping[str, tuple[str, Secret]]
    log: Log
    own: WorkspaceImages = field(default_factory=WorkspaceImages)
    newest: bool = False
    """Ask registries also for images that are present (C150)."""
    asked: set[str] = field(default_factory=set)

    async def inspect(self, image: str) -> ImageFact:
        """Facts of `image`, made present.

        Raises:
            Problem: `image_missing`, `registry_unreachable`, `registry_denied`; `refused_by_policy` for an image that was
                built for a workspace.
        """
        refuse_built(image)
        found = await self.runtime.inspect_image(image)
        if found is not None:
            found = await self._renewed(image) or found
            await check_architecture(self.runtime, image, found)
            return found
        step = await self.default.step_for(image, self.runtime, self.log)
        if step is not None:
            self.log("Building the default image; this happens once.")
            return await self.runtime.build_image(BuildJob(self.ref, step, EmptySource()), self.log)
        if is_own(image):
            return await self.own.make(image, self.runtime, self.ref, self.log)
        self.log(f"Pulling {image}")
        return await self.runtime.pull_image(image, self.credentials, self.log)

    async def _renewed(self, image: str) -> ImageFact | None:
        """As the registry has it now, where that was asked for and the registry answers."""
        if not self.newest or image in self.asked or is_own(image):
            return None
        self.asked.add(image)
        try:
            return await self.runtime.pull_image(image, self.credentials, self.log, newest=True)
        except Problem as problem:
            self.log(f"{image} stays as it is here: {problem}")
            return None


def _owner(workspace: Workspace) -> tuple[int, int] | None:
    """Who owns a mounted local folder: the remote user is given the same uid (C341)."""
    if not isinstance(workspace.source, FolderSource):
        return None
    try:
        found = os.stat(workspace.source.path)  # noqa: PTH116  a folder of this machine, in local mode only
    except OSError:
        return None
    return found.st_uid, found.st_gid
