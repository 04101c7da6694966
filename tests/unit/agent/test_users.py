"""Who the remote user is, from the texts of passwd and group (C352-C356)."""

from __future__ import annotations

from pathlib import Path

import pytest

from carrel.agent.users import find_user

PASSWD = """root:x:0:0:root:/root:/bin/bash
dev:x:1000:1000:Dev,,,:/home/dev:/bin/zsh
noshell:x:1001:1001::/home/noshell:
malformed line
also:x:broken:1:::
"""
GROUP = """root:x:0:
dev:x:1000:
docker:x:998:dev,other
sudo:x:27:dev
none:x:55:
"""


def test_a_name_has_its_account_and_all_its_groups() -> None:
    user = find_user("dev", PASSWD, GROUP, {})
    assert (user.name, user.uid, user.gid, user.groups) == ("dev", 1000, 1000, (1000, 998, 27))
    assert (user.home, user.shell, user.warning) == ("/home/dev", "/bin/zsh", "")


@pytest.mark.parametrize(("wanted", "name"), [("", "root"), ("0", "root"), ("1000", "dev"), ("root", "root")])
def test_numbers_and_nothing_name_users_too(wanted: str, name: str) -> None:
    assert find_user(wanted, PASSWD, GROUP, {}).name == name


@pytest.mark.parametrize(
    ("wanted", "gid"), [("dev:docker", 998), ("dev:42", 42), ("1000:none", 55), ("dev:unknown", 1000)]
)
def test_a_named_group_replaces_the_others(wanted: str, gid: int) -> None:
    user = find_user(wanted, PASSWD, GROUP, {})
    assert (user.gid, user.groups) == (gid, (gid,))


def test_a_number_that_nobody_has_keeps_its_number_and_is_warned_of() -> None:
    for home in ("", "/root", "/"):
        user = find_user("4242", PASSWD, GROUP, {"HOME": home})
        assert (user.uid, user.gid, user.home, user.shell) == (4242, 0, "/home/4242", "/bin/sh")
        assert "4242" in user.warning
    assert find_user("4242", PASSWD, GROUP, {"HOME": "/srv"}).home == "/srv"


def test_the_home_that_an_engine_sets_for_the_first_process_is_root_s_alone() -> None:
    passwd = "dev:x:1000:1000::/home/dev:/bin/sh\n"
    assert find_user("dev", passwd, GROUP, {"HOME": "/root"}).home == "/home/dev"
    assert find_user("root", passwd, GROUP, {"HOME": "/root"}).home == "/root"


def test_a_name_that_nobody_has_becomes_root_and_is_warned_of() -> None:
    user = find_user("ghost", PASSWD, GROUP, {})
    assert (user.uid, user.warning != "") == (0, True)


def test_without_passwd_root_works() -> None:
    user = find_user("", "", "", {})
    assert (user.uid, user.home, user.shell, user.warning) == (0, "/root", "/bin/sh", "")


def test_the_containers_shell_wins_and_an_empty_one_is_sh() -> None:
    assert find_user("dev", PASSWD, GROUP, {"SHELL": "/bin/fish"}).shell == "/bin/fish"
    assert find_user("noshell", PASSWD, GROUP, {}).shell == "/bin/sh"


def test_the_containers_home_wins_where_the_user_could_use_it(tmp_path: Path) -> None:
    absent, foreign = str(tmp_path / "absent"), str(tmp_path)
    tmp_path.chmod(0o755)
    assert find_user("dev", PASSWD, GROUP, {"HOME": absent}).home == absent
    assert find_user("root", PASSWD, GROUP, {"HOME": foreign}).home == foreign
    assert find_user("dev", PASSWD, GROUP, {"HOME": foreign}).home == "/home/dev"
    tmp_path.chmod(0o777)
    assert find_user("dev", PASSWD, GROUP, {"HOME": foreign}).home == foreign
