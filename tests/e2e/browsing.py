"""Chromium, and how a person uses VS Code in it."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import BrowserContext, Page, expect, sync_playwright
from tests.e2e.installation import ROOT

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
TERMINAL_AS_TEXT = {"terminal.integrated.gpuAcceleration": "off"}
"""VS Code setting: the terminal's text is in the page, not on a canvas."""
PROMPT = re.compile(r"[#$]")
PATIENCE_MS = 60_000


@contextmanager
def chromium() -> Iterator[BrowserContext]:
    """A browser without cookies, as wide as a laptop."""
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
        context = browser.new_context(viewport={"width": 1280, "height": 800}, reduced_motion="reduce")
        context.set_default_timeout(PATIENCE_MS)
        try:
            yield context
        except Exception as error:
            error.add_note(_pictures(context))
            raise
        finally:
            context.close()
            browser.close()


@contextmanager
def somebody_else(person: BrowserContext) -> Iterator[BrowserContext]:
    """A second person at a browser of his own."""
    assert person.browser is not None
    context = person.browser.new_context(viewport={"width": 1280, "height": 800}, reduced_motion="reduce")
    context.set_default_timeout(PATIENCE_MS)
    try:
        yield context
    except Exception as error:
        error.add_note(_pictures(context))
        raise
    finally:
        context.close()


def _pictures(context: BrowserContext) -> str:
    """Pictures of all pages at the moment of a failure; says where."""
    folder = Path(tempfile.mkdtemp(prefix="carrel-browser-"))
    for number, page in enumerate(context.pages):
        page.screenshot(path=folder / f"{number}.png")
    return f"the pages: {folder}"


def refusals(page: Page) -> list[str]:
    """What the content security policy of the dashboard refuses from now on, as the browser says it."""
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if "Content Security Policy" in message.text else None)
    return said


def type_into_terminal(page: Page, command: str) -> None:
    """Open VS Code's terminal for the first time, trust the folder, and run a command."""
    page.keyboard.press("Control+Backquote")
    page.get_by_role("button", name="Trust Folder & Continue").click()
    terminal = page.locator(".terminal-wrapper.active textarea.xterm-helper-textarea")
    terminal.wait_for(state="attached")
    page.locator(".xterm-rows", has_text=PROMPT).wait_for()  # a shell may drop what is typed before
    terminal.press_sequentially(command)
    terminal.press("Enter")


def screenshot(page: Page, name: str) -> None:
    """Renew docs/images/NAME.png, where CARREL_UPDATE_SCREENSHOTS=1 asks for it."""
    if os.environ.get("CARREL_UPDATE_SCREENSHOTS") == "1":
        page.screenshot(path=ROOT / f"docs/images/{name}.png")
