from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from tests.contract.workbench import VOLUMES, Workbench, new_ref, quiet, source_job

from carrel.core.problems import Problem
from carrel.core.spec import PROJECT_VOLUME, EmptySource, FolderSource, GitSource, WorkspaceRef
from carrel.runtimes.contract import ContainerFact, ContainerState, SourceJob, SourceResult

FILES = {"README.md": b"# Blog\n", "src/app.py": b"print(42)\n"}


@pytest.fixture
async def ref(bench: Workbench) -> WorkspaceRef:
    made = new_ref()
    await bench.runtime.create_volumes(made, VOLUMES)
    return made


async def begun(bench: Workbench, ref: WorkspaceRef) -> ContainerFact:
    """The container of a fetch, as soon as it runs."""
    async with asyncio.timeout(30):
        while True:
            containers = (await bench.runtime.observe(ref)).containers
            if containers and containers[0].state is ContainerState.RUNNING:
                return containers[0]
            await asyncio.sleep(0.02)


async def tree(bench: Workbench, ref: WorkspaceRef) -> dict[str, bytes]:
    files = await bench.read_volume(ref, PROJECT_VOLUME)
    return {path: content for path, content in files.items() if not path.startswith(".git/")}


async def test_the_default_branch_is_cloned(bench: Workbench, ref: WorkspaceRef) -> None:
    repository = await bench.repository({"main": FILES, "other": {"b": b""}})
    lines: list[str] = []
    result = await bench.runtime.fetch_source(source_job(bench, ref, GitSource(repository.url)), lines.append)
    assert result == SourceResult(repository.commits["main"], "main")
    assert await tree(bench, ref) == FILES
    assert lines
    facts = await bench.runtime.observe(ref)
    assert facts.containers == ()


@pytest.mark.parametrize(
    ("wanted", "branch"),
    [
        ("topic/one", "topic/one"),
        ("refs/heads/topic/one", "topic/one"),
        ("v1", ""),
        ("pull/7", "pull/7"),
        ("COMMIT", ""),
        ("SHORT", ""),
    ],
)
async def test_branch_tag_pull_request_and_commit(
    bench: Workbench, ref: WorkspaceRef, wanted: str, branch: str
) -> None:
    refs = {"refs/tags/v1": "topic/one", "refs/pull/7/head": "topic/one"}
    repository = await bench.repository({"main": FILES, "topic/one": {"one": b"1"}}, refs=refs)
    commit = repository.commits["topic/one"]
    source = GitSource(repository.url, {"COMMIT": commit, "SHORT": commit[:10]}.get(wanted, wanted))
    assert await bench.runtime.fetch_source(source_job(bench, ref, source), quiet) == SourceResult(commit, branch)
    assert await tree(bench, ref) == {"one": b"1"}


async def test_a_filled_volume_is_left_alone(bench: Workbench, ref: WorkspaceRef) -> None:
    repository = await bench.repository({"main": FILES})
    job = source_job(bench, ref, GitSource(repository.url))
    first = await bench.runtime.fetch_source(job, quiet)
    await bench.write_volume(ref, PROJECT_VOLUME, {"README.md": b"mine", "src/app.py": None})
    assert await bench.again().fetch_source(job, quiet) == first
    assert await tree(bench, ref) == {"README.md": b"mine"}


async def test_files_without_a_clone_are_left_alone_too(bench: Workbench, ref: WorkspaceRef) -> None:
    repository = await bench.repository({"main": FILES})
    await bench.write_volume(ref, PROJECT_VOLUME, {"precious.txt": b"mine"})
    await bench.runtime.fetch_source(source_job(bench, ref, GitSource(repository.url)), quiet)
    assert await tree(bench, ref) == {"precious.txt": b"mine"}


async def test_a_fetch_is_found_again_after_a_crash(bench: Workbench, ref: WorkspaceRef) -> None:
    repository = await bench.repository({"main": FILES})
    job = source_job(bench, ref, GitSource(repository.url))
    with bench.held():
        lost = asyncio.ensure_future(bench.runtime.fetch_source(job, quiet))
        helper = await begun(bench, ref)
        lost.cancel()
        await asyncio.wait([lost])
        assert helper.throw_away
        again = bench.again()
        found = asyncio.ensure_future(again.fetch_source(job, quiet))
        done, _ = await asyncio.wait([found], timeout=0.2)
        assert not done
        assert [c.creation for c in (await bench.runtime.observe(ref)).containers] == [helper.creation]
    assert (await found).commit == repository.commits["main"]
    assert await tree(bench, ref) == FILES
    assert (await bench.runtime.observe(ref)).containers == ()
    await again.close()


async def test_a_fetch_can_be_stopped_and_begun_again(bench: Workbench, ref: WorkspaceRef) -> None:
    repository = await bench.repository({"main": FILES})
    job = source_job(bench, ref, GitSource(repository.url))
    with bench.held():
        lost = asyncio.ensure_future(bench.runtime.fetch_source(job, quiet))
        await begun(bench, ref)
        lost.cancel()
        await asyncio.wait([lost])
        await bench.runtime.stop(ref, grace_seconds=1)
        assert (await bench.runtime.observe(ref)).containers == ()
    assert (await bench.runtime.fetch_source(job, quiet)).commit == repository.commits["main"]
    assert await tree(bench, ref) == FILES


async def test_a_private_repository_wants_its_token(bench: Workbench, ref: WorkspaceRef) -> None:
    repository = await bench.repository({"main": FILES}, token="s3cret-token")
    source = GitSource(repository.url)
    for token in ("", "wrong"):
        with pytest.raises(Problem) as caught:
            await bench.runtime.fetch_source(source_job(bench, ref, source, token), quiet)
        assert caught.value.kind == "source_denied"
    lines: list[str] = []
    result = await bench.runtime.fetch_source(source_job(bench, ref, source, "s3cret-token"), lines.append)
    assert result.commit == repository.commits["main"]
    files = await bench.read_volume(ref, PROJECT_VOLUME)
    assert not any(b"s3cret-token" in content for content in files.values())
    assert not any("s3cret-token" in line for line in lines)


async def test_a_ref_that_is_not_there_is_said_to_be_missing(bench: Workbench, ref: WorkspaceRef) -> None:
    repository = await bench.repository({"main": FILES})
    for name in ("no-such-branch", "pull/99", "0" * 40):
        with pytest.raises(Problem) as caught:
            await bench.runtime.fetch_source(source_job(bench, ref, GitSource(repository.url, name)), quiet)
        assert caught.value.kind == "ref_not_found", name
        assert name in caught.value.detail
    assert await tree(bench, ref) == {}


async def test_an_address_where_nothing_answers(bench: Workbench, ref: WorkspaceRef) -> None:
    with pytest.raises(Problem) as caught:
        await bench.runtime.fetch_source(source_job(bench, ref, GitSource("http://127.0.0.1:1/x.git")), quiet)
    assert caught.value.kind == "source_unreachable"


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("ext::sh -c touch% /tmp/pwned", ""),
        ("--upload-pack=touch /tmp/pwned", ""),
        ("file:///etc", ""),
        ("/etc", ""),
        ("https://user:password@example.com/x.git", ""),
        ("http://169.254.169.254/latest", ""),
        ("https://example.com/x.git", "--upload-pack=sh"),
        ("https://example.com/x.git", "a..b"),
    ],
)
async def test_hostile_urls_and_refs_are_refused(bench: Workbench, ref: WorkspaceRef, url: str, name: str) -> None:
    with pytest.raises(Problem) as caught:
        await bench.runtime.fetch_source(source_job(bench, ref, GitSource(url, name)), quiet)
    assert caught.value.kind == "bad_source"


async def test_fetching_into_a_missing_volume_fails_and_makes_none(bench: Workbench) -> None:
    repository = await bench.repository({"main": FILES})
    ref = new_ref()
    with pytest.raises(Problem) as caught:
        await bench.runtime.fetch_source(source_job(bench, ref, GitSource(repository.url)), quiet)
    assert caught.value.kind == "volume_missing"
    assert (await bench.runtime.observe(ref)).volumes == frozenset()


async def test_without_its_toolbox_nothing_is_fetched_and_no_empty_one_is_made(
    bench: Workbench, ref: WorkspaceRef
) -> None:
    repository = await bench.repository({"main": FILES})
    job = SourceJob(ref, GitSource(repository.url), "carrel-toolbox-000000000000-amd64")
    for _ in range(2):
        with pytest.raises(Problem) as caught:
            await bench.runtime.fetch_source(job, quiet)
        assert caught.value.kind == "toolbox_failed"


async def test_an_empty_source_leaves_an_empty_volume(bench: Workbench, ref: WorkspaceRef) -> None:
    job = SourceJob(ref, EmptySource(), bench.toolbox)
    assert await bench.runtime.fetch_source(job, quiet) == SourceResult()
    assert await tree(bench, ref) == {}


async def test_a_local_folder_is_only_looked_at(bench: Workbench, ref: WorkspaceRef, tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"1")
    await bench.runtime.probe()
    job = SourceJob(ref, FolderSource(str(tmp_path)), bench.toolbox)
    assert await bench.runtime.fetch_source(job, quiet) == SourceResult()
    assert list(tmp_path.rglob("*")) == [tmp_path / "a"]


async def test_a_folder_that_is_not_there_is_not_shared(bench: Workbench, ref: WorkspaceRef, tmp_path: Path) -> None:
    job = SourceJob(ref, FolderSource(str(tmp_path / "none")), bench.toolbox)
    with pytest.raises(Problem) as caught:
        await bench.runtime.fetch_source(job, quiet)
    assert caught.value.kind == "folder_not_shared"
    assert not (tmp_path / "none").exists()
