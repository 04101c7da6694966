"""Repositories of templates on the command line: which one is meant, and what is said of a reading."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, cast

import pytest

from carrel.cli.template_repository import find_repository, has_problem, report
from carrel.client.client import Client
from carrel.client.template_repositories import TemplateRepository
from carrel.core.problems import Problem

URL = "https://git.example.org/platform/templates"


def repository(id_: str = "abc", url: str = URL, problem: str = "", *templates: dict[str, Any]) -> TemplateRepository:
    members = {"folder": "", "name": "", "version": None, "problem": ""}
    return TemplateRepository.model_validate(
        {
            "id": id_,
            "project": "",
            "url": url,
            "ref": "",
            "folder": "",
            "created_by": "ana",
            "created_at": "2026-01-01T00:00:00Z",
            "synced_at": "2026-01-01T00:00:00Z",
            "commit": "0123456789abcdef",
            "problem": problem,
            "templates": [members | one for one in templates],
        }
    )


@dataclass
class Listing:
    """A server that only lists."""

    found: list[TemplateRepository] = field(default_factory=list)

    async def list(self) -> list[TemplateRepository]:
        return self.found


def client(*found: TemplateRepository) -> Client:
    return cast("Client", SimpleNamespace(template_repositories=Listing(list(found))))


@pytest.mark.parametrize("word", ["abc", URL, f"{URL}.git", f"{URL}/"], ids=["id", "URL", "with .git", "with slash"])
async def test_a_repository_is_named_by_its_id_or_its_url(word: str) -> None:
    other = repository("def", "https://git.example.org/other")
    assert (await find_repository(client(other, repository()), word)).id == "abc"


async def test_a_repository_that_is_not_there_or_there_twice_is_refused() -> None:
    with pytest.raises(Problem, match="No templates come from nothing"):
        await find_repository(client(repository()), "nothing")
    with pytest.raises(Problem, match="is there 2 times") as raised:
        await find_repository(client(repository("abc"), repository("def")), URL)
    assert raised.value.hint == "Say which: abc, def."


def test_what_became_of_each_template_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    fault = {"folder": "shop", "state": "refused", "problem": "shop/template.yaml, line 2\x1b[2J, column 1: no"}
    read = repository("abc", URL, "", {"folder": "web", "name": "web", "version": 2, "state": "updated"}, fault)
    report(read)
    told = capsys.readouterr()
    assert told.out == "NAME  FOLDER  VERSION  STATE\nweb   web     2        updated\n-     shop    -        refused\n"
    assert f"{URL} at 0123456789ab: 2 templates." in told.err
    assert "warning: shop: shop/template.yaml, line 2, column 1: no" in told.err
    assert has_problem(read)


def test_a_repository_that_cannot_be_read_says_why(capsys: pytest.CaptureFixture[str]) -> None:
    broken = repository("abc", URL, "git.example.org said 403.")
    report(broken)
    assert f"warning: {URL}: git.example.org said 403." in capsys.readouterr().err
    assert has_problem(broken)
    assert not has_problem(repository())
