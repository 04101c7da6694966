"""Git in a workspace: a private repository is cloned, fetched and pushed to, signed, and the token is on no disk (ADR 0032)."""

from __future__ import annotations

import sqlite3
import subprocess
import threading
import time
from collections.abc import Iterator
from http.server import ThreadingHTTPServer
from pathlib import Path

import pytest
from examples.git_server import GitHandler
from tests.e2e.installation import Installation, docker
from tests.e2e.openssh import OpenSsh
from tests.e2e.repositories import Repositories
from tests.e2e.test_private_repository import TOKEN, found_in, in_processes, in_the_engine, on_disk
from tests.e2e.test_ssh_end_to_end import CONFIG

PUSH = """
set -e
cd /tmp
git clone -q "$URL/other.git" other
cd other
git fetch -q
echo more >more
git add more
git commit -q -m "More"
git push -q origin HEAD:main
"""


class Pausing(GitHandler):
    """Holds a push, with the token in its request, until it is let."""

    pushed = threading.Event()
    let = threading.Event()

    def do_POST(self) -> None:  # noqa: N802  the standard library's way
        """A service call."""
        if self.path.endswith("git-receive-pack") and self._password() == TOKEN:
            self.pushed.set()
            self.let.wait(60)
        super().do_POST()


@pytest.fixture
def private(tmp_path: Path) -> Iterator[Repositories]:
    """A git server that gives its repositories, and takes pushes, only from who has the token."""
    root = tmp_path / "private"
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (Pausing,), {"root": root, "token": TOKEN}))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield Repositories(root, f"http://127.0.0.1:{server.server_port}")
    Pausing.let.set()
    server.shutdown()
    server.server_close()


def test_git_in_a_workspace_has_its_owners_credential_and_key_and_keeps_neither(
    installation: Installation, private: Repositories, tmp_path: Path
) -> None:
    host = private.address.removeprefix("http://")
    url = private.tiny("notes")
    private.make("other", {"README": "other\n"})
    other = private.root / "other.git"
    subprocess.run(["git", f"--git-dir={other}", "config", "http.receivepack", "true"], check=True)
    installation.carrel("git-credential", "add", host, "--username", "git", stdin=TOKEN.encode())
    identity = ("--full-name", "Ana Example", "--email", "ana@example.org")
    installation.carrel("preferences", "--sign-commits", *identity)
    signing_key = installation.carrel("git-credential", "signing-key").stdout.decode()
    workspace = installation.create(url, name="notes")["id"]
    installation.until_phase(workspace, "running")

    config = tmp_path / "ssh_config"
    config.write_text(CONFIG % tmp_path)
    ssh = OpenSsh(config, installation.environment | {"XDG_CONFIG_HOME": str(tmp_path)})
    port = host.rpartition(":")[2]
    with ssh.forwarding("notes.carrel", "-R", f"{port}:127.0.0.1:{port}"):
        pushing = subprocess.Popen(
            ssh.command("notes.carrel", f"URL={private.address}\n{PUSH}"),
            env=ssh.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        assert Pausing.pushed.wait(60), pushing.communicate(timeout=60)
        leaks = [*in_processes(), *on_disk(installation, workspace), *in_the_engine(installation, workspace)]
        Pausing.let.set()
        said, _ = pushing.communicate(timeout=60)
        assert pushing.returncode == 0, said
        shown = ssh.out(
            "notes.carrel", "cd /tmp/other && git log -1 --show-signature --format='%an <%ae>'; git config -l"
        )
        gh_is_logged_in(installation, ssh)
        a_wrong_token_is_said_with_its_host(installation, ssh, host)
        a_host_without_a_credential_ends_at_once(ssh, port)
    assert "Ana Example <ana@example.org>" in shown
    assert 'Good "git" signature for ana@example.org' in shown
    assert not found_in(shown.encode() + said)
    leaks += [*in_processes(), *on_disk(installation, workspace), *in_the_engine(installation, workspace)]
    assert leaks == []
    is_signed_with(other, signing_key, tmp_path)

    nothing_hangs_while_the_server_is_away(installation, workspace, host)
    with sqlite3.connect(f"file:{installation.data / 'carrel.sqlite'}?mode=ro", uri=True) as database:
        rows = database.execute("SELECT action, detail FROM audit WHERE action LIKE 'git_%'").fetchall()
    told = [detail for action, detail in rows if action == "git_credential.used" and host in detail]
    assert told
    assert [action for action, _ in rows].count("git_signature.made") == 1


def gh_is_logged_in(installation: Installation, ssh: OpenSsh) -> None:
    """One that only says what it was given: a login of the real one is in the same variable."""
    script = "printf '#!/bin/sh\\necho \"$* ${GH_TOKEN:-nothing} ${GH_ENTERPRISE_TOKEN:-nothing}\"\\n' >/bin/gh; chmod +x /bin/gh"
    ssh.out("notes.carrel", script)
    assert ssh.out("notes.carrel", "gh pr list") == "pr list nothing nothing\n"
    for host in ("github.com", "ghe.example"):
        installation.carrel("git-credential", "add", host, stdin=f"token-for-{host}".encode())
    assert ssh.out("notes.carrel", "gh pr list; env").partition("\n")[0] == "pr list token-for-github.com nothing"
    assert "token-for" not in ssh.out("notes.carrel", "env; cat /proc/*/environ 2>/dev/null || true")
    assert ssh.out("notes.carrel", "GH_TOKEN=mine gh api") == "api mine nothing\n"
    assert ssh.out("notes.carrel", "gh auth login") == "auth login nothing nothing\n"
    assert ssh.out("notes.carrel", "GH_HOST=ghe.example gh api") == "api nothing token-for-ghe.example\n"


def a_wrong_token_is_said_with_its_host(installation: Installation, ssh: OpenSsh, host: str) -> None:
    installation.carrel("git-credential", "add", host, stdin=b"wrong")
    done = ssh.run("notes.carrel", "cd /tmp/other && git fetch")
    assert done.returncode != 0
    assert f"{host} does not take the credential" in done.stderr.decode(), done
    assert f"`carrel git-credential add {host}`" in done.stderr.decode()
    installation.carrel("git-credential", "add", host, "--username", "git", stdin=TOKEN.encode())


def a_host_without_a_credential_ends_at_once(ssh: OpenSsh, port: str) -> None:
    done = ssh.run("notes.carrel", f"git ls-remote http://localhost:{port}/other.git")
    assert done.returncode != 0
    assert f"no credential for localhost:{port}" in done.stderr.decode(), done


def is_signed_with(repository: Path, public_key: str, folder: Path) -> None:
    """Check the newest commit's signature with OpenSSH alone."""
    commit = subprocess.run(
        ["git", f"--git-dir={repository}", "cat-file", "commit", "main"], check=True, capture_output=True
    ).stdout
    head, _, rest = commit.partition(b"gpgsig ")
    signature, _, body = rest.partition(b"-----END SSH SIGNATURE-----\n")
    armoured = (signature + b"-----END SSH SIGNATURE-----\n").replace(b"\n ", b"\n")
    (folder / "signature").write_bytes(armoured)
    (folder / "signers").write_text(f'ana@example.org namespaces="git" {public_key}')
    words = ("-Y", "verify", "-n", "git", "-I", "ana@example.org")
    files = ("-f", str(folder / "signers"), "-s", str(folder / "signature"))
    verified = subprocess.run(["ssh-keygen", *words, *files], input=head + body, capture_output=True, check=False)
    assert b'Good "git" signature' in verified.stdout, (verified, commit)


def nothing_hangs_while_the_server_is_away(installation: Installation, workspace: str, host: str) -> None:
    """And soon after it is back git has its credential again."""
    [container] = installation.containers_of(workspace)
    git = f"printf 'protocol=http\\nhost={host}\\n\\n' | GIT_TERMINAL_PROMPT=0 /opt/carrel/bin/git credential fill"
    installation.kill()
    began = time.monotonic()
    away = subprocess.run(["docker", "exec", container, "sh", "-c", git], capture_output=True, check=False)
    assert time.monotonic() - began < 60  # the helper gives up after 4 s; the machine may be busy
    assert away.returncode != 0
    assert b"server does not answer" in away.stderr, away
    installation.start()
    until = time.monotonic() + 60
    while not found_in("\n".join(back := docker("exec", container, "sh", "-c", f"{git} || true")).encode()):
        assert time.monotonic() < until, (back, installation.log())
