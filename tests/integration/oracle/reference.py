"""The reference CLI in long-lived processes: a question takes 25 ms where a process of its own takes 400.

`driver.js` evaluates the CLI's own bundle anew for each question. What stands in for the engine is a script that knows
no container, and of an image what a file says.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

DRIVER = Path(__file__).with_name("driver.js")
ENVIRONMENT = {"HOME": "/home/dev", "USER": "dev", "PATH": "/usr/local/bin:/usr/bin:/bin"}
"""All that the reference may see; the same that ours is given as the workspace's own map."""
COMPOSE = shutil.which("docker-compose")
_ENGINE = """\
#!/bin/sh
# the image of the last word, from a file; no containers; no Compose of its own
[ "$1" = inspect ] || { [ "$1" = ps ] && exit 0; exit 1; }
for name; do :; done
file=%s/$(printf %%s "$name" | tr '/:' '__').json
[ -f "$file" ] && exec cat "$file"
exec cat %s/__plain.json
"""


@dataclass(frozen=True)
class Question:
    """One call of the CLI."""

    arguments: Sequence[str]
    folder: Path
    """Where it runs."""
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Answer:
    """What it said."""

    status: int
    stdout: str
    stderr: str

    def json(self) -> Any:
        """The answer as a value. Raises AssertionError with the log when it failed."""
        assert self.status == 0, f"{self.status}\n{self.stdout}\n{self.stderr[-3000:]}"
        return json.loads(self.stdout)


class Reference:
    """One process that answers questions, one after the other."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        """Talk with `driver.js`."""
        self._process = process

    def ask(self, question: Question) -> Answer:
        """Call the CLI."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        request = {
            "arguments": list(question.arguments),
            "folder": str(question.folder),
            "environment": {**ENVIRONMENT, **question.environment},
        }
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        assert "error" not in answer, answer
        return Answer(answer["status"], answer["stdout"], answer["stderr"])


@contextmanager
def reference(argv: Sequence[str]) -> Iterator[Reference]:
    """Start one; it ends with its input.

    Args:
        argv: Node and the CLI's program, as the fixture `reference_cli` gives them.
    """
    node, program = argv
    bundle = Path(program).parent / "dist" / "spec-node" / "devContainersSpecCLI.js"
    with subprocess.Popen(
        [node, str(DRIVER), str(bundle)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield Reference(process)


class StandInEngine:
    """What the reference takes for the `docker` command."""

    def __init__(self, folder: Path) -> None:
        """Keep the script and the images' facts in `folder`."""
        self._folder = folder
        folder.mkdir(parents=True)
        self.program = folder / "docker"
        self.program.write_text(_ENGINE % (folder, folder))
        self.program.chmod(0o755)
        self._write("__plain", {})

    def add_image(self, name: str, label: str) -> None:
        """An image with a metadata label."""
        self._write(name, {"devcontainer.metadata": label})

    def _write(self, name: str, labels: Mapping[str, str]) -> None:
        facts = {"Id": f"sha256:{name}", "Architecture": "amd64", "Os": "linux", "Variant": ""}
        config = {"User": "", "Env": ["PATH=/usr/bin"], "Labels": labels, "Entrypoint": None, "Cmd": ["sh"]}
        file = self._folder / (name.replace("/", "_").replace(":", "_") + ".json")
        file.write_text(json.dumps([{**facts, "Config": config}]))
