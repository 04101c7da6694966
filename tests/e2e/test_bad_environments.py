"""Environments that cannot be made, or ask for what they must not have: what people are told, and that they can mend it."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from tests.contract.images import busybox_image, image, of_architecture
from tests.e2e.installation import Installation
from tests.e2e.repositories import Files, Repositories

BASE = busybox_image()
DOCKERFILE = {"build": {"dockerfile": "Dockerfile"}}
MIDDLE = f"""\
FROM {BASE} AS tools
RUN echo one > /one

# the next but one fails
FROM {BASE}
COPY --from=tools /one /one
RUN cat /one \\
 && echo the reason \\
 && exit 7
RUN echo never reached
"""
COMPOSE = f"services:\n  app:\n    image: {BASE}\n    command: sleep infinity\n    volumes: ['.:/workspaces/w']\n"
WISHES = {
    "image": BASE,
    "privileged": True,
    "capAdd": ["NET_ADMIN", "SYS_ADMIN"],
    "securityOpt": ["seccomp=unconfined"],
    "mounts": [
        "type=bind,source=/var/run/docker.sock,target=/var/run/docker.sock",
        "type=bind,source=${localWorkspaceFolder}/out,target=/etc-of-the-host",
        "type=volume,source=v,target=/opt/carrel/bin",
    ],
    "runArgs": [
        "--pid=host",
        "--network",
        "host",
        "-v/:/host",
        "--add-host=metadata:169.254.169.254",
        "--device=/dev/kmsg",
    ],
    "initializeCommand": "touch /tmp/carrel-was-here",
    "containerEnv": {"STOLEN": "${localEnv:PATH}"},
}
BROKEN: Mapping[str, tuple[Files, str, str]] = {
    "middle": ({".devcontainer.json": DOCKERFILE, "Dockerfile": MIDDLE}, "build_failed", "Dockerfile:7: RUN cat /one"),
    "no-dockerfile": ({".devcontainer.json": DOCKERFILE}, "bad_configuration", "The Dockerfile Dockerfile does not exist"),
    "no-service": (
        {".devcontainer.json": {"dockerComposeFile": "compose.yml", "service": "web"}, "compose.yml": COMPOSE},
        "bad_configuration",
        "'web', which no Compose file has (services: app)",
    ),
    "metadata": (
        {".devcontainer.json": DOCKERFILE, "Dockerfile": f"FROM {BASE}\nADD http://169.254.169.254/latest/meta-data /x\n"},
        "refused_by_policy",
        "Dockerfile, line 2: ADD http://169.254.169.254/",
    ),
    "frontend": (
        {".devcontainer.json": DOCKERFILE, "Dockerfile": f"# syntax=example.org/evil\nFROM {BASE}\n"},
        "refused_by_policy",
        "Dockerfile, line 1",
    ),
    "over-the-toolbox": (
        {
            ".devcontainer.json": {
                "image": BASE,
                "workspaceFolder": "/opt/carrel/bin",
                "workspaceMount": "source=${localWorkspaceFolder},target=/opt/carrel/bin,type=bind",
            },
            "init": "#!/bin/sh\n",
        },
        "refused_by_policy",
        "workspaceMount",
    ),
    "foreign": ({".devcontainer.json": {"image": of_architecture(BASE, "arm64")}}, "image_missing", "is for arm64, and the machine runs"),
    "other-s-image": ({".devcontainer.json": {"image": "carrel-env/other:0123"}}, "refused_by_policy", "carrel-env/other:0123"),
    "by-id": ({".devcontainer.json": {"image": "c3"}}, "refused_by_policy", "c3"),
}  # fmt: skip


@pytest.fixture(scope="module")
def broken(shared: Installation, repositories: Repositories) -> Mapping[str, dict[str, Any]]:
    """Every one of them, started together, as the API shows it once people can work in it."""
    made = {
        name: shared.create(repositories.make(name, files), name=name)["id"] for name, (files, _, _) in BROKEN.items()
    }
    wanted = {
        name: shared.create(repositories.make(name, {".devcontainer.json": WISHES, "kept": "x"}), name=name)["id"]
        for name in ("greedy",)
    }
    return {
        name: shared.until(workspace, lambda w: w["phase"] == "running" and w["running_since"] is not None, 300)
        for name, workspace in {**made, **wanted}.items()
    }  # fmt: skip


@pytest.mark.conformance("C005", "C134", "C180", "C249")
@pytest.mark.parametrize("name", BROKEN)
def test_a_recovery_workspace_says_what_and_where_and_has_the_files_and_the_log(
    shared: Installation, broken: Mapping[str, dict[str, Any]], name: str
) -> None:
    files, kind, words = BROKEN[name]
    shown = broken[name]
    assert shown["degraded"].startswith("Recovery workspace")
    assert words in shown["degraded"]
    [event] = shared.events(shown["id"], "recovery")
    assert event["data"]["kind"] == kind
    assert words in shared.carrel("logs", name).stdout.decode()
    there = shared.sh(name, "ls -A").split()
    assert set(files) <= set(there)


def test_a_build_that_failed_in_the_middle_is_mended_and_built_again(
    shared: Installation, broken: Mapping[str, dict[str, Any]]
) -> None:
    workspace = broken["middle"]["id"]
    log = shared.carrel("logs", "middle").stdout.decode()
    assert "the reason" in log
    assert "never reached" not in log.replace("RUN echo never reached", "")
    shared.sh("middle", "echo kept > note; sed -i 's/exit 7/echo fine > \\/fine/' Dockerfile")
    shared.api("POST", f"/workspaces/{workspace}/rebuild", {})
    shown = shared.until(workspace, lambda w: w["phase"] == "running" and w["degraded"] == "" and w["running_since"])
    assert shown["degraded"] == ""
    assert shared.sh("middle", "cat /one /fine note") == "one\nfine\nkept"


@pytest.mark.conformance("C167", "C176", "C293", "C378", "C379", "C460")
def test_what_is_refused_is_named_with_its_place_and_nothing_of_it_is_there(
    shared: Installation, broken: Mapping[str, dict[str, Any]]
) -> None:
    workspace = broken["greedy"]["id"]
    assert broken["greedy"]["degraded"] == ""
    notices = [event["data"] for event in shared.events(workspace, "notice")]
    refused = {one["subject"]: one for one in notices if one["level"] == "refused"}
    assert set(refused) == {
        "privileged", "capAdd NET_ADMIN", "capAdd SYS_ADMIN", "securityOpt seccomp=unconfined", "mounts[0]", "mounts[2]", "runArgs --pid",
        "runArgs --network", "runArgs --volume", "runArgs --add-host", "runArgs --device /dev/kmsg",
    }  # fmt: skip
    assert {one["place"].partition(":")[0] for one in refused.values()} == {".devcontainer.json"}
    assert "'privileged'" in refused["privileged"]["who"]
    [container] = shared.containers_of(workspace)
    config = json.loads("\n".join(shared.docker("inspect", container)))[0]
    assert config["HostConfig"]["Privileged"] is False
    assert config["HostConfig"]["PidMode"] == ""
    assert config["HostConfig"]["Devices"] == []
    assert {mount["Type"] for mount in config["Mounts"]} == {"volume"}
    assert shared.sh(
        "greedy", 'grep CapBnd /proc/self/status; echo "[$STOLEN]"; ls -d /host /etc-of-the-host 2>&1 | wc -l'
    ).endswith("[]\n2")
    bounding = int(shared.sh("greedy", "sed -n 's/^CapBnd:[[:space:]]*//p' /proc/self/status"), 16)
    assert not bounding & (1 << 12 | 1 << 21)  # NET_ADMIN, SYS_ADMIN
    assert not Path("/tmp/carrel-was-here").exists()


PASSWD = b"root:x:0:0::/root:/bin/sh\ndev:x:1000:1000::/home/dev:/bin/sh\nxdev:x:1001:1001::/home/xdev:/bin/sh\nother:x:4321:4321::/tmp:/bin/sh\n"
GROUP = b"root:x:0:\ndev:x:1000:\nstaff:x:2345:\n"
OWNERS = [
    # name, the folder's owner, remoteUser, `id` in the workspace, who owns a file that is made there
    ("given", (1234, 1235), "dev", "1234:1235", (1234, 1235)),
    ("taken", (4321, 4321), "dev", "1000:1000", None),
    ("group-taken", (1234, 2345), "dev", "1234:1000", (1234, 1000)),
    ("root-s-user", (1234, 1235), "root", "0:0", (0, 0)),
    ("root-s-folder", (0, 0), "dev", "1000:1000", None),
    ("switched-off", (1234, 1235), "dev", "1000:1000", None),
]


@pytest.mark.conformance("C341", "C342", "C343", "C344", "C346", "C347", "C348", "C349", "C350")
def test_a_local_folder_s_owner_becomes_the_remote_user_s_number(shared: Installation, tmp_path: Path) -> None:
    base = image("owners", {"etc/passwd": PASSWD, "etc/group": GROUP, "home/dev/file": b"x"}, ["USER dev"])
    made = {}
    for name, owner, user, _, _ in OWNERS:
        folder = tmp_path / name
        folder.mkdir()
        settings = {"image": base, "remoteUser": user, "updateRemoteUserUID": name != "switched-off"}
        (folder / ".devcontainer.json").write_text(json.dumps(settings))
        os.chown(folder, *owner)
        source = {"kind": "folder", "path": str(folder)}
        made[name] = shared.api("POST", "/workspaces", {"source": source, "name": name})["id"]
    for name, _, user, identity, owns in OWNERS:
        shared.until(made[name], lambda w: w["phase"] == "running" and w["running_since"] is not None, 120)
        assert shared.sh(name, 'echo "$(id -u):$(id -g)"') == identity, name
        assert shared.sh(name, "stat -c %u:%g ~") == identity, name
        assert user == "root" or shared.sh(name, "grep xdev /etc/passwd") == "xdev:x:1001:1001::/home/xdev:/bin/sh", (
            name
        )
        if owns:
            shared.sh(name, "echo x > made")
            found = (tmp_path / name / "made").stat()
            assert (found.st_uid, found.st_gid) == owns, name
