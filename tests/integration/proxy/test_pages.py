"""What people see in place of an app."""

from __future__ import annotations

import json
import re

import pytest
from tests.integration.proxy.conftest import WORKSPACE, Rig
from tests.integration.proxy.test_access import HTML, NAVIGATE, fields

from carrel.core.problems import Problem
from carrel.core.workspace import Phase
from carrel.links.access import NotRunning


async def page(rig: Rig, app: str = "code", line: str = "GET / HTTP/1.1") -> bytes:
    return await rig.send(rig.request(rig.app(app), line, HTML, *NAVIGATE))


async def test_a_starting_workspace_shows_how_far_it_is_and_goes_on(rig: Rig) -> None:
    rig.authority.targets[WORKSPACE] = NotRunning(Phase.BUILDING, "blog", "Step 3 of 7 <b>", will_run=True)
    answer = await page(rig)
    assert answer.startswith(b"HTTP/1.1 503 ")
    assert b"Your workspace is starting" in answer
    assert b"Preparing the environment" in answer
    assert b"Step 3 of 7 &lt;b&gt;" in answer
    assert b"/.carrel/state" in answer


async def test_a_stopped_workspace_asks_and_starts_only_when_the_button_is_pressed(rig: Rig) -> None:
    rig.authority.targets[WORKSPACE] = NotRunning(Phase.STOPPED, "blog", "It was idle for 30 minutes.")
    answer = await page(rig, line="GET /?folder=/work&x=%22 HTTP/1.1")
    assert b"This workspace is stopped" in answer
    assert b"It was idle for 30 minutes." in answer
    assert rig.authority.started == []
    action = re.search(rb'action="([^"]*)"', answer)
    assert action is not None
    path = action[1].decode().replace("&amp;", "&")
    pressed = await rig.send(rig.request(rig.app("code"), f"POST {path} HTTP/1.1", "Content-Length: 0", HTML))
    assert rig.authority.started == [(WORKSPACE, "ana")]
    assert fields(pressed)["location"] == "/?folder=/work&x=%22"


async def test_no_page_of_another_address_can_press_the_button(rig: Rig) -> None:
    rig.authority.targets[WORKSPACE] = NotRunning(Phase.STOPPED)
    extra = ("Content-Length: 0", "Origin: http://evil.example.com", "Sec-Fetch-Site: cross-site")
    assert b" 403 " in await rig.send(rig.request(rig.app("code"), "POST /.carrel/start HTTP/1.1", *extra))
    assert b" 404 " in await rig.send(rig.request(rig.app("code"), "GET /.carrel/start HTTP/1.1"))
    assert rig.authority.started == []


async def test_a_failed_workspace_says_why_and_what_to_do(rig: Rig) -> None:
    rig.authority.targets[WORKSPACE] = NotRunning(Phase.FAILED, "blog", "The disk is full.", "Free space.")
    answer = await page(rig)
    assert b"could not be started" in answer
    assert b"The disk is full." in answer
    assert b"Free space." in answer
    assert b'href="http://localhost:7070/"' in answer


async def test_an_app_that_does_not_exist_is_named(rig: Rig) -> None:
    answer = await page(rig, "nosuch")
    assert answer.startswith(b"HTTP/1.1 404 ")
    assert b"The workspace has no such app" in answer


async def test_an_app_that_fails_shows_its_problem(rig: Rig) -> None:
    rig.authority.apps[WORKSPACE, "code"] = Problem("app_failed", "It ended with status 1.")
    answer = await page(rig)
    assert answer.startswith(b"HTTP/1.1 502 ")
    assert b"It ended with status 1." in answer


async def test_an_app_that_is_being_started_shows_how_far_it_is_and_asks_again(rig: Rig) -> None:
    rig.authority.apps[WORKSPACE, "code"] = Problem("app_starting", "Installing <it>")
    answer = await page(rig)
    assert answer.startswith(b"HTTP/1.1 503 ")
    assert b"Installing &lt;it&gt;" in answer
    assert b'http-equiv="refresh" content="1"' in answer
    document = await rig.send(rig.request(rig.app("code"), "GET / HTTP/1.1", "Accept: application/json"))
    assert json.loads(document.partition(b"\r\n\r\n")[2])["kind"] == "app_starting"


async def test_a_port_without_a_listener_says_what_to_start(rig: Rig) -> None:
    answer = await page(rig, "1")
    assert answer.startswith(b"HTTP/1.1 502 ")
    assert b"Start the program that serves port 1" in answer


async def test_a_program_gets_a_problem_document_and_no_page(rig: Rig) -> None:
    rig.authority.targets[WORKSPACE] = NotRunning(Phase.STOPPED, "blog", "It was idle.")
    answer = await rig.send(rig.request(rig.app("code"), "GET / HTTP/1.1", "Accept: application/json"))
    assert answer.startswith(b"HTTP/1.1 503 ")
    document = json.loads(answer.partition(b"\r\n\r\n")[2])
    assert (document["kind"], document["phase"], document["status"]) == ("not_running", "stopped", 503)


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (NotRunning(Phase.CLONING, "blog", "1 of 2", will_run=True), (False, "cloning", True)),
        (NotRunning(Phase.STOPPED), (False, "stopped", False)),
        (None, (True, "running", True)),
    ],
)
async def test_the_state_tells_when_to_go_on(
    rig: Rig, state: NotRunning | None, expected: tuple[bool, str, bool]
) -> None:
    if state is not None:
        rig.authority.targets[WORKSPACE] = state
    answer = await rig.send(rig.request(rig.app("code"), "GET /.carrel/state HTTP/1.1"))
    told = json.loads(answer.partition(b"\r\n\r\n")[2])
    assert (told["ready"], told["phase"], told["will_run"]) == expected


async def test_pages_load_nothing_and_run_nothing_but_their_own(rig: Rig) -> None:
    rig.authority.targets[WORKSPACE] = NotRunning(Phase.STARTING, will_run=True)
    answer = await page(rig)
    policy = fields(answer)["content-security-policy"]
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    assert fields(answer)["x-content-type-options"] == "nosniff"
    assert fields(answer)["cache-control"] == "no-store"
    assert not re.search(rb'(src|href)="https?://(?!localhost)', answer)


async def test_a_page_for_head_has_no_body(rig: Rig) -> None:
    rig.authority.targets[WORKSPACE] = NotRunning(Phase.STARTING, will_run=True)
    answer = await page(rig, line="HEAD / HTTP/1.1")
    assert answer.startswith(b"HTTP/1.1 503 ")
    assert answer.endswith(b"\r\n\r\n")
