"""OpenSSH's own programs, with one configuration file of the test's own."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import select
import struct
import subprocess
import termios
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

SECONDS = 60


class OpenSsh:
    """ssh, scp, sftp and rsync as a person at a laptop has them."""

    def __init__(self, config: Path, environment: Mapping[str, str]) -> None:
        """Use `config`, and nothing of the machine's own."""
        self._config = config
        self.environment = dict(environment)

    def command(self, *words: str) -> list[str]:
        """The argv of an ssh."""
        return ["ssh", "-F", str(self._config), *words]

    def run(
        self, *words: str, stdin: bytes = b"", more: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[bytes]:
        """Run ssh to its end."""
        environment = self.environment | dict(more or {})
        return subprocess.run(
            self.command(*words), input=stdin, capture_output=True, env=environment, timeout=SECONDS, check=False
        )

    def out(self, *words: str, stdin: bytes = b"") -> str:
        """What a command prints that ends well."""
        done = self.run(*words, stdin=stdin)
        assert done.returncode == 0, done
        return done.stdout.decode()

    def start(self, *words: str, stdin: int = subprocess.PIPE) -> subprocess.Popen[bytes]:
        """Start ssh with pipes at its ends, and no terminal."""
        pipe, argv = subprocess.PIPE, self.command(*words)
        return subprocess.Popen(
            argv, env=self.environment, start_new_session=True, stdin=stdin, stdout=pipe, stderr=pipe
        )

    def tool(self, *words: str | Path, stdin: bytes = b"") -> None:
        """Run scp, sftp or rsync, which must end well."""
        program, *rest = words
        option = ["-e", f"ssh -F {self._config}"] if program == "rsync" else ["-F", str(self._config)]
        done = subprocess.run(
            [program, *option, *rest],
            input=stdin,
            capture_output=True,
            env=self.environment,
            timeout=SECONDS,
            check=False,
        )
        assert done.returncode == 0, done

    @contextlib.contextmanager
    def forwarding(self, host: str, option: str, spec: str) -> Iterator[None]:
        """`ssh -N` with a forward, until the block ends; `-L` and `-D` listen when it begins, `-R` too."""
        words = ("-N", "-o", "ExitOnForwardFailure=yes", "-v", option, spec, host)
        process = self.start(*words)
        assert process.stderr is not None
        said = b""
        ready = (b"remote forward success", b"Entering interactive session")[option != "-R"]
        try:
            while ready not in said:
                line = process.stderr.readline()
                assert line, said
                said += line
            yield
        finally:
            process.terminate()
            process.communicate(timeout=SECONDS)

    @contextlib.contextmanager
    def agent(self, folder: Path) -> Iterator[dict[str, str]]:
        """A real ssh-agent with one key; yields the variables that name it."""
        folder.mkdir(mode=0o700, exist_ok=True)
        key, place = folder / "id_ed25519", folder / "agent"
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "ana@laptop", "-f", key], check=True)
        process = subprocess.Popen(["ssh-agent", "-D", "-a", str(place)], stdout=subprocess.DEVNULL)
        try:
            until = time.monotonic() + 60
            while not place.exists():
                assert time.monotonic() < until
                time.sleep(0.01)
            variables = {"SSH_AUTH_SOCK": str(place)}
            subprocess.run(["ssh-add", "-q", key], env=os.environ | variables, check=True, capture_output=True)
            yield variables
        finally:
            process.terminate()
            process.wait()


class Window:
    """ssh in a terminal of its own, as a person has it: a controlling terminal, and a size."""

    def __init__(self, argv: Sequence[str], environment: Mapping[str, str]) -> None:
        """Start it."""
        self.shown = b""
        self._pid, self._master = pty.fork()
        if self._pid == 0:
            os.execvpe(argv[0], list(argv), dict(environment))

    def type(self, line: str) -> None:
        """Type a line."""
        os.write(self._master, line.encode() + b"\r")

    def read_until(self, wanted: bytes, seconds: float = SECONDS) -> bytes:
        """All that was shown, once `wanted` is in it."""
        until = time.monotonic() + seconds
        while wanted not in self.shown:
            ready, _, _ = select.select([self._master], [], [], max(0.0, until - time.monotonic()))
            assert ready, self.shown
            self.shown += os.read(self._master, 65536)
        return self.shown

    def resize(self, cols: int, rows: int) -> None:
        """Drag the corner of the window."""
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, cols, 0, 0))

    def wait(self) -> int:
        """Its exit status; what it shows meanwhile is kept."""
        with contextlib.suppress(OSError):
            while data := os.read(self._master, 65536):
                self.shown += data
        _, status = os.waitpid(self._pid, 0)
        os.close(self._master)
        return os.waitstatus_to_exitcode(status)
