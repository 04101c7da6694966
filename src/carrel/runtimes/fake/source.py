"""What a fake source fetch does to the engine's state."""

from __future__ import annotations

from pathlib import Path

from carrel.core.problems import Problem
from carrel.core.sources import git_source
from carrel.core.spec import FolderSource, GitSource
from carrel.runtimes.contract import SourceJob, SourceResult
from carrel.runtimes.fake.engine import FakeRepository, FakeState, FakeVolume
from carrel.runtimes.git_ref import ref_candidates

SCHEMES = frozenset({"https", "http", "ssh"})


def check(job: SourceJob) -> None:
    """Refuse what no program should see. Raises `bad_source`, `folder_not_shared`."""
    if isinstance(job.source, GitSource):
        git_source(job.source.url, job.source.ref, SCHEMES)
    if isinstance(job.source, FolderSource) and not Path(job.source.path).is_dir():
        raise Problem("folder_not_shared", f"The engine does not see {job.source.path!r}.")


def fill(state: FakeState, volume: FakeVolume, job: SourceJob) -> SourceResult:
    """Put the source's files into `volume`, unless it has files already."""
    if volume.files or volume.links or not isinstance(job.source, GitSource):
        return SourceResult(volume.commit, volume.branch)
    repository = _reach(state, job)
    commit, branch = _choose(repository, job.source)
    volume.files = dict(repository.commits[commit])
    volume.links = dict(repository.links)
    volume.commit, volume.branch, volume.fresh = commit, branch, False
    return SourceResult(commit, branch)


def _reach(state: FakeState, job: SourceJob) -> FakeRepository:
    assert isinstance(job.source, GitSource)  # noqa: S101  the caller has looked
    if state.full:
        raise Problem("no_space", "No space left on the fake engine.")
    repository = state.repositories.get(job.source.url)
    if repository is None or repository.unreachable:
        raise Problem("source_unreachable", f"Nothing answers at {job.source.url!r}.")
    if repository.token and (job.token is None or job.token.reveal() != repository.token):
        raise Problem("source_denied", "The repository wants another token.")
    return repository


def _choose(repository: FakeRepository, source: GitSource) -> tuple[str, str]:
    if not source.ref:
        head = repository.refs["HEAD"]
        return repository.refs[head], head.removeprefix("refs/heads/")
    for candidate in ref_candidates(source.ref):
        if candidate.kind == "commit":
            if found := [c for c in repository.commits if c.startswith(candidate.remote_ref)]:
                return found[0], ""
        elif candidate.remote_ref in repository.refs:
            branch = "" if candidate.kind == "tag" else candidate.local
            return repository.refs[candidate.remote_ref], branch
    raise Problem("ref_not_found", f"The repository has no {source.ref!r}.")
