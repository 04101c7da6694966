from __future__ import annotations

from typing import Any

import pytest
from tests.unit.devcontainer.repository import Repository

from carrel.core.problems import Problem
from carrel.devcontainer.compose.load import load
from carrel.devcontainer.compose.project import Project
from carrel.devcontainer.workspace_folder import Place

PLACE = Place("/workspaces/blog")
APP = "services:\n  app:\n    image: a\n"


async def loaded(files: dict[str, Any], *order: str, **environment: str) -> Project:
    return await load(order or ("c.yml",), Repository(files), PLACE, environment)


def values(project: Project, name: str = "app") -> dict[str, Any]:
    return dict(project.services[name].values)


@pytest.mark.conformance("C177")
async def test_later_files_override_earlier_ones_and_paths_start_at_the_first() -> None:
    files = {
        "d/a.yml": "services: {app: {image: a, command: one, volumes: ['.:/x'], labels: {k: a}}}",
        "d/sub/b.yml": "services: {app: {command: [two], volumes: ['./y:/y'], labels: {k: b}}}",
    }
    read = values(await loaded(files, "d/a.yml", "d/sub/b.yml"))
    assert read["command"] == ["two"]
    assert read["labels"] == {"k": "b"}
    assert [one["source"] for one in read["volumes"]] == ["/workspaces/blog/d", "/workspaces/blog/d/y"]


@pytest.mark.conformance("C178")
async def test_an_empty_list_means_the_default_files_with_their_override() -> None:
    files = {"docker-compose.yml": APP, "docker-compose.override.yml": "services: {app: {image: b}}"}
    project = await load([], Repository(files), PLACE, {})
    assert project.files == ("docker-compose.yml", "docker-compose.override.yml")
    assert values(project)["image"] == "b"


@pytest.mark.conformance("C178")
async def test_compose_file_in_env_names_the_files() -> None:
    files = {
        ".env": "COMPOSE_FILE=x.yml:y.yml\n",
        "x.yml": APP,
        "y.yml": "services: {app: {image: y}}",
        "compose.yml": APP,
    }
    assert (await load([], Repository(files), PLACE, {})).files == ("x.yml", "y.yml")
    own = await load([], Repository(files), PLACE, {"COMPOSE_FILE": "compose.yml"})
    assert own.files == ("compose.yml",)
    with pytest.raises(Problem, match="dockerComposeFile is empty"):
        await load([], Repository({}), PLACE, {})


@pytest.mark.conformance("C179")
async def test_env_is_read_at_the_root_and_beside_the_first_file() -> None:
    files = {".env": "A=root\nB=root\n", "d/.env": "A=d\nC=d\n", "d/c.yml": "services: {app: {image: '$A-$B-$C'}}"}
    assert values(await loaded(files, "d/c.yml"))["image"] == "root-root-d"
    assert values(await loaded(files, "d/c.yml", A="own"))["image"] == "own-root-d"


@pytest.mark.conformance("C182", "C183")
@pytest.mark.parametrize(
    ("path", "text", "environment", "name"),
    [
        ("c.yml", APP, {"COMPOSE_PROJECT_NAME": "My App!"}, "myapp"),
        ("c.yml", f"name: Desk.1\n{APP}", {}, "desk1"),
        (".devcontainer/c.yml", APP, {}, "blog_devcontainer"),
        ("x/.devcontainer/c.yml", APP, {}, "x_devcontainer"),
        ("Stuff/c.yml", APP, {}, "stuff"),
        ("c.yml", APP, {}, "blog"),
        ("c.yml", f"name: ${{N:-n}}\n{APP}", {}, "n"),
    ],
)
async def test_the_project_s_name(path: str, text: str, environment: dict[str, str], name: str) -> None:
    text = text.replace("image: a", "image: ${COMPOSE_PROJECT_NAME}")
    project = await loaded({path: text}, path, **environment)
    assert project.name == name


@pytest.mark.conformance("C205")
async def test_extends_merges_below_and_keeps_the_other_file_s_paths() -> None:
    files = {
        "c.yml": "services: {app: {extends: {file: lib/base.yml, service: web}, environment: {B: '2'}, env_file: own.env}}",
        "lib/base.yml": "services:\n  core: {image: i, volumes: ['./d:/d'], env_file: [base.env]}\n"
        "  web: {extends: core, environment: {A: '1', B: '1'}, build: .}\n",
        "lib/base.env": "E=1\n",
        "own.env": "E=2\n",
    }
    project = await loaded(files)
    read = values(project)
    assert read["volumes"][0]["source"] == "/workspaces/blog/lib/d"
    assert read["build"]["context"] == "/workspaces/blog/lib"
    assert project.services["app"].environment == {"A": "1", "B": "2", "E": "2"}
    assert "extends" not in read


@pytest.mark.conformance("C205")
@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"c.yml": "services: {app: {extends: app}}"}, "circle"),
        ({"c.yml": "services: {app: {extends: b}, b: {extends: app}}"}, "circle"),
        ({"c.yml": "services: {app: {extends: gone}}"}, "no service 'gone'"),
        ({"c.yml": "services: {app: {extends: {file: x.yml, service: a}}}"}, "x.yml does not exist"),
        ({"c.yml": "services: {app: {extends: {file: ../x.yml, service: a}}}"}, "outside the repository"),
        ({"c.yml": "services: {app: {extends: [x]}}"}, "name of a service"),
        ({"c.yml": "include: [../x.yml]"}, "outside the repository"),
        ({"c.yml": "include: [c.yml]"}, "circle"),
        ({"c.yml": f"include: [d.yml]\n{APP}", "d.yml": "services: {app: {image: other}}"}, "services.app is in d.yml as well"),
        ({"c.yml": "include: x"}, "must be a list"),
        ({}, "c.yml does not exist"),
        ({"c.yml": "services: [x]"}, "services: must be a mapping"),
        ({"c.yml": "services: {app: x}"}, "must be a mapping"),
        ({"c.yml": "services:\n  app:\n    image: a\n    ports: [x]"}, r"c.yml:4: services.app.ports: 'x' is no port"),
        ({"c.yml": "services:\n  app:\n    image: ${X:?say}"}, r"c.yml:3: services.app.image: the variable X has to be set: say"),
        ({"c.yml": "services:\n  app:\n    command: x"}, "needs `image` or `build`"),
        ({"c.yml": f"{APP}    env_file: ../../e"}, "outside the repository"),
        ({"c.yml": "x" * (2**20 + 1)}, "larger than"),
    ],
)  # fmt: skip
async def test_what_cannot_be_read_is_named(files: dict[str, str], words: str) -> None:
    with pytest.raises(Problem, match=words):
        await loaded(files)


@pytest.mark.conformance("C205")
async def test_include_takes_over_services_with_their_own_paths_and_env() -> None:
    files = {
        "c.yml": f"include:\n  - path: [db/c.yml, db/more.yml]\n    env_file: db/x.env\n  - q/c.yml\n{APP}",
        "db/c.yml": "services: {db: {image: '$I', volumes: ['./d:/d', 'v:/v']}}\nvolumes: {v: {}}",
        "db/more.yml": "services: {db: {command: x}}",
        "db/x.env": "I=pg\n",
        "q/.env": "I=queue\n",
        "q/c.yml": "services: {q: {image: '$I'}}",
    }
    project = await loaded(files)
    assert values(project, "db")["image"] == "pg"
    assert values(project, "db")["volumes"][0]["source"] == "/workspaces/blog/db/d"
    assert values(project, "q")["image"] == "queue"
    assert "v" in project.volumes


@pytest.mark.conformance("C205")
async def test_reset_and_override() -> None:
    files = {
        "c.yml": "services: {app: {image: a, ports: ['80'], command: x, environment: {A: '1', B: '2'}, volumes: ['/a', '/b']}}",
        "d.yml": "services: {app: {ports: !reset [], command: !reset null, environment: {A: !reset null}, volumes: !override ['/c']}}",
    }
    project = await loaded(files, "c.yml", "d.yml")
    read = values(project)
    assert "ports" not in read
    assert "command" not in read
    assert project.services["app"].environment == {"B": "2"}
    assert [one["target"] for one in read["volumes"]] == ["/c"]


async def test_names_without_a_value_come_from_the_own_map_and_are_left_out_otherwise() -> None:
    files = {"c.yml": f"{APP}    environment: [A, B, C=]\n"}
    assert (await loaded(files, A="1")).services["app"].environment == {"A": "1", "C": ""}


@pytest.mark.conformance("C204")
async def test_an_env_file_that_is_not_there_is_a_warning() -> None:
    files = {"c.yml": f"{APP}    env_file:\n      - gone.env\n      - {{path: also.env, required: false}}\n"}
    project = await loaded(files)
    assert [(one.level, one.key) for one in project.notices] == [("warning", "env_file")]


@pytest.mark.conformance("C205")
async def test_unknown_keys_are_kept_and_warned_about_and_missing_variables_told() -> None:
    project = await loaded({"c.yml": f"{APP}    novel: $NONE\n    x-own: 1\nodd: 1\nx-top: 1\n"})
    assert values(project)["novel"] == ""
    assert {one.key for one in project.notices} == {"novel", "odd", "${NONE}"}


@pytest.mark.conformance("C180", "C181", "C184")
async def test_services_are_all_or_those_of_run_services_with_what_they_need() -> None:
    text = """
services:
  app: {image: a, depends_on: [db]}
  db: {image: b, network_mode: 'service:net'}
  net: {image: n}
  tool: {image: t, profiles: [debug]}
  loner: {image: l, depends_on: {gone: {required: false}}}
  never: {image: n, scale: 0}
"""
    project = await loaded({"c.yml": text})
    assert [one.name for one in project.selected("app", ())] == ["app", "db", "net", "tool", "loner"]
    assert [one.name for one in project.selected("app", ("app",))] == ["app", "db", "net"]
    assert [one.name for one in project.selected("tool", ("loner",))] == ["tool", "loner"]
    with pytest.raises(Problem, match=r"`service` names the service 'gone'.*app, db"):
        project.selected("gone", ())
    with pytest.raises(Problem, match="`runServices` names the service 'x'"):
        project.selected("app", ("x",))


async def test_services_in_a_circle_are_an_error() -> None:
    project = await loaded({"c.yml": "services: {app: {image: a, depends_on: [b]}, b: {image: b, depends_on: [app]}}"})
    with pytest.raises(Problem, match="app, b need each other in a circle"):
        project.selected("app", ())
