"""Seeding a home volume from an image."""

from __future__ import annotations

from pathlib import Path

import pytest

from carrel.agent.seed import MANIFEST, main, seed


@pytest.fixture
def image(tmp_path: Path) -> Path:
    root = tmp_path / "image"
    (root / ".config/tool").mkdir(parents=True)
    (root / ".bashrc").write_text("one\n")
    (root / ".config/tool/settings").write_text("a=1\n")
    (root / ".config/tool/settings").chmod(0o600)
    (root / "current").symlink_to(".config/tool")
    return root


@pytest.fixture
def volume(tmp_path: Path) -> Path:
    root = tmp_path / "volume"
    root.mkdir()
    return root


def test_an_empty_volume_gets_everything_as_it_is(image: Path, volume: Path) -> None:
    assert seed(image, volume).added == 5
    settings = volume / ".config/tool/settings"
    assert settings.read_text() == "a=1\n"
    assert settings.stat().st_mode & 0o777 == 0o600
    assert settings.stat().st_mtime_ns == (image / ".config/tool/settings").stat().st_mtime_ns
    assert str((volume / "current").readlink()) == ".config/tool"


def test_again_nothing_happens(image: Path, volume: Path) -> None:
    seed(image, volume)
    tally = seed(image, volume)
    assert (tally.added, tally.updated, tally.kept) == (0, 0, 0)


def test_a_new_image_brings_what_is_new_and_what_was_not_touched(image: Path, volume: Path) -> None:
    seed(image, volume)
    (image / ".bashrc").write_text("two\n")
    (image / "new").write_text("n")
    (image / "current").unlink()
    (image / "current").symlink_to("elsewhere")
    tally = seed(image, volume)
    assert (tally.added, tally.updated, tally.kept) == (1, 2, 0)
    assert (volume / ".bashrc").read_text() == "two\n"
    assert str((volume / "current").readlink()) == "elsewhere"


def test_what_a_person_changed_or_deleted_stays_so(image: Path, volume: Path) -> None:
    seed(image, volume)
    (volume / ".bashrc").write_text("mine\n")
    (volume / ".config/tool/settings").unlink()
    (volume / "own").write_text("own")
    (image / ".bashrc").write_text("two\n")
    (image / ".config/tool/settings").write_text("a=2\n")
    (image / "own").write_text("the image's")
    seed(image, volume)
    assert (volume / ".bashrc").read_text() == "mine\n"
    assert not (volume / ".config/tool/settings").exists()
    assert (volume / "own").read_text() == "own"


def test_a_deleted_folder_is_not_filled_again(image: Path, volume: Path) -> None:
    seed(image, volume)
    (volume / ".config/tool/settings").unlink()
    (volume / ".config/tool").rmdir()
    (image / ".config/tool/more").write_text("x")
    seed(image, volume)
    assert not (volume / ".config/tool").exists()


def test_a_folder_that_was_moved_behind_a_link_is_not_entered(image: Path, volume: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (volume / ".config").symlink_to(tmp_path / "elsewhere")
    seed(image, volume)
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_what_the_engine_filled_counts_as_seeded(image: Path, volume: Path) -> None:
    (volume / ".bashrc").write_text("one\n")
    seed(image, volume)
    (image / ".bashrc").write_text("two\n")
    seed(image, volume)
    assert (volume / ".bashrc").read_text() == "two\n"


def test_a_file_that_became_a_folder_is_left(image: Path, volume: Path) -> None:
    seed(image, volume)
    (image / ".bashrc").unlink()
    (image / ".bashrc").mkdir()
    (image / ".bashrc/part").write_text("x")
    seed(image, volume)
    assert (volume / ".bashrc").read_text() == "one\n"


def test_a_broken_manifest_costs_no_file(image: Path, volume: Path) -> None:
    seed(image, volume)
    (volume / ".bashrc").write_text("mine\n")
    (volume / MANIFEST).write_text("{")
    seed(image, volume)
    assert (volume / ".bashrc").read_text() == "mine\n"


def test_what_was_done_before_a_failure_is_remembered(image: Path, volume: Path) -> None:
    (image / "zz").write_text("")
    (volume / ".zz.carrel-seed").mkdir()  # in the way of the copy
    with pytest.raises(OSError, match="carrel-seed"):
        seed(image, volume)
    assert ".bashrc" in (volume / MANIFEST).read_text()


def test_the_program_says_what_it_did(image: Path, volume: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(image), str(volume)]) == 0
    assert capsys.readouterr().out == "home: 5 added, 0 updated, 0 left as they were\n"
    assert main(["/no/such/home", str(volume)]) == 1
    assert main([]) == 2
