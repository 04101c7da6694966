from __future__ import annotations

import pytest

from carrel.core.problems import Problem
from carrel.runtimes.git_ref import ref_candidates


@pytest.mark.parametrize(
    ("ref", "meanings"),
    [
        ("", []),
        ("main", ["refs/heads/main branch", "refs/tags/main tag"]),
        ("refs/heads/x", ["refs/heads/x branch"]),
        ("refs/tags/v1", ["refs/tags/v1 tag"]),
        ("refs/changes/01/1/2", ["refs/changes/01/1/2 pull"]),
        ("pull/7", ["refs/heads/pull/7 branch", "refs/tags/pull/7 tag", "refs/pull/7/head pull", "refs/merge-requests/7/head pull"]),
        ("abcdef1", ["refs/heads/abcdef1 branch", "refs/tags/abcdef1 tag", "abcdef1 commit"]),
        ("a" * 40, [f"refs/heads/{'a' * 40} branch", f"refs/tags/{'a' * 40} tag", f"{'a' * 40} commit"]),
    ],
)  # fmt: skip
def test_what_a_ref_may_mean(ref: str, meanings: list[str]) -> None:
    assert [f"{c.remote_ref} {c.kind}" for c in ref_candidates(ref)] == meanings


@pytest.mark.parametrize("ref", ["-x", "--upload-pack=x", "a b", "a..b", "a~1", "a^", "a:b", "a?", "a*", "a[", "a\\b", "a//b", "a/", "/a", ".a", "a.", "a.lock", "a.lock/b", "a@{1}", "a\nb", "x" * 300])  # fmt: skip
def test_refs_that_git_would_not_take_are_refused(ref: str) -> None:
    with pytest.raises(Problem) as caught:
        ref_candidates(ref)
    assert caught.value.kind == "bad_source"
