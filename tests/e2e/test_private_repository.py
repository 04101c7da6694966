"""A private repository: the token goes to git in the clone's container, and is found nowhere else (promise 8)."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from http.server import ThreadingHTTPServer
from pathlib import Path
from urllib.parse import quote

import pytest
from examples.git_server import GitHandler
from tests.e2e.installation import Installation
from tests.e2e.repositories import Repositories

TOKEN = "tok_Zr7!x/+Q=19-carrel-e2e"
PLACES = {
    "plain": TOKEN,
    "in a URL": quote(TOKEN, safe=""),
    "in a header": base64.b64encode(f"git:{TOKEN}".encode()).decode(),
    "in base64": base64.b64encode(TOKEN.encode()).decode(),
    "in JSON": json.dumps(TOKEN).strip('"'),
}
"""How a leaked token may be written."""


class Hesitating(GitHandler):
    """Asks for the token, and answers the fetch of objects only when it is let."""

    asked = threading.Event()
    let = threading.Event()

    def do_POST(self) -> None:  # noqa: N802  the standard library's way
        """A fetch."""
        if self._password() == TOKEN:
            self.asked.set()
            self.let.wait(60)
        super().do_POST()


@pytest.fixture
def private(tmp_path: Path) -> Iterator[Repositories]:
    """A git server that gives its repositories only to who has the token."""
    root = tmp_path / "private"
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (Hesitating,), {"root": root, "token": TOKEN}))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield Repositories(root, f"http://127.0.0.1:{server.server_port}")
    Hesitating.let.set()
    server.shutdown()
    server.server_close()


def test_the_token_of_a_private_repository_is_on_no_disk_and_in_no_answer(
    installation: Installation, private: Repositories
) -> None:
    url = private.tiny("private", {"postCreateCommand": "env; git remote -v; true"})
    refused = installation.create(url, name="refused")["id"]
    problem = installation.until_phase(refused, "failed")["problem"]
    assert problem["kind"] == "source_denied"
    assert "git credential" in problem["hint"]

    host = private.address.removeprefix("http://")
    installation.api("PUT", f"/git-credentials/{host}", {"username": "git", "token": TOKEN})
    workspace = installation.create(url, name="private")["id"]
    assert Hesitating.asked.wait(60), installation.log()
    [helper] = installation.containers_of(workspace)
    assert "source" in helper
    leaks = [*in_processes(), *on_disk(installation, workspace), *in_the_engine(installation, workspace)]
    Hesitating.let.set()
    installation.until_phase(workspace, "running")
    installation.until(workspace, lambda w: bool(installation.events(workspace, "hook_finished")))
    assert installation.sh("private", "ls -A .devcontainer.json") == ".devcontainer.json"

    leaks += [*in_processes(), *on_disk(installation, workspace), *in_the_engine(installation, workspace)]
    leaks += in_answers(installation, workspace)
    installation.stop()
    leaks += on_disk(installation, workspace)
    assert leaks == []


def found_in(text: bytes) -> bool:
    return any(form.encode() in text for form in PLACES.values())


def test_a_token_that_leaks_would_be_found(tmp_path: Path) -> None:
    for form in PLACES.values():
        assert found_in(f"x={form}\n".encode())
    (tmp_path / "leak").write_text(TOKEN)
    assert in_folder(tmp_path) == [str(tmp_path / "leak")]
    assert not found_in(b"tok_")


def in_processes() -> list[str]:
    """Processes of this machine, containers' among them, with the token in their arguments or environment."""
    leaks = []
    for process in Path("/proc").glob("[0-9]*"):
        for name in ("cmdline", "environ"):
            try:
                content = (process / name).read_bytes()
            except OSError:
                continue  # it has ended
            if found_in(content):
                leaks.append(f"{process / name}: {content[:100]!r}")
    return leaks


def in_folder(folder: Path) -> list[str]:
    """Files below a folder that have the token in them."""
    leaks = []
    for path in folder.rglob("*"):
        try:
            if path.is_file() and not path.is_symlink() and found_in(path.read_bytes()):
                leaks.append(str(path))
        except OSError:
            continue
    return leaks


def on_disk(installation: Installation, workspace: str) -> list[str]:
    """Leaks in the server's folder, the volumes, and what the containers wrote."""
    volumes = installation.docker(
        "volume", "inspect", "--format", "{{.Mountpoint}}", *installation.volumes_of(workspace)
    )
    folders = [installation.data, *map(Path, volumes)]
    for container in installation.containers_of(workspace):
        shown = json.loads("".join(installation.docker("inspect", container)))[0]
        folders += [Path(shown["GraphDriver"]["Data"]["UpperDir"]), Path(shown["HostsPath"]).parent]
    assert all(folder.is_dir() for folder in folders)
    return [leak for folder in folders for leak in in_folder(folder)]


def in_the_engine(installation: Installation, workspace: str) -> list[str]:
    """Leaks in what the engine tells of containers and images."""
    questions: list[tuple[str, ...]] = []
    for container in installation.containers_of(workspace):
        [image] = installation.docker("inspect", "--format", "{{.Image}}", container)
        questions += [("inspect", container), ("logs", container), ("history", "--no-trunc", image), ("inspect", image)]
    return [" ".join(words) for words in questions if found_in("\n".join(installation.docker(*words)).encode())]


def in_answers(installation: Installation, workspace: str) -> list[str]:
    """Leaks in what the API, the command line and the workspace itself tell."""
    paths = [
        "/git-credentials",
        "/workspaces",
        f"/workspaces/{workspace}",
        *(f"/workspaces/{workspace}/{what}" for what in ("events", "logs", "timeline", "why", "apps", "ports")),
        "/server",
    ]
    told = {path: json.dumps(installation.api("GET", path)) for path in paths}
    told["logs"] = installation.carrel("logs", "private").stdout.decode()
    told["env"] = installation.sh(
        "private", "env; cat .git/config; cat ~/.gitconfig /etc/gitconfig 2>/dev/null || true"
    )
    assert "Cloning" in told["logs"]
    return [place for place, text in told.items() if found_in(text.encode())]
