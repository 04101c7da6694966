"""Addresses of repositories and folders: what is accepted in which form, and what is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carrel.core.problems import Problem
from carrel.core.sources import check_credential_host, check_ref, folder_source, git_source, host_of, is_this_machine
from carrel.core.spec import GitSource

ALL = ("https", "ssh", "http", "git", "file")


@pytest.mark.parametrize(
    ("text", "url", "ref"),
    [
        ("https://github.com/o/r", "https://github.com/o/r", ""),
        ("  https://github.com/o/r.git ", "https://github.com/o/r.git", ""),
        ("HTTPS://github.com/o/r", "https://github.com/o/r", ""),
        ("https://git.example.org:8443/a/b/c.git", "https://git.example.org:8443/a/b/c.git", ""),
        ("https://[2001:db8::1]/r.git", "https://[2001:db8::1]/r.git", ""),
        ("ssh://git@github.com/o/r.git", "ssh://git@github.com/o/r.git", ""),
        ("ssh://git@host:2222/~/r.git", "ssh://git@host:2222/~/r.git", ""),
        ("git@github.com:o/r.git", "ssh://git@github.com/o/r.git", ""),
        ("github.com/o/r", "https://github.com/o/r", ""),
        ("https://github.com/o/r/tree/feature/x", "https://github.com/o/r", "feature/x"),
        ("https://github.com/o/r/pull/12", "https://github.com/o/r", "pull/12"),
        ("https://github.com/o/r/pull/12/files", "https://github.com/o/r", "pull/12"),
        ("https://gitlab.com/g/s/r/-/tree/main", "https://gitlab.com/g/s/r", "main"),
        ("https://gitlab.com/g/r/-/merge_requests/7", "https://gitlab.com/g/r", "merge-requests/7"),
        ("https://example.org/tree/of/repositories", "https://example.org/tree/of/repositories", ""),
        ("https://github.com/o/r#readme", "https://github.com/o/r", ""),
    ],
)
def test_what_people_type_becomes_one_form(text: str, url: str, ref: str) -> None:
    assert git_source(text) == GitSource(url, ref)


def test_a_given_ref_counts_more_than_the_page() -> None:
    assert git_source("https://github.com/o/r/tree/main", "dev").ref == "dev"


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "-x",
        "--upload-pack=touch /tmp/x",
        "ext::sh -c id",
        "ext::id",
        "fd::17",
        "https://",
        "https:///o/r",
        "https://github.com",
        "https://github.com/",
        "https://user:token@github.com/o/r",
        "https://token@github.com/o/r",
        "https://@github.com/o/r",
        "ssh://git:password@github.com/o/r",
        "ssh://-oProxyCommand=id/r",
        "ssh://-x@host/r",
        "-oProxyCommand=id:r",
        "https://-x/r",
        "https://github.com/o/r?token=abc",
        "https://github.com:99999/o/r",
        "https://github.com:x/o/r",
        "https://[::1/o/r",
        "https://169.254.169.254/latest",
        "https://[fe80::1]/r",
        "https://github.com/o/\nr",
        "https://github.com/o/r\0",
        "https://github.com/o/ r",
        "https://ho\u2028st/r",
        "http://github.com/o/r",
        "git://github.com/o/r",
        "file:///etc",
        "ftp://example.org/r",
        "javascript:alert(1)",
        "/home/ana/site",
        "../site",
        "C:\\site",
        "r",
        "https://github.com/" + "x" * 2000,
    ],
)
def test_what_is_not_acceptable_is_refused(text: str) -> None:
    with pytest.raises(Problem) as caught:
        git_source(text)
    assert caught.value.kind == "bad_source"
    assert caught.value.document()["hint"]


def test_a_credential_is_never_repeated_in_the_refusal() -> None:
    with pytest.raises(Problem) as caught:
        git_source("https://ana:hunter2@github.com/o/r")
    assert "hunter2" not in str(caught.value.document())
    assert "git-credential" in caught.value.hint


@pytest.mark.parametrize("text", ["http://host/r", "git://host/r", "file:///srv/git/r.git"])
def test_further_schemes_are_accepted_where_the_server_allows_them(text: str) -> None:
    assert git_source(text, "", ALL).url == text


@pytest.mark.parametrize("text", ["file://host/r", "file:r", "file://"])
def test_a_file_address_is_an_absolute_path_of_this_machine(text: str) -> None:
    with pytest.raises(Problem):
        git_source(text, "", ALL)


@given(st.text(max_size=60))
def test_whatever_is_typed_is_refused_or_safe(text: str) -> None:
    try:
        source = git_source(text, "", ALL)
    except Problem:
        return
    assert source.url.split("://")[0] in ALL
    assert not any(c.isspace() or not c.isprintable() for c in source.url.encode("ascii", "replace").decode())
    assert git_source(source.url, source.ref, ALL) == source


@pytest.mark.parametrize("ref", ["", "main", "feature/x-1", "v1.0", "pull/12", "a" * 40, "refs/heads/main", "ünï"])
def test_refs_that_may_be(ref: str) -> None:
    assert check_ref(f" {ref} ") == ref


@pytest.mark.parametrize(
    "ref",
    [
        "-x",
        "--exec=id",
        "a..b",
        "a b",
        "a~1",
        "a^",
        "a:b",
        "a?",
        "a*",
        "a[",
        "a\\b",
        "a@{1}",
        "a.lock",
        "/a/",
        "a/",
        "a.",
        "x" * 256,
        "a\x07",
    ],
)
def test_refs_that_cannot_be(ref: str) -> None:
    with pytest.raises(Problem):
        check_ref(ref)


@pytest.mark.parametrize(
    ("path", "normal"), [("/home/ana/site", "/home/ana/site"), ("/srv/../home/a/", "/home/a"), ("//home/a", "/home/a")]
)
def test_folders_in_normal_form(path: str, normal: str) -> None:
    assert folder_source(path).path == normal


@pytest.mark.parametrize(
    "path", ["", "site", "./site", "~", "/", "//", "/proc", "/home/../sys/x", "/dev/shm", "/etc", "/a\0b"]
)
def test_folders_that_are_refused(path: str) -> None:
    with pytest.raises(Problem):
        folder_source(path)


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://GitHub.com/o/r", "github.com"),
        ("https://git.example.org:8443/r", "git.example.org:8443"),
        ("ssh://git@host:2222/r", "host:2222"),
    ],
)
def test_the_host_of_an_address_is_what_a_credential_is_stored_under(url: str, host: str) -> None:
    assert host_of(url) == host
    assert check_credential_host(host) == host


@pytest.mark.parametrize("host", ["", "a b", "a/b", "-x", "host:port", "user@host", "https://host", "x" * 300])
def test_strange_hosts_are_refused(host: str) -> None:
    with pytest.raises(Problem):
        check_credential_host(host)


@pytest.mark.parametrize(
    ("url", "is_it"),
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
def test_loopback_is_recognised(url: str, *, is_it: bool) -> None:
    assert is_this_machine(url) is is_it
