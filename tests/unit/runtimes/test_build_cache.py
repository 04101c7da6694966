from __future__ import annotations

import pytest

from carrel.core.problems import Problem
from carrel.core.spec import BuildStep, EmptySource, WorkspaceRef
from carrel.runtimes.build_cache import BuildCache
from carrel.runtimes.contract import BuildJob
from carrel.runtimes.fake.engine import FakeEngine
from carrel.runtimes.fake.runtime import FakeRuntime

TAG = "carrel-env/blog:0123"


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine()


async def build(runtime: FakeRuntime) -> None:
    step = BuildStep(TAG, "FROM scratch\nENV A=1\n")
    await runtime.build_image(BuildJob(WorkspaceRef("a" * 12), step, EmptySource()), lambda _: None)


async def test_what_is_stored_is_fetched(engine: FakeEngine) -> None:
    runtime = FakeRuntime(engine)
    cache = BuildCache(runtime, "registry.example/team/")
    assert cache.name(TAG) == "registry.example/team/blog:0123"
    lines: list[str] = []
    assert not await cache.fetch(TAG, lines.append)
    await build(runtime)
    await cache.store(TAG, lines.append)
    with engine.by_hand() as state:
        del state.images[TAG]
    assert await cache.fetch(TAG, lines.append)
    assert await runtime.inspect_image(TAG) is not None
    assert lines[-1] == "From the build cache: registry.example/team/blog:0123"


async def test_images_of_others_and_a_cache_without_a_place_are_left_alone(engine: FakeEngine) -> None:
    runtime = FakeRuntime(engine)
    assert BuildCache(runtime, "registry.example").name("debian:12") == ""
    nowhere = BuildCache(runtime, "")
    assert nowhere.name(TAG) == ""
    assert not await nowhere.fetch(TAG, print)
    await nowhere.store(TAG, print)


async def test_a_registry_that_refused_is_left_alone_for_a_while(engine: FakeEngine) -> None:
    with engine.by_hand() as state:
        state.registry_passwords["registry.example"] = "secret"
    cache = BuildCache(FakeRuntime(engine), "registry.example/team")
    with pytest.raises(Problem) as caught:
        await cache.fetch(TAG, print)
    assert caught.value.kind == "registry_denied"
    assert not await cache.fetch(TAG, print)


async def test_a_push_in_the_background_tells_what_went_wrong(engine: FakeEngine) -> None:
    told: list[Problem] = []

    async def failed(problem: Problem) -> None:
        told.append(problem)

    cache = BuildCache(FakeRuntime(engine), "registry.example/team")
    cache.store_soon([TAG], print, failed)
    await cache.settled()
    assert [problem.kind for problem in told] == ["image_missing"]
    await cache.close()
