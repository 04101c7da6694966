import json
from typing import Any

import pytest

from carrel.core.problems import Problem
from carrel.devcontainer.configuration import Configuration, read
from carrel.devcontainer.inner_properties import INNER
from carrel.devcontainer.properties import BUILD, PROPERTIES, Property
from carrel.devcontainer.workspace_folder import Place

PLACE = Place("/src/blog")


def configuration(
    value: dict[str, Any], path: str = ".devcontainer/devcontainer.json", place: Place = PLACE
) -> Configuration:
    return read(json.dumps(value), path, place)


@pytest.mark.conformance("C017", "C019", "C021", "C022")
@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ({"image": "x"}, "image"),
        ({"build": {"dockerfile": "Dockerfile"}}, "dockerfile"),
        ({"dockerFile": "Dockerfile", "context": ".."}, "dockerfile"),
        ({"dockerComposeFile": "c.yml", "service": "app"}, "compose"),
        ({"dockerComposeFile": [], "service": "app"}, "compose"),
        ({"image": "x", "build": {"cacheFrom": "y"}}, "image"),
        ({"image": "x", "service": "app"}, "image"),
        ({"name": "nothing"}, "none"),
    ],
)
def test_there_are_three_sources(value: dict[str, Any], kind: str) -> None:
    assert configuration(value).source == kind


@pytest.mark.conformance("C018")
def test_a_dockerfile_wins_over_an_image_with_a_warning() -> None:
    read_one = configuration({"image": "x", "build": {"dockerfile": "Dockerfile"}})
    assert read_one.source == "dockerfile"
    assert [notice.key for notice in read_one.notices] == ["image"]


@pytest.mark.conformance("C018")
@pytest.mark.parametrize("other", [{"image": "x"}, {"build": {"dockerfile": "D"}}, {"dockerFile": "D"}])
def test_compose_and_another_source_are_an_error(other: dict[str, Any]) -> None:
    with pytest.raises(Problem) as caught:
        configuration({"dockerComposeFile": "c.yml", "service": "app", **other})
    assert caught.value.kind == "bad_configuration"


@pytest.mark.conformance("C020")
def test_compose_needs_a_service() -> None:
    with pytest.raises(Problem, match="service"):
        configuration({"dockerComposeFile": "c.yml"})


@pytest.mark.conformance("C015", "C016", "C443")
def test_unknown_properties_are_kept_with_a_warning() -> None:
    read_one = configuration({"$schema": "x", "image": "x", "fancy": {"a": 1}, "additionalProperties": {"z": 1}})
    assert read_one.values["fancy"] == {"a": 1}
    assert [notice.key for notice in read_one.notices] == ["fancy"]


WRONG: dict[str, Any] = {
    "string": 1,
    "boolean": "true",
    "object": [],
    "array of strings": [1],
    "string or array of strings": {},
    "object of strings": {"a": []},
    "object of strings or null": {"a": {}},
    "object of objects": {"a": 1},
    "string, array of strings, or object of these": {"a": 1},
    "array of ports": [70000],
    "port or array of ports": True,
    "array of strings or objects": [1],
    "object of options": {"a": 1},
}


@pytest.mark.parametrize("name", [one.name for one in PROPERTIES.values() if one.type != "anything"])
def test_a_wrong_type_is_named_with_its_place(name: str) -> None:
    with pytest.raises(Problem) as caught:
        read('{\n  "%s": %s\n}' % (name, json.dumps(WRONG[PROPERTIES[name].type])), "x.json", PLACE)  # noqa: UP031
    assert caught.value.kind == "bad_configuration"
    assert caught.value.extra == {"file": "x.json", "property": name, "line": 2, "column": caught.value.extra["column"]}


@pytest.mark.parametrize("name", list(BUILD))
def test_a_wrong_type_inside_build_is_named_with_its_place(name: str) -> None:
    text = '{"build": {\n  "%s": %s}}' % (name, json.dumps(WRONG[BUILD[name].type]))  # noqa: UP031
    with pytest.raises(Problem, match=rf"build\.{name} must be an? ") as caught:
        read(text, "x.json", PLACE)
    place = {"file": "x.json", "property": f"build.{name}", "line": 2, "column": len(name) + 7}
    assert caught.value.extra == place


@pytest.mark.parametrize("name", ["waitFor", "userEnvProbe", "shutdownAction"])
def test_a_value_that_is_none_of_the_allowed_is_a_warning_with_its_place(name: str) -> None:
    read_one = read('{"image": "x", "%s":\n "x"}' % name, "x.json", PLACE)  # noqa: UP031
    assert [(one.level, one.key) for one in read_one.notices] == [("warning", name)]
    assert "at line 2, column 2; found 'x'" in read_one.notices[0].message
    assert not configuration({"image": "x", name: "${localEnv:X}"}).notices
    for value in PROPERTIES[name].values:
        assert not configuration({"image": "x", name: value}).notices


@pytest.mark.parametrize(
    ("value", "what"),
    [
        ({"dockerComposeFile": "c", "image": "x"}, "image are both given"),
        ({"dockerComposeFile": "c"}, "needs `service`"),
    ],
)
def test_sources_that_contradict_are_named_with_their_place(value: dict[str, Any], what: str) -> None:
    with pytest.raises(Problem, match=what) as caught:
        configuration(value)
    assert {key: caught.value.extra[key] for key in ("property", "line")} == {
        "property": "dockerComposeFile",
        "line": 1,
    }


INNER_WRONG = [(where, row) for where, table in INNER.items() for row in table.values() if row.type != "anything"]


@pytest.mark.conformance("C015")
@pytest.mark.parametrize(("where", "row"), INNER_WRONG, ids=lambda one: getattr(one, "name", one))
def test_a_wrong_type_inside_a_property_is_a_warning_with_its_place(where: str, row: Property) -> None:
    key = {"mounts.*": "mounts[0]"}.get(where, where.replace("*", "A")) + f".{row.name}"
    read_one = configuration({"image": "x", **_nested(where, {row.name: [[]]})})
    assert [(one.level, one.key) for one in read_one.notices] == [("warning", key)]
    assert " at line 1, column " in read_one.notices[0].message
    right = row.values[0] if row.values else RIGHT[row.type]
    assert not configuration({"image": "x", **_nested(where, {row.name: right})}).notices


@pytest.mark.parametrize("key", ["portsAttributes", "secrets"])
def test_what_should_be_an_object_is_a_warning_and_the_others_count(key: str) -> None:
    read_one = configuration({"image": "x", key: {"A": {}, "B": "text"}})
    assert [(one.level, one.key) for one in read_one.notices] == [("warning", f"{key}.B")]


@pytest.mark.conformance("C015")
@pytest.mark.parametrize("where", list(INNER))
def test_an_unknown_key_inside_a_property_is_kept_with_a_warning(where: str) -> None:
    value = _nested(where, {"fancy": 1})
    read_one = configuration({"image": "x", **value})
    assert "unknown property" in read_one.notices[0].message
    assert {key: read_one.values[key] for key in value} == value


RIGHT: dict[str, Any] = {
    "string": "text",
    "boolean": True,
    "object": {},
    "array of strings": ["a"],
    "whole number, at least 1": 2,
    "size, as `4gb`": "4gb",
    "boolean, `optional`, or object": "optional",
}


def _nested(where: str, inner: dict[str, Any]) -> dict[str, Any]:
    """An object at a place of the table: `secrets.*` -> {"secrets": {"A": ...}}."""
    value: Any = inner
    for part in reversed(where.split(".")):
        value = {part: value} if part != "*" else [value] if where == "mounts.*" else {"A": value}
    return dict(value)


@pytest.mark.conformance("C007", "C022", "C135")
@pytest.mark.parametrize(
    ("value", "dockerfile", "context"),
    [
        ({"build": {"dockerfile": "Dockerfile"}}, ".devcontainer/Dockerfile", ".devcontainer"),
        ({"build": {"dockerfile": "../Dockerfile"}}, "Dockerfile", "."),
        ({"build": {"dockerfile": "../docker/Dockerfile"}}, "docker/Dockerfile", "docker"),
        ({"build": {"dockerfile": "Dockerfile", "context": ".."}}, ".devcontainer/Dockerfile", "."),
        ({"dockerFile": "../D", "context": "../src"}, "D", "src"),
    ],
)
def test_paths_start_at_the_configuration_and_the_context_is_the_dockerfiles_folder(
    value: dict[str, Any], dockerfile: str, context: str
) -> None:
    build = configuration(value).build()
    assert (build.dockerfile, build.context) == (dockerfile, context)


@pytest.mark.conformance("C022", "C136", "C137", "C138")
def test_build_settings_of_the_old_form_come_from_build() -> None:
    value = {
        "dockerFile": "D",
        "build": {"args": {"A": "${localWorkspaceFolderBasename}", "N": 1}, "target": "dev", "cacheFrom": "x"},
    }
    build = configuration(value).build()
    assert build.args == {"A": "blog", "N": "1"}
    assert (build.target, build.cache_from) == ("dev", ("x",))


@pytest.mark.parametrize("path", ["../../Dockerfile", "/etc/passwd", "../../../x"])
def test_paths_stay_in_the_repository(path: str) -> None:
    with pytest.raises(Problem) as caught:
        configuration({"build": {"dockerfile": path}}).build()
    assert caught.value.kind == "refused_by_policy"


@pytest.mark.conformance("C006")
def test_paths_are_relative_to_the_place_of_the_configuration() -> None:
    assert configuration({"image": "x"}, "a/b/dev.json").resolve("../c") == "a/c"


@pytest.mark.conformance("C063", "C064", "C068", "C069", "C070", "C071", "C072", "C073", "C020")
@pytest.mark.parametrize(
    ("value", "place", "folder", "mount"),
    [
        ({}, PLACE, "/workspaces/blog", "type=bind,source=/src/blog,target=/workspaces/blog"),
        ({}, Place("/src/blog", "app"), "/workspaces/blog/app", "type=bind,source=/src/blog,target=/workspaces/blog"),
        ({}, Place("/src/a,b"), "/workspaces/a,b", 'type=bind,"source=/src/a,b","target=/workspaces/a,b"'),
        ({"workspaceFolder": "/w"}, PLACE, "/w", "type=bind,source=/src/blog,target=/workspaces/blog"),
        (
            {"workspaceMount": "source=${localWorkspaceFolder},target=/w,type=bind"},
            PLACE,
            "/workspaces/blog",
            "source=/src/blog,target=/w,type=bind",
        ),
        ({"workspaceFolder": "/w", "workspaceMount": ""}, PLACE, "/w", ""),
        ({"dockerComposeFile": "c", "service": "a"}, PLACE, "/", None),
        ({"dockerComposeFile": "c", "service": "a", "workspaceFolder": "/w"}, PLACE, "/w", None),
    ],
)
def test_workspace_folder_and_mount(value: dict[str, Any], place: Place, folder: str, mount: str | None) -> None:
    workspace = configuration(value, place=place).workspace
    assert (workspace.folder, workspace.mount) == (folder, mount)


@pytest.mark.conformance("C069")
@pytest.mark.parametrize("given", ["workspaceFolder", "workspaceMount"])
def test_one_of_folder_and_mount_without_the_other_is_accepted_with_a_warning(given: str) -> None:
    assert [notice.key for notice in configuration({"image": "x", given: "/w"}).notices] == [given]
