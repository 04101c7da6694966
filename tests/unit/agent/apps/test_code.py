"""VS Code's settings and command line."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from carrel.agent.apps.code import merge_settings, places, recipe, write_settings
from carrel.agent.user_env import Environment
from carrel.agent.users import RemoteUser
from carrel.core.agent import AgentPlan


@pytest.fixture
def environment(tmp_path: Path) -> Environment:
    user = RemoteUser("dev", os.geteuid(), os.getegid(), (), str(tmp_path), "/bin/bash")
    return Environment(user, "/workspaces/blog", {"PATH": "/bin"})


@pytest.mark.parametrize(
    ("current", "written", "wanted", "merged"),
    [
        ({}, {}, {"a": 1}, {"a": 1}),
        ({"a": 1}, {"a": 1}, {"a": 2}, {"a": 2}),
        ({"a": 1}, {"a": 1}, {}, {}),
        ({"a": 9}, {"a": 1}, {"a": 2}, {"a": 9}),
        ({"a": 9}, {"a": 1}, {}, {"a": 9}),
        ({}, {"a": 1}, {"a": 2}, {}),
        ({"a": 9}, {}, {"a": 2}, {"a": 9}),
        ({"b": 1}, {}, {"a": [1]}, {"b": 1, "a": [1]}),
    ],
)
def test_ours_follow_the_configuration_and_a_persons_stay(
    current: dict[str, Any], written: dict[str, Any], wanted: dict[str, Any], merged: dict[str, Any]
) -> None:
    assert merge_settings(current, written, wanted) == merged


def test_settings_are_written_once_and_followed(environment: Environment) -> None:
    path = places(environment).machine_settings
    write_settings(environment, AgentPlan(editor_settings={"a": 1, "b": 2}))
    assert json.loads(path.read_text()) == {"a": 1, "b": 2}
    path.write_text(json.dumps({"a": 9, "b": 2}))
    write_settings(environment, AgentPlan(editor_settings={"a": 2, "b": 3}))
    assert json.loads(path.read_text()) == {"a": 9, "b": 3}


def test_what_a_person_set_for_himself_is_left_to_him(environment: Environment) -> None:
    mine = places(environment).user_settings
    mine.parent.mkdir(parents=True)
    mine.write_text('{\n  // I like it large\n  "editor.fontSize": 20,\n}')
    write_settings(environment, AgentPlan(editor_settings={"editor.fontSize": 12, "b": 1}))
    assert json.loads(places(environment).machine_settings.read_text()) == {"b": 1}


def test_a_file_with_comments_is_a_persons(environment: Environment) -> None:
    path = places(environment).machine_settings
    path.parent.mkdir(parents=True)
    path.write_text('{ // mine\n "a": 1 }')
    write_settings(environment, AgentPlan(editor_settings={"a": 2}))
    assert "// mine" in path.read_text()


def test_the_editor_listens_on_loopback_without_a_password_and_opens_the_project(environment: Environment) -> None:
    command = recipe(environment, Path("/opt/carrel")).on(4242, environment)
    assert command.argv[0] == "/opt/carrel/bin/code-server"
    assert "127.0.0.1:4242" in command.argv
    assert command.argv[-1] == "/workspaces/blog"
    assert "--disable-workspace-trust" not in command.argv


def test_the_gallery_of_an_administrator_reaches_the_editor(environment: Environment) -> None:
    gallery = '{"serviceUrl": "https://gallery.example/api"}'
    assert recipe(environment, Path("/opt/carrel"), gallery).env["EXTENSIONS_GALLERY"] == gallery
    assert "EXTENSIONS_GALLERY" not in recipe(environment, Path("/opt/carrel")).env
