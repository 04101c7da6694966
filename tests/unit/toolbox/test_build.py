"""The recipe's promises that need no engine."""

from __future__ import annotations

import subprocess
from pathlib import Path

from carrel.runtimes.toolbox_inputs import PARTS, recipe_folder


def test_an_output_that_is_complete_is_never_touched_again(tmp_path: Path) -> None:
    (tmp_path / "tool").write_text("in use")
    (tmp_path / ".complete").touch()
    subprocess.run(["sh", recipe_folder() / "build.sh", "system", tmp_path], check=True)
    assert sorted(path.name for path in tmp_path.iterdir()) == [".complete", "tool"]


def test_every_part_has_a_script_that_a_plain_shell_can_read() -> None:
    for part in (*PARTS, "assemble"):
        subprocess.run(["sh", "-n", recipe_folder() / "parts" / f"{part}.sh"], check=True)


def test_everything_that_is_downloaded_from_an_index_is_pinned_by_hash() -> None:
    folder = recipe_folder()
    for lock in (folder / "requirements.txt", folder / "editor" / "requirements.txt"):
        pinned = [line for line in lock.read_text().splitlines() if "==" in line]
        assert pinned
        assert all(line.endswith("\\") for line in pinned), "a hash follows each"
    for lock in (folder / "editor").glob("*lock.json"):
        text = lock.read_text()
        assert text.count('"integrity"') == text.count('    "node_modules/')
        assert "resolved" not in text, "locks name no registry"
