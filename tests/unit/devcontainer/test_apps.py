"""customizations.carrel: apps of image, features and configuration, with their notices."""

from __future__ import annotations

from typing import Any

from tests.unit.devcontainer.repository import Image, labelled, planned

from carrel.core.agent import App
from carrel.devcontainer import EnvironmentPlan


def carrel(*apps: Any, **others: Any) -> dict[str, Any]:
    return {"customizations": {"carrel": {"apps": list(apps), **others}}}


def told(environment: EnvironmentPlan) -> list[str]:
    return [notice.line() for notice in environment.notices]


async def test_the_apps_of_an_image_and_of_the_configuration_are_united() -> None:
    image = labelled(carrel({"name": "docs", "port": 1}, {"name": "db", "port": 2}))
    environment = await planned(carrel({"name": "docs", "command": "serve", "port": 3}), image=image)
    assert environment.agent.apps == (App("docs", 3, "serve", title="docs"), App("db", 2, title="db"))
    assert told(environment) == []


async def test_variables_of_the_container_are_replaced_in_command_and_environment() -> None:
    app = {"name": "x", "command": ["${containerEnv:TOOL}", "{port}"], "env": {"A": "${containerEnv:TOOL}"}}
    environment = await planned(carrel(app), image=Image(env={"TOOL": "/bin/t"}))
    assert environment.agent.apps == (App("x", 0, ("/bin/t", "{port}"), title="x", env={"A": "/bin/t"}),)


async def test_what_is_wrong_is_told_with_its_place_and_the_nearest_name() -> None:
    written = carrel({"name": "x", "port": 99999}, {"name": "y", "port": 5, "comand": "x"}, appz=[])
    environment = await planned(written)
    assert [app.name for app in environment.agent.apps] == ["y"]
    keys = [notice.key for notice in environment.notices]
    assert keys == [f"customizations.carrel.{key}" for key in ("appz", "apps[0].port", "apps[1].comand")]
    assert "did you mean 'apps'?" in told(environment)[0]
    assert all(".devcontainer/devcontainer.json:" in line for line in told(environment))


async def test_a_part_that_is_no_object_spoils_nothing() -> None:
    for part in ([1], "x", 5, {"apps": "x"}, {"apps": {"name": "x"}}):
        environment = await planned({"customizations": {"carrel": part}})
        assert environment.agent.apps == ()
        assert len(environment.notices) == 1, part


async def test_two_programs_cannot_listen_on_one_port() -> None:
    environment = await planned(carrel(*({"name": name, "port": 80, "command": "x"} for name in "ab")))
    assert ["both want to listen on port 80" in line for line in told(environment)] == [True]


async def test_jupyter_can_be_made_to_start_with_the_workspace() -> None:
    environment = await planned(carrel({"name": "jupyter", "start": "boot"}))
    assert environment.own_apps == {"jupyter": {"name": "jupyter", "start": "boot"}}
    assert environment.agent.apps == ()
