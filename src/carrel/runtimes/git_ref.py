"""What a ref may mean on the remote; which addresses and refs are acceptable at all, core/sources.py says."""

from __future__ import annotations

import re
from dataclasses import dataclass

from carrel.core.sources import check_ref

_COMMIT = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?")
_SHORT_COMMIT = re.compile(r"[0-9a-f]{7,39}")
_PULL = re.compile(r"(?:pull|pulls|merge_requests|merge-requests)/(\d{1,10})(?:/head)?")


@dataclass(frozen=True)
class Candidate:
    """A name on the remote that a ref may mean."""

    remote_ref: str
    kind: str
    """`branch`, `tag`, `pull` or `commit`."""
    local: str
    """What it is called in the clone: the branch's name, or the tag's."""


def ref_candidates(ref: str) -> tuple[Candidate, ...]:
    """What `ref` may mean on the remote, likeliest first; empty for the default branch. Raises `bad_source`."""
    ref = check_ref(ref)
    if not ref:
        return ()
    if ref.startswith("refs/heads/"):
        return (Candidate(ref, "branch", ref.removeprefix("refs/heads/")),)
    if ref.startswith("refs/tags/"):
        return (Candidate(ref, "tag", ref.removeprefix("refs/tags/")),)
    if ref.startswith("refs/"):
        return (Candidate(ref, "pull", ref.removeprefix("refs/").removesuffix("/head")),)
    found = [Candidate(f"refs/heads/{ref}", "branch", ref), Candidate(f"refs/tags/{ref}", "tag", ref)]
    if match := _PULL.fullmatch(ref):
        number = match[1]
        found.append(Candidate(f"refs/pull/{number}/head", "pull", f"pull/{number}"))
        found.append(Candidate(f"refs/merge-requests/{number}/head", "pull", f"pull/{number}"))
    if _COMMIT.fullmatch(ref) or _SHORT_COMMIT.fullmatch(ref):
        found.append(Candidate(ref, "commit", ref))
    return tuple(found)
