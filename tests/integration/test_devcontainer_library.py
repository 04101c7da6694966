"""The example of docs/guides/devcontainer-library.md is run as it stands there."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

GUIDE = Path(__file__).resolve().parents[2] / "docs/guides/devcontainer-library.md"


def test_the_guides_example_prints_what_the_guide_says(tmp_path: Path) -> None:
    blocks = dict(re.findall(r"^```(json|python|text)\n(.*?)^```$", GUIDE.read_text(), re.DOTALL | re.MULTILINE))
    files = {
        "devcontainer.json": blocks["json"],
        "tools/devcontainer-feature.json": '{"id": "tools", "version": "1.0.0"}',
        "tools/install.sh": "true\n",
    }
    folder = tmp_path / "project"
    for path, content in files.items():
        (folder / ".devcontainer" / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / ".devcontainer" / path).write_text(content)
    argv = [sys.executable, "-W", "error", "-c", blocks["python"], str(folder)]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == blocks["text"]
