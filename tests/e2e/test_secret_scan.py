"""Seeded values of every scope and kind are found where they must be, and nowhere else; keys rotate; a copy opens nothing."""

from __future__ import annotations

import base64
import json
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from examples.git_server import git_server
from tests.contract.images import busybox_image
from tests.e2e.installation import Installation
from tests.e2e.leaks import Seeds, forms, in_answers, in_folder, in_processes, in_the_engine, on_disk
from tests.e2e.repositories import Repositories

SEEDED = {
    "user": "Us3r!/vAl+ue=Qx7-seed",
    "wanted": "W4nted!/f+ile=Kp2-seed",
    "project": "Pr0ject!/v+al=Mm9-seed",
    "domain": "D0main!/va+lue=Zt4-seed",
    "workspace": "V4riable!/x+y=Bh6-seed",
    "git": "G1t!/cred+ent=Jw8-seed",
    "dotfiles": "D0tf!/iles+cr=Ne3-seed",
    "registry": "R3g!/istry+pw=Ly5-seed",
    "replaced": "L4ter!/val+ue=Vc1-seed",
    "password": "P4ss!/word+of=Fd0-seed",
}
DOTFILES_HOST = "127.0.0.1:9"
"""Nothing listens there: what fails tells the most."""


@pytest.fixture
def private(tmp_path: Path) -> Iterator[Repositories]:
    """A git server that gives its repositories only to who has the token."""
    (tmp_path / "private").mkdir()
    with git_server(tmp_path / "private", SEEDED["git"]) as address:
        yield Repositories(tmp_path / "private", address)


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    """One that logs all it can, and has a credential for a registry."""
    auth = base64.b64encode(f"puller:{SEEDED['registry']}".encode()).decode()
    registry = tmp_path / "registry.json"
    registry.write_text(json.dumps({"auths": {"registry.invalid": {"auth": auth}}}))
    registry.chmod(0o600)
    own = Installation(tmp_path / "data", CARREL_LOG_LEVEL="debug", CARREL_REGISTRY_AUTH=str(registry))
    own.start()
    yield own
    own.destroy()


def seed(installation: Installation, private: Repositories) -> str:
    """Store a value of each kind; the id of a workspace that gets what a workspace can get."""
    for path, body in {
        "/secrets/FROM_USER": {"value": SEEDED["user"], "sources": ["*"]},
        "/projects/default/secrets/FROM_PROJECT": {"value": SEEDED["project"]},
        "/projects/default/domains/development/secrets/FROM_DOMAIN": {"value": SEEDED["domain"]},
        f"/git-credentials/{private.address.removeprefix('http://')}": {"username": "git", "token": SEEDED["git"]},
        f"/git-credentials/{DOTFILES_HOST}": {"username": "git", "token": SEEDED["dotfiles"]},
        "/preferences": {"dotfiles": {"repository": f"http://{DOTFILES_HOST}/ana/dots.git"}},
        "/me/password": {"new": SEEDED["password"]},
    }.items():
        installation.api("PUT", path, body)
    made = installation.carrel("create", "secret", "--name", "tls.key", "-", stdin=SEEDED["wanted"].encode())
    assert made.stdout == b"Created: secret tls.key (user)\n"
    url = private.make(
        "scanned",
        {
            ".devcontainer.json": {
                "build": {"dockerfile": "Dockerfile"},
                "postCreateCommand": "env; cat /run/carrel/secrets/tls.key; ls -l /run/carrel/secrets/",
            },
            "Dockerfile": f"FROM {busybox_image()}\nRUN env > /env-of-the-build\n",
        },
    )
    wanted = [{"key": "tls.key"}, {"key": "FROM_DOMAIN", "env_var": "AS_WANTED"}]
    secrets = {"OF_WORKSPACE": SEEDED["workspace"]}
    id_ = str(installation.create(url, name="scanned", secrets=secrets, wanted_secrets=wanted)["id"])
    installation.until_phase(id_, "running")
    installation.until(id_, lambda _: bool(installation.events(id_, "hook_finished")))
    return id_


@pytest.mark.timeout(600)
def test_no_seeded_value_is_anywhere_but_in_the_workspace(
    installation: Installation, private: Repositories, tmp_path: Path
) -> None:
    workspace = seed(installation, private)
    inside = installation.sh("scanned", "env; cat /run/carrel/secrets/tls.key")
    given = {"user", "project", "domain", "workspace", "wanted"}
    assert set(Seeds(SEEDED).found_in(inside.encode())) == given
    assert "FROM_DOMAIN=" not in inside  # what is wanted is given as it is wanted
    assert installation.sh("scanned", "df -P /run/carrel/secrets/ | tail -1").split()[0] in {"shm", "tmpfs"}

    update_while_it_runs(installation)
    token = installation.api("POST", "/tokens", {"title": "seeded"})["token"]
    seeds = Seeds(SEEDED | {"token": token})
    values = {
        "workspace": workspace,
        "project": "default",
        "domain": "development",
        "user": installation.api("GET", "/me")["name"],
        "host": DOTFILES_HOST,
        "path": ".devcontainer.json",
        "template": "python",
        "name": "x",
    }
    answers = list(in_answers(installation, values))
    assert sum(b"Cloning" in content or b"hook_finished" in content for _, content in answers) >= 2
    leaks = seeds.leaks(answers)
    leaks += seeds.leaks(in_command_lines(installation))
    leaks += seeds.leaks(in_processes())
    leaks += seeds.leaks(on_disk(installation, workspace))
    leaks += seeds.leaks(in_the_engine(installation, workspace))
    assert leaks == []

    rotate_while_it_runs(installation)
    installation.stop()
    assert seeds.leaks(in_folder(installation.data)) == []
    a_copy_opens_nothing(installation, tmp_path / "copy")
    installation.start()
    installation.carrel("restart", "scanned")
    again = installation.sh("scanned", "env; cat /run/carrel/secrets/tls.key")
    assert set(seeds.found_in(again.encode())) == (given - {"wanted"}) | {"replaced"}

    installation.carrel("delete", "secret", "--name", "tls.key", "--yes")
    installation.carrel("restart", "scanned", check=False)
    problem = installation.until_phase(workspace, "failed")["problem"]
    assert problem["kind"] == "secret_missing"
    assert "tls.key" in problem["detail"]
    installation.carrel("create", "secret", "--name", "tls.key", "-", stdin=b"found again")
    installation.carrel("start", "scanned")
    assert installation.sh("scanned", "cat /run/carrel/secrets/tls.key") == "found again"


def update_while_it_runs(installation: Installation) -> None:
    """Another value reaches the workspace without a restart: the file, and new processes."""
    before = installation.workspace("scanned")["running_since"]
    installation.carrel("update", "secret", "--name", "tls.key", "-", stdin=SEEDED["replaced"].encode())
    until = time.monotonic() + 60
    while SEEDED["replaced"] not in installation.sh("scanned", "cat /run/carrel/secrets/tls.key"):
        assert time.monotonic() < until, installation.log()
        time.sleep(0.1)
    assert installation.workspace("scanned")["running_since"] == before


def in_command_lines(installation: Installation) -> Iterator[tuple[str, bytes]]:
    """What the command line prints of all that."""
    for words in (
        ("show", "scanned"),
        ("events", "scanned"),
        ("logs", "scanned"),
        ("get", "secret"),
        ("secret", "ls", "--workspace", "scanned"),
    ):
        done = installation.carrel(*words, check=False)
        yield f"carrel {' '.join(words)}", done.stdout + done.stderr


def rotate_while_it_runs(installation: Installation) -> None:
    """A fresh key seals everything, the old one leaves the file, and the server goes on with what it has."""
    keys = installation.data / "keys"
    before = keys.read_text().split()[0]
    assert b"Rotated" in installation.carrel("server", "rotate-keys", "--drop-old").stdout
    assert before not in keys.read_text()
    assert len(keys.read_text().splitlines()) == 1
    installation.api("PUT", "/projects/default/secrets/AFTERWARDS", {"value": "x"})
    assert installation.sh("scanned", "echo fine") == "fine"


def a_copy_opens_nothing(installation: Installation, folder: Path) -> None:
    """The database without its key file: the server does not start, and says why."""
    folder.mkdir()
    for file in installation.data.glob("carrel.sqlite*"):
        shutil.copy(file, folder)
    copied = Installation(folder)
    copied.spawn()
    assert copied.process is not None
    assert copied.process.wait(60) == 1
    assert "key_unknown" in copied.log() or "encryption key is not known" in copied.log()


def test_a_value_that_leaks_would_be_found(tmp_path: Path) -> None:
    seeds = Seeds(SEEDED)
    for name, value in SEEDED.items():
        for form in forms(value):
            assert seeds.found_in(b"x" + form + b"y") == [name]
        for before in (b"", b"a", b"ab"):
            assert seeds.found_in(base64.b64encode(before + value.encode() + b"z")) == [name]
    (tmp_path / "leak").write_text(SEEDED["git"])
    assert seeds.leaks(in_folder(tmp_path)) == [f"git in {tmp_path / 'leak'}"]
    assert seeds.found_in(b"-seed") == []
