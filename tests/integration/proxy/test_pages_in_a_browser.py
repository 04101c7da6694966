"""The pages in Chromium: their own policy lets their script and style work."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Page, async_playwright
from tests.integration.proxy.conftest import WORKSPACE, Apps, Rig

from carrel.core.workspace import Phase
from carrel.links.access import NotRunning


@pytest.fixture
async def page() -> AsyncIterator[Page]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = await browser.new_page()
        yield page
        await browser.close()


@pytest.fixture
async def complaints(page: Page) -> list[str]:
    """What the browser refuses or cannot run."""
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if "Content Security Policy" in message.text else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    return said


async def hello(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 14\r\n\r\n<h1>Hello</h1>")


async def visit(rig: Rig, page: Page, host: str) -> None:
    name, _, value = rig.cookie(host).partition("=")
    await page.context.add_cookies([{"name": name, "value": value, "url": f"http://{host}/"}])
    await page.goto(f"http://{host}/")


async def test_a_start_is_followed_to_the_app(rig: Rig, apps: Apps, page: Page, complaints: list[str]) -> None:
    running = rig.authority.targets[WORKSPACE]
    rig.authority.targets[WORKSPACE] = NotRunning(Phase.CLONING, "blog", will_run=True)
    await visit(rig, page, rig.app(await apps.serve(hello)))
    assert await page.inner_text("h1") == "Your workspace is starting"
    rig.authority.targets[WORKSPACE] = NotRunning(Phase.BUILDING, "blog", "Step 3 of 7", will_run=True)
    await page.wait_for_selector("text=Preparing the environment")
    await page.wait_for_selector("text=Step 3 of 7")
    rig.authority.targets[WORKSPACE] = running
    await page.wait_for_selector("text=Hello")
    assert complaints == []


async def test_a_stopped_workspace_starts_at_the_press_of_its_button(
    rig: Rig, page: Page, complaints: list[str]
) -> None:
    rig.authority.targets[WORKSPACE] = NotRunning(Phase.STOPPED, "blog", "It was idle for 30 minutes.")
    await visit(rig, page, rig.app("code"))
    assert await page.evaluate("getComputedStyle(document.querySelector('main')).borderRadius") == "12px"
    rig.authority.targets[WORKSPACE] = NotRunning(Phase.STARTING, "blog", will_run=True)
    await page.click("text=Start it")
    await page.wait_for_selector("text=Your workspace is starting")
    assert rig.authority.started == [(WORKSPACE, "ana")]
    assert complaints == []
