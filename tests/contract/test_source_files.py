from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.contract.workbench import VOLUMES, Workbench, new_ref

from carrel.core.problems import Problem
from carrel.core.spec import PROJECT_VOLUME, EmptySource, FolderSource, GitSource, Source, WorkspaceRef
from carrel.runtimes.contract import FilePlacement, SourceFile, SourceJob

FILES: dict[str, bytes] = {
    ".devcontainer/devcontainer.json": b"{}",
    ".devcontainer/python/devcontainer.json": b'{"name": "python"}',
    ".dockerignore": b"*.log\n",
    "app/Dockerfile": b"FROM scratch\n",
    "app/app.log": b"noise",
    "app/main.py": b"print(1)\n",
    "big.bin": b"x" * (8 * 1024 * 1024 + 1),
}
LINKS = {
    "inside": "app/main.py",
    "folder": "app",
    "escape": "../../etc/passwd",
    "absolute": "/etc/passwd",
    "out": "..",
    "loop": "loop",
    "gone": "nothing",
}


@pytest.fixture(params=["volume", "folder"])
async def place(
    bench: Workbench, request: pytest.FixtureRequest, tmp_path: Path
) -> AsyncIterator[tuple[WorkspaceRef, Source]]:
    ref = new_ref()
    if request.param == "volume":
        await bench.runtime.create_volumes(ref, VOLUMES)
        await bench.write_volume(ref, PROJECT_VOLUME, FILES, LINKS)
        yield ref, GitSource("https://example.com/x.git")
        return
    for path, content in FILES.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(content)
    for path, target in LINKS.items():
        (tmp_path / path).symlink_to(target)
    yield ref, FolderSource(str(tmp_path))


Place = tuple[WorkspaceRef, Source]


async def test_files_are_read(bench: Workbench, place: Place) -> None:
    async with bench.runtime.open_source(*place) as files:
        assert await files.read(".devcontainer/devcontainer.json") == b"{}"
        assert await files.read("./app/../app/main.py") == b"print(1)\n"
        assert await files.read("nothing") is None
        assert await files.read("nothing/at/all") is None
        assert await files.read("app") is None
        assert await files.read("app/main.py/more") is None


async def test_folders_are_listed(bench: Workbench, place: Place) -> None:
    async with bench.runtime.open_source(*place) as files:
        assert sorted(await files.list(".devcontainer")) == ["devcontainer.json", "python/"]
        assert list(await files.list("nothing")) == []
        assert list(await files.list("app/main.py")) == []
        root = await files.list("")
        assert {"app/", ".devcontainer/", "inside", "big.bin"} <= set(root)
        assert sorted(await files.list(".")) == sorted(root)


async def test_a_tree_has_the_files_below_a_folder(bench: Workbench, place: Place) -> None:
    async with bench.runtime.open_source(*place) as files:
        assert list(await files.tree("")) == sorted(FILES)
        assert list(await files.tree(".devcontainer")) == ["devcontainer.json", "python/devcontainer.json"]
        assert list(await files.tree("nothing")) == []
        assert list(await files.tree("app/main.py")) == []


async def test_a_link_inside_the_source_is_followed(bench: Workbench, place: Place) -> None:
    async with bench.runtime.open_source(*place) as files:
        assert await files.read("inside") == b"print(1)\n"
        assert await files.read("folder/main.py") == b"print(1)\n"
        assert await files.read("gone") is None


@pytest.mark.parametrize("path", ["escape", "absolute", "out/x", "../x", "/etc/passwd", "loop", "app/../../x"])
async def test_a_path_that_leaves_the_source_is_refused(bench: Workbench, place: Place, path: str) -> None:
    async with bench.runtime.open_source(*place) as files:
        with pytest.raises(Problem) as caught:
            await files.read(path)
    assert caught.value.kind == "refused_by_policy"


async def test_a_file_that_is_too_large_is_refused(bench: Workbench, place: Place) -> None:
    async with bench.runtime.open_source(*place) as files:
        with pytest.raises(Problem) as caught:
            await files.read("big.bin")
    assert caught.value.kind == "too_large"


async def test_the_digest_follows_content_and_not_what_is_ignored(
    bench: Workbench, place: Place, tmp_path: Path
) -> None:
    ref, source = place

    async def write(path: str, content: bytes) -> None:
        if isinstance(source, FolderSource):
            (tmp_path / path).write_bytes(content)
        else:
            await bench.write_volume(ref, PROJECT_VOLUME, {path: content})

    async def digests() -> tuple[str, str, str]:
        async with bench.runtime.open_source(ref, source) as files:
            return await files.digest("app"), await files.digest("app", "*.log\n"), await files.digest(".")

    first = await digests()
    assert len(set(first)) == 3
    assert await digests() == first
    await write("app/app.log", b"other noise")
    second = await digests()
    assert second[0] != first[0]
    assert second[1] == first[1]
    await write("app/main.py", b"print(2)\n")
    third = await digests()
    assert third[1] != second[1]
    assert third[2] != second[2]


async def test_an_empty_source_reads_as_an_empty_volume(bench: Workbench) -> None:
    ref = new_ref()
    await bench.runtime.create_volumes(ref, VOLUMES)
    async with bench.runtime.open_source(ref, EmptySource()) as files:
        assert list(await files.list("")) == []


async def test_reading_a_missing_volume_fails_and_makes_none(bench: Workbench) -> None:
    ref = new_ref()
    with pytest.raises(Problem) as caught:
        async with bench.runtime.open_source(ref, GitSource("https://example.com/x.git")) as files:
            await files.read("a")
    assert caught.value.kind == "volume_missing"
    assert (await bench.runtime.observe(ref)).volumes == frozenset()


async def test_a_file_is_written_in_the_place_of_what_is_there(bench: Workbench, place: Place) -> None:
    like = ".devcontainer/devcontainer.json"
    for path, content in ((".devcontainer/lock.json", b"one"), (".devcontainer/lock.json", b"two"), ("root.json", b"")):
        await bench.runtime.write_source_file(*place, SourceFile(path, content, like))
        async with bench.runtime.open_source(*place) as files:
            assert await files.read(path) == content
    await bench.runtime.write_source_file(*place, SourceFile("escape", b"no link any more", like))
    async with bench.runtime.open_source(*place) as files:
        assert await files.read("escape") == b"no link any more"
        assert await files.read(like) == b"{}"
        assert sorted(await files.list(".devcontainer")) == ["devcontainer.json", "lock.json", "python/"]
    for path in ("out/x", "../x", "/etc/x"):
        with pytest.raises(Problem) as caught:
            await bench.runtime.write_source_file(*place, SourceFile(path, b"x", like))
        assert caught.value.kind == "refused_by_policy"


def placement(path: str, content: bytes | None, replaces: bytes | None = None) -> FilePlacement:
    return FilePlacement(path, content, "" if replaces is None else hashlib.sha256(replaces).hexdigest())


async def test_files_are_placed_where_nobody_elses_are(bench: Workbench, place: Place) -> None:
    ref, source = place
    job = SourceJob(ref, source, bench.toolbox)
    first = [
        placement("new/deep/one", b"1"),
        placement("root", b"2"),
        placement("app/main.py", b"of the template"),
        placement("app/main.py/below", b"a file is no folder"),
        placement("app", b"a folder is no file"),
    ]
    stay = ["app/main.py", "app/main.py/below", "app"]
    for _ in range(2):
        assert list(await bench.runtime.place_source_files(job, first)) == stay
    newer = [
        placement("new/deep/one", b"one", b"1"),
        placement("root", b"two", b"another"),
        placement("gone", b"it was removed", b"before"),
        placement("app/app.log", None, b"noise"),
        placement(".dockerignore", None, b"as it was before somebody changed it"),
        placement("nothing", None, b"there"),
    ]
    for _ in range(2):
        assert list(await bench.runtime.place_source_files(job, newer)) == ["root", "gone", ".dockerignore"]
    async with bench.runtime.open_source(ref, source) as files:
        assert [await files.read(path) for path in ("new/deep/one", "root", "app/main.py")] == [
            b"one",
            b"2",
            b"print(1)\n",
        ]
        assert [await files.read(path) for path in ("gone", "app/app.log", ".dockerignore")] == [None, None, b"*.log\n"]
        assert list(await files.list("new/deep")) == ["one"]


async def test_nothing_is_placed_through_a_link(bench: Workbench, place: Place) -> None:
    ref, source = place
    paths = ["out/x", "folder/x", "loop/x", "escape", "gone/x", "../x", "/etc/x", ".git/hooks/post-checkout"]
    job = SourceJob(ref, source, bench.toolbox)
    assert list(await bench.runtime.place_source_files(job, [placement(path, b"x") for path in paths])) == paths
    known = FILES["app/main.py"]
    through = [placement("inside", b"x", known), placement("folder/main.py", None, known)]
    assert list(await bench.runtime.place_source_files(job, through)) == ["inside"]
    async with bench.runtime.open_source(ref, source) as files:
        assert await files.read("app/main.py") == known
        assert sorted(await files.list("app")) == ["Dockerfile", "app.log", "main.py"]
        assert ".git/" not in await files.list("")
