"""Which git URLs and refs are acceptable, before any program sees them (untrusted-input.md)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from carrel.core.problems import Problem
from carrel.core.spec import GitSource

DEFAULT_PROTOCOLS = frozenset({"https", "ssh"})
_MAX_LENGTH = 2048
_SCP_FORM = re.compile(r"(?P<user>[A-Za-z0-9_][\w.-]*)@(?P<host>[A-Za-z0-9][\w.-]*):(?P<path>[^/-].*)")
_FORBIDDEN_IN_REF = re.compile(r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//|\.lock(/|$)")
_COMMIT = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?")
_SHORT_COMMIT = re.compile(r"[0-9a-f]{7,39}")
_PULL = re.compile(r"(?:pull|pulls|merge_requests|merge-requests)/(\d{1,10})(?:/head)?")


@dataclass(frozen=True)
class GitUrl:
    """A URL that passed the checks."""

    text: str
    protocol: str
    host: str

    @property
    def is_loopback(self) -> bool:
        """Whether the host names the machine itself."""
        if self.host == "localhost" or self.host.endswith(".localhost"):
            return True
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return False


def parse_git_url(text: str, protocols: frozenset[str] = DEFAULT_PROTOCOLS) -> GitUrl:
    """`text` as a git URL whose protocol is among `protocols`.

    Raises:
        Problem: `bad_source`: another protocol, a remote helper (`ext::`), a local path, an option, control
            characters, a credential in the URL, or a link-local address (cloud metadata).
    """
    if not text or len(text) > _MAX_LENGTH:
        raise Problem("bad_source", "The URL is empty or too long.")
    if text.startswith("-") or any(ord(c) < 0x21 or ord(c) == 0x7F for c in text):
        raise Problem("bad_source", "The URL starts with a hyphen, or has spaces or control characters.")
    if match := _SCP_FORM.fullmatch(text):
        return _allowed(GitUrl(text, "ssh", match["host"].lower()), protocols)
    if "::" in text.split("/", 1)[0] or "://" not in text:
        raise Problem("bad_source", f"{text[:200]!r} is not a URL that can be cloned.")
    return _allowed(_split(text), protocols)


def _split(text: str) -> GitUrl:
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise Problem("bad_source", "The URL is malformed.") from error
    if parts.password is not None or (parts.username is not None and parts.scheme != "ssh"):
        hint = "Leave it out of the URL and store it as a git credential."
        raise Problem("bad_source", "The URL has a credential in it.", hint=hint)
    user = parts.username or ""
    host = (parts.hostname or "").lower()
    if (parts.scheme != "file" and not host) or host.startswith("-") or user.startswith("-") or port == 0:
        raise Problem("bad_source", "The URL has no usable host name.")
    return GitUrl(text, parts.scheme.lower(), host)


def _allowed(url: GitUrl, protocols: frozenset[str]) -> GitUrl:
    if url.protocol not in protocols:
        allowed = ", ".join(sorted(protocols))
        raise Problem(
            "bad_source", f"The protocol {url.protocol[:20]!r} is not allowed here.", hint=f"Allowed: {allowed}."
        )
    try:
        link_local = ip_address(url.host).is_link_local
    except ValueError:
        link_local = False
    if link_local:
        raise Problem("bad_source", "The URL names a link-local address.")
    return url


@dataclass(frozen=True)
class Candidate:
    """A name on the remote that a ref may mean."""

    remote_ref: str
    kind: str
    """`branch`, `tag`, `pull` or `commit`."""
    local: str
    """What it is called in the clone: the branch's name, or the tag's."""


def ref_candidates(ref: str) -> tuple[Candidate, ...]:
    """What `ref` may mean on the remote, likeliest first; empty for the default branch.

    Raises:
        Problem: `bad_source`: the ref looks like an option, or has characters that no ref has.
    """
    if not ref:
        return ()
    if ref[0] in "-/." or ref[-1] in "/." or len(ref) > 250 or _FORBIDDEN_IN_REF.search(ref):
        raise Problem("bad_source", f"{ref[:100]!r} cannot be the name of a branch, tag or commit.")
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


def check_git_source(
    source: GitSource, protocols: frozenset[str] = DEFAULT_PROTOCOLS
) -> tuple[GitUrl, tuple[Candidate, ...]]:
    """URL and ref of `source`, checked. Raises `bad_source`."""
    return parse_git_url(source.url, protocols), ref_candidates(source.ref)
