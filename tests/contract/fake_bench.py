"""The workbench of the fake runtime."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.contract.workbench import Repository

from carrel.core.spec import WorkspaceRef
from carrel.runtimes.contract import ContainerState, ImageFact, Runtime
from carrel.runtimes.fake import (
    Call,
    FakeContainer,
    FakeEngine,
    FakeImage,
    FakeRepository,
    FakeRuntime,
    FakeVolume,
    Moment,
)

INSTALLATION = "installation1"


@dataclass
class FakeBench:
    """Implements Workbench."""

    engine: FakeEngine = field(default_factory=FakeEngine)
    toolbox: str = ""
    image: str = "busybox:1"

    def __post_init__(self) -> None:
        self._gate = asyncio.Event()
        self._gate.set()
        self.runtime: Runtime = self.again()
        with self.engine.by_hand() as state:
            state.images[self.image] = FakeImage(ImageFact("sha256:b", command=("sh",), architecture="amd64"))

    async def prepare(self) -> None:
        self.toolbox = await self.runtime.ensure_toolbox(lambda _: None)

    async def _hook(self, call: Call) -> None:
        await asyncio.sleep(0)
        if call.name == "fetch_source" and call.moment is Moment.DURING:
            await self._gate.wait()

    def again(self) -> Runtime:
        return FakeRuntime(self.engine, self._hook, INSTALLATION)

    def stranger(self) -> Runtime:
        return FakeRuntime(self.engine, self._hook, "installation2")

    async def repository(
        self,
        branches: Mapping[str, Mapping[str, bytes]],
        links: Mapping[str, str] | None = None,
        token: str = "",
        refs: Mapping[str, str] | None = None,
    ) -> Repository:
        with self.engine.by_hand() as state:
            url = f"http://127.0.0.1:9/{len(state.repositories)}.git"
            commits = {name: hashlib.sha1(f"{url} {name}".encode()).hexdigest() for name in branches}
            names = {f"refs/heads/{name}": commit for name, commit in commits.items()}
            names |= {name: commits[branch] for name, branch in (refs or {}).items()}
            names["HEAD"] = f"refs/heads/{next(iter(branches))}"
            files = {commits[name]: dict(content) for name, content in branches.items()}
            state.repositories[url] = FakeRepository(names, files, dict(links or {}), token)
        return Repository(url, commits)

    @contextmanager
    def held(self) -> Iterator[None]:
        self._gate.clear()
        yield
        self._gate.set()

    async def make_image(self, name: str, files: Mapping[str, bytes], changes: Sequence[str] = ()) -> str:
        tag = f"{name}:{hashlib.sha256(repr(sorted(files.items())).encode()).hexdigest()[:12]}"
        with self.engine.by_hand() as state:
            fact = ImageFact(f"sha256:{tag}", command=("sh",), architecture="amd64")
            for change in changes:
                keyword, value = change.split(" ", 1)
                fact = ImageFact(fact.id, user=value if keyword == "USER" else "", architecture="amd64")
            state.images[tag] = FakeImage(fact, {f"/{path}": content for path, content in files.items()})
        return tag

    def _volume(self, ref: WorkspaceRef, volume: str) -> str:
        own = f"{INSTALLATION}/{ref.id}/{volume}"
        with self.engine.reading() as state:
            return own if own in state.volumes else f"{INSTALLATION}/project:{ref.project}/{volume}"

    async def read_volume(self, ref: WorkspaceRef, volume: str) -> dict[str, bytes]:
        with self.engine.reading() as state:
            return dict(state.volumes[self._volume(ref, volume)].files)

    async def write_volume(
        self, ref: WorkspaceRef, volume: str, files: Mapping[str, bytes | None], links: Mapping[str, str] | None = None
    ) -> None:
        with self.engine.by_hand() as state:
            there = state.volumes[self._volume(ref, volume)]
            for path, content in files.items():
                if content is None:
                    del there.files[path]
                else:
                    there.files[path] = content
            there.links |= dict(links or {})

    async def lose_volume(self, ref: WorkspaceRef, volume: str) -> None:
        with self.engine.by_hand(ref.id) as state:
            del state.volumes[self._volume(ref, volume)]
            for key in [k for k, c in state.containers.items() if c.workspace == ref.id]:
                del state.containers[key]

    async def lose_container(self, ref: WorkspaceRef, container: str) -> None:
        with self.engine.by_hand(ref.id) as state:
            del state.containers[f"{INSTALLATION}/{ref.id}/{container}"]

    async def end_container(self, ref: WorkspaceRef, container: str) -> None:
        self.engine.end_container(ref.id, container, 137)

    async def lose_image(self, image: str) -> None:
        with self.engine.by_hand() as state:
            del state.images[image]

    async def boot_files(self, ref: WorkspaceRef) -> dict[str, bytes]:
        with self.engine.reading() as state:
            return dict(state.containers[f"{INSTALLATION}/{ref.id}/main"].boot)

    async def reaches_outside(self, ref: WorkspaceRef) -> bool:
        with self.engine.reading() as state:
            return state.networks[f"{INSTALLATION}/{ref.id}"] == "open"

    async def foreign_things(self) -> Sequence[str]:
        with self.engine.by_hand() as state:
            state.volumes["foreign volume"] = FakeVolume("", "", "", "project")
            state.containers["foreign container"] = FakeContainer(
                "", "", "main", "", "", self.image, state=ContainerState.RUNNING
            )
            state.networks["/foreign"] = "open"
            state.images["foreign image"] = FakeImage(ImageFact("sha256:f"))
        return ["foreign volume", "foreign container", "/foreign", "foreign image"]

    async def missing(self, names: Sequence[str]) -> list[str]:
        with self.engine.reading() as state:
            there = {*state.volumes, *state.containers, *state.networks, *state.images}
        return [name for name in names if name not in there]

    async def leftovers(self) -> list[str]:
        with self.engine.reading() as state:
            found = [k for k, v in state.volumes.items() if v.installation == INSTALLATION]
            found += [k for k, c in state.containers.items() if c.installation == INSTALLATION]
            found += [k for k in state.networks if k.startswith(INSTALLATION)]
            return found + [k for k, i in state.images.items() if i.installation == INSTALLATION]
