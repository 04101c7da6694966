"""The programs of throw-away containers, run here on folders of their own."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

from carrel.runtimes.docker.inside import fetch, program, seed


@pytest.mark.parametrize("name", ["fetch", "seed", "placing"])
def test_a_program_needs_nothing_but_the_standard_library(name: str) -> None:
    tree = ast.parse(program(name))
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {name.split(".")[0] for name in imported} <= sys.stdlib_module_names | {"__future__"}


# git's own words (2.39)
@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("fatal: could not read Username for 'http://x': terminal prompts disabled", "source_denied"),
        ("fatal: Authentication failed for 'http://x/'", "source_denied"),
        ("fatal: unable to access 'http://x/': The requested URL returned error: 403", "source_denied"),
        ("git@example.com: Permission denied (publickey).", "source_denied"),
        ("fatal: unable to access 'http://x/': Could not resolve host: x", "source_unreachable"),
        (
            "fatal: unable to access 'http://x/': Failed to connect to x port 1: Connection refused",
            "source_unreachable",
        ),
        ("fatal: repository 'http://x/' not found", "source_unreachable"),
        ("fatal: transport 'ext' not allowed", "bad_source"),
        ("fatal: write error: No space left on device", "no_space"),
        ("error: unable to write file large", "no_space"),
    ],
)
def test_what_gits_words_mean(said: str, kind: str) -> None:
    assert fetch.meaning(said) == kind


def test_the_last_words_are_those_that_tell() -> None:
    said = "Cloning...\rReceiving 10%\rReceiving 20%\nremote: Repository moved\nfatal: repository not found\n"
    assert fetch.last_words(said) == "remote: Repository moved fatal: repository not found"
    assert fetch.last_words("") == "git gave no reason"


CANDIDATES = [
    {"ref": "refs/heads/x", "kind": "branch", "local": "x"},
    {"ref": "abc1234", "kind": "commit", "local": ""},
]


def test_what_is_checked_out() -> None:
    refs = {"HEAD": "1", "refs/heads/main": "1"}
    chosen = fetch.choose({"candidates": []}, refs, "refs/heads/main")
    assert chosen == {"ref": "refs/heads/main", "kind": "branch", "local": "main"}
    assert fetch.choose({"candidates": []}, {}, "") is None
    assert fetch.choose({"candidates": []}, {"HEAD": "1"}, "") == {"ref": "1", "kind": "commit", "local": ""}
    assert fetch.choose({"candidates": CANDIDATES}, {"refs/heads/x": "2"}, "") == CANDIDATES[0]
    assert fetch.choose({"candidates": CANDIDATES}, {}, "") == CANDIDATES[1]
    with pytest.raises(fetch.Failure) as caught:
        fetch.choose({"candidates": CANDIDATES[:1], "ref": "x"}, refs, "")
    assert caught.value.kind == "ref_not_found"


def test_the_credential_is_told_to_its_own_host_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import subprocess  # noqa: PLC0415

    monkeypatch.setattr(fetch, "SCRATCH", tmp_path)
    order = {"username": "ana", "password": "s3cret", "host": "example.com:8443"}
    askpass = fetch.write_askpass(order)

    def answer(prompt: str) -> str:
        return subprocess.run([askpass, prompt], capture_output=True, text=True, check=False).stdout

    assert answer("Username for 'https://example.com:8443': ") == "ana"
    assert answer("Password for 'https://ana@example.com:8443': ") == "s3cret"
    for host in (
        "evil.com",
        "example.com",
        "example.com:84430",
        "example.com:8443.evil.com",
        "evil.com/example.com:8443",
    ):
        assert answer(f"Password for 'https://ana@{host}': ") == "", host
        assert answer(f"Username for 'https://{host}': ") == "", host
    assert "s3cret" not in askpass.read_text()
    fetch.write_askpass({"username": "git", "password": "", "host": "example.com:8443"})
    assert answer("Username for 'https://example.com:8443': ") == ""


def write(folder: Path, files: dict[str, str]) -> None:
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(content)


def read(folder: Path) -> dict[str, str]:
    return {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def places(tmp_path: Path) -> tuple[Path, Path]:
    (tmp_path / "home").mkdir()
    (tmp_path / "volume").mkdir()
    return tmp_path / "home", tmp_path / "volume"


def test_the_first_merge_adds_everything_with_modes_and_links(places: tuple[Path, Path]) -> None:
    home, volume = places
    write(home, {".bashrc": "1", ".config/a/b": "2"})
    (home / ".bashrc").chmod(0o640)
    (home / "link").symlink_to(".bashrc")
    seeded, counts = seed.merge(home, volume, {})
    assert read(volume) == {".bashrc": "1", ".config/a/b": "2", "link": "1"}
    assert (volume / "link").is_symlink()
    assert (volume / ".bashrc").stat().st_mode & 0o777 == 0o640
    assert counts == {"added": 5, "renewed": 0, "kept": 0}
    assert set(seeded) == {".bashrc", ".config", ".config/a", ".config/a/b", "link"}


def test_the_users_changes_win(places: tuple[Path, Path]) -> None:
    home, volume = places
    write(home, {"same": "1", "changed": "1", "deleted": "1", "folder/x": "1", "swapped/x": "1", "link": "1"})
    seeded, _ = seed.merge(home, volume, {})
    write(volume, {"changed": "mine", "own": "mine"})
    (volume / "deleted").unlink()
    (volume / "folder/x").unlink()
    (volume / "folder").rmdir()
    (volume / "swapped/x").unlink()
    (volume / "swapped").rmdir()
    write(volume, {"elsewhere/x": "mine"})
    (volume / "swapped").symlink_to("elsewhere")
    write(
        home,
        dict.fromkeys(["same", "changed", "deleted", "folder/x", "folder/y", "swapped/x", "swapped/y", "new/z"], "2"),
    )
    expected = {"same": "2", "changed": "mine", "own": "mine", "link": "1", "new/z": "2", "elsewhere/x": "mine"}
    for _ in range(2):
        seeded, _ = seed.merge(home, volume, seeded)
        assert {path: text for path, text in read(volume).items() if not path.startswith("swapped")} == expected


def test_a_merge_that_broke_off_is_taken_up_again(places: tuple[Path, Path]) -> None:
    home, volume = places
    write(home, {"a": "1", "b": "1"})
    seeded, _ = seed.merge(home, volume, {})
    write(home, {"a": "2", "b": "2"})
    seed.copy(home / "a", volume / "a")  # and then the machine went down: the manifest still says 1
    seeded, counts = seed.merge(home, volume, seeded)
    assert read(volume) == {"a": "2", "b": "2"}
    assert counts == {"added": 0, "renewed": 1, "kept": 0}
    assert seed.merge(home, volume, seeded)[1] == {"added": 0, "renewed": 0, "kept": 0}


def test_a_home_that_the_image_lacks_changes_nothing(places: tuple[Path, Path]) -> None:
    home, volume = places
    write(volume, {"a": "1"})
    assert seed.merge(home / "none", volume, {"a": "f:0"}) == ({"a": "f:0"}, {"added": 0, "renewed": 0, "kept": 0})
    assert read(volume) == {"a": "1"}
