"""Images before there is a workspace of them: the route and the client together."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import httpx
import pytest
from tests.integration.api.conftest import Running, token_of

from carrel.client.client import Client
from carrel.client.image_builds import ImageResult
from carrel.core.access import Actor
from carrel.core.definition import Definition, ImageSpec
from carrel.core.problems import Problem
from carrel.core.secret import Secret
from carrel.core.workspace import Workspace
from carrel.definition.image_build import ImageMade
from carrel.server.api.app import create_app


@dataclass
class ScriptedBuild:
    outcome: ImageMade | Problem
    lines: tuple[str, ...] = ("Building", "", "done")

    async def follow(self, patience: float) -> AsyncIterator[str]:
        assert patience > 0
        for line in self.lines:
            yield line

    def result(self) -> ImageMade:
        if isinstance(self.outcome, Problem):
            raise self.outcome
        return self.outcome


@dataclass
class ScriptedImages:
    outcome: ImageMade | Problem
    wanted: list[Workspace] = field(default_factory=list)

    def begin(self, wanted: Workspace) -> ScriptedBuild:
        self.wanted.append(wanted)
        return ScriptedBuild(self.outcome)


async def built(
    running: Running, actor: Actor, images: ScriptedImages | None, **wish: Any
) -> tuple[list[str], ImageResult]:
    """What the client makes of it: the lines, and the result."""
    app = create_app(replace(running.parts, image_building=images))
    token, result = await token_of(running.parts.store, actor), ImageResult()
    async with Client(running.url, token, httpx.ASGITransport(app)) as client:
        lines = [line async for line in client.image_builds.build(**wish, result=result)]
    return lines, result


async def test_the_log_comes_line_by_line_and_then_the_image(running: Running, owner: Actor) -> None:
    images = ScriptedImages(ImageMade("carrel-env/default:1", built=True, pushed="r.example/x:1"))
    spec: Mapping[str, Any] = {"name": "ml", "builder": "union", "packages": ["six"]}
    lines, result = await built(running, owner, images, specification=spec, project="blue", domain="staging")
    assert lines == ["Building", "done"], "what only keeps the connection alive is left out"
    assert result == ImageResult("carrel-env/default:1", built=True, pushed="r.example/x:1")
    (wanted,) = images.wanted
    assert (wanted.project, wanted.domain, wanted.owner_id) == ("blue", "staging", owner.user_id)
    assert wanted.definition == Definition(image_spec=ImageSpec("ml", packages=("six",)))
    await built(running, owner, images, image="python:3.12")
    assert images.wanted[-1].definition == Definition(image="python:3.12")
    assert (images.wanted[-1].project, images.wanted[-1].domain) == ("default", "development")


async def test_a_build_that_fails_ends_with_its_problem(running: Running, owner: Actor) -> None:
    failed = Problem("build_failed", "packages (sixx) failed: exit code 1", "Correct it.", {"line": 3})
    with pytest.raises(Problem) as caught:
        await built(running, owner, ScriptedImages(failed), image="x:1")
    assert caught.value.document() == failed.document()


@pytest.mark.parametrize(
    ("wish", "kind", "word"),
    [
        ({}, "bad_value", "either"),
        ({"image": "a:1", "specification": {"name": "x"}}, "bad_value", "either"),
        ({"image": "Python:3"}, "bad_value", "python:3"),
        ({"specification": {"packages": ["six"]}}, "bad_value", "name"),
        ({"specification": {"name": "x", "pakages": []}}, "bad_value", "packages"),
        ({"specification": {"name": "x", "packages": ["--help"]}}, "bad_value", "packages[0]"),
        ({"image": "a:1", "domain": "prod"}, "bad_value", "production"),
        ({"image": "a:1", "project": "Not a name"}, "bad_name", ""),
    ],
    ids=["nothing", "both", "letters", "nameless", "typo", "option", "domain", "project"],
)
async def test_what_cannot_be_an_image_is_refused_before_anything_is_built(
    running: Running, owner: Actor, wish: dict[str, Any], kind: str, word: str
) -> None:
    images = ScriptedImages(ImageMade("never"))
    with pytest.raises(Problem) as caught:
        await built(running, owner, images, **wish)
    assert caught.value.kind == kind
    assert word in f"{caught.value.detail} {caught.value.hint}"
    assert images.wanted == []


async def test_in_a_project_of_others_nothing_is_built(running: Running, ben: Actor) -> None:
    with pytest.raises(Problem) as caught:
        await built(running, ben, ScriptedImages(ImageMade("never")), image="a:1", project="secret-plans")
    assert caught.value.kind == "not_found"


@pytest.mark.parametrize("text", ['{"line":"Building"}\n', '{"line":"Buil'], ids=["between lines", "within a line"])
async def test_a_server_that_goes_away_is_a_problem_that_says_what_to_do(text: str) -> None:
    answer: Callable[[httpx.Request], httpx.Response] = lambda _: httpx.Response(200, text=text)  # noqa: E731
    async with Client("http://127.0.0.1:7070", Secret("t"), httpx.MockTransport(answer)) as client:
        with pytest.raises(Problem) as caught:
            async for _ in client.image_builds.build(image="a:1"):
                pass
    assert caught.value.kind == "unavailable"
