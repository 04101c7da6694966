"""How the agent starts."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

FORBIDDEN = {"pydantic", "httpx", "rich", "typer", "fastapi", "sqlalchemy", "structlog", "yaml"}


def test_the_agent_imports_little_and_runs_nothing_of_the_image(folder: Path) -> None:
    for name in ("gcc", "cc", "ld", "ldconfig"):
        program = folder / name
        program.write_text(f"#!/bin/sh\ntouch {folder}/ran\n")
        program.chmod(0o755)
    code = (
        "import json, sys, carrel.agent.__main__; print(json.dumps([name.partition('.')[0] for name in sys.modules]))"
    )
    result = subprocess.run(
        [sys.executable, "-I", "-c", code],
        env={"PATH": f"{folder}:{os.environ['PATH']}"},
        capture_output=True,
        check=True,
    )
    assert not FORBIDDEN & set(json.loads(result.stdout))
    assert not (folder / "ran").exists()


def test_a_holder_imports_only_the_standard_library_and_little_of_it(folder: Path) -> None:
    root = str(Path(__file__).parents[3] / "src")
    code = f"import sys; sys.path.insert(0, {root!r}); import carrel.agent.holder; print(*sys.modules)"
    result = subprocess.run([sys.executable, "-I", "-S", "-c", code], capture_output=True, check=True, text=True)
    modules = set(result.stdout.split())
    assert not {"asyncio", "asyncssh", "dataclasses", "typing", "subprocess", "logging", "pathlib"} & modules


def test_unknown_arguments_and_a_broken_boot_file_are_told(folder: Path) -> None:
    def start(*arguments: str) -> str:
        command = [sys.executable, "-I", "-m", "carrel.agent", *arguments]
        result = subprocess.run(command, capture_output=True, text=True, check=False)
        assert result.returncode != 0
        return result.stderr

    assert "usage:" in start("--nonsense", "x")
    (folder / "boot.json").write_text("{}")
    assert "Boot: workspace is missing" in start("--boot", str(folder / "boot.json"), "--state", str(folder))
