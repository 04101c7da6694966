"""Secrets, dotfiles and preferences."""

from __future__ import annotations

import io
import re

import pytest
from tests.integration.api.conftest import Running
from tests.integration.cli.commands.conftest import BLOG, Carrel

from carrel.core.spec import GitSource
from carrel.devcontainer.declared_secrets import DeclaredSecret
from carrel.devcontainer.preview import Preview
from carrel.devcontainer.requirements import Requirements


async def test_secrets_are_stored_listed_and_removed_and_never_printed(
    carrel: Carrel, monkeypatch: pytest.MonkeyPatch
) -> None:
    await carrel("up", BLOG)
    monkeypatch.setattr("sys.stdin", io.StringIO("line one\nline two\n"))
    for words in (("--for", "https://git.example.org/*"), ("--workspace", "blog"), ("--project", "default")):
        monkeypatch.setattr("sys.stdin", io.StringIO("line one\nline two\n"))
        stored = await carrel("secret", "set", "API_TOKEN", *words)
        assert stored.status == 0, stored.err
        assert "line one" not in stored.out + stored.err
    assert "https://git.example.org/*" in (await carrel("secret", "ls")).out
    assert [one["name"] for one in (await carrel("secret", "ls", "--project", "default", "-o", "json")).json] == [
        "API_TOKEN"
    ]
    assert re.search(r"API_TOKEN +workspace", (await carrel("secret", "ls", "-w", "blog")).out)
    assert (await carrel("secret", "rm", "API_TOKEN", "-w", "blog")).status == 0
    assert re.search(r"API_TOKEN +user", (await carrel("secret", "ls", "-w", "blog")).out)
    assert (await carrel("secret", "rm", "OTHER")).status == 3
    monkeypatch.setattr("sys.stdin", io.StringIO("x"))
    assert "repositories" in (await carrel("secret", "set", "API_TOKEN")).err
    assert (await carrel("secret", "set", "A", "--for", "*", "-w", "blog")).status == 1


async def test_up_takes_secrets_from_options_variables_and_standard_input(
    carrel: Carrel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FROM_SHELL", "value-of-shell")
    monkeypatch.setattr("sys.stdin", io.StringIO("value-of-stdin\n"))
    secrets = ("--secret", "GIVEN=value=given", "--secret", "FROM_SHELL", "--secret", "PIPED")
    ended = await carrel("up", BLOG, *secrets, "--dotfiles", "ana/dots", "-o", "json")
    assert ended.status == 0, ended.err
    assert "value" not in ended.out
    assert ended.json["dotfiles"]["repository"] == "https://github.com/ana/dots"
    listed = (await carrel("secret", "ls", "-w", "blog", "-o", "json")).json
    assert [one["name"] for one in listed] == ["FROM_SHELL", "GIVEN", "PIPED"]
    assert (await carrel("up", "blog", "--secret", "LATER=x")).status == 0
    assert len((await carrel("secret", "ls", "-w", "blog", "-o", "json")).json) == 4
    assert (await carrel("up", BLOG, "--secret", "=x")).status == 1


async def test_what_the_repository_would_like_to_have_is_asked_for_on_a_terminal(
    running: Running, carrel: Carrel, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = (DeclaredSecret("A", "To sign in."), DeclaredSecret("B"), DeclaredSecret("C"))
    needs = Requirements(cpus=64)
    running.live.previews[GitSource(BLOG)] = Preview(secrets=wanted, requirements=needs)
    answers = iter(["value-of-a", ""])
    monkeypatch.setattr("carrel.cli.up.can_ask", lambda: True)
    monkeypatch.setattr("typer.prompt", lambda *_, **__: next(answers))
    ended = await carrel("up", BLOG, "--secret", "C=value-of-c")
    assert ended.status == 0, ended.err
    assert "To sign in." in ended.err
    assert "64 CPUs" in ended.err
    assert [one["name"] for one in (await carrel("secret", "ls", "-w", "blog", "-o", "json")).json] == ["A", "C"]


async def test_dotfiles_are_set_shown_and_removed(carrel: Carrel) -> None:
    assert "none" in (await carrel("dotfiles", "show")).err
    assert (await carrel("dotfiles", "set", "ana/dots", "--target", "~/d")).status == 0
    assert "https://github.com/ana/dots" in (await carrel("dotfiles", "show")).out
    assert (await carrel("dotfiles", "show", "-o", "json")).json["target"] == "~/d"
    assert (await carrel("dotfiles", "rm")).status == 0
    assert (await carrel("dotfiles", "set", "ext::sh")).status == 1


async def test_preferences_are_shown_and_changed_one_by_one(carrel: Carrel) -> None:
    await carrel("dotfiles", "set", "ana/dots")
    assert "no" in (await carrel("preferences")).out
    changed = await carrel("preferences", "--start-on-connect", "-o", "json")
    assert changed.json["start_on_connect"] is True
    assert changed.json["dotfiles"]["repository"] == "https://github.com/ana/dots"
    assert "yes, from a terminal" in (await carrel("preferences")).out
