"""Images of specifications on a real engine: built with the log as it comes, once; what runs in them; what goes wrong."""

from __future__ import annotations

import json
import os
import secrets
import time
import urllib.request
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
from tests.contract.images import busybox_image
from tests.e2e.installation import Installation

PLAIN = "carrel/workspace-plain:py3.11"
SPEC: dict[str, Any] = {
    "name": "small",
    "base_image": PLAIN,
    "packages": ["six"],
    "apt_packages": ["tree"],
    "env": {"QUOTED": 'a "b" $HOME'},
    "commands": ["python -c 'import six' && tree --version > /etc/made", "cat <<EOF >> /etc/made\n$QUOTED\nEOF"],
}
BUSYBOX = "busybox"
"""Stands for an image that has nothing else."""
MARK = "86399.75"
"""Seconds that nobody else sleeps."""


def answers(installation: Installation, **body: Any) -> Generator[dict[str, Any], None, None]:
    """What `POST /image-builds` answers, line by line as it comes."""
    request = urllib.request.Request(
        f"http://127.0.0.1:{installation.port}/api/v1/image-builds",
        data=json.dumps(body).encode(),
        headers={"Authorization": f"Bearer {installation.token}", "Content-Type": "application/json"},
        method="POST",
    )
    with urllib.request.urlopen(request, timeout=300) as answer:
        assert answer.headers["content-type"].startswith("application/x-ndjson")
        yield from (json.loads(line) for line in answer if line.strip())


def image_built(installation: Installation, **body: Any) -> tuple[str, dict[str, Any]]:
    """The log, and the last line."""
    *log, last = answers(installation, **body)
    return "\n".join(line["line"] for line in log), last


def processes_with(word: str) -> list[int]:
    """Processes of the machine, those in containers included, that have `word` as an argument of their own."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                words = (entry / "cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            if word.encode() in words:
                found.append(int(entry.name))
    return found


def until(seconds: float, wanted: Any, says: str) -> None:
    deadline = time.monotonic() + seconds
    while not wanted():
        assert time.monotonic() < deadline, says
        time.sleep(0.05)


def test_a_specification_becomes_an_image_that_workspaces_run_in(shared: Installation) -> None:
    word = secrets.token_hex(8)  # the engine may remember the rest of an earlier run
    spec = SPEC | {"commands": [*SPEC["commands"], f"echo said {word}"]}
    log, last = image_built(shared, specification=spec)
    image = last.get("image", "")
    assert image.startswith("carrel-env/default:"), (log, last)
    assert last["built"]
    for words in ("Building: the image small", "carrel-apt", "carrel-python", f"said {word}"):
        assert words in log
    assert image_built(shared, specification=spec) == ("", {"image": image, "built": False, "pushed": ""})

    workspace = shared.api(
        "POST",
        "/workspaces",
        {
            "source": {"kind": "empty"},
            "name": "small",
            "image": spec,
            "env": {"MODE": "dev"},
            "on_startup": ["echo $MODE >> ~/started", "echo told; exit 3"],
        },
    )["id"]
    shared.until_phase(workspace, "running")
    assert not [event for event in shared.events(workspace, "image_ready") if event["data"]["built"]]
    assert shared.sh("small", "whoami; echo $QUOTED $MODE; python -c 'import six; print(six.__name__)'") == (
        'vscode\na "b" $HOME dev\nsix'
    )
    assert shared.sh(
        "small", "tail -1 /etc/made; test ! -e /tmp/carrel-python && uv pip install -q --dry-run six; echo $?"
    ) == ('a "b" $HOME\n0')
    degraded = shared.until(workspace, lambda now: bool(now["degraded"]))
    assert "workspace.yaml" in degraded["degraded"]
    assert degraded["phase"] == "running"
    assert shared.sh("small", "cat ~/started") == "dev"
    streams = [one["name"] for one in shared.api("GET", f"/workspaces/{workspace}/logs")["streams"]]
    assert any("on-startup" in name for name in streams), streams

    shared.api("POST", f"/workspaces/{workspace}/stop")
    shared.until_phase(workspace, "stopped")
    shared.docker("rm", *shared.container_ids(workspace))
    shared.docker("rmi", image)
    shared.api("POST", f"/workspaces/{workspace}/start")
    shared.until_phase(workspace, "running")
    assert shared.events(workspace, "image_ready")[-1]["data"] == {"image": image, "built": True, "fetched": False}
    assert shared.sh("small", "python -c 'import six'; cat ~/started") == "dev\ndev", "the home folder stays"


@pytest.mark.parametrize(
    ("body", "kind", "words"),
    [
        (
            {"specification": {"name": "x", "base_image": PLAIN, "packages": ["no-such-package-of-carrels"]}},
            "build_failed",
            ("packages (no-such-package-of-carrels) failed", "was not found in the package registry"),
        ),
        (
            {"specification": {"name": "x", "base_image": BUSYBOX, "commands": ["true", "echo why; exit 3"]}},
            "build_failed",
            ("commands[1] (echo why; exit 3) failed: exit code 3", "why"),
        ),
        (
            {"specification": {"name": "x", "base_image": BUSYBOX, "apt_packages": ["tree"]}},
            "build_failed",
            ("apt_packages (tree) failed", "has no apt-get"),
        ),
        (
            {"specification": {"name": "x", "base_image": BUSYBOX, "registry": "127.0.0.1:9/x"}},
            "registry_unreachable",
            ("is made, but 127.0.0.1:9/x/x:",),
        ),
        ({"image": "127.0.0.1:9/no/such:1"}, "registry_unreachable", ("127.0.0.1:9",)),
        ({"image": "carrel/workspace-base:py3.10"}, "image_missing", ("carrel/workspace-base:py3.10",)),
    ],
    ids=["package", "command", "apt", "push", "registry", "own"],
)
def test_what_goes_wrong_is_the_last_line_and_names_what_was_written(
    shared: Installation, body: dict[str, Any], kind: str, words: tuple[str, ...]
) -> None:
    spec = body.get("specification", {})
    if spec.get("base_image") == BUSYBOX:
        body = {"specification": spec | {"base_image": busybox_image()}}
    log, last = image_built(shared, **body)
    assert last["problem"]["kind"] == kind, (log, last)
    for word in words:
        assert word in last["problem"]["detail"], (log, last)


def test_a_typo_of_an_image_is_a_recovery_workspace_that_says_so(shared: Installation) -> None:
    workspace = shared.api("POST", "/workspaces", {"source": {"kind": "empty"}, "image": "127.0.0.1:9/pyton:3"})["id"]
    now = shared.until_phase(workspace, "running")
    assert "127.0.0.1:9/pyton:3" in shared.events(workspace, "recovery")[0]["data"]["detail"] + now["degraded"]


def test_a_build_goes_on_without_its_client_and_ends_with_its_server(tmp_path: Path) -> None:
    own = Installation(tmp_path / "data")
    own.start()
    try:
        spec = {"name": "slow", "base_image": busybox_image(), "commands": [f"echo begun; exec sleep {MARK}"]}
        with urllib.request.urlopen(
            urllib.request.Request(
                f"http://127.0.0.1:{own.port}/api/v1/image-builds",
                data=json.dumps({"specification": spec}).encode(),
                headers={"Authorization": f"Bearer {own.token}", "Content-Type": "application/json"},
            ),
            timeout=60,
        ) as answer:
            next(line for line in answer if b"Building" in line)
            until(60, lambda: processes_with(MARK), "the build does not begin")
        joined = answers(own, specification=spec)
        assert next(joined)["line"] == "Building: the image slow", "the same build, from its first line"
        joined.close()
        assert processes_with(MARK)
        own.kill()
        until(60, lambda: not processes_with(MARK), "the build outlives its server")
        own.start()
        log, last = image_built(own, specification=spec | {"commands": ["true"]})
        assert last.get("built"), (log, last)
    finally:
        own.destroy()
