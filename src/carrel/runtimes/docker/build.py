"""Image builds: BuildKit through the docker CLI where the engine has it, else the classic builder through the API."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass
from weakref import WeakValueDictionary

from carrel.core.problems import Problem
from carrel.core.spec import BuildStep
from carrel.runtimes.contract import BuildJob, ImageFact, Log
from carrel.runtimes.docker.build_failures import BuildKit, Classic, Origin
from carrel.runtimes.docker.command_line import candidates, drives_buildkit, dying_with_us, private_configuration
from carrel.runtimes.docker.connection import Engine, Request
from carrel.runtimes.docker.context_stream import CA_IN_CONTEXT, DOCKERFILE, ContextPlan, context_pipe
from carrel.runtimes.docker.dockerfile import Prepared, prepare
from carrel.runtimes.docker.files import SourceFiles
from carrel.runtimes.docker.images import Images, encode
from carrel.runtimes.docker.manifest import CA_FILE, CA_VARIABLES, Maker
from carrel.runtimes.docker.multiplex import Lines
from carrel.runtimes.docker.refusals import EngineRefused

_CHUNK = 1 << 18
_RED = re.compile(r"\x1b\[(?:91|0)m")
"""What the classic builder puts around a line of standard error."""
_NETWORKS = frozenset({"default", "none"})


@dataclass(frozen=True)
class _Build:
    """A job with all that is derived from it."""

    job: BuildJob
    prepared: Prepared
    plan: ContextPlan
    labels: dict[str, str]

    @property
    def step(self) -> BuildStep:
        return self.job.step

    @property
    def origin(self) -> Origin:
        return Origin(self.step.file, self.step.parts)


class Builds:
    """Builds images, each tag once."""

    def __init__(self, engine: Engine, maker: Maker, images: Images, sources: SourceFiles) -> None:
        """Build with `engine`."""
        self._engine = engine
        self._maker = maker
        self._images = images
        self._sources = sources
        self._one_a_tag: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._command_line: str | None = None

    async def builder(self) -> str:
        """`buildkit` or `classic`: what `build` uses."""
        return "buildkit" if await self._buildkit_command() else "classic"

    async def _buildkit_command(self) -> str:
        """The docker CLI for BuildKit, or an empty text."""
        if self._command_line is None:
            self._command_line = ""
            if self._maker.settings.builder != "classic":
                for command in candidates(self._maker.settings.command_line):
                    if await drives_buildkit(command):
                        self._command_line = command
                        break
        return self._command_line

    async def build(self, job: BuildJob, log: Log) -> ImageFact:
        """See Runtime.build_image."""
        async with self._one_a_tag.setdefault(job.step.tag, asyncio.Lock()):
            if not job.force and (present := await self._images.inspect(job.step.tag)) is not None:
                return present
            build = self._prepare(job)
            command = await self._buildkit_command()
            await (self._with_buildkit(command, build, log) if command else self._with_classic(build, log))
        fact = await self._images.inspect(job.step.tag)
        if fact is None:
            raise Problem("build_failed", "The build ended without an image.")
        return fact

    def _prepare(self, job: BuildJob) -> _Build:
        settings = self._maker.settings
        if job.step.options.get("network", "default") not in _NETWORKS:
            raise Problem("refused_by_policy", f"A build cannot use the network {job.step.options['network'][:100]!r}.")
        files = dict(job.step.files)
        after_from: tuple[str, ...] = ()
        if settings.ca_bundle:
            files[CA_IN_CONTEXT] = settings.ca_bundle
            variables = " ".join(f"{name}={CA_FILE}" for name in CA_VARIABLES)
            # ARG, not ENV: seen by each RUN of the stage, and not part of the image's configuration.
            after_from = (f"COPY {CA_IN_CONTEXT} {CA_FILE}", f"ARG {variables}")
        for name, value in self._maker.python_index().items():
            after_from = (*after_from, f'ARG {name}="{value}"')
        prepared = prepare(job.step.dockerfile, after_from)
        files[DOCKERFILE] = prepared.text.encode()
        labels = {**job.step.labels, **self._maker.names.installation_labels("build")}
        return _Build(job, prepared, ContextPlan(files, settings.max_context_bytes), labels)

    async def _with_classic(self, build: _Build, log: Log) -> None:
        watcher, lines = Classic(build.prepared, build.origin), Lines()
        if build.job.step.cache_from:  # it would take nothing else any more, and build most of what it has anew (C139)
            log("The classic builder uses its own cache, not that of other images.")
        auths = {
            host: {"username": u, "password": p.reveal()} for host, (u, p) in build.job.registry_credentials.items()
        }
        async with context_pipe(build.job, self._sources, build.plan) as pipe:
            headers = {"X-Registry-Config": encode(auths)}
            request = Request("POST", "build", self._classic_params(build), _read(pipe), headers)
            try:
                async with aclosing(self._engine.lines(request)) as answers:
                    async for answer in answers:
                        for line in lines.feed(_RED.sub("", str(answer.get("stream", ""))).encode()):
                            watcher.see(line)
                            log(line)
            except EngineRefused as refused:
                log(refused.message)
                raise watcher.problem(refused.message) from refused

    def _classic_params(self, build: _Build) -> dict[str, object]:
        step, options = build.step, build.step.options
        return {
            "dockerfile": DOCKERFILE,
            "t": step.tag,
            "buildargs": {**self._maker.settings.proxies, **step.args},
            "labels": build.labels,
            "target": step.target or None,
            "nocache": step.no_cache,
            "platform": step.platform or None,
            "networkmode": options.get("network"),
            "extrahosts": options.get("add-host"),
            "shmsize": options.get("shm-size"),
            "rm": True,
            "forcerm": True,
        }

    async def _with_buildkit(self, command: str, build: _Build, log: Log) -> None:
        watcher, lines = BuildKit(build.prepared, build.origin), Lines()
        with private_configuration(build.job.registry_credentials) as folder:
            async with context_pipe(build.job, self._sources, build.plan) as pipe:
                argv = dying_with_us(command, "build", *self._buildkit_words(build), "-")
                process = await asyncio.create_subprocess_exec(
                    *argv, env=self._buildkit_env(folder), stdin=pipe, stdout=-1, stderr=-2
                )
                try:
                    while process.stdout and (chunk := await process.stdout.read(65536)):
                        for line in lines.feed(chunk):
                            watcher.see(line)
                            log(line)
                    status = await process.wait()
                finally:
                    if process.returncode is None:  # cancelled: the engine drops a build whose client is gone
                        process.kill()
                        await process.wait()
        for line in lines.end():
            watcher.see(line)
            log(line)
        if status:
            raise watcher.problem()

    def _buildkit_words(self, build: _Build) -> list[str]:
        step = build.step
        words = ["--progress", "plain", "--file", DOCKERFILE, "--tag", step.tag]
        for name, value in build.labels.items():
            words += ["--label", f"{name}={value}"]
        for name in self._maker.settings.proxies:
            words += ["--build-arg", name]  # the value, which may hold a password, is in the environment
        for name, value in step.args.items():
            words += ["--build-arg", f"{name}={value}"]
        # RUN --mount=type=cache is one folder for the whole engine: another project's would be there to read and to poison
        space = f"{self._maker.settings.installation}-{build.job.ref.project}"
        words += ["--build-arg", f"BUILDKIT_CACHE_MOUNT_NS={space}"]
        for image in step.cache_from:
            words += ["--cache-from", image]
        for option in ("network", "shm-size"):
            words += [f"--{option}", step.options[option]] if option in step.options else []
        for host in filter(None, step.options.get("add-host", "").split(",")):
            words += ["--add-host", host]
        words += ["--target", step.target] if step.target else []
        words += ["--platform", step.platform] if step.platform else []
        return words + (["--no-cache"] if step.no_cache else [])

    def _buildkit_env(self, configuration: str) -> dict[str, str]:
        tls = {name: os.environ[name] for name in ("DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH") if name in os.environ}
        return {
            **tls,
            **self._maker.settings.proxies,
            "BUILDX_NO_DEFAULT_ATTESTATIONS": "1",
            "DOCKER_BUILDKIT": "1",
            "DOCKER_CONFIG": configuration,
            "DOCKER_HOST": self._engine.address,
            "HOME": configuration,
            "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
        }


async def _read(pipe: int) -> AsyncIterator[bytes]:
    while chunk := await asyncio.to_thread(os.read, pipe, _CHUNK):
        yield chunk
