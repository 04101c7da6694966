"""A person with a key, OpenSSH's client and a workspace behind the gateway."""

from __future__ import annotations

import re
import socket
import subprocess
import time
from pathlib import Path

import pytest
from tests.contract.images import image
from tests.e2e.gateway_client import GatewayClient, make_key
from tests.e2e.installation import Installation
from tests.e2e.repositories import Repositories

TO = "blog@gateway"


def with_libraries(*programs: str) -> dict[str, bytes]:
    """Programs of this machine with the libraries that they are linked with, by path."""
    files: dict[str, bytes] = {}
    for program in programs:
        listed = subprocess.check_output(["ldd", program], text=True)
        for path in (program, *re.findall(r"(/\S+) \(", listed)):
            files[path.lstrip("/")] = Path(path).read_bytes()
    return files


@pytest.fixture(scope="module")
def client(shared: Installation, repositories: Repositories, tmp_path_factory: pytest.TempPathFactory) -> GatewayClient:
    """A person with a key, and his workspace `blog`, whose image has bash and rsync."""
    folder = tmp_path_factory.mktemp("ssh")
    configuration = {"image": image("ssh", with_libraries("/bin/bash", "/usr/bin/rsync")), "remoteUser": "dev"}
    url = repositories.make("blog", {".devcontainer.json": configuration, "README.md": "# Blog\n"})
    created = shared.create(url, name="blog")
    line = make_key(folder / "id")
    shared.api("POST", "/ssh-keys", {"public_key": line})
    shared.until_phase(created["id"], "running")
    return GatewayClient(folder, shared, folder / "id")


def until(condition: object, seconds: float = 60) -> None:
    """Wait for something in another process."""
    end = time.monotonic() + seconds
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < end
        time.sleep(0.02)


def answers(port: int, family: int = socket.AF_INET) -> bool:
    """Whether something listens on loopback."""
    with socket.socket(family) as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
