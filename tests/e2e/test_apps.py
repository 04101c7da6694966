"""Apps in a browser (issue 4, Show 3): hot reload, Flask, WebSocket, server-sent events, and two people in JupyterLab."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from tests.e2e.browsing import chromium, somebody_else
from tests.e2e.installation import ROOT, Installation
from tests.e2e.repositories import Repositories

NAME = "lab"
INSTALLATION_MS = 300_000
"""JupyterLab comes from a package index."""
APPS = [
    {
        "name": "front",
        "title": "Front end",
        "icon": "⚡",
        "command": "cd front && exec node node_modules/vite/bin/vite.js --host 127.0.0.1 --strictPort --port {port}",
        "share": "project",
    },
    {"name": "back", "command": "exec .env/bin/flask --app back run --port {port}", "port": 8000, "start": "boot"},
    {"name": "broken", "port": 99999},
]
CONFIGURATION: dict[str, object] = {
    "name": "Lab",
    "postCreateCommand": "python3 -m venv .env && .env/bin/pip install --quiet --no-compile flask flask-sock",
    "waitFor": "onCreateCommand",
    "customizations": {"carrel": {"apps": APPS}, "vscode": {"settings": {"files.autoSave": "off"}}},
}
BACK = """
import threading
from flask import Flask, Response, request
from flask_sock import Sock

app, go = Flask(__name__), threading.Event()
sock = Sock(app)

@app.get("/")
def page():
    return "<title>The back end</title>"

@app.post("/hello")
def hello():
    return {"said": request.get_json(), "host": request.host, "user": request.headers.get("X-Carrel-User")}

@app.get("/events")
def events():
    def ticks():
        yield "data: first\\n\\n"
        go.wait(30)
        yield "data: second\\n\\n"
    return Response(ticks(), mimetype="text/event-stream")

@app.get("/go")
def release():
    go.set()
    return "gone"

@sock.route("/echo")
def echo(ws):
    while True:
        ws.send(ws.receive())
"""
INDEX = '<!doctype html><title>The front end</title><h1></h1><script type="module" src="/main.js"></script>'
MAIN = """
import { words } from "./words.js";
document.querySelector("h1").textContent = words;
window.loaded ??= Math.random();
import.meta.hot.accept("./words.js", (changed) => { document.querySelector("h1").textContent = changed.words; });
"""
VITE = (
    "vite", "rolldown", "@rolldown", "@oxc-project", "lightningcss", "lightningcss-linux-x64-gnu", "postcss",
    "picomatch", "tinyglobby", "fdir", "nanoid", "picocolors", "source-map-js", "detect-libc",
)  # fmt: skip
"""Vite and what it needs, from the web application's own packages."""
ECHO = """(address) => new Promise((resolve, reject) => {
    const socket = new WebSocket(address), heard = [];
    socket.onopen = () => ["one", "two"].forEach((word) => socket.send(word));
    socket.onmessage = (message) => { if (heard.push(message.data) === 2) resolve(heard); };
    socket.onerror = reject;
})"""
EVENTS = """() => new Promise((resolve) => {
    const source = new EventSource("/events"), heard = [];
    source.onmessage = (event) => {
        heard.push(event.data);
        if (event.data === "first") fetch("/go");
        else { source.close(); resolve(heard); }
    };
})"""
CALL = """async (base) => (await fetch(base + "/hello", {
    method: "POST", headers: {"Content-Type": "application/json"}, body: JSON.stringify("hello"),
})).json()"""


@pytest.fixture(scope="module")
def lab(shared: Installation, repositories: Repositories) -> Installation:
    """An installation with a workspace in which a front end, a back end and JupyterLab can be opened."""
    files: dict[str, str | dict[str, object]] = {
        ".devcontainer/devcontainer.json": CONFIGURATION,
        "back.py": BACK,
        "notes.txt": "Notes\n",
        "front/index.html": INDEX,
        "front/main.js": MAIN,
        "front/words.js": 'export const words = "Hello";\n',
    }
    created = shared.create(repositories.make(NAME, files), name=NAME)
    shared.until_phase(created["id"], "running", 600)
    shared.carrel("exec", "-T", NAME, "tar", "-xC", "front", stdin=vite())
    return shared


@pytest.fixture(scope="module")
def people(lab: Installation) -> Iterator[tuple[BrowserContext, BrowserContext]]:
    """Ana, who owns the workspace, and Bob, with whom she shares it: two browsers that are signed in."""
    lab.api("POST", "/users", {"name": "bob"})
    lab.api("POST", f"/workspaces/{NAME}/shares", {"user": "bob", "level": "edit"})
    links = [lab.api("POST", path, {})["url"] for path in ("/login-links", "/users/bob/login-links")]
    with chromium() as ana, somebody_else(ana) as bob:
        for person, link in zip((ana, bob), links, strict=True):
            person.new_page().goto(link)
        jupyter(lab, ana)  # its installation goes on beside the tests that need it not
        yield ana, bob


def vite() -> bytes:
    written = io.BytesIO()
    with tarfile.open(fileobj=written, mode="w") as archive:
        for name in VITE:
            archive.add(ROOT / "web/node_modules" / name, f"node_modules/{name}")
    return written.getvalue()


def address(lab: Installation, app: str) -> str:
    found = {one["name"]: one["url"] for one in lab.api("GET", f"/workspaces/{NAME}/apps")["items"]}
    return str(found[app])


def opened(person: BrowserContext, url: str) -> Page:
    page = person.new_page()
    page.goto(url)
    return page


def jupyter(lab: Installation, person: BrowserContext, path: str = "") -> Page:
    return opened(person, address(lab, "jupyter").removesuffix("/lab") + f"/lab{path}")


def test_what_the_configuration_says_about_apps_is_listed_and_what_is_wrong_is_told(lab: Installation) -> None:
    listed = lab.api("GET", f"/workspaces/{NAME}/apps")["items"]
    shown = [(app["name"], app["title"], app["icon"], app["share"]) for app in listed]
    assert shown == [
        ("code", "VS Code", "code", "private"),
        ("jupyter", "JupyterLab", "jupyter", "private"),
        ("front", "Front end", "⚡", "project"),
        ("back", "back", "", "private"),
        ("terminal", "Terminal", "terminal", "private"),
    ]
    told = json.dumps(lab.events(NAME))
    assert "customizations.carrel.apps[2].port" in told


def test_vite_replaces_a_module_without_loading_the_page_again(
    lab: Installation, people: tuple[BrowserContext, BrowserContext]
) -> None:
    page = opened(people[0], address(lab, "front"))
    expect(page.locator("h1")).to_have_text("Hello")
    loaded = page.evaluate("window.loaded")
    lab.sh(NAME, """echo 'export const words = "Changed";' > front/words.js""")
    expect(page.locator("h1")).to_have_text("Changed")
    assert page.evaluate("window.loaded") == loaded


def test_a_flask_app_echoes_a_websocket_and_streams_events(
    lab: Installation, people: tuple[BrowserContext, BrowserContext]
) -> None:
    url = address(lab, "back")
    page = opened(people[0], url)
    expect(page).to_have_title("The back end")
    assert page.evaluate(ECHO, url.replace("http:", "ws:") + "echo") == ["one", "two"]
    assert page.evaluate(EVENTS) == ["first", "second"]


def test_a_front_end_calls_its_back_end_on_another_port(
    lab: Installation, people: tuple[BrowserContext, BrowserContext]
) -> None:
    for person, name in zip(people, (lab.workspace(NAME)["owner"], "bob"), strict=True):
        page = opened(person, address(lab, "front"))
        answer = page.evaluate(CALL, "/.carrel/port/8000")
        assert (answer["said"], answer["user"]) == ("hello", name)
        socket = address(lab, "front").replace("http:", "ws:") + ".carrel/port/8000/echo"
        assert page.evaluate(ECHO, socket) == ["one", "two"]


def test_two_people_write_in_one_document_of_jupyterlab_and_see_each_other(
    lab: Installation, people: tuple[BrowserContext, BrowserContext]
) -> None:
    ana, bob = (jupyter(lab, person, "/tree/notes.txt") for person in people)
    for page in (ana, bob):
        page.locator(".cm-content").get_by_text("Notes").wait_for(timeout=INSTALLATION_MS)
    for page, words in ((ana, "Ana was here. "), (bob, "And Bob. ")):
        page.locator(".cm-content").click()
        page.keyboard.press("Control+End")
        page.keyboard.insert_text(words)
    for page in (ana, bob):
        expect(page.locator(".cm-content")).to_contain_text("Ana was here.")
        expect(page.locator(".cm-content")).to_contain_text("And Bob.")
    owner = lab.workspace(NAME)["owner"]
    for page, other in ((ana, "bob"), (bob, owner)):
        flag = page.locator(".jp-remote-userFlag-name")
        flag.wait_for(state="attached")
        assert flag.text_content() == other
    ana.keyboard.press("Control+s")
    lab.sh(NAME, "until grep -q 'And Bob' notes.txt; do sleep 0.1; done")


def test_vs_code_overwrites_nobodys_edits(lab: Installation, people: tuple[BrowserContext, BrowserContext]) -> None:
    url = address(lab, "code")
    folder = f"/workspaces/{NAME}"
    file = json.dumps([["openFile", f"vscode-remote://{urlsplit(url).netloc}{folder}/back.py"]])
    ana, bob = (opened(person, f"{url}?folder={folder}&payload={quote(file)}") for person in people)
    for page in (ana, bob):
        page.locator(".view-lines").get_by_text("threading").first.wait_for()
    for page in (ana, bob):
        await_watch(lab, page)
    write(ana, "# saved by ana ", save=True)
    expect(bob.locator(".view-lines")).to_contain_text("saved by ana")
    write(bob, "# not saved by bob ", save=False)
    write(ana, "# saved again ", save=True)
    lab.sh(NAME, "until grep -q 'saved again' back.py; do sleep 0.1; done")
    bob.keyboard.press("Control+s")
    bob.get_by_text("The content of the file is newer").first.wait_for()
    assert "not saved by bob" in bob.locator(".view-lines").inner_text().replace("\xa0", " ")
    assert "bob" not in lab.sh(NAME, "cat back.py")


def await_watch(lab: Installation, page: Page) -> None:
    """VS Code watches a file from some time after it shows it; what changes before that, it notices never."""
    for look in range(30):
        lab.sh(NAME, f"{{ echo '# look {look}'; cat back.py; }} > /tmp/back.py && cat /tmp/back.py > back.py")
        with suppress(AssertionError):
            expect(page.locator(".view-lines")).to_contain_text(f"look {look}", timeout=3000)
            return
    raise AssertionError("VS Code does not watch the file.")


def write(page: Page, words: str, *, save: bool) -> None:
    page.locator(".view-lines").first.click()
    page.keyboard.press("Control+Home")
    page.keyboard.insert_text(words)
    expect(page.locator(".view-lines")).to_contain_text(words.strip("# "))
    if save:
        page.keyboard.press("Control+s")


def test_the_kernel_of_jupyterlab_is_the_images_python(
    lab: Installation, people: tuple[BrowserContext, BrowserContext]
) -> None:
    assert people
    script = "import sys, ipykernel; print(sys.executable, 'jupyter' in ipykernel.__file__)"
    spec = lab.sh(NAME, "cat ~/.local/share/carrel/jupyter/*/share/jupyter/kernels/python3/kernel.json")
    python, kernel, packages = json.loads(spec)["argv"][:3]
    code = f"import sys; sys.path.append({packages!r}); {script}"
    assert lab.sh(NAME, f'{python} -c "{code}"') == f"{python} True"
    assert Path(kernel).parts[:3] == ("/", "opt", "carrel")
    assert lab.sh(NAME, "find . -name '.jupyter*' -o -name '.ipynb*'") == ""
