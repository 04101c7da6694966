"""Files survive everything but a purge (promises 1, 2, 4, 5; Show 3 of the main job)."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from tests.contract.images import image
from tests.e2e.installation import ApiProblem, Installation
from tests.e2e.repositories import Repositories

WRITE = "echo project > notes.txt && echo home > ~/notes.txt && sync"
READ = "cat notes.txt ~/notes.txt"
KEPT = "project\nhome"


@pytest.fixture(scope="module")
def url(repositories: Repositories) -> str:
    """A repository without a configuration."""
    return repositories.make("plain", {"README.md": "# Plain\n"})


def test_files_survive_stop_start_rebuild_and_the_death_of_the_server(shared: Installation, url: str) -> None:
    workspace = shared.create(url, name="kept")["id"]
    shared.until_phase(workspace, "running")
    shared.sh("kept", WRITE)

    shared.api("POST", f"/workspaces/{workspace}/stop")
    shared.until_phase(workspace, "stopped")
    volumes = shared.volumes_of(workspace)
    assert shared.carrel("exec", "-T", "--start", "kept", "sh", "-c", READ).stdout.decode().strip() == KEPT

    before = shared.container_ids(workspace)
    shared.kill()
    shared.start()
    shared.until_phase(workspace, "running")
    assert shared.sh("kept", READ) == KEPT
    assert shared.container_ids(workspace) == before

    image = shared.docker("inspect", "--format", "{{.Config.Image}}", *before)[0]
    hook = {"onCreateCommand": "echo once >> ~/created"}
    configuration = json.dumps({"build": {"dockerfile": "Dockerfile"}, **hook})
    dockerfile = f"FROM {image}\\nENV MARK=new\\n"
    shared.sh("kept", f"echo '{configuration}' > .devcontainer.json; printf '{dockerfile}' > Dockerfile")
    rebuild(shared, workspace)
    assert shared.container_ids(workspace) != before
    assert shared.sh("kept", f"{READ}; echo $MARK; cat ~/created") == f"{KEPT}\nnew\nonce"

    # Nothing has changed: the image stays, the containers and what was written outside the volumes do not.
    shared.sh("kept", "touch /tmp/left-over")
    before = shared.container_ids(workspace)
    rebuild(shared, workspace)
    assert shared.container_ids(workspace) != before
    left = shared.sh("kept", f"{READ}; ls /tmp/left-over 2>/dev/null; cat ~/created")
    assert left == f"{KEPT}\nonce\nonce"
    assert [event["data"]["built"] for event in shared.events(workspace, "image_ready")].count(True) == 1
    assert shared.volumes_of(workspace) == volumes


def rebuild(shared: Installation, workspace: str) -> None:
    ready = len(shared.events(workspace, "ready"))
    shared.api("POST", f"/workspaces/{workspace}/rebuild", {})
    shared.until(workspace, lambda w: w["phase"] == "running" and len(shared.events(workspace, "ready")) == ready + 1)


def test_a_home_that_only_the_image_knows_survives_a_rebuild(shared: Installation, repositories: Repositories) -> None:
    passwd = b"root:x:0:0::/root:/bin/sh\njenkins:x:1001:1001::/var/lib/jenkins:/bin/sh\n"
    configuration = {"image": image("far-home", {"etc/passwd": passwd}), "remoteUser": "jenkins"}
    workspace = shared.create(repositories.make("far-home", {".devcontainer.json": configuration}), name="far")["id"]
    shared.until_phase(workspace, "running")
    shared.sh("far", "echo kept >~/file")
    rebuild(shared, workspace)
    assert shared.sh("far", "id -un; echo ~; cat ~/file") == "jenkins\n/var/lib/jenkins\nkept"


def test_a_second_start_of_an_unchanged_environment_builds_nothing(shared: Installation, url: str) -> None:
    workspace = shared.create(url, name="again")["id"]
    shared.until_phase(workspace, "running")
    shared.api("POST", f"/workspaces/{workspace}/restart")
    shared.until(workspace, lambda w: w["phase"] == "running" and len(shared.events(workspace, "ready")) == 2)
    assert len(shared.events(workspace, "environment_resolved")) == 1
    second = shared.create(url, name="second")["id"]
    shared.until_phase(second, "running")
    assert not any(event["data"]["built"] for event in shared.events(second, "image_ready"))


def test_delete_keeps_the_volumes_in_the_trash_and_undelete_brings_all_back(shared: Installation, url: str) -> None:
    workspace = shared.create(url, name="trash")["id"]
    shared.until_phase(workspace, "running")
    shared.sh("trash", WRITE)
    shared.api("DELETE", f"/workspaces/{workspace}")
    shared.until_phase(workspace, "deleted")
    assert shared.containers_of(workspace) == shared.networks_of(workspace) == []
    shared.api("POST", f"/workspaces/{workspace}/undelete", {})
    shared.api("POST", f"/workspaces/{workspace}/start")
    shared.until_phase(workspace, "running")
    assert shared.sh("trash", READ) == KEPT


def test_a_volume_that_was_removed_by_hand_fails_the_start_loudly(shared: Installation, url: str) -> None:
    workspace = shared.create(url, name="lost")["id"]
    shared.until_phase(workspace, "running")
    shared.api("POST", f"/workspaces/{workspace}/stop")
    shared.until_phase(workspace, "stopped")
    home = next(name for name in shared.volumes_of(workspace) if name.endswith("home"))
    shared.docker("rm", "-f", *shared.containers_of(workspace))
    shared.docker("volume", "rm", home)
    shared.api("POST", f"/workspaces/{workspace}/start")
    now = shared.until_phase(workspace, "failed")
    assert now["problem"]["kind"] == "volume_missing"
    assert home not in shared.volumes_of(workspace)


def test_twenty_identical_creates_make_one_workspace(shared: Installation, url: str) -> None:
    with ThreadPoolExecutor(20) as pool:
        made = list(pool.map(lambda _: shared.create(url, name="twenty", key="once"), range(20)))
    workspace = made[0]["id"]
    assert {one["id"] for one in made} == {workspace}
    shared.until_phase(workspace, "running")
    assert len(shared.containers_of(workspace)) == 1
    assert len(shared.volumes_of(workspace)) == 2


def test_start_stop_and_delete_fired_together_end_in_the_last_accepted_goal(shared: Installation, url: str) -> None:
    workspace = shared.create(url, name="together")["id"]
    calls = [("POST", "/start"), ("POST", "/stop"), ("DELETE", "")]

    def fire(call: tuple[str, str]) -> int:
        try:
            shared.api(call[0], f"/workspaces/{workspace}{call[1]}")
        except ApiProblem as problem:
            return problem.status
        return 202

    with ThreadPoolExecutor(9) as pool:
        statuses = list(pool.map(fire, calls * 3))
    assert set(statuses) <= {202, 409}
    goal = shared.workspace(workspace)["goal"]
    shared.until_phase(workspace, {"run": "running", "stop": "stopped", "delete": "deleted"}[goal])
