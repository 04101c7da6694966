"""What is answered: the same members on both ways out, cursors, the printed reference."""

from __future__ import annotations

import json
from dataclasses import fields
from datetime import UTC, datetime

import pytest
from docs.print_reference import FOLDER, all_pages
from pydantic_core import to_json

from carrel.core.access import Actor, Role
from carrel.core.problems import Problem
from carrel.core.spec import EmptySource, FolderSource, GitSource, Limits, Source
from carrel.core.workspace import Failure, ListedApp, Remembered, Workspace
from carrel.server.api.cursor import format_cursor, parse_cursor
from carrel.server.api.rights import Rights
from carrel.server.api.standing import Standing
from carrel.server.api.workspace_documents import AppUrls, WorkspaceDocument, workspace_document, workspace_members
from carrel.server.settings import load_settings

NOW = datetime(2026, 1, 2, 3, 4, 5, 678900, UTC)


@pytest.mark.parametrize("source", [GitSource("https://h/r", "main"), FolderSource("/a"), EmptySource()])
@pytest.mark.parametrize("failure", [None, Failure("fetch_source", "source_denied", "no", retry_at=NOW)])
def test_a_list_and_a_single_answer_have_the_same_form(source: Source, failure: Failure | None) -> None:
    workspace = Workspace(
        id="abc",
        owner_id="u",
        owner="ana",
        name="blog",
        source=source,
        limits=Limits(cpus=1.5),
        failure=failure,
        remembered=Remembered(commit="c", branch="b"),
        apps=(ListedApp("code", "VS Code"),),
        created_at=NOW,
        allow=("privileged",),
        labels={"a": "b"},
    )
    urls, rights = AppUrls(load_settings({})), Rights(Actor("u", "ana", Role.DEVELOPER))
    standing = Standing(load_settings({}), NOW)
    in_list = json.loads(to_json(workspace_members(workspace, urls, rights, standing)))
    assert json.loads(workspace_document(workspace, urls, rights, standing).model_dump_json()) == in_list
    assert set(in_list) == set(WorkspaceDocument.model_fields)
    assert in_list["created_at"] == "2026-01-02T03:04:05.678900Z"


def test_nothing_of_a_workspace_is_answered_by_accident() -> None:
    inside = {"owner_id", "no_cache", "purge", "failure", "remembered", "policy", "template_id", "template_version"}
    assert {f.name for f in fields(Workspace)} - set(WorkspaceDocument.model_fields) == inside


@pytest.mark.parametrize(
    ("public_url", "url"),
    [
        ("", "http://code--blog--ana.localhost:7070/"),
        ("https://carrel.example.org", "https://code--blog--ana.localhost/"),
        ("https://carrel.example.org:8443", "https://code--blog--ana.localhost:8443/"),
    ],
)
def test_addresses_of_apps_have_scheme_and_port_of_the_public_address(public_url: str, url: str) -> None:
    urls = AppUrls(load_settings({"CARREL_PUBLIC_URL": public_url}))
    assert urls.url(Workspace("abc", "u", "ana", "blog"), "code") == url


def test_a_cursor_points_where_it_was_made() -> None:
    assert parse_cursor(format_cursor(NOW, "abc")) == (NOW, "abc")


@pytest.mark.parametrize("text", ["x", "", "!!", "bnVsbA", "WzEsMl0", "eyJhIjoxfQ", "ü"])
def test_a_cursor_that_is_not_ours_is_refused(text: str) -> None:
    with pytest.raises(Problem) as caught:
        parse_cursor(text)
    assert caught.value.kind == "bad_value"


@pytest.mark.parametrize(("name", "text"), all_pages().items())
def test_the_printed_reference_is_that_of_the_code(name: str, text: str) -> None:
    assert (FOLDER / name).read_text(encoding="utf-8") == text, "run `make docs`"
