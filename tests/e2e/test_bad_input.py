"""What people and repositories get wrong, or mean ill: a clear problem with a hint, no zombie, nothing lost."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.contract.images import busybox_image
from tests.e2e.installation import ROOT, ApiProblem, Installation, free_port
from tests.e2e.registry import empty_registry
from tests.e2e.repositories import Repositories

HOSTILE = [
    "ext::sh -c 'touch /tmp/carrel-was-here'",
    "ext::sh",
    "--upload-pack=touch /tmp/carrel-was-here",
    "-oProxyCommand=id",
    "ssh://-oProxyCommand=id/x",
    "file:///etc",
    "/etc",
    "git://example.org/x.git",
    "http://user:password@example.org/x.git",
    "http://169.254.169.254/latest/meta-data",
    "http://example.org/x\n--upload-pack=id",
    "http://example.org/" + "x" * 5000,
    "",
]


@pytest.mark.parametrize("url", HOSTILE)
def test_a_hostile_address_is_refused_at_the_door(shared: Installation, url: str) -> None:
    with pytest.raises(ApiProblem) as refused:
        shared.create(url)
    assert refused.value.kind in {"bad_source", "malformed_request"}
    assert refused.value.status in {400, 422}
    assert refused.value.document["hint"]
    assert shared.listed(q="x") == []
    assert not Path("/tmp/carrel-was-here").exists()


@pytest.mark.parametrize("ref", ["-x", "--upload-pack=id", "a..b", "a b", "x" * 300, "@{u}"])
def test_a_hostile_ref_is_refused_at_the_door(shared: Installation, ref: str) -> None:
    with pytest.raises(ApiProblem) as refused:
        shared.api("POST", "/workspaces", {"source": {"kind": "git", "url": "https://example.org/x.git", "ref": ref}})
    assert refused.value.kind == "bad_source"


def fails(installation: Installation, url: str, **source: str) -> dict[str, Any]:
    """The problem of a workspace whose source cannot be had; deleted, it leaves nothing."""
    body = {"source": {"kind": "git", "url": url, **source}, "name": "fails"}
    workspace = installation.api("POST", "/workspaces", body)["id"]
    shown = installation.until_phase(workspace, "failed")
    problem: dict[str, Any] = shown["problem"]
    assert problem["step"] == "fetch_source"
    assert problem["hint"]
    assert problem["detail"]
    assert installation.containers_of(workspace) == []
    installation.api("DELETE", f"/workspaces/{workspace}?purge=true")
    installation.until_gone(workspace)
    assert installation.volumes_of(workspace) == []
    return problem


def test_a_server_that_does_not_listen(shared: Installation) -> None:
    problem = fails(shared, f"http://127.0.0.1:{free_port()}/x.git")
    assert (problem["kind"], problem["attempts"]) == ("source_unreachable", 3)


def test_a_host_that_does_not_exist(shared: Installation) -> None:
    assert fails(shared, "https://nowhere.invalid/x.git")["kind"] == "source_unreachable"


def test_a_repository_that_does_not_exist(shared: Installation, repositories: Repositories) -> None:
    problem = fails(shared, f"{repositories.address}/nothing.git")
    assert problem["kind"] in {"source_denied", "source_unreachable"}
    assert "nothing.git" in problem["detail"]


def test_a_server_that_speaks_no_git(shared: Installation) -> None:
    assert fails(shared, f"http://127.0.0.1:{shared.port}/x.git")["kind"] == "source_unreachable"


def test_a_ref_that_does_not_exist(shared: Installation, repositories: Repositories) -> None:
    problem = fails(shared, repositories.tiny("ref"), ref="no-such-branch")
    assert problem["kind"] == "ref_not_found"
    assert "no-such-branch" in problem["detail"]
    assert problem["attempts"] == 1


def test_a_name_that_is_taken_or_cannot_be_one(shared: Installation, repositories: Repositories) -> None:
    url = repositories.tiny("names")
    shared.create(url, name="taken", start=False)
    with pytest.raises(ApiProblem) as refused:
        shared.create(url, name="TAKEN")
    assert (refused.value.kind, refused.value.status) == ("name_taken", 409)
    for name in ("a--b", "-a", "a-", "1a", "ä", "a" * 41, "a/b", "a.b", "../x", "localhost"):
        with pytest.raises(ApiProblem) as refused:
            shared.create(url, name=name)
        assert (refused.value.kind, refused.value.status) == ("bad_name", 400), name
        assert "Try" in refused.value.document["hint"]


def test_a_malformed_configuration_opens_a_recovery_workspace_that_can_be_mended(
    shared: Installation, repositories: Repositories
) -> None:
    text = '{\n  "image": "x",\n  "remoteUser": oops\n}\n'
    workspace = shared.create(
        repositories.make("malformed", {".devcontainer.json": text, "kept": "kept\n"}), name="malformed"
    )["id"]
    shown = shared.until_phase(workspace, "running", seconds=600)
    assert shown["degraded"].startswith("Recovery workspace")
    assert ".devcontainer.json" in shown["degraded"]
    assert "line 3" in shown["degraded"]
    assert "column 17" in shown["degraded"]
    [event] = shared.events(workspace, "recovery")
    assert event["data"]["kind"] == "bad_configuration"
    assert shared.sh("malformed", "cat kept") == "kept"

    shared.sh("malformed", f'echo \'{{"image": "{busybox_image()}"}}\' > .devcontainer.json')
    shared.api("POST", f"/workspaces/{workspace}/rebuild", {})
    shown = shared.until(workspace, lambda w: w["phase"] == "running" and w["running_since"] is not None)
    assert shown["degraded"] == ""
    assert shared.sh("malformed", "cat kept; ls -d /usr 2>/dev/null || true") == "kept"


def test_an_image_that_does_not_exist_opens_a_recovery_workspace(
    shared: Installation, repositories: Repositories
) -> None:
    with empty_registry() as host:
        url = repositories.make("missing", {".devcontainer.json": {"image": f"{host}/no/such:1"}})
        workspace = shared.create(url, name="missing")["id"]
        shown = shared.until_phase(workspace, "running", seconds=600)
    assert f"{host}/no/such:1" in shown["degraded"]
    [event] = shared.events(workspace, "recovery")
    assert event["data"]["kind"] == "image_missing"


def test_a_build_that_fails_opens_a_recovery_workspace_with_the_log(
    shared: Installation, repositories: Repositories
) -> None:
    dockerfile = f"FROM {busybox_image()}\nRUN echo this is the reason && exit 5\n"
    url = repositories.built("unbuildable", dockerfile)
    workspace = shared.create(url, name="unbuildable")["id"]
    shown = shared.until_phase(workspace, "running", seconds=600)
    assert shown["degraded"].startswith("Recovery workspace")
    assert shared.events(workspace, "recovery")[0]["data"]["kind"] == "build_failed"
    assert "this is the reason" in shared.carrel("logs", "unbuildable").stdout.decode()
    assert shared.sh("unbuildable", "cat Dockerfile") == dockerfile.strip()
    shared.sh("unbuildable", "sed -i 's/exit 5/true/' Dockerfile")
    shared.api("POST", f"/workspaces/{workspace}/rebuild", {})
    shown = shared.until(workspace, lambda w: w["phase"] == "running" and w["running_since"] is not None)
    assert shown["degraded"] == ""


def refuses_to_start(environment: dict[str, str]) -> str:
    """What a server says that ends at once."""
    command = [sys.executable, "-m", "carrel.serve"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=30, check=False, cwd=ROOT)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    return done.stderr


def test_a_port_that_is_busy(shared: Installation, tmp_path: Path) -> None:
    said = refuses_to_start(shared.environment | {"CARREL_DATA_DIR": str(tmp_path)})
    assert "The port is in use" in said
    assert str(shared.port) in said
    assert "hint: " in said
    assert not (tmp_path / "url").exists()
    shared.wait_for("readyz")


def test_a_second_server_on_the_same_database(shared: Installation) -> None:
    said = refuses_to_start(shared.environment | {"CARREL_PORT": str(free_port())})
    assert shared.process is not None
    assert f"The server with process id {shared.process.pid}" in said
    assert "hint: " in said
    assert (shared.data / "url").read_text().strip().endswith(f":{shared.port}")
    shared.wait_for("readyz")
