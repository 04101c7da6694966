"""The built web pages: which file for which path, with which headers."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from carrel.core.problems import Problem
from carrel.server.api.pages import Pages
from carrel.server.api.problems import add_problem_handlers


@pytest.fixture
def built(tmp_path: Path) -> Path:
    folder = tmp_path / "dist"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text('<meta name="csp-nonce" content="__CSP_NONCE__">', encoding="utf-8")
    (folder / "assets" / "main-abc.js").write_text("1", encoding="utf-8")
    (folder / "favicon.svg").write_text("<svg/>", encoding="utf-8")
    (tmp_path / "outside.txt").write_text("secret", encoding="utf-8")
    return folder


async def paged(folder: Path | None, path: str) -> httpx.Response:
    app = FastAPI(openapi_url=None)
    add_problem_handlers(app)
    app.router.default = Pages(lambda: folder)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://here") as client:
        return await client.get(path)


@pytest.mark.parametrize("path", ["/", "/index.html", "/workspaces/blog", "/sign-in"])
async def test_client_routes_get_the_page_with_a_fresh_nonce(built: Path, path: str) -> None:
    first, second = await paged(built, path), await paged(built, path)
    policy = first.headers["content-security-policy"]
    nonce = first.text.split('content="')[1].split('"')[0]
    assert f"'nonce-{nonce}'" in policy
    assert "default-src 'self'" in policy
    assert not [loose for loose in ("unsafe-", "data:", "*") if loose in policy]
    assert first.text != second.text
    assert first.headers["cache-control"] == "no-store"


async def test_hashed_files_are_kept_long_and_others_are_asked_for_again(built: Path) -> None:
    assert "immutable" in (await paged(built, "/assets/main-abc.js")).headers["cache-control"]
    assert (await paged(built, "/favicon.svg")).headers["cache-control"] == "no-cache"


@pytest.mark.parametrize("path", ["/assets/gone.js", "/..%2foutside.txt", "/assets/..%2f..%2foutside.txt", "/%00.js"])
async def test_no_file_outside_the_pages_is_served(built: Path, path: str) -> None:
    response = await paged(built, path)
    assert response.status_code == 404
    assert "secret" not in response.text


def test_a_question_about_the_server_as_a_whole_is_no_page() -> None:
    with pytest.raises(Problem) as caught:
        Pages(lambda: None).serve("OPTIONS", "*")
    assert caught.value.kind == "not_found"


async def test_pages_that_are_not_built_say_how_to_build_them() -> None:
    response = await paged(None, "/")
    assert response.status_code == 503
    assert "make web" in response.text


def test_pages_that_were_built_meanwhile_are_there_on_a_reload(built: Path) -> None:
    found: list[Path | None] = [None, built]
    pages = Pages(lambda: found.pop(0))
    assert [pages.serve("GET", "/").status_code for _ in range(3)] == [503, 200, 200]
