"""What `carrel config-ssh` writes, and what it leaves alone."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carrel.cli.ssh_setup.configuration import BEGIN, END, _write, own_text, with_include, without
from carrel.core.problems import Problem

OURS = Path("/home/ana/.config/carrel/ssh_config")
LINES = st.lists(st.sampled_from(["Host a", "  User b", "", "# note", "Match all", "\tPort 3", "Include other"]))


@given(LINES, st.sampled_from(["", "\n"]))
def test_a_persons_lines_come_back_as_they_were(lines: list[str], last: str) -> None:
    text = "\n".join(lines) + last
    written = with_include(text, OURS)
    assert written.startswith(f"{BEGIN}\nInclude {OURS}\n{END}\n")
    assert written.endswith(text)
    assert without(written) == text
    assert with_include(written, OURS) == written


def test_lines_that_were_moved_behind_others_are_found() -> None:
    text = f"Host a\n{BEGIN}\nInclude /old\n{END}\n\nHost b\n"
    assert without(text) == "Host a\n\nHost b\n"


@pytest.mark.parametrize("text", [f"{BEGIN}\nInclude x\n", f"{END}\n{BEGIN}\n", f"Host a\n{END}\n"])
def test_marks_that_somebody_changed_are_a_problem_and_nothing_is_guessed(text: str) -> None:
    with pytest.raises(Problem, match="marks"):
        without(text)


def test_openssh_understands_what_is_written(tmp_path: Path) -> None:
    ours, config = tmp_path / "our file", tmp_path / "config"
    ours.write_text(own_text(["/opt/ca rr%el/bin/carrel"], ("gate.example.org", 7071)))
    config.write_text(with_include("Host *\n  User somebody\n  ServerAliveInterval 7\n", ours))

    def shown(host: str) -> dict[str, str]:
        text = subprocess.check_output(["ssh", "-G", "-F", config, host], text=True, stderr=subprocess.DEVNULL)
        return dict(line.split(" ", 1) for line in text.splitlines() if " " in line)

    inside = shown("blog--ana.carrel")
    assert inside["proxycommand"] == "'/opt/ca rr%%el/bin/carrel' ssh-proxy %h"
    assert (inside["stricthostkeychecking"], inside["pubkeyauthentication"], inside["user"]) == (
        "true",
        "false",
        "carrel",
    )
    assert inside["ciphers"].startswith("aes128-gcm@openssh.com,")
    gateway = shown("carrel-gateway")
    assert (gateway["hostname"], gateway["port"], gateway["hostkeyalias"]) == (
        "gate.example.org",
        "7071",
        "carrel-gateway",
    )
    other = shown("example.org")
    assert (other["user"], other["serveraliveinterval"]) == ("somebody", "7")
    assert "proxycommand" not in other


def test_a_file_keeps_its_mode_and_a_link_stays_a_link(tmp_path: Path) -> None:
    real, link = tmp_path / "dotfiles" / "config", tmp_path / ".ssh" / "config"
    real.parent.mkdir()
    real.write_text("Host a\n")
    real.chmod(0o640)
    link.parent.mkdir()
    link.symlink_to(real)
    _write(link, "Host b\n")
    assert link.is_symlink()
    assert (real.read_text(), real.stat().st_mode & 0o777) == ("Host b\n", 0o640)
    _write(tmp_path / "new" / "config", "x")
    assert (tmp_path / "new" / "config").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("host", ["a\nHost *\n  ProxyCommand evil", "-oProxyCommand", "a b", "", '"', "%h", "\u0661"])
def test_a_servers_word_for_its_host_is_a_host_or_refused(host: str) -> None:
    with pytest.raises(Problem) as caught:
        own_text(["carrel"], (host, 22))
    assert caught.value.kind == "bad_value"
