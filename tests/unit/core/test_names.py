"""Names and host names."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carrel.core.names import check_name, name_from_source, suggest_name
from carrel.core.problems import Problem
from carrel.core.urls import MAX_LABEL_LENGTH, AppAddress, app_host, app_label, label_of_host, parse_label

names = st.from_regex(r"[a-z]([a-z0-9]|-(?=[a-z0-9])){0,20}", fullmatch=True)


@pytest.mark.parametrize("text", ["blog", "a", "my-blog-2", "A-Blog", "x" * 40])
def test_good_names_are_case_folded(text: str) -> None:
    assert check_name(text) == text.casefold()


@pytest.mark.parametrize("text", ["", "-a", "a-", "a--b", "1a", "x" * 41, "a.b", "ä", "a/b", "localhost", "a b", "a\n"])
def test_bad_names_are_refused_with_one_that_would_do(text: str) -> None:
    with pytest.raises(Problem) as caught:
        check_name(text)
    assert caught.value.kind == "bad_name"
    assert check_name(suggest_name(text)) in caught.value.hint


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("https://example.org/ana/blog.git", "blog"),
        ("git@example.org:ana/My_Site.git", "my-site"),
        ("git@example.org:site", "site"),
        ("/home/ana/code/", "code"),
        ("https://example.org/1.2.3", "workspace"),
    ],
)
def test_a_workspace_is_named_after_its_source(source: str, name: str) -> None:
    assert name_from_source(source) == name


@given(st.text(max_size=60))
def test_every_suggestion_is_a_usable_name(text: str) -> None:
    assert check_name(suggest_name(text)) == suggest_name(text)


@given(names, names, names)
def test_a_label_is_parsed_back_or_shortened_to_fit(app: str, workspace: str, owner: str) -> None:
    address = AppAddress(app, workspace, owner)
    label = app_label(address)
    assert len(label) <= MAX_LABEL_LENGTH
    whole = f"{app}--{workspace}--{owner}"
    assert parse_label(label) == (address if len(whole) <= MAX_LABEL_LENGTH else None)
    assert label_of_host(app_host(address, "localhost") + ":7070", "localhost") == label


@pytest.mark.parametrize("host", ["localhost", "localhost:7070", "a.b.localhost", ".localhost", "evil.org", "[::1]:70"])
def test_hosts_that_are_no_app(host: str) -> None:
    assert label_of_host(host, "localhost") is None


@pytest.mark.parametrize("label", ["a--b", "a--b--c--d", "a---b--c", "-a--b--c", "a--b--", "a b--c--d"])
def test_labels_of_another_form_are_not_parsed(label: str) -> None:
    assert parse_label(label) is None
