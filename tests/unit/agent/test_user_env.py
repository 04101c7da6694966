"""The environment of people's processes (C357-C373)."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carrel.agent.process import Command
from carrel.agent.user_env import Environment, environment, merge_path, parse_probe, probe, with_toolbox
from carrel.agent.users import RemoteUser
from carrel.core.agent import AgentPlan
from carrel.core.secret import Secret

USER = RemoteUser("dev", os.geteuid(), os.getegid(), (), "/home/dev", "/bin/bash")
MARK = "m" * 32


def test_what_is_printed_around_the_marks_is_ignored() -> None:
    output = f"motd\n{MARK}A=1\0B=x=y\nz\0PWD=/w\0SHLVL=2\0{MARK}bye".encode()
    assert parse_probe(output, MARK) == {"A": "1", "B": "x=y\nz"}


def test_printenv_has_lines() -> None:
    assert parse_probe(f"{MARK}A=1\nB=2\n{MARK}".encode(), MARK) == {"A": "1", "B": "2"}


@pytest.mark.parametrize("output", [b"", b"noise", f"{MARK}A=1\0".encode()])
def test_without_both_marks_there_is_nothing(output: bytes) -> None:
    assert parse_probe(output, MARK) == {}


@given(
    st.dictionaries(
        st.from_regex(r"[A-Z]{1,5}", fullmatch=True),
        st.text(st.characters(exclude_characters="\0", codec="utf-8")),
        min_size=2,
    )
)
def test_any_environment_comes_through(variables: dict[str, str]) -> None:
    body = "".join(f"{name}={value}\0" for name, value in variables.items())
    found = parse_probe(f"{MARK}{body}{MARK}".encode(), MARK)
    assert found == {name: value for name, value in variables.items() if name not in {"PWD", "SHLVL"}}


def test_later_sources_win() -> None:
    plan = AgentPlan(
        remote_env={"B": "remote", "C": "remote", "GONE": None}, secrets={"C": Secret("secret")}, workspace_folder="/w"
    )
    found = environment(plan, USER, {"A": "container", "GONE": "x"}, {"A": "probed", "D": "probed"})
    variables = found.variables({"B": "caller", "D": "caller"})
    assert {name: variables.get(name) for name in "ABCD"} == {
        "A": "probed",
        "B": "remote",
        "C": "secret",
        "D": "caller",
    }
    assert "GONE" not in variables
    assert variables["HOME"] == "/home/dev"
    assert variables["USER"] == variables["LOGNAME"] == "dev"


@pytest.mark.parametrize(
    ("shell", "container", "is_root", "merged"),
    [
        ("/usr/bin:/bin", "/go/bin:/usr/bin:/opt/x:/bin", False, "/go/bin:/usr/bin:/opt/x:/bin"),
        ("/usr/bin:/bin", "/usr/sbin:/usr/bin:/sbin:/bin", False, "/usr/bin:/bin"),
        ("/usr/bin:/bin", "/usr/sbin:/usr/bin:/sbin:/bin", True, "/usr/sbin:/usr/bin:/sbin:/bin"),
        ("", "/a:/b", False, "/a:/b"),
        ("/mine:/b", "/a:/b:/c", False, "/a:/mine:/b:/c"),
    ],
)
def test_the_paths_of_shell_and_container_are_merged(shell: str, container: str, is_root: bool, merged: str) -> None:
    assert merge_path(shell, container, is_root=is_root) == merged


def test_the_toolbox_comes_last_once() -> None:
    assert with_toolbox("/opt/carrel/bin:/bin") == "/bin:/opt/carrel/bin"
    assert with_toolbox("").endswith(":/bin:/opt/carrel/bin")


def test_a_terminal_reads_log_in_files_only_where_no_probe_did() -> None:
    assert Environment(USER, "/", {}, is_probed=True).terminal() == (("/bin/bash",), "")
    assert Environment(USER, "/", {}).terminal() == (("/bin/bash",), "-bash")


def test_a_shell_that_refuses_is_not_used() -> None:
    refusing = RemoteUser("dev", 1, 1, (), "/", "/usr/sbin/nologin")
    assert Environment(refusing, "/", {}).shell() == "/bin/sh"


async def test_a_shell_is_asked_what_its_files_set(tmp_path: Path) -> None:
    (tmp_path / "rc").write_text("echo noise\nexport ASKED=yes\n")
    env = {"ENV": f"{tmp_path}/rc", "PATH": os.environ["PATH"]}
    command = Command(("/bin/sh",), env, "/", USER)
    assert (await probe("interactiveShell", command, 10))["ASKED"] == "yes"
    assert await probe("none", command, 10) == {}
