"""The workbench of the Docker runtime: a real engine, an installation of its own for each test."""

from __future__ import annotations

import asyncio
import io
import json
import os
import secrets
import subprocess
import tarfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from tests.contract import images
from tests.contract.git_server import GitServer, git, make_repository, serving
from tests.contract.images import run
from tests.contract.workbench import Repository

from carrel.core.spec import WorkspaceRef
from carrel.runtimes.contract import Runtime
from carrel.runtimes.docker.names import INSTALLATION, KIND, Names
from carrel.runtimes.docker.runtime import DockerRuntime
from carrel.runtimes.docker.settings import DockerSettings

ROOT = Path(__file__).parents[2]
OWN_NOTES = (".carrel-seed.json", ".git/carrel-source.json")


@cache
def base_image() -> str:
    """A Debian image that the engine has, made where no registry answers."""
    done = subprocess.run([ROOT / "toolbox/base-image"], capture_output=True, check=True, text=True)
    return done.stdout.strip()


@cache
def toolbox() -> str:
    """This version's toolbox, built once for all tests. CARREL_TEST_TOOLBOX names one that is there already."""
    if there := os.environ.get("CARREL_TEST_TOOLBOX"):
        return there
    bundle = Path(os.environ.get("SSL_CERT_FILE", "/etc/ssl/certs/ca-certificates.crt"))
    certificates = bundle.read_bytes() if bundle.is_file() else None
    settings = DockerSettings("carreltests1", base_image=base_image(), ca_bundle=certificates)

    async def ensure() -> str:
        runtime = DockerRuntime(settings)
        try:
            return await runtime.ensure_toolbox(print)
        finally:
            await runtime.close()

    return asyncio.run(ensure())


class DockerBench:
    """Implements Workbench."""

    def __init__(self, folder: Path, toolbox_name: str) -> None:
        self.installation = "t" + secrets.token_hex(6)
        self.names = Names(self.installation)
        self.toolbox = toolbox_name
        self.image = images.busybox_image()
        self.folder = folder
        self._runtimes: list[DockerRuntime] = []
        self._server: GitServer | None = None
        self._open = ExitStack()
        self._foreign: list[Callable[[], object]] = []
        self.runtime: Runtime = self.again()

    def settings(self, installation: str, **changes: Any) -> DockerSettings:
        usual = DockerSettings(
            installation,
            base_image=base_image(),
            loopback_sources=True,
            local_folders=True,
            source_protocols=frozenset({"http", "https", "ssh"}),
        )
        return replace(usual, **changes)

    def again(self) -> Runtime:
        return self._runtime(self.installation)

    def stranger(self) -> Runtime:
        return self._runtime("t" + secrets.token_hex(6))

    def _runtime(self, installation: str) -> DockerRuntime:
        made = DockerRuntime(self.settings(installation))
        self._runtimes.append(made)
        return made

    async def repository(
        self,
        branches: Mapping[str, Mapping[str, bytes]],
        links: Mapping[str, str] | None = None,
        token: str = "",
        refs: Mapping[str, str] | None = None,
    ) -> Repository:
        return await asyncio.to_thread(self._repository, branches, links or {}, token, refs or {})

    def _repository(
        self, branches: Mapping[str, Mapping[str, bytes]], links: Mapping[str, str], token: str, refs: Mapping[str, str]
    ) -> Repository:
        if self._server is None:
            self._server = self._open.enter_context(serving(self.folder))
        name = f"{secrets.token_hex(4)}.git"
        commits = make_repository(self.folder / name, branches, links)
        for ref, branch in refs.items():
            git(self.folder / name, "update-ref", ref, commits[branch])
        if token:
            self._server.tokens[name] = token
        return Repository(f"{self._server.url}/{name}", commits)

    @property
    def url(self) -> str:
        """The git server's address; the first repository starts it."""
        assert self._server is not None
        return self._server.url

    @contextmanager
    def held(self) -> Iterator[None]:
        assert self._server is not None
        self._server.gate.clear()
        try:
            yield
        finally:
            self._server.gate.set()

    async def make_image(self, name: str, files: Mapping[str, bytes], changes: Sequence[str] = ()) -> str:
        return await asyncio.to_thread(images.image, name, files, changes)

    def volume(self, ref: WorkspaceRef, volume: str) -> str:
        own = self.names.volume(ref, volume)
        there = run("volume", "ls", "--quiet", "--filter", f"name={own}").split()
        return own if own in there else self.names.volume(ref, volume, shared=True)

    async def read_volume(self, ref: WorkspaceRef, volume: str) -> dict[str, bytes]:
        return await asyncio.to_thread(self._read_volume, self.volume(ref, volume))

    def _read_volume(self, volume: str) -> dict[str, bytes]:
        with self._container(volume) as container:
            done = subprocess.run([images.DOCKER, "cp", f"{container}:/v/.", "-"], capture_output=True, check=True)
        with tarfile.open(fileobj=io.BytesIO(done.stdout)) as tar:
            found = {m.name.removeprefix("./"): tar.extractfile(m) for m in tar if m.isreg()}
            return {path: file.read() for path, file in found.items() if file and path not in OWN_NOTES}

    @contextmanager
    def _container(self, volume: str) -> Iterator[str]:
        container = run("create", "--volume", f"{volume}:/v", self.image, "true").strip()
        try:
            yield container
        finally:
            run("rm", "--force", container)

    async def write_volume(
        self, ref: WorkspaceRef, volume: str, files: Mapping[str, bytes | None], links: Mapping[str, str] | None = None
    ) -> None:
        await asyncio.to_thread(self._write_volume, self.volume(ref, volume), files, links or {})

    def _write_volume(self, volume: str, files: Mapping[str, bytes | None], links: Mapping[str, str]) -> None:
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w") as tar:
            for path, content in files.items():
                if content is not None:
                    member = tarfile.TarInfo(path)
                    member.size = len(content)
                    tar.addfile(member, io.BytesIO(content))
        with self._container(volume) as container:
            run("cp", "-", f"{container}:/v", stdin=buffer.getvalue())
        # The engine refuses links that lead out of the volume; the user of a workspace can make them.
        commands = [f"rm '/v/{path}'" for path, content in files.items() if content is None]
        commands += [f"ln -s '{target}' '/v/{path}'" for path, target in links.items()]
        if commands:
            shell = (self.image, "sh", "-c", " && ".join(commands))
            run("run", "--rm", "--network", "none", "--volume", f"{volume}:/v", *shell)

    async def lose_volume(self, ref: WorkspaceRef, volume: str) -> None:
        for container in self.labelled("container", "--all", workspace=ref.id):
            run("rm", "--force", container)
        run("volume", "rm", self.volume(ref, volume))

    async def lose_container(self, ref: WorkspaceRef, container: str) -> None:
        run("rm", "--force", self.names.container(ref, container))

    async def end_container(self, ref: WorkspaceRef, container: str) -> None:
        await asyncio.to_thread(run, "kill", self.names.container(ref, container))

    async def lose_image(self, image: str) -> None:
        run("image", "rm", image)

    async def boot_files(self, ref: WorkspaceRef) -> dict[str, bytes]:
        argv = [images.DOCKER, "cp", f"{self.names.container(ref, 'main')}:/.carrel/.", "-"]
        done = await asyncio.to_thread(subprocess.run, argv, capture_output=True, check=True)
        with tarfile.open(fileobj=io.BytesIO(done.stdout)) as tar:
            found = {m.name.rpartition("/")[2]: tar.extractfile(m) for m in tar if m.isreg()}
            return {name: file.read() for name, file in found.items() if file}

    async def inside(self, ref: WorkspaceRef, *argv: str, container: str = "main") -> tuple[int, str]:
        """Exit code and output of a program in a container."""
        name = self.names.container(ref, container)
        done = await asyncio.to_thread(
            subprocess.run, [images.DOCKER, "exec", name, *argv], capture_output=True, check=False
        )
        return done.returncode, (done.stdout + done.stderr).decode()

    async def reaches_outside(self, ref: WorkspaceRef) -> bool:
        _, routes = await self.inside(ref, "/opt/carrel/bin/busybox", "ip", "route")
        return "default via" in routes

    async def foreign_things(self) -> Sequence[str]:
        name = f"carrel-{self.installation[:8]}-aaaaaaaaaaaa"
        label = "dev.carrel.workspace=aaaaaaaaaaaa"
        run("volume", "create", "--label", label, f"{name}-project")
        container = run("create", "--name", f"{name}-main", "--label", label, self.image, "true").strip()
        network = run("network", "create", "--label", label, name).strip()
        run("tag", self.image, f"foreign/{self.installation}:1")
        self._foreign += [
            lambda: run("rm", "--force", container),
            lambda: run("volume", "rm", f"{name}-project"),
            lambda: run("network", "rm", network),
            lambda: run("rmi", f"foreign/{self.installation}:1"),
        ]
        return [f"{name}-project", container, network, f"foreign/{self.installation}:1"]

    async def missing(self, names: Sequence[str]) -> list[str]:
        there = run("volume", "ls", "--quiet") + run("ps", "--all", "--quiet", "--no-trunc")
        there += run("network", "ls", "--quiet", "--no-trunc") + run("images", "--format", "{{.Repository}}:{{.Tag}}")
        return [name for name in names if name not in there.split()]

    def labelled(self, kind: str, *options: str, workspace: str = "") -> list[str]:
        words = [kind, "ls", "--quiet", *options, "--filter", f"label={INSTALLATION}={self.installation}"]
        if workspace:
            words += ["--filter", f"label=dev.carrel.workspace={workspace}"]
        return list(dict.fromkeys(run(*words).split()))  # an image is listed once for each of its names

    async def leftovers(self) -> list[str]:
        found = self.labelled("container", "--all") + self.labelled("volume") + self.labelled("network")
        return found + [image for image in self.labelled("image") if not self._is_scratch(image)]

    def _is_scratch(self, image: str) -> bool:
        labels = json.loads(run("image", "inspect", "--format", "{{json .Config.Labels}}", image))
        return bool(labels.get(KIND) == "scratch")

    async def close(self) -> None:
        for runtime in self._runtimes:
            await runtime.close()
        await asyncio.to_thread(self._clean)

    def _clean(self) -> None:
        self._open.close()
        for forget in self._foreign:
            forget()
        for container in self.labelled("container", "--all"):
            run("rm", "--force", "--volumes", container)
        for network in self.labelled("network"):
            run("network", "rm", network)
        for volume in self.labelled("volume"):
            run("volume", "rm", volume)
        for image in self.labelled("image"):
            if not self._is_scratch(image):
                run("rmi", "--force", image)
