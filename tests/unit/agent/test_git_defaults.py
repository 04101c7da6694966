"""What git knows by itself: read back by git, and second to what the person says."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from carrel.agent.git_defaults import GitDefaults, GitPlaces, _include

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGJb ana (Carrel)"


def git(folder: Path, variables: dict[str, str], *words: str) -> str:
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(folder), **variables}
    done = subprocess.run(["git", *words], env=environment, cwd=folder, capture_output=True, text=True, check=False)
    return done.stdout.strip()


@pytest.fixture
def places(tmp_path: Path) -> GitPlaces:
    return GitPlaces(tmp_path, Path("/opt/carrel"))


@pytest.mark.parametrize("name", ["Ana", 'A "B" \\ C', "Änne; # x", "\ttab", "a\nb"])
def test_git_reads_who_the_person_is(places: GitPlaces, tmp_path: Path, name: str) -> None:
    variables = dict(places.write(GitDefaults(name, "ana@example.org")))
    assert git(tmp_path, variables, "config", "user.name") == name.replace("\n", " ").strip()
    assert git(tmp_path, variables, "config", "user.email") == "ana@example.org"
    assert git(tmp_path, variables, "config", "credential.helper") == "/opt/carrel/bin/git-credential-carrel"
    assert git(tmp_path, variables, "config", "commit.gpgsign") == ""


def test_what_the_person_says_counts_before(places: GitPlaces, tmp_path: Path) -> None:
    (tmp_path / ".gitconfig").write_text("[user]\n name = Mine\n[credential]\n helper =\n helper = own\n")
    variables = dict(places.write(GitDefaults("Given", "given@example.org", KEY)))
    assert git(tmp_path, variables, "config", "user.name") == "Mine"
    assert git(tmp_path, variables, "config", "user.email") == "given@example.org"
    assert git(tmp_path, variables, "config", "--get-all", "credential.helper").split("\n")[-2:] == ["", "own"]


def test_commits_are_signed_by_asking_where_there_is_a_key(places: GitPlaces, tmp_path: Path) -> None:
    variables = dict(places.write(GitDefaults("Ana", "ana@example.org", KEY)))
    assert git(tmp_path, variables, "config", "gpg.ssh.program") == "/opt/carrel/bin/git-sign-carrel"
    assert git(tmp_path, variables, "config", "commit.gpgsign") == "true"
    assert Path(git(tmp_path, variables, "config", "user.signingkey")).read_text() == f"{KEY}\n"
    signers = Path(git(tmp_path, variables, "config", "gpg.ssh.allowedSignersFile"))
    assert signers.read_text() == f'ana@example.org namespaces="git" {KEY}\n'


def test_the_systems_own_configuration_includes_ours_once_and_keeps_its_words(tmp_path: Path) -> None:
    system, own = tmp_path / "gitconfig", tmp_path / "ours"
    own.write_text("[user]\n name = Ours\n")
    system.write_text("[core]\n pager = less")
    assert _include(system, own)
    assert _include(system, own)
    assert system.read_text().count(str(own)) == 1
    variables = {"GIT_CONFIG_SYSTEM": str(system)}
    assert git(tmp_path, variables, "config", "core.pager") == "less"
    assert git(tmp_path, variables, "config", "user.name") == "Ours"
    assert not _include(tmp_path / "no" / "such", own)


def test_a_full_disk_keeps_nobody_out(tmp_path: Path) -> None:
    assert GitPlaces(tmp_path / "none", Path("/opt/carrel")).write(GitDefaults("Ana")) == {}
