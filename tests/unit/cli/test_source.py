"""What SOURCE means."""

from __future__ import annotations

from pathlib import Path

import pytest

from carrel.cli.source import name_for, parse_source, shown
from carrel.core.problems import Problem
from carrel.core.spec import EmptySource, FolderSource, GitSource


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("https://git.example.org/ana/blog.git", GitSource("https://git.example.org/ana/blog.git")),
        ("git@git.example.org:ana/blog.git", GitSource("ssh://git@git.example.org/ana/blog.git")),
        ("git.example.org/ana/blog", GitSource("https://git.example.org/ana/blog")),
        ("http://127.0.0.1:8000/blog", GitSource("http://127.0.0.1:8000/blog")),
        ("file:///srv/blog.git", GitSource("file:///srv/blog.git")),
    ],
)
def test_addresses_are_repositories(text: str, source: GitSource) -> None:
    assert parse_source(text) == source
    assert name_for(source) == "blog"


def test_the_ref_belongs_to_the_repository() -> None:
    assert parse_source("https://git.example.org/ana/blog", "v1") == GitSource("https://git.example.org/ana/blog", "v1")


@pytest.mark.parametrize("text", ["blog", "Blog-2", "ana/blog"])
def test_a_word_is_the_name_of_a_workspace(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert parse_source(text) is None


def test_a_folder_is_taken_by_its_real_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "blog").mkdir()
    (tmp_path / "link").symlink_to("blog")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    expected = FolderSource(str(tmp_path / "blog"))
    assert [parse_source(text) for text in ("blog", "./blog", "link", "~/blog", str(tmp_path / "blog"))] == [
        expected
    ] * 5
    monkeypatch.chdir(tmp_path / "blog")
    assert parse_source(".") == expected


@pytest.mark.parametrize(
    ("text", "ref"), [("./nothing-here", ""), ("/nothing-here", ""), (".", "main"), ("ftp://x/y", ""), ("-x", "")]
)
def test_what_is_no_source_is_refused(text: str, ref: str) -> None:
    with pytest.raises(Problem) as raised:
        parse_source(text, ref)
    assert raised.value.kind == "bad_source"


def test_sources_in_a_table() -> None:
    sources = (GitSource("https://h/x", "v1"), FolderSource("/srv/x"), EmptySource())
    assert [shown(source) for source in sources] == ["https://h/x (v1)", "/srv/x", "(empty)"]
