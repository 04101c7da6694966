"""The pages of working together, in three browsers: the owner's, a second user's and a guest's."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import BrowserContext, FilePayload, Page
from tests.contract.images import busybox_image
from tests.e2e.browsing import chromium, refusals, somebody_else
from tests.e2e.installation import Installation
from tests.e2e.repositories import Repositories


@pytest.fixture(scope="module")
def desk(shared: Installation, repositories: Repositories) -> str:
    """The id of the owner's workspace, which runs."""
    files = {".devcontainer/devcontainer.json": f'{{"image": "{busybox_image()}"}}', "index.html": "<h1>Desk</h1>"}
    shared.carrel("up", "--no-open", repositories.make("desk", files))
    return str(shared.workspace("desk")["id"])


def test_a_second_user_and_a_guest_see_what_they_were_given(shared: Installation, desk: str) -> None:
    with chromium() as browser:
        owner = browser.new_page()
        refused = refusals(owner)
        owner.goto(shared.api("POST", "/login-links", {})["url"])
        link = add_user(owner, "ana")
        make_project(owner, "ana")
        open_tab(owner, shared, desk, "Terminal")
        owner.locator(".xterm-rows > div").get_by_text("#").first.wait_for()
        owner.locator("textarea.xterm-helper-textarea").press_sequentially("echo $((6*7))\r")
        owner.locator(".xterm-rows > div").get_by_text("42", exact=True).wait_for()
        share_to_look(owner, shared, desk, "ana")
        with somebody_else(browser) as ana, somebody_else(browser) as guest:
            look_on(ana, link)
            open_tab(owner, shared, desk, "Sharing")
            owner.get_by_role("region", name="Who is here").get_by_text("ana", exact=True).wait_for()
            shared.carrel("exec", "desk", "sh", "-c", "httpd -p 127.0.0.1:8000 -h .")
            owner.get_by_text("Port 8000 is there").wait_for()
            visit(guest, make_guest_link(owner))
            owner.get_by_role("button", name="Take it away from Kim").click()
            guest.pages[0].get_by_role("heading", name="Your visit is over").wait_for(timeout=20_000)
        assert refused == []


def add_user(page: Page, name: str) -> str:
    """Add somebody on the page of users; the login link that it shows."""
    page.get_by_role("button", name="Menu of").click()
    page.get_by_role("menuitem", name="Users").click()
    page.get_by_role("button", name="Add a user").click()
    page.get_by_role("textbox", name="Name").fill(name)
    page.get_by_role("button", name="Add, and make a login link").click()
    dialog = page.get_by_role("dialog")
    link = dialog.locator("code").inner_text()
    dialog.get_by_role("button", name="Done").click()
    return link


def make_project(page: Page, member: str) -> None:
    """A project with a member and a limit, by its pages; what was done is in the audit, also in its export."""
    page.get_by_role("button", name="Menu of").click()
    page.get_by_role("menuitem", name="Projects").click()
    page.get_by_role("button", name="New project").click()
    page.get_by_role("textbox", name="Name").fill("shop")
    page.get_by_role("button", name="Make the project").click()
    members = page.get_by_role("region", name="Members")
    members.get_by_role("button", name="Add a member").click()
    members.get_by_placeholder("A user or service account").fill(member)
    page.get_by_role("option", name=member).click()
    members.get_by_role("button", name="Add", exact=True).click()
    members.get_by_role("button", name=f"Remove {member}").wait_for()
    limits = page.get_by_role("region", name="Limits")
    limits.get_by_role("button", name="Change").click()
    limits.get_by_label("Running").fill("2")
    limits.get_by_role("button", name="Save").click()
    limits.get_by_text("0 of 2").wait_for()
    page.get_by_role("link", name="Audit").click()
    page.get_by_role("button", name="Particulars of member.put").wait_for()
    with page.expect_download() as download:
        page.get_by_role("link", name="Export").click()
    actions = [json.loads(line)["action"] for line in download.value.path().read_text().splitlines()]
    assert actions[:3] == ["project.created", "member.put", "project.limited"]


def open_tab(page: Page, shared: Installation, workspace: str, tab: str) -> None:
    page.goto(f"http://127.0.0.1:{shared.port}/workspaces/{workspace}/{tab.lower()}")
    page.get_by_role("navigation", name="Workspace", exact=True).locator("[aria-current=page]").get_by_text(
        tab
    ).wait_for()


def share_to_look(page: Page, shared: Installation, workspace: str, user: str) -> None:
    open_tab(page, shared, workspace, "Sharing")
    section = page.get_by_role("region", name="Shared with")
    section.get_by_role("button", name="Share").click()
    section.get_by_role("combobox", name="User name").fill(user)
    section.get_by_role("radio", name="View").check()
    section.get_by_role("button", name="Share", exact=True).click()
    section.get_by_role("button", name=f"Take it away from {user}").wait_for()


def look_on(browser: BrowserContext, link: str) -> None:
    """A second user finds the workspace in the list, watches its terminal, and can do no more."""
    page = browser.new_page()
    page.goto(link)
    page.get_by_text("Shared by").wait_for()
    page.get_by_role("link", name="desk", exact=True).click()
    page.get_by_role("heading", name="desk").wait_for()
    assert page.get_by_role("button", name="Stop").count() == 0
    assert page.get_by_role("link", name="Open VS Code").count() == 0
    page.get_by_role("navigation", name="Workspace", exact=True).get_by_role("link", name="Terminal").click()
    page.locator(".xterm-rows > div").get_by_text("42", exact=True).wait_for()


def make_guest_link(page: Page) -> str:
    section = page.get_by_role("region", name="Guest links")
    section.get_by_role("button", name="New link").click()
    section.get_by_label("For whom").fill("Kim")
    ports = section.get_by_role("combobox", name="Ports to open")
    ports.fill("8000")
    ports.press("Enter")
    section.get_by_role("button", name="Make a guest link").click()
    link = section.locator("code").inner_text()
    section.get_by_role("button", name="Done").click()
    return link


def visit(browser: BrowserContext, link: str) -> None:
    """A guest follows the link, and opens the port that was named."""
    page = browser.new_page()
    page.goto(link)
    page.get_by_role("button", name="Come in as a guest").click()
    page.get_by_text("lets you in").wait_for()
    tabs = page.get_by_role("navigation", name="Workspace", exact=True).get_by_role("link").all_inner_texts()
    assert tabs == ["Overview", "Terminal", "Ports", "Sharing"]
    with browser.expect_page() as opened:
        page.get_by_role("link", name="Port 8000").click()
    opened.value.get_by_role("heading", name="Desk").wait_for()
    opened.value.close()


def test_files_go_up_and_down_and_nothing_is_overwritten_unasked(shared: Installation, desk: str) -> None:
    with chromium() as browser:
        page = browser.new_page()
        page.goto(shared.api("POST", "/login-links", {})["url"])
        open_tab(page, shared, desk, "Files")
        page.get_by_role("link", name="index.html").first.wait_for()
        note, index = (b"one\n", b"<h1>New</h1>")
        page.locator("input[type=file]").set_input_files(
            [
                FilePayload(name="a note.txt", mimeType="text/plain", buffer=note),
                FilePayload(name="index.html", mimeType="text/html", buffer=index),
            ]
        )
        page.get_by_role("link", name="a note.txt", exact=True).wait_for()
        page.get_by_role("button", name="Overwrite index.html").wait_for()
        assert shared.sh("desk", "cat index.html") == "<h1>Desk</h1>"
        page.get_by_role("button", name="Overwrite index.html").click()
        page.get_by_text("All is uploaded").wait_for()
        assert shared.sh("desk", "cat index.html 'a note.txt'") == "<h1>New</h1>one"
        with page.expect_download() as download:
            page.get_by_role("link", name="Download a note.txt").click()
        assert download.value.path().read_bytes() == note
        assert download.value.suggested_filename == "a note.txt"
        page.goto(f"http://127.0.0.1:{shared.port}/workspaces/{desk}/files?path=/no/such")
        page.get_by_role("alert").get_by_text("There is no such file or folder").wait_for()
