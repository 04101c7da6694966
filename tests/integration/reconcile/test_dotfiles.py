"""The dotfiles' script, run by a real shell against real git repositories."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from examples.git_server import git_server, make_repository

from carrel.core.preferences import Dotfiles, check_dotfiles
from carrel.core.problems import Problem
from carrel.core.secret import Secret
from carrel.server.reconcile.dotfiles import dotfiles_hook

Run = Callable[..., subprocess.CompletedProcess[str]]
GIT = {"GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_SYSTEM": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1"}
SHELLS = [["/bin/sh"], ["/bin/bash", "--posix"]]


@pytest.fixture
def repository(tmp_path: Path) -> Callable[..., str]:
    """Makes a repository of files; those with `#!` can be executed."""

    def make(name: str, **files: str) -> str:
        folder = tmp_path / name
        folder.mkdir()
        for path, content in files.items():
            (folder / path.replace("__", "/")).parent.mkdir(parents=True, exist_ok=True)
            (folder / path.replace("__", "/")).write_text(content)
        identity = ("-c", "user.name=ana", "-c", "user.email=ana@example.org")
        for words in (("init", "-q"), ("add", "."), (*identity, "commit", "-q", "-m", "first")):
            subprocess.run(["git", "-C", folder, *words], check=True, env=os.environ | GIT)
        return f"file://{folder}"

    return make


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "home").mkdir()
    return tmp_path / "home"


@pytest.fixture
def run(home: Path) -> Run:
    def install(
        repository: str, *, shell: list[str] = SHELLS[0], token: str = "", **more: str
    ) -> subprocess.CompletedProcess[str]:
        hook = dotfiles_hook(Dotfiles(repository, **more), ("git", Secret(token)) if token else None)
        assert hook is not None
        [line] = hook.commands.values()
        assert isinstance(line, str)
        environment = {"HOME": str(home), "PATH": os.environ["PATH"], **GIT}
        environment |= {name: value.reveal() for name, value in hook.secrets.items()}
        return subprocess.run(
            [*shell, "-c", line], cwd="/", env=environment, capture_output=True, text=True, check=False
        )

    return install


@pytest.mark.conformance("C401")
@pytest.mark.parametrize("shell", SHELLS, ids=["sh", "bash"])
def test_a_script_of_the_usual_names_is_run_once_for_a_home(
    run: Run, home: Path, repository: Callable[..., str], shell: list[str]
) -> None:
    url = repository("dots", **{"bootstrap": "#!/bin/sh\necho x >>~/ran\n", "install.sh": "#!/bin/sh\npwd >>~/ran\n"})
    done = run(url, shell=shell)
    assert done.returncode == 0, done
    assert (home / "ran").read_text() == f"{home}/dotfiles\n"
    again = run(url, shell=shell)
    assert "in place" in again.stdout
    assert (home / "ran").read_text().count("\n") == 1


@pytest.mark.conformance("C401")
def test_without_a_script_dot_files_are_linked_and_what_was_there_is_kept(
    run: Run, home: Path, repository: Callable[..., str]
) -> None:
    (home / ".bashrc").write_text("mine")
    (home / ".config").mkdir()
    url = repository("dots", **{".bashrc": "theirs", ".vimrc": "v", ".config__x": "c", "README": "r"})
    done = run(url, target="~/settings")
    assert done.returncode == 0, done
    assert (home / ".bashrc").resolve() == home / "settings/.bashrc"
    assert (home / ".bashrc.before-dotfiles").read_text() == "mine"
    assert (home / ".vimrc").is_symlink()
    assert not (home / ".config").is_symlink()
    assert "left out" in done.stdout
    assert not (home / "README").exists()
    assert not (home / ".git").exists()


def test_a_given_command_is_run_in_the_folder(run: Run, home: Path, repository: Callable[..., str]) -> None:
    url = repository("dots", **{"own.sh": "#!/bin/sh\necho own >>~/ran\n", "install.sh": "#!/bin/sh\nexit 1\n"})
    assert run(url, command="own.sh").returncode == 0
    assert run(url, command="basename $PWD >>~/ran").returncode == 0  # another command is another setting
    assert (home / "ran").read_text() == "own\ndotfiles\n"


def test_another_repository_takes_its_place_and_nothing_is_lost(
    run: Run, home: Path, repository: Callable[..., str]
) -> None:
    run(repository("one", **{".one": "1"}))
    (home / "dotfiles/changed").write_text("work")
    done = run(repository("two", **{".two": "2"}))
    assert done.returncode == 0, done
    assert (home / ".two").exists()
    [old] = home.glob("dotfiles.*")
    assert (old / "changed").read_text() == "work"


def test_a_folder_of_the_persons_own_is_installed_as_it_is(
    run: Run, home: Path, repository: Callable[..., str]
) -> None:
    (home / "dotfiles").mkdir()
    (home / "dotfiles/setup").write_text("#!/bin/sh\ntouch ~/mine\n")
    assert run(repository("dots", x="x")).returncode == 0
    assert (home / "mine").exists()


def test_what_fails_is_tried_again(run: Run, home: Path, repository: Callable[..., str]) -> None:
    assert run(f"file://{home}/nowhere").returncode != 0
    url = repository("dots", **{"install.sh": "#!/bin/sh\ntest -e ~/mended && touch ~/ran\n"})
    assert run(url).returncode == 1
    (home / "mended").touch()
    assert run(url).returncode == 0
    assert (home / "ran").exists()


@pytest.mark.parametrize("shell", SHELLS, ids=["sh", "bash"])
def test_a_private_repository_is_cloned_with_the_credential_which_its_script_does_not_see(
    run: Run, home: Path, tmp_path: Path, shell: list[str]
) -> None:
    (tmp_path / "files").mkdir()
    (tmp_path / "files/install").write_text("#!/bin/sh\nenv >~/seen\n")
    make_repository(tmp_path / "files", tmp_path / "served/dots.git")
    token = "to'k \"$x`y\\z"
    with git_server(tmp_path / "served", token) as address:
        assert run(f"{address}/dots.git", shell=shell).returncode != 0
        done = run(f"{address}/dots.git", shell=shell, token=token)
    assert done.returncode == 0, done
    assert token not in (home / "seen").read_text() + done.stdout + done.stderr
    assert token not in (home / "dotfiles/.git/config").read_text()


def test_the_credential_is_for_the_clone_alone() -> None:
    hook = dotfiles_hook(Dotfiles("https://git.example/ana/dots.git"), ("ana", Secret("tok-12345")))
    assert hook is not None
    assert "tok-12345" not in repr(hook)
    assert {name: value.reveal() for name, value in hook.secrets.items()} == {
        "CARREL_DOTFILES_USER": "ana",
        "CARREL_DOTFILES_TOKEN": "tok-12345",
    }
    assert dotfiles_hook(Dotfiles(), None) is None


@pytest.mark.parametrize("target", ["/etc", "..", "~", ".", "a/../..", "~root", "a\nb"])
def test_the_folder_lies_in_the_home(target: str) -> None:
    with pytest.raises(Problem):
        check_dotfiles(Dotfiles("ana/dots", target))
    assert check_dotfiles(Dotfiles("ana/dots", "a/b/")).target == "~/a/b"
