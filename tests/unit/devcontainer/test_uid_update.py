from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from carrel.devcontainer.uid_update import UidUpdate, build_file, context_files

PASSWD = "root:x:0:0:root:/root:/bin/sh\nxdev:x:900:900::/home/xdev:/bin/sh\ndev:x:1000:1000::{home}:/bin/sh\nother:x:1001:1001::/o:/bin/sh\n"
GROUP = "root:x:0:\ndev:x:1000:\nother:x:1001:\n"


class Root:
    """A root file system of which only /etc and a home are there; `chown` only says what it would do."""

    def __init__(self, folder: Path) -> None:
        (folder / "etc").mkdir()
        (folder / "bin").mkdir()
        self.home = folder / "home"
        self.home.mkdir()
        self.folder = folder
        (folder / "etc/passwd").write_text(PASSWD.format(home=self.home))
        (folder / "etc/group").write_text(GROUP)
        (folder / "bin/chown").write_text('#!/bin/sh\necho "chown $*"\n')
        (folder / "bin/chown").chmod(0o755)

    def update(self, user: str, uid: int, gid: int) -> str:
        """Run the step's script; gives what it printed."""
        script = context_files(UidUpdate("base", user, uid, gid, user))["carrel-update-uid.sh"].decode()
        script = script.replace("/etc/", f"{self.folder}/etc/")
        environment = {"PATH": f"{self.folder}/bin:/usr/bin:/bin"}
        done = subprocess.run(["sh", "-c", script], env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def ids(self, user: str) -> str:
        """`uid:gid` of a user."""
        lines = (self.folder / "etc/passwd").read_text().splitlines()
        return next(":".join(line.split(":")[2:4]) for line in lines if line.startswith(f"{user}:"))

    def group(self, name: str) -> str:
        """The gid of a group."""
        lines = (self.folder / "etc/group").read_text().splitlines()
        return next(line.split(":")[2] for line in lines if line.startswith(f"{name}:"))


@pytest.fixture
def root(tmp_path: Path) -> Root:
    return Root(tmp_path)


@pytest.mark.conformance("C348", "C350")
def test_user_group_and_home_get_the_ids_and_nobody_else_does(root: Root) -> None:
    assert root.update("dev", 1234, 1235) == f"chown -R 1234:1235 {root.home}"
    assert (root.ids("dev"), root.group("dev")) == ("1234:1235", "1235")
    assert (root.ids("xdev"), root.ids("other"), root.ids("root")) == ("900:900", "1001:1001", "0:0")


@pytest.mark.conformance("C345")
def test_a_user_that_is_not_there_changes_nothing(root: Root) -> None:
    before = (root.folder / "etc/passwd").read_text()
    assert "nothing changes" in root.update("de", 1234, 1235)
    assert (root.folder / "etc/passwd").read_text() == before


@pytest.mark.conformance("C346")
def test_ids_that_are_right_and_ids_of_another_user_change_nothing(root: Root) -> None:
    assert root.update("dev", 1000, 1000) == ""
    assert root.update("dev", 1001, 1235) == "another user has uid 1001: nothing changes"
    assert root.ids("dev") == "1000:1000"


@pytest.mark.conformance("C347")
def test_a_group_id_of_another_group_leaves_the_group(root: Root) -> None:
    told = root.update("dev", 1234, 1001).splitlines()
    assert told == ["another group has gid 1001: the group stays", f"chown -R 1234:1000 {root.home}"]
    assert (root.ids("dev"), root.group("dev")) == ("1234:1000", "1000")


@pytest.mark.conformance("C349")
def test_the_images_user_comes_back() -> None:
    text = build_file(UidUpdate("base", "dev", 1, 1, "dev"))
    assert text.startswith("FROM base\nUSER root\n")
    assert text.endswith("\nUSER dev\n")
