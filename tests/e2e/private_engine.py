"""A Docker Engine of one test, which may stop and die as it likes: own data, own socket, no rules of its own in iptables.

It has the images that it is given and the toolbox of the engine beside it, without a copy: a volume that is a read-only
bind of the other's.
"""

from __future__ import annotations

import itertools
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.e2e.installation import DOCKER, ROOT, docker

POOL = "10.214.0.0/16"
"""For the workspaces' networks: not the pool of the engine beside it."""
_numbers = itertools.count()


class PrivateEngine:
    """Starts, stops and kills dockerd through machine/engine."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        number = next(_numbers)
        self._bridge, self._address = f"carrel-e2e{number}", f"10.215.255.{8 * number + 1}/29"
        self.host = f"unix://{folder}/docker.sock"
        arguments = {
            "data-root": folder / "data",
            "exec-root": folder / "run",
            "pidfile": folder / "docker.pid",
            "bridge": self._bridge,  # `none` would make dockerd remove docker0, which is the bridge of the engine beside it
            "iptables": "false",
            "ip6tables": "false",
            "ip-forward": "false",
            "containerd-namespace": "carrel-test",
            "containerd-plugins-namespace": "carrel-test-plugins",
        }
        self.environment = os.environ | {
            "DOCKER_HOST": self.host,
            "CARREL_ENGINE_STATE": str(folder / "state"),
            "CARREL_ENGINE_ARGS": " ".join(f"--{name}={value}" for name, value in arguments.items()),
        }

    def start(self) -> None:
        """Start it and wait until it answers."""
        if not Path(f"/sys/class/net/{self._bridge}").exists():
            subprocess.run(["ip", "link", "add", self._bridge, "type", "bridge"], check=True)
            subprocess.run(["ip", "address", "add", self._address, "dev", self._bridge], check=True)
        self._engine("start")

    def stop(self) -> None:
        """An orderly stop, which ends every container."""
        self._engine("stop")

    def kill(self) -> None:
        """`kill -9`; the containers go on without it."""
        for pid_file in (self.folder / "docker.pid", self.folder / "run/containerd/containerd.pid"):
            pid = int(pid_file.read_text())
            with suppress(ProcessLookupError):  # the engine's containerd dies with it
                os.kill(pid, signal.SIGKILL)
            while _lives(pid):
                time.sleep(0.01)
            pid_file.unlink()  # where nobody reaps them, dockerd takes the dead for the living

    def _engine(self, task: str) -> None:
        done = subprocess.run(
            [ROOT / "machine/engine", task], env=self.environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr

    def take_image(self, image: str) -> None:
        """Copy an image from the engine beside it."""
        with subprocess.Popen([DOCKER, "save", image], stdout=subprocess.PIPE) as save:
            subprocess.run([DOCKER, "load"], stdin=save.stdout, env=self.environment, check=True, capture_output=True)

    def take_toolbox(self, toolbox: str) -> None:
        """Lend it the toolbox of the engine beside it."""
        folder = docker("volume", "inspect", "--format", "{{.Mountpoint}}", toolbox)[0]
        options = [word for text in ("type=none", "o=bind,ro", f"device={folder}") for word in ("--opt", text)]
        docker("volume", "create", *options, toolbox, environment=self.environment)

    def size_volumes(self, size: str) -> None:
        """Put volumes to come on a file system of this size (as mount(8) takes it), or change its size."""
        folder = self.folder / "data/volumes"
        options = f"size={size},mode=0700" if not folder.is_mount() else f"remount,size={size}"
        subprocess.run(["mount", "-t", "tmpfs", "-o", options, "carrel-test", folder], check=True)

    def clean(self) -> None:
        """Unmount what a killed engine left mounted, and remove its files."""
        with Path("/proc/self/mounts").open(encoding="utf-8") as mounts:
            below = [line.split()[1] for line in mounts if line.split()[1].startswith(f"{self.folder}/")]
        for path in reversed(below):
            subprocess.run(["umount", path], check=True)
        subprocess.run(["ip", "link", "delete", self._bridge], check=True)
        shutil.rmtree(self.folder)


def _lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@contextmanager
def private_engine() -> Iterator[PrivateEngine]:
    """Run a Docker Engine of one's own."""
    engine = PrivateEngine(Path(tempfile.mkdtemp(prefix="carrel-engine-")))
    engine.start()
    try:
        yield engine
    finally:
        engine.stop()
        engine.clean()
