"""Files survive everything but a purge (promises 1, 2, 4, 5; Show 3 of the main job)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from examples.git_server import make_repository
from tests.e2e.installation import Installation

WRITE = "echo project > notes.txt && echo home > ~/notes.txt && sync"
READ = "cat notes.txt ~/notes.txt"
KEPT = "project\nhome"


@pytest.fixture
def url(tmp_path: Path, git_root: Path, git_url: str) -> str:
    """A repository without a configuration."""
    source = tmp_path / "plain"
    source.mkdir()
    (source / "README.md").write_text("# Plain\n")
    name = f"plain-{tmp_path.name}.git"
    make_repository(source, git_root / name)
    return f"{git_url}/{name}"


def test_files_survive_stop_start_rebuild_and_the_death_of_the_server(installation: Installation, url: str) -> None:
    workspace = installation.create(url, name="plain")["id"]
    installation.until_phase(workspace, "running")
    installation.sh("plain", WRITE)

    installation.api("POST", f"/workspaces/{workspace}/stop")
    installation.until_phase(workspace, "stopped")
    volumes = installation.volumes()
    installation.api("POST", f"/workspaces/{workspace}/start")
    installation.until_phase(workspace, "running")
    assert installation.sh("plain", READ) == KEPT

    before = installation.containers()
    installation.kill()
    installation.start()
    installation.until_phase(workspace, "running")
    assert installation.sh("plain", READ) == KEPT
    assert installation.containers() == before

    configuration = json.dumps({"build": {"dockerfile": "Dockerfile"}})
    base = installation.sh("plain", "cat /etc/debian_version")
    image = running_image(installation)
    installation.sh("plain", f"echo '{configuration}' > .devcontainer.json; printf 'FROM {image}\\nENV MARK=new\\n' > Dockerfile")
    installation.api("POST", f"/workspaces/{workspace}/rebuild", {})
    installation.until(workspace, lambda w: bool(w["phase"] == "running" and w["revision"] == 2))
    assert installation.sh("plain", f"{READ}; echo $MARK; cat /etc/debian_version") == f"{KEPT}\nnew\n{base}"
    assert installation.volumes() == volumes


def running_image(installation: Installation) -> str:
    from tests.e2e.installation import docker

    return docker("inspect", "--format", "{{.Config.Image}}", *installation.containers())[0]


def test_a_second_start_of_an_unchanged_environment_builds_nothing(installation: Installation, url: str) -> None:
    workspace = installation.create(url, name="plain")["id"]
    installation.until_phase(workspace, "running")
    installation.api("POST", f"/workspaces/{workspace}/restart")
    installation.until(workspace, lambda w: bool(w["phase"] == "running" and count(installation, workspace, "ready") == 2))
    assert count(installation, workspace, "environment_resolved") == 1
    second = installation.create(url, name="second")["id"]
    installation.until_phase(second, "running")
    built = [e["data"]["built"] for e in installation.events(second) if e["kind"] == "image_ready"]
    assert not any(built)


def count(installation: Installation, workspace: str, kind: str) -> int:
    return [event["kind"] for event in installation.events(workspace)].count(kind)


def test_delete_keeps_the_volumes_in_the_trash_and_undelete_brings_all_back(
    installation: Installation, url: str
) -> None:
    workspace = installation.create(url, name="plain")["id"]
    installation.until_phase(workspace, "running")
    installation.sh("plain", WRITE)
    installation.api("DELETE", f"/workspaces/{workspace}")
    installation.until_phase(workspace, "deleted")
    assert installation.containers() == installation.networks() == []
    installation.api("POST", f"/workspaces/{workspace}/undelete", {})
    installation.api("POST", f"/workspaces/{workspace}/start")
    installation.until_phase(workspace, "running")
    assert installation.sh("plain", READ) == KEPT


def test_a_volume_that_was_removed_by_hand_fails_the_start_loudly(installation: Installation, url: str) -> None:
    from tests.e2e.installation import docker

    workspace = installation.create(url, name="plain")["id"]
    installation.until_phase(workspace, "running")
    installation.api("POST", f"/workspaces/{workspace}/stop")
    installation.until_phase(workspace, "stopped")
    home = next(name for name in installation.volumes() if name.endswith("home"))
    docker("rm", "-f", *installation.containers())
    docker("volume", "rm", home)
    installation.api("POST", f"/workspaces/{workspace}/start")
    now = installation.until_phase(workspace, "failed")
    assert now["problem"]["kind"] == "volume_missing"
    assert home not in installation.volumes()


def test_twenty_identical_creates_make_one_workspace(installation: Installation, url: str) -> None:
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(20) as pool:
        made = list(pool.map(lambda _: installation.create(url, name="plain", key="once"), range(20)))
    assert len({workspace["id"] for workspace in made}) == 1
    installation.until_phase(made[0]["id"], "running")
    assert len(installation.containers()) == 1
    assert len(installation.volumes()) == 2


def test_start_stop_and_delete_fired_together_end_in_the_last_accepted_goal(
    installation: Installation, url: str
) -> None:
    from concurrent.futures import ThreadPoolExecutor

    workspace = installation.create(url, name="plain")["id"]
    calls = [("POST", "/start"), ("POST", "/stop"), ("DELETE", "")]

    def fire(call: tuple[str, str]) -> int:
        from tests.e2e.installation import ApiProblem

        try:
            installation.api(call[0], f"/workspaces/{workspace}{call[1]}")
        except ApiProblem as problem:
            return problem.status
        return 202

    with ThreadPoolExecutor(9) as pool:
        statuses = list(pool.map(fire, calls * 3))
    assert set(statuses) <= {200, 202, 409}
    goal = installation.workspace(workspace)["goal"]
    installation.until_phase(workspace, {"run": "running", "stop": "stopped", "delete": "deleted"}[goal])
