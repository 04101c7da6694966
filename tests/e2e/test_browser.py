"""The main job in a browser: sign in, from a git URL to VS Code, and a command in its terminal (Show 2)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from base64 import b64encode
from pathlib import Path

from playwright.sync_api import Page
from tests.e2e.browsing import TERMINAL_AS_TEXT, chromium, refusals, screenshot, type_into_terminal
from tests.e2e.installation import ROOT, Installation
from tests.e2e.repositories import Repositories

EXAMPLE = ROOT / "examples/repository"
SETTINGS = (
    ("Account", "Profile"),
    ("Git", "Signed commits"),
    ("SSH", "SSH keys"),
    ("Workspaces", "Where workspaces belong"),
    ("Tokens", "Tokens"),
    ("Server", "Server"),
)
"""The tabs of the settings, each with one of its sections."""
WATCH_PHASES = """
window.phases = [];
new MutationObserver(() => {
    const phase = document.querySelector("header [data-phase]")?.dataset.phase;
    if (phase && phase !== window.phases.at(-1)) window.phases.push(phase);
}).observe(document, {subtree: true, childList: true, attributes: true});
"""
DESK = """\
name: desk
title: Desk
parameters:
  - name: team
    title: Team
    pattern: "[a-z]+"
workspace:
  env:
    TEAM: ${parameters.team}
"""
WAY = ["pending", "cloning", "building", "starting", "running"]
SLOW = 600_000
"""The default image may have to be made first, once for an engine."""


def guest_book(repositories: Repositories) -> str:
    """The example repository, with a terminal that a test can read."""
    paths = [path for path in EXAMPLE.rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    files = {str(path.relative_to(EXAMPLE)): path.read_text() for path in paths}
    configuration = Path(".devcontainer/devcontainer.json")
    settings = json.dumps(TERMINAL_AS_TEXT).strip("{}")
    anchor = '"editor.formatOnSave"'
    assert anchor in files[str(configuration)]
    files[str(configuration)] = files[str(configuration)].replace(anchor, f"{settings}, {anchor}")
    return repositories.make("guestbook", files)


def test_from_sign_in_to_a_command_in_the_terminal_of_vs_code(
    installation: Installation, repositories: Repositories, tmp_path: Path
) -> None:
    url = guest_book(repositories)
    link = installation.api("POST", "/login-links", {})["url"]
    with chromium() as browser:
        page = browser.new_page()
        refused = refusals(page)
        page.goto(link)
        page.get_by_role("link", name="New workspace").first.click()
        create(page, url)
        watch_the_start(page)
        with browser.expect_page() as opened:
            page.get_by_role("link", name="Open VS Code of guestbook in a new tab").click()
        work(opened.value)
        see_everything(page)
        see_the_settings(page)
        page.get_by_role("link", name="Workspaces").first.click()
        page.get_by_role("link", name="guestbook").first.wait_for()
        screenshot(page, "workspaces")
        make_one_of_a_template(installation, page)
        sign_a_command_line_in(installation, page, tmp_path)
        assert refused == []
    workspace = installation.workspace("guestbook")
    assert installation.sh("guestbook", "cat answer") == "42"
    assert workspace["phase"] == "running"
    spans = installation.api("GET", f"/workspaces/{workspace['id']}/timeline")["spans"]
    assert {"wait", "source", "create", "agent", "hooks", "app", "first_byte"} <= {span["name"] for span in spans}


def see_everything(page: Page) -> None:
    """Look at every tab of the workspace, and at the pages beside it."""
    tabs = page.get_by_role("navigation", name="Workspace", exact=True)
    names = tabs.get_by_role("link").all_inner_texts()
    assert {"Terminal", "Events", "Timeline"} <= set(names)
    for name in names:
        tabs.get_by_role("link", name=name).click()
        tabs.locator("[aria-current=page]").get_by_text(name).wait_for()
        if name == "Terminal":
            page.locator(".xterm-rows > div").first.wait_for()
    page.get_by_role("link", name="Trash").click()
    page.get_by_role("heading", name="Trash", exact=True).wait_for()


def see_the_settings(page: Page) -> None:
    """Look at every tab of the settings, and have a signing key made."""
    page.get_by_role("button", name="Menu of").click()
    page.get_by_role("menuitem", name="Settings").click()
    tabs = page.get_by_role("navigation", name="Settings", exact=True)
    for name, section in SETTINGS:
        tabs.get_by_role("link", name=name, exact=True).click()
        page.get_by_role("region", name=section, exact=True).wait_for()
        if name == "Git":
            page.get_by_role("switch", name="Sign commits and tags").click()
            page.get_by_text("ssh-ed25519 ").wait_for()


def create(page: Page, url: str) -> None:
    page.evaluate(WATCH_PHASES)
    page.get_by_label("Git repository").fill(url)
    assert page.get_by_label("Name").input_value() == "guestbook"
    page.get_by_role("button", name="Create workspace").click()


def watch_the_start(page: Page) -> None:
    page.get_by_role("link", name="Open VS Code of guestbook in a new tab").wait_for(timeout=SLOW)
    phases = page.evaluate("window.phases")
    assert phases == [phase for phase in WAY if phase in phases]
    assert phases[-1] == "running"
    assert len(phases) >= 3
    page.get_by_role("link", name="Log").click()
    page.get_by_text("happy coding").wait_for()
    page.get_by_role("link", name="Timeline").click()
    page.get_by_role("link", name="Overview").click()
    screenshot(page, "workspace")


def work(page: Page) -> None:
    page.get_by_role("treeitem", name="guestbook.py").wait_for()
    type_into_terminal(page, "echo $((6*7)) | tee answer")
    page.locator(".xterm-rows > div").get_by_text("42", exact=True).wait_for()
    page.get_by_role("treeitem", name="answer").wait_for()
    page.get_by_role("treeitem", name="guestbook.py").dblclick()
    page.locator(".view-lines", has_text="import").wait_for()
    screenshot(page, "vs-code")


def make_one_of_a_template(installation: Installation, page: Page) -> None:
    """From the catalog through the form of its parameters, and on to a newer version."""
    publish(installation, DESK)
    page.get_by_role("link", name="Templates").click()
    page.get_by_role("link", name="New workspace from Desk").click()
    page.get_by_label("Team").fill("Web")
    page.get_by_role("button", name="Create workspace").click()
    page.get_by_text("It does not match [a-z]+").wait_for()
    page.get_by_label("Team").fill("web")
    page.get_by_role("button", name="Create workspace").click()
    page.get_by_role("region", name="Template").wait_for()
    publish(installation, DESK + "  ttl_seconds: 7200\n")
    page.reload()
    page.get_by_role("button", name="See what changes…").click()
    page.get_by_role("list", name="What changes").get_by_text("ttl_seconds").wait_for()
    page.get_by_role("button", name="Take version 2").click()
    page.get_by_text("There is a newer version of its template").wait_for(state="hidden")
    workspace = installation.workspace("desk")
    assert workspace["template"]["version"] == 2
    assert workspace["definition"]["env"] == {"TEAM": "web"}
    assert workspace["retention"]["ttl_seconds"] == 7200
    installation.api("DELETE", f"/workspaces/{workspace['id']}?purge=true")


def publish(installation: Installation, text: str) -> None:
    """Put a template without other files into everybody's catalog."""
    files = {"template.yaml": b64encode(text.encode()).decode()}
    installation.api("PUT", "/templates/desk", {"files": files})


def sign_a_command_line_in(installation: Installation, page: Page, home: Path) -> None:
    """`carrel login URL` on the same machine: this browser is asked, and a press on the button is enough."""
    url = installation.api("GET", "/server")["settings"]["public_url"]
    environment = {"HOME": str(home), "PATH": os.environ["PATH"], "BROWSER": "echo"}
    command = (sys.executable, "-m", "carrel.cli", "login", url, "--browser")
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as login:
        assert login.stdout is not None
        assert login.stderr is not None
        page.goto(login.stdout.readline().strip())
        check = login.stderr.readline().split()[-1]
        page.get_by_text(check, exact=True).wait_for()
        screenshot(page, "command-line")
        page.get_by_role("button", name="Allow").click()
        page.get_by_role("heading", name="You are signed in").wait_for()
        assert f"Signed in to {url} as " in login.stderr.read()
    assert login.returncode == 0
