from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carrel.core.problems import Problem
from carrel.runtimes.git_url import parse_git_url, ref_candidates

ALL = frozenset({"https", "ssh", "http", "git", "file"})


@pytest.mark.parametrize(
    ("text", "protocol", "host"),
    [
        ("https://github.com/ana/blog.git", "https", "github.com"),
        ("https://GitHub.com:8443/ana/blog", "https", "github.com"),
        ("ssh://git@example.com:2222/~ana/blog.git", "ssh", "example.com"),
        ("git@example.com:ana/blog.git", "ssh", "example.com"),
        ("http://127.0.0.1:8080/repo.git", "http", "127.0.0.1"),
        ("http://[::1]:8080/repo.git", "http", "::1"),
    ],
)
def test_usable_urls_are_taken_apart(text: str, protocol: str, host: str) -> None:
    url = parse_git_url(text, ALL)
    assert (url.text, url.protocol, url.host) == (text, protocol, host)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x" * 3000,
        "-oProxyCommand=x",
        "--upload-pack=touch /tmp/x",
        "ext::sh -c id",
        "ext::https://example.com",
        "fd::17",
        "/srv/repo",
        "../repo",
        "repo",
        "example.com/ana/blog",
        "https://",
        "https:///etc",
        "https://-oProxyCommand=x/y",
        "ssh://-oProxyCommand=x/y",
        "ssh://-l@example.com/y",
        "git@-host:x",
        "git@host:-x",
        "git@host:/x",
        "https://example.com:99999/x",
        "https://example.com:x/x",
        "https://[::1/x",
        "https://example.com/a b",
        "https://example.com/a\nb",
        "https://example.com/a\x00b",
        "https://token@example.com/x",
        "https://user:password@example.com/x",
        "ssh://user:password@example.com/x",
        "https://169.254.169.254/latest",
        "https://[fe80::1]/x",
        "javascript://example.com/x",
    ],
)
def test_what_could_harm_is_refused(text: str) -> None:
    with pytest.raises(Problem) as caught:
        parse_git_url(text, ALL)
    assert caught.value.kind == "bad_source"


@pytest.mark.parametrize("text", ["http://example.com/x", "git://example.com/x", "file:///srv/x"])
def test_only_https_and_ssh_are_allowed_where_nothing_is_said(text: str) -> None:
    with pytest.raises(Problem) as caught:
        parse_git_url(text)
    assert caught.value.kind == "bad_source"
    assert parse_git_url(text, ALL).text == text


@pytest.mark.parametrize(
    ("text", "loopback"),
    [
        ("http://127.0.0.1/x", True),
        ("http://127.9.9.9/x", True),
        ("http://localhost:80/x", True),
        ("http://git.localhost/x", True),
        ("http://[::1]/x", True),
        ("http://10.0.0.1/x", False),
        ("http://localhost.example.com/x", False),
    ],
)
def test_loopback_is_recognised(text: str, loopback: bool) -> None:
    assert parse_git_url(text, ALL).is_loopback is loopback


@given(st.text(max_size=60))
def test_no_text_comes_through_that_git_could_take_for_an_option(text: str) -> None:
    try:
        url = parse_git_url(text, ALL)
    except Problem as problem:
        assert problem.kind == "bad_source"  # noqa: PT017  both outcomes are right
    else:
        assert not url.text.startswith("-")
        assert url.text.isprintable() or not url.text.isascii()
        assert " " not in url.text


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


@pytest.mark.parametrize("ref", ["-x", "--upload-pack=x", "a b", "a..b", "a~1", "a^", "a:b", "a?", "a*", "a[", "a\\b", "a//b", "a/", "/a", ".a", "a.", "a.lock", "a.lock/b", "a@{1}", "a\n", "x" * 300])  # fmt: skip
def test_refs_that_git_would_not_take_are_refused(ref: str) -> None:
    with pytest.raises(Problem) as caught:
        ref_candidates(ref)
    assert caught.value.kind == "bad_source"
