"""What people write about apps: what is taken, what is complained about."""

from __future__ import annotations

from typing import Any

import pytest

from carrel.core.agent import App
from carrel.core.apps import ICONS, MEMBERS, MOST_APPS, is_emoji, read_apps


def complaints(*items: Any) -> list[str]:
    return [f"{one.key}: {one.message}" for one in read_apps(list(items)).complaints]


def test_all_members_of_an_app_are_read() -> None:
    written = {
        "name": "docs", "title": "The docs", "command": ["mkdocs", "serve", "-a", "127.0.0.1:{port}"], "port": 8000,
        "health": "/ok", "icon": "book", "share": "project", "open_path": "/start?x=1", "start": "boot", "env": {"A": 1, "B": True},
    }  # fmt: skip
    assert written.keys() == MEMBERS.keys()
    app = App(
        "docs", 8000, ("mkdocs", "serve", "-a", "127.0.0.1:{port}"), "/ok", "The docs", "book", "/start?x=1",
        {"A": "1", "B": "true"}, "boot", "project",
    )  # fmt: skip
    assert read_apps([written]) == type(read_apps([]))((app,))


def test_a_name_and_a_command_are_enough() -> None:
    assert read_apps([{"name": "x", "command": "run"}]).apps == (App("x", 0, "run", title="x"),)
    assert read_apps([{"name": "x", "port": 80}]).apps == (App("x", 80, title="x"),)


@pytest.mark.parametrize(
    "name",
    ["", "8080", "A", "a--b", "a-", "-a", "a.b", "a b", "ä", "x" * 31, "a/../b", 5, None, ["a"], {}],
    ids=repr,
)
def test_names_that_are_no_part_of_an_address_are_refused(name: Any) -> None:
    written = read_apps([{"name": name, "port": 80}])
    assert written.apps == ()
    assert len(written.complaints) == 1
    assert "single hyphens" in written.complaints[0].message


@pytest.mark.parametrize("port", [0, -1, 65536, 99999, 7022, "80", 80.5, True, None], ids=repr)
def test_ports_that_are_none_are_refused(port: Any) -> None:
    written = read_apps([{"name": "x", "command": "run", "port": port}])
    assert written.apps == ()
    assert [one.key for one in written.complaints] == ["[0].port"]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("title", ""), ("title", "a\nb"), ("title", "x" * 81), ("health", "ok"), ("health", "//host"), ("open_path", "//host/"),
        ("open_path", "https://elsewhere"), ("open_path", "/a\r\nSet-Cookie: x"), ("icon", "nope"), ("icon", "<b>"), ("icon", ""),
        ("share", "view"), ("start", "never"), ("env", {"A B": "1"}), ("env", {"A": None}), ("env", ["A=1"]),
    ],
    ids=repr,
)  # fmt: skip
def test_a_wrong_value_is_not_used_and_the_app_is_kept(key: str, value: Any) -> None:
    written = read_apps([{"name": "x", "port": 80, key: value}])
    assert written.apps == (App("x", 80, title="x"),)
    assert [one.key for one in written.complaints] == [f"[0].{key}"]
    assert written.complaints[0].message.endswith("; the value is not used")


@pytest.mark.parametrize(
    "command", ["", " ", [], [""], [1], ["a\0"], {"a": "b"}, 5, "x" * 5000], ids=lambda v: repr(v)[:12]
)
def test_a_command_that_cannot_be_run_is_refused(command: Any) -> None:
    assert read_apps([{"name": "x", "command": command}]).apps == ()


def test_the_nearest_name_is_named() -> None:
    assert complaints({"name": "x", "port": 1, "tittle": "X"}) == [
        "[0].tittle: unknown (did you mean 'title'?); nothing reads it"
    ]
    assert "did you mean 'jupyter'?" in complaints({"name": "x", "port": 1, "icon": "jupiter"})[0]
    assert "did you mean 'demand'?" in complaints({"name": "x", "port": 1, "start": "demnad"})[0]


def test_what_is_no_app_is_left_out_and_the_others_stay() -> None:
    written = read_apps(["x", {}, {"name": "a"}, {"name": "b", "port": 2}])
    assert [app.name for app in written.apps] == ["b"]
    assert [one.key for one in written.complaints] == ["[0]", "[1]", "[2]"]
    assert read_apps({"a": 1}).complaints[0].message.startswith("should be an array")


def test_of_two_with_one_name_the_last_counts() -> None:
    written = read_apps([{"name": "a", "port": 1}, {"name": "a", "port": 2}])
    assert [app.port for app in written.apps] == [2]
    assert written.complaints[0].key == "[1].name"


def test_carrels_own_apps_can_be_adjusted_and_not_replaced() -> None:
    written = read_apps(
        [{"name": "jupyter", "start": "boot", "command": "evil", "share": "public"}, {"name": "terminal"}]
    )
    assert written.apps == ()
    assert written.adjusted == {"jupyter": {"name": "jupyter", "start": "boot"}}
    assert {one.key for one in written.complaints} == {"[0].command", "[0].share", "[1].name"}


def test_there_is_an_end_of_apps() -> None:
    written = read_apps([{"name": f"a{number}", "port": 80} for number in range(MOST_APPS + 1)])
    assert len(written.apps) == MOST_APPS
    assert len(written.complaints) == 1


def test_emoji_are_told_from_text() -> None:
    assert all(is_emoji(text) for text in ("🚀", "📈", "🧑‍💻", "🇩🇪", "⚙️", "❤️"))
    assert not any(is_emoji(text) for text in ("", "a", "ab🚀", "🚀🚀🚀🚀🚀🚀🚀🚀🚀🚀🚀🚀🚀", "\u200d", *ICONS))
