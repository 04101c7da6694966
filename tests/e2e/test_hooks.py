"""Hooks, secrets, dotfiles, extensions and the probe of the user's shell, in real containers."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.contract.images import image
from tests.e2e.installation import Installation
from tests.e2e.repositories import Repositories

SECRET = "s3cret-of-the-hooks"
STAGES = ("onCreate", "updateContent", "postCreate", "postStart", "postAttach")


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """An installation with a short limit for hooks, a gallery that the workspace itself serves, and a folder of extensions."""
    folder = tmp_path_factory.mktemp("extensions")
    write_vsix(folder / "fetched.vsix", "fetched")
    installation = Installation(
        tmp_path_factory.mktemp("hooks") / "data",
        CARREL_HOOK_TIMEOUT_SECONDS="6",
        CARREL_EXTENSION_GALLERY="http://127.0.0.1:8099/gallery",
        CARREL_EXTENSION_FOLDER=str(folder),
        CARREL_ALLOW_GIT_SCHEMES="https,http,file",
    )
    installation.start()
    yield installation
    installation.destroy()


def hooks(installation: Installation, workspace: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = installation.api("GET", f"/workspaces/{workspace}/hooks")["items"]
    return found


def settled(installation: Installation, workspace: str, seconds: float = 60) -> dict[str, str]:
    """State of each hook, once none is left to run."""
    until = time.monotonic() + seconds
    while True:
        found = {f"{one['stage']} {one['name']}".strip(): one["state"] for one in hooks(installation, workspace)}
        if found and not {"pending", "running"} & set(found.values()):
            return found
        assert time.monotonic() < until, f"{found}\n{installation.log()}"
        time.sleep(0.2)


def log(installation: Installation, name: str, stream: str) -> str:
    return installation.carrel("logs", name, "--stream", stream).stdout.decode()


def until_told(installation: Installation, workspace: str, kind: str, count: int) -> list[dict[str, Any]]:
    """The events of a kind, once there are so many."""
    installation.until(workspace, lambda _: len(installation.events(workspace, kind)) >= count)
    return installation.events(workspace, kind)


ALL = {
    "initializeCommand": "touch initialized; exit 1",
    "onCreateCommand": "echo create >>order",
    "updateContentCommand": ["sh", "-c", 'echo "update $0" >>order', "$HOME"],
    "postCreateCommand": {
        "one": "until [ -e two ]; do sleep 0.02; done; touch one",
        "two": ["touch", "two"],
        "token": 'echo "token [$TOKEN] [$EXTRA]"; echo "$TOKEN" >~/seen',
    },
    "postStartCommand": "echo start >>order; until [ -e go ]; do sleep 0.1; done",
    "postAttachCommand": "echo attach >>order",
    "waitFor": "postCreateCommand",
    "remoteUser": "dev",
    "remoteEnv": {"TOKEN": "of remoteEnv", "EXTRA": "${containerEnv:PATH}"},
    "secrets": {
        "TOKEN": {"description": "To sign in.", "documentationUrl": "https://docs.example/token"},
        "ABSENT": {"description": "Would be nice."},
    },
}


@pytest.mark.conformance(
    "C074", "C352", "C365", "C371", "C372", "C373", "C374", "C375", "C377", "C378", "C379", "C380", "C381", "C382", "C383", "C387", "C391",
    "C392", "C395", "C396", "C398", "C399",
)  # fmt: skip
def test_all_hooks_run_in_order_with_their_secrets_and_again_as_the_specification_says(
    own: Installation, repositories: Repositories
) -> None:
    url = repositories.tiny("all", ALL)
    before = own.left_over()
    asked = own.api("POST", "/inspections", {"source": {"kind": "git", "url": url}})
    assert {one["name"]: one["documentation_url"] for one in asked["secrets"]} == {
        "TOKEN": "https://docs.example/token",
        "ABSENT": "",
    }
    assert own.left_over() == before
    workspace = own.create(url, name="all", secrets={"TOKEN": SECRET})["id"]
    own.until_phase(workspace, "running")
    # It answers at waitFor; the rest goes on.
    states = {one["stage"]: one["state"] for one in hooks(own, workspace)}
    assert states["postStart"] in {"pending", "running"}
    assert own.sh("all", "ls; cat order; id -un; pwd").split() == [
        "one", "order", "two", "create", "update", "$HOME", "start", "dev", "/workspaces/all",
    ]  # fmt: skip
    own.sh("all", "touch go")
    assert set(settled(own, workspace).values()) == {"done"}
    assert own.sh("all", "tail -n 1 order; cat ~/seen") == f"attach\n{SECRET}"

    # Secrets win over remoteEnv, reach every process, and are found nowhere else.
    assert own.sh("all", "echo $TOKEN") == SECRET
    until_told(own, workspace, "hook_finished", 7)
    assert log(own, "all", "hook:postCreate-token").startswith("token [********] [/bin")
    [container] = own.containers_of(workspace)
    everything = [
        *own.docker("inspect", container),
        *own.docker("inspect", own.docker("inspect", "--format", "{{.Image}}", container)[0]),
        json.dumps([own.events(workspace), hooks(own, workspace), own.workspace(workspace)]),
        json.dumps(own.api("GET", f"/workspaces/{workspace}/secrets")),
        own.carrel("logs", "all").stdout.decode(),
        own.log(),
    ]
    assert not [text for text in everything if SECRET in text]
    assert SECRET.encode() not in (own.data / "carrel.sqlite").read_bytes()
    notices = {e["data"]["subject"]: e["data"] for e in own.events(workspace, "notice")}
    assert notices["secrets.ABSENT"]["level"] == "warning"
    assert "Would be nice." in notices["secrets.ABSENT"]["detail"]
    assert "secrets.TOKEN" not in notices
    assert "initializeCommand" in notices
    listed = own.api("GET", f"/workspaces/{workspace}/secrets")["items"]
    assert {one["name"]: one["given_by"] for one in listed} == {"ABSENT": "", "TOKEN": "workspace"}

    # A restart: a new value, postStart and postAttach again, the others not.
    own.carrel("secret", "set", "TOKEN", "--workspace", "all", stdin=b"another-value\n")
    own.carrel("restart", "all")
    settled(own, workspace)
    assert own.sh("all", "cat order").splitlines()[1:] == ["update $HOME", "start", "attach", "start", "attach"]
    assert own.sh("all", "echo $TOKEN") == "another-value"

    # remoteEnv of an edited configuration needs no rebuild.
    own.sh("all", "sed -i 's/\\${containerEnv:PATH}/edited ${containerEnv:PATH}/' .devcontainer.json")
    before = own.container_ids(workspace)
    own.carrel("restart", "all")
    until = time.monotonic() + 60
    while not own.sh("all", "echo $EXTRA").startswith("edited /bin"):
        assert time.monotonic() < until, own.log()
    assert own.container_ids(workspace) == before


@pytest.mark.conformance("C386", "C389", "C393", "C450")
def test_a_failure_at_each_stage_skips_what_follows_and_the_workspace_is_usable(
    own: Installation, repositories: Repositories
) -> None:
    made = {}
    for stage in STAGES:
        commands = {f"{other}Command": f"echo {other} >>ran" for other in STAGES}
        commands[f"{stage}Command"] = f"echo why >&2; [ -e mended ] && echo {stage} >>ran"
        url = repositories.tiny(f"failing-{stage.lower()}", commands)
        made[stage] = own.create(url, name=f"failing-{stage.lower()}")["id"]
    for number, (stage, workspace) in enumerate(made.items()):
        name = f"failing-{stage.lower()}"
        own.until_phase(workspace, "running")
        found = settled(own, workspace)
        assert list(found.values()) == ["done"] * number + ["failed"] + ["skipped"] * (4 - number)
        [event] = until_told(own, workspace, "hook_failed", 1)
        assert (event["data"]["stage"], event["data"]["exit_code"]) == (stage, 1)
        assert log(own, name, event["data"]["log"]) == "why\n"
        shown = own.until(workspace, lambda w: w["degraded"] != "")
        assert f"The hook {stage} (devcontainer.json) failed with exit code 1" in shown["degraded"]
        # Mended in the workspace, the stage and what follows run; nothing that ran runs again.
        failed = own.carrel("hooks", "run", name, f"{stage}Command", check=False)
        assert (failed.returncode, b"why" in failed.stderr) == (1, True)
        own.sh(name, "touch mended")
        own.carrel("hooks", "run", name, stage)
        assert own.sh(name, "cat ran").split() == list(STAGES)
        assert own.until(workspace, lambda w: w["degraded"] == "")["phase"] == "running"


@pytest.mark.conformance("C384", "C385", "C400")
def test_empty_hooks_are_nothing_a_hook_has_a_time_limit_and_others_go_on(
    own: Installation, repositories: Repositories
) -> None:
    commands = {
        "onCreateCommand": "",
        "updateContentCommand": [],
        "postCreateCommand": {
            "slow": "trap '' TERM; echo begun; sleep 1000; sleep 1000",
            "quick": "touch quick",
            "no": "",
        },
        "postStartCommand": {},
    }
    workspace = own.create(repositories.tiny("slow", commands), name="slow")["id"]
    own.until_phase(workspace, "running")
    assert settled(own, workspace) == {"postCreate slow": "failed", "postCreate quick": "done"}
    [event] = until_told(own, workspace, "hook_failed", 1)
    assert "time limit of 6 s" in event["data"]["detail"]
    assert own.sh("slow", "ls quick; ps | grep -c [s]leep || true").split() == ["quick", "0"]


# --- the user's shell ------------------------------------------------------------------------------------------------


def bash_image() -> str:
    """An image with bash, whose start-up files say which of them were read; one prints noise."""
    libraries = re.findall(r"(/\S+) \(", subprocess.check_output(["ldd", "/bin/bash"], text=True))
    files = {path.lstrip("/"): Path(path).read_bytes() for path in ("/bin/bash", *libraries)}
    passwd = b"root:x:0:0:root:/root:/bin/bash\ndev:x:1000:1000:dev:/home/dev:/bin/bash\nlost:x:1001:1001::/home/dev:/bin/zsh\n"
    profile = b'echo noise; printf "\\033[31mred\\n"; export FROM_PROFILE=1; export PATH=/profile:/bin\n'
    bashrc = b"case $- in *i*) ;; *) return ;; esac\necho more noise; echo x >>~/probes; export FROM_BASHRC=1\n[ -e /tmp/hang ] && sleep 1000\n"
    files |= {
        "etc/passwd": passwd,
        "etc/profile": profile,
        "home/dev/.bashrc": bashrc,
        "home/dev/.profile": b". ~/.bashrc\n",
    }
    return image("bash", files, ["ENV FROM_IMAGE=1", "ENV PATH=/bin:/image"])


PROBES = {
    "none": (False, False),
    "loginShell": (True, False),
    "interactiveShell": (False, True),
    "loginInteractiveShell": (True, True),
}


@pytest.mark.conformance("C357", "C358", "C359", "C362", "C363", "C364", "C366", "C367", "C368")
def test_hooks_commands_and_terminals_have_what_the_users_shell_sets(
    own: Installation, repositories: Repositories
) -> None:
    show = 'echo "[$FROM_PROFILE] [$FROM_BASHRC] [$FROM_IMAGE] $PATH"'
    base = {"image": bash_image(), "remoteUser": "dev", "remoteEnv": {"FROM_IMAGE": None}}
    for probe in PROBES:
        configuration = base | {
            "userEnvProbe": probe,
            "postCreateCommand": f"{show} >seen",
            "waitFor": "postCreateCommand",
        }
        own.create(
            repositories.make(f"probe-{probe}".lower(), {".devcontainer.json": configuration}),
            name=f"probe-{probe}".lower(),
        )
    for probe, (profile, bashrc) in PROBES.items():
        name = f"probe-{probe}".lower()
        own.until_phase(own.workspace(name)["id"], "running")
        expected = f"[{'1' if profile else ''}] [{'1' if bashrc else ''}] [] "
        seen = own.sh(name, "cat seen")
        assert seen.startswith(expected), (probe, seen)
        assert own.sh(name, show) == seen
        # The editor has the same; the shell was asked once; no file of the image was changed for it.
        editor = "for p in /proc/[0-9]*; do grep -q code-server $p/cmdline && tr '\\0' '\\n' <$p/environ; done 2>/dev/null; true"
        assert ("FROM_PROFILE=1" in own.sh(name, editor)) is profile
        assert own.sh(name, "cat ~/probes 2>/dev/null | wc -l; ls /etc/environment 2>/dev/null | wc -l").split() == [
            "1" if bashrc else "0",
            "0",
        ]
        path = seen.rpartition(" ")[2].split(":")
        assert path == [*(["/profile"] if profile else []), "/bin", "/image", "/opt/carrel/bin"]


@pytest.mark.conformance("C354", "C356", "C360", "C361")
def test_a_shell_that_is_missing_or_hangs_holds_nobody_up(own: Installation, repositories: Repositories) -> None:
    base = {"image": bash_image(), "postCreateCommand": "touch created", "waitFor": "postCreateCommand"}
    files = {".devcontainer.json": base | {"remoteUser": "lost"}}
    own.create(repositories.make("lost", files), name="lost")
    hanging = base | {"remoteUser": "dev", "mounts": ["type=tmpfs,target=/tmp/hang"]}
    began = time.monotonic()
    own.create(repositories.make("hangs", {".devcontainer.json": hanging}), name="hangs")
    own.until_phase(own.workspace("lost")["id"], "running")
    assert own.sh("lost", "ls created; id -un") == "created\nlost"
    shown = own.until(own.workspace("hangs")["id"], lambda w: w["phase"] == "running" and w["degraded"] != "")
    assert "did not end within 10 s" in shown["degraded"]
    assert time.monotonic() - began < 40
    assert own.sh("hangs", "ls created") == "created"


# --- dotfiles --------------------------------------------------------------------------------------------------------

DOTS = """
git init -q ~/origin && cd ~/origin && printf '#!/bin/sh\\necho installed >>~/dotted; echo "$TOKEN"\\n' >install.sh
git add . && git -c user.name=a -c user.email=a@b.c commit -qm dots
"""


@pytest.mark.conformance("C394", "C401")
def test_dotfiles_come_once_for_a_home_and_never_fail_a_start(own: Installation, repositories: Repositories) -> None:
    own.carrel("dotfiles", "set", "file:///home/dev/nowhere")
    configuration = {
        "postCreateCommand": DOTS,
        "postStartCommand": "cat ~/dotted >>started 2>/dev/null || true",
        "remoteUser": "dev",
    }
    workspace = own.create(repositories.tiny("dotted", configuration), name="dotted", secrets={"TOKEN": SECRET})["id"]
    own.until_phase(workspace, "running")
    assert settled(own, workspace) == {
        "postCreate": "done",
        "dotfiles dev/nowhere": "failed",
        "postStart": "done",
    }
    until_told(own, workspace, "hook_failed", 1)
    assert own.workspace(workspace)["degraded"] == ""
    assert "nowhere" in log(own, "dotted", "hook:dotfiles")

    own.carrel("dotfiles", "set", "file:///home/dev/origin", "--target", "~/my-dots")
    own.carrel("restart", "dotted")
    assert settled(own, workspace)["dotfiles dev/origin"] == "done"
    assert own.sh("dotted", "cat ~/dotted; ls -d ~/my-dots/.git").split() == ["installed", "/home/dev/my-dots/.git"]
    own.until(workspace, lambda _: "********" in log(own, "dotted", "hook:dotfiles"))
    own.carrel("restart", "dotted")
    settled(own, workspace)
    assert own.sh("dotted", "cat ~/dotted; cat started").split() == ["installed"] * 3
    own.carrel("dotfiles", "rm")
    assert own.api("GET", "/preferences")["dotfiles"]["repository"] == ""


# --- extensions ------------------------------------------------------------------------------------------------------


def write_vsix(path: Path, name: str) -> None:
    """A real extension that does nothing."""
    package = {
        "publisher": "carrel-test",
        "name": name,
        "version": "1.0.0",
        "displayName": name,
        "engines": {"vscode": "^1.80.0"},
        "main": "./main.js",
        "activationEvents": [],
    }
    manifest = f"""<?xml version="1.0" encoding="utf-8"?>
<PackageManifest Version="2.0.0" xmlns="http://schemas.microsoft.com/developer/vsx-schema/2011">
<Metadata><Identity Language="en-US" Id="{name}" Version="1.0.0" Publisher="carrel-test"/>
<DisplayName>{name}</DisplayName><Description>none</Description></Metadata>
<Installation><InstallationTarget Id="Microsoft.VisualStudio.Code"/></Installation><Dependencies/>
<Assets><Asset Type="Microsoft.VisualStudio.Code.Manifest" Path="extension/package.json" Addressable="true"/></Assets>
</PackageManifest>"""
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("extension.vsixmanifest", manifest)
        archive.writestr("extension/package.json", json.dumps(package))
        archive.writestr("extension/main.js", "exports.activate = () => {};\n")


GALLERY = Path(__file__).with_name("gallery.py")


@pytest.mark.conformance("C439", "C440", "C443")
def test_extensions_come_from_files_and_from_the_gallery_and_what_fails_is_a_warning(
    own: Installation, repositories: Repositories, tmp_path: Path
) -> None:
    write_vsix(tmp_path / "served.vsix", "served")
    configuration = {
        "image": bash_image(),
        "customizations": {
            "vscode": {
                "extensions": ["./own.vsix", "carrel-test.fetched", "carrel-test.served", "no.such", "-no.such"],
                "settings": {"editor.fontSize": 19},
            },
            "jetbrains": {"backend": "IntelliJ"},
        },
    }
    folder = tmp_path / "repository"
    shutil.copytree(tmp_path, folder, ignore=lambda *_: ["repository"])
    write_vsix(folder / "own.vsix", "own")
    (folder / ".devcontainer.json").write_text(json.dumps(configuration))
    shutil.copy(GALLERY, folder / "gallery.py")
    workspace = own.api("POST", "/workspaces", {"source": {"kind": "folder", "path": str(folder)}, "name": "extended"})[
        "id"
    ]
    own.until_phase(workspace, "running")
    # There is no gallery yet: a warning that names what is missing, and nothing else is held up.
    assert settled(own, workspace, 120) == {"extensions": "failed"}
    [event] = until_told(own, workspace, "hook_failed", 1)
    assert event["data"]["detail"] == "not installed: carrel-test.served"
    assert "ECONNREFUSED" in log(own, "extended", "hook:extensions")
    assert own.workspace(workspace)["degraded"] == ""
    installed = "cat ~/.local/share/carrel/code/extensions/extensions.json"
    assert names(own.sh("extended", installed)) == {"carrel-test.own", "carrel-test.fetched"}
    settings = own.sh("extended", "cat ~/.local/share/carrel/code/Machine/settings.json")
    assert json.loads(settings) == {"editor.fontSize": 19}
    assert own.api("GET", f"/workspaces/{workspace}/environment")["customizations"]["jetbrains"] == [
        {"backend": "IntelliJ"}
    ]
    serve = "/opt/carrel/bin/python3 gallery.py served.vsix 8099 >/tmp/gallery.log 2>&1 </dev/null &"
    until = "for i in $(seq 1000); do nc 127.0.0.1 8099 </dev/null && exit; sleep 0.1; done; cat /tmp/gallery.log"
    assert own.sh("extended", f"{serve} {until}") == ""
    own.carrel("hooks", "run", "extended", "extensions")
    assert names(own.sh("extended", installed)) == {"carrel-test.own", "carrel-test.fetched", "carrel-test.served"}


def names(listed: str) -> set[str]:
    return {one["identifier"]["id"] for one in json.loads(listed)}
