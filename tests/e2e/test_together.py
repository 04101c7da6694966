"""Two people, a guest and anybody in one real workspace: what each gets, and that it ends when it is taken away."""

from __future__ import annotations

import re
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from http.cookiejar import CookieJar

import pytest
from tests.contract.images import busybox_image
from tests.e2e.installation import BIN, Installation
from tests.e2e.repositories import Repositories


class _Stays(urllib.request.HTTPRedirectHandler):
    """Redirects are told and not followed."""

    def redirect_request(self, *_: object) -> None:
        return None


def asked(shared: Installation, host: str, path: str = "/", cookie: str = "") -> tuple[int, str, dict[str, str]]:
    """What the proxy answers on an app's host."""
    headers = {"Host": f"{host}:{shared.port}", "Accept": "text/html"} | ({"Cookie": cookie} if cookie else {})
    request = urllib.request.Request(f"http://127.0.0.1:{shared.port}{path}", headers=headers)
    try:
        with urllib.request.build_opener(_Stays).open(request, timeout=60) as answer:
            return answer.status, answer.read().decode(), dict(answer.headers)
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode(), dict(error.headers)


def ticket(shared: Installation, token: str, host: str) -> str:
    """The cookie with which a browser that signed in with a token opens an app; empty where it may not."""
    base = f"http://127.0.0.1:{shared.port}"
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()), _Stays)
    headers = {"Origin": base, "Content-Type": "application/json"}
    browser.open(urllib.request.Request(f"{base}/api/v1/session", b'{"token": "%s"}' % token.encode(), headers)).close()
    try:
        browser.open(f"{base}/app-login?host={host}:{shared.port}")
    except urllib.error.HTTPError as error:
        if error.code == 404:
            return ""
        path = re.sub(r"^http://[^/]+", "", error.headers["Location"])
        return asked(shared, host, path)[2]["Set-Cookie"].partition(";")[0]
    raise AssertionError("no redirect")


def seconds_until(what: Callable[[], bool], most: float = 30) -> float:
    """How long it takes until something is so."""
    began = time.monotonic()
    while not what():
        assert time.monotonic() - began < most
        time.sleep(0.1)
    return time.monotonic() - began


@pytest.fixture(scope="module")
def desk(shared: Installation, repositories: Repositories) -> str:
    """The name of the owner's workspace, which runs and serves a page on port 8000."""
    files = {".devcontainer/devcontainer.json": f'{{"image": "{busybox_image()}"}}', "index.html": "<h1>Desk</h1>"}
    shared.carrel("up", "--no-open", repositories.make("desk", files))
    shared.carrel("exec", "desk", "sh", "-c", "httpd -p 127.0.0.1:8000 -h .")
    return "desk"


def test_a_second_person_works_in_it_until_the_share_is_taken_away(shared: Installation, desk: str) -> None:
    me = shared.api("GET", "/session")["user"]
    link = shared.carrel("user", "add", "ana").stdout.decode()
    assert "/login?code=carrel_login_" in link
    token = _token(shared, link.strip().partition("code=")[2])
    theirs = shared.environment | {"CARREL_URL": f"http://127.0.0.1:{shared.port}", "CARREL_TOKEN": token}

    def ana(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([BIN / "carrel", *words], env=theirs, capture_output=True, text=True, check=False)

    assert ana("show", f"{me}/{desk}").returncode == 3
    shared.carrel("share", desk, "ana")
    assert "shared: view" in ana("ls", "--shared").stdout
    assert ana("exec", f"{me}/{desk}", "true").returncode != 0
    shared.carrel("share", desk, "ana", "--edit", "--yes")
    assert ana("exec", f"{me}/{desk}", "echo", "in").stdout == "in\n"
    assert ana("stop", f"{me}/{desk}").returncode != 0
    host = f"code--{desk}--{me}.localhost"
    cookie = ticket(shared, token, host)
    assert asked(shared, host, cookie=cookie)[0] in {200, 302}
    sitting = subprocess.Popen(
        [BIN / "carrel", "exec", f"{me}/{desk}", "sh", "-c", "echo here; exec cat"],
        env=theirs,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert sitting.stdout is not None
    assert sitting.stdout.readline() == b"here\n"
    assert b"ana" in shared.carrel("who", desk).stdout
    assert [event["data"]["person"] for event in shared.events(desk, "person_joined")] == ["ana"]
    began = time.monotonic()
    shared.carrel("unshare", desk, "ana")
    sitting.communicate(timeout=60)
    assert time.monotonic() - began < 6  # with the command's own time
    assert asked(shared, host, cookie=cookie)[0] != 200
    assert ana("show", f"{me}/{desk}").returncode == 3


def _token(shared: Installation, code: str) -> str:
    """A personal token of whoever follows a login link."""
    base = f"http://127.0.0.1:{shared.port}"
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
    headers = {"Origin": base, "Content-Type": "application/json"}
    browser.open(urllib.request.Request(f"{base}/api/v1/session", b'{"token": "%s"}' % code.encode(), headers)).close()
    with browser.open(urllib.request.Request(f"{base}/api/v1/tokens", b"{}", headers)) as answer:
        found = re.search(rb'"token":\s*"(carrel_personal_[\w-]+)"', answer.read())
    assert found is not None
    return found[1].decode()


def test_a_port_is_public_until_it_is_closed_and_the_editor_never_is(shared: Installation, desk: str) -> None:
    me = shared.api("GET", "/session")["user"]
    host = f"8000--{desk}--{me}.localhost"
    assert asked(shared, host)[0] in {302, 303, 401}
    shared.carrel("port", "share", desk, "8000", "--public", "--for", "1h")
    seconds_until(lambda: asked(shared, host)[:2] == (200, "<h1>Desk</h1>"), 6)
    refused = shared.carrel("port", "share", desk, "code", "--public", check=False)
    assert b"full power of the workspace's user" in refused.stderr
    shared.carrel("port", "share", desk, "8000", "--private")
    assert seconds_until(lambda: asked(shared, host)[0] != 200) < 5


def test_a_guest_opens_the_named_port_and_nothing_else(shared: Installation, desk: str) -> None:
    me = shared.api("GET", "/session")["user"]
    link = shared.carrel("guest-link", desk, "--port", "8000", "--title", "Kim").stdout.decode().strip()
    token = link.partition("#")[2]
    host = f"8000--{desk}--{me}.localhost"
    cookie = ticket(shared, token, host)
    assert asked(shared, host, cookie=cookie)[:2] == (200, "<h1>Desk</h1>")
    assert ticket(shared, token, f"code--{desk}--{me}.localhost") == ""
    assert token not in shared.log()
    shared.carrel("unshare", desk)
    assert seconds_until(lambda: asked(shared, host, cookie=cookie)[0] != 200) < 5
