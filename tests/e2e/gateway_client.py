"""OpenSSH's own client as a person has it who comes through the gateway: a key, and a configuration file."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.e2e.installation import Installation


def make_key(path: Path, *options: str) -> str:
    """A key pair in files; returns its public line."""
    command = ["ssh-keygen", "-q", "-N", "", "-C", "laptop", "-f", str(path), *(options or ("-t", "ed25519"))]
    subprocess.run(command, check=True)
    return path.with_suffix(".pub").read_text().strip()


class GatewayClient:
    """`ssh`, `scp`, `sftp`, `rsync` and `git` through the gateway."""

    def __init__(self, folder: Path, installation: Installation, key: Path) -> None:
        self.folder = folder
        self.key = key
        way: dict[str, Any] = installation.api("GET", "/ssh")
        assert way["enabled"], way
        self.port = int(way["port"])
        (folder / "known_hosts").write_text(way["known_hosts"] + "\n")
        self.config = folder / f"{key.name}.config"
        lines = (
            f"HostName {way['host']}",
            f"Port {way['port']}",
            f"IdentityFile {self.key}",
            "IdentitiesOnly yes",
            f"UserKnownHostsFile {self.folder / 'known_hosts'}",
            "StrictHostKeyChecking yes",
            "BatchMode yes",
            "LogLevel ERROR",
        )
        self.config.write_text("Host *\n" + "".join(f"  {line}\n" for line in lines))

    @property
    def command(self) -> str:
        """As `GIT_SSH_COMMAND` and `rsync -e` have it."""
        return f"ssh -F {self.config}"

    def run(self, *words: str, stdin: bytes | None = None, seconds: float = 60) -> subprocess.CompletedProcess[bytes]:
        """`ssh WORDS` to its end; `blog@gateway` is the usual destination."""
        return self.program("ssh", *words, stdin=stdin, seconds=seconds)

    def program(
        self, name: str, *words: str, stdin: bytes | None = None, seconds: float = 60
    ) -> subprocess.CompletedProcess[bytes]:
        """`scp`, `sftp` or `ssh` with the configuration."""
        command = [name, "-F", str(self.config), *words]
        given: dict[str, Any] = {"stdin": subprocess.DEVNULL} if stdin is None else {"input": stdin}
        return subprocess.run(command, capture_output=True, timeout=seconds, check=False, **given)

    @contextmanager
    def started(self, *words: str, **options: Any) -> Iterator[subprocess.Popen[bytes]]:
        """`ssh WORDS` while the block lasts."""
        streams: dict[str, Any] = {
            "stdin": subprocess.PIPE,
            "stdout": subprocess.PIPE,
            "stderr": subprocess.PIPE,
        } | options
        with subprocess.Popen(["ssh", "-F", str(self.config), *words], **streams) as process:
            try:
                yield process
            finally:
                process.kill()

    def environment(self) -> dict[str, str]:
        """For git and rsync."""
        return os.environ | {"GIT_SSH_COMMAND": self.command, "RSYNC_RSH": self.command}
