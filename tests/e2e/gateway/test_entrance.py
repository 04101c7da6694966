"""Who the gateway lets in, what it tells the others, and how a person's own machine is set up for it."""

from __future__ import annotations

import socket
import subprocess
import time
from pathlib import Path

import pytest
from tests.e2e.gateway.conftest import TO
from tests.e2e.gateway_client import GatewayClient, make_key
from tests.e2e.installation import BIN, ApiProblem, Installation, free_port

# --- who may come in ---------------------------------------------------------------------------------------------------


def stranger(client: GatewayClient, shared: Installation, tmp_path: Path) -> GatewayClient:
    """Somebody whose key nobody knows."""
    make_key(tmp_path / "stranger")
    return GatewayClient(tmp_path, shared, tmp_path / "stranger")


def test_a_wrong_key_learns_nothing_and_a_wrong_name_is_one_clear_line(
    client: GatewayClient, shared: Installation, tmp_path: Path
) -> None:
    other = stranger(client, shared, tmp_path)
    said = {name: other.run(f"{name}@gateway", "true") for name in ("blog", "no-such", "carrel", "root", "blog--ana")}
    assert {ended.returncode for ended in said.values()} == {255}
    assert len({ended.stderr.replace(name.encode(), b"NAME") for name, ended in said.items()}) == 1
    assert b"Permission denied (publickey)" in said["blog"].stderr
    names = ("no-such", "no-such--ana", "../etc", "a" * 500, "blog--", "a--b--c", "blog/x")
    answers = [client.run("-l", name, "gateway", "true") for name in names]
    assert {(ended.returncode, ended.stderr) for ended in answers} == {
        (255, b"carrel: You have no workspace of this name, and none is shared with you under it.\n")
    }
    assert client.run("-l", "\u202eblog", "gateway", "true").returncode == 255


def test_keys_are_checked_at_the_door_and_belong_to_one_user(
    client: GatewayClient, shared: Installation, tmp_path: Path
) -> None:
    short = make_key(tmp_path / "short", "-t", "rsa", "-b", "1024")
    private = client.key.read_text()
    taken = client.key.with_suffix(".pub").read_text()
    bad = {short: "2048 bits", private: "private key", "ssh-dss AAAA": "DSA", "ssh-ed25519 !!": "not a public key"}
    for text, words in (bad | {"": "malformed_request", f"{taken}\n{taken}": "one line"}).items():
        with pytest.raises(ApiProblem, match=words) as refused:
            shared.api("POST", "/ssh-keys", {"public_key": text})
        assert "PRIVATE KEY" not in str(refused.value)
    with pytest.raises(ApiProblem, match="stored this key already"):
        shared.api("POST", "/ssh-keys", {"public_key": taken})
    for kind in (("-t", "ecdsa", "-b", "521"), ("-t", "rsa", "-b", "2048")):
        name = f"id_{kind[1]}"
        stored = shared.api("POST", "/ssh-keys", {"public_key": make_key(tmp_path / name, *kind)})
        assert GatewayClient(tmp_path, shared, tmp_path / name).run(TO, "echo in").stdout == b"in\n"
        shared.api("DELETE", f"/ssh-keys/{stored['id']}")


def test_a_removed_key_and_an_ended_token_lose_their_connections_within_five_seconds(
    client: GatewayClient, shared: Installation, tmp_path: Path
) -> None:
    line = make_key(tmp_path / "second")
    stored = shared.api("POST", "/ssh-keys", {"public_key": line})
    token = shared.api("POST", "/tokens", {"title": "device", "scopes": ["use"]})
    device = make_key(tmp_path / "device")
    issued = shared.api("POST", "/ssh-certificates", {"public_key": device}, token=token["token"])
    (tmp_path / "device-cert.pub").write_text(issued["certificate"] + "\n")
    ways = {name: GatewayClient(tmp_path, shared, tmp_path / name) for name in ("second", "device")}
    script = "echo here; while sleep 1; do echo again; done"
    with ways["second"].started(TO, script) as by_key, ways["device"].started(TO, script) as by_certificate:
        for process in (by_key, by_certificate):
            assert process.stdout is not None
            assert process.stdout.readline() == b"here\n"
        began = time.monotonic()
        shared.api("DELETE", f"/ssh-keys/{stored['id']}")
        shared.api("DELETE", f"/tokens/{token['id']}")
        assert (by_key.wait(5), by_certificate.wait(5)) == (255, 255)
        assert time.monotonic() - began < 5
    assert [way.run(TO, "true").returncode for way in ways.values()] == [255, 255]
    assert client.run(TO, "true").returncode == 0


def test_too_many_keys_and_silent_sockets_are_turned_away(client: GatewayClient, tmp_path: Path) -> None:
    keys = [f"-oIdentityFile={tmp_path / f'k{number}'}" for number in range(9)]
    for number in range(9):
        make_key(tmp_path / f"k{number}")
    own = tmp_path / "config"
    own.write_text(client.config.read_text().replace(f"IdentityFile {client.key}", "Compression no"))
    command = ["ssh", "-F", str(own), *keys, "-o", f"IdentityFile={client.key}", TO, "true"]
    ended = subprocess.run(command, capture_output=True, check=False)
    assert b"Too many authentication failures" in ended.stderr
    silent = [socket.create_connection(("127.0.0.1", client.port)) for _ in range(50)]
    noisy = [socket.create_connection(("127.0.0.1", client.port)) for _ in range(3)]
    for connection, noise in zip(
        noisy, (b"GET / HTTP/1.1\r\n\r\n", b"SSH-2.0-x\r\n" + b"\xff" * 4096, b"\0" * 100_000), strict=True
    ):
        connection.sendall(noise)
    assert client.run(TO, "echo still").stdout == b"still\n"
    for connection in (*silent, *noisy):
        connection.close()
    assert client.run(TO, "echo still").stdout == b"still\n"


# --- a workspace that does not run -------------------------------------------------------------------------------------


def test_a_stopped_workspace_is_a_clear_line_or_is_started_for_a_person_who_wants_it(
    client: GatewayClient, shared: Installation
) -> None:
    client.run(TO, "echo kept > ~/kept")
    shared.carrel("stop", "blog")
    for words in ((TO, "true"), ("-tt", TO), ("-T", TO)):
        ended = client.run(*words)
        assert ended.returncode == 255
        assert b"carrel: blog is stopped." in ended.stdout + ended.stderr
        assert b"`carrel start blog` starts it." in ended.stdout + ended.stderr
    assert client.run("-N", "-L", f"{free_port()}:localhost:1", TO, seconds=20).returncode == 255
    shared.api("PUT", "/preferences", {"start_on_connect": True})
    reconnecting = client.run(TO, "true")
    assert reconnecting.returncode == 255, "without a terminal it is nobody who waits for it"
    assert shared.workspace("blog")["phase"] == "stopped"
    with client.started("-tt", TO) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdin.write(b"cat ~/kept; stty size; exit 6\n")
        process.stdin.flush()
        said, told = process.communicate(timeout=60)
        assert process.returncode == 6, told
    assert b"kept" in said
    assert b"blog is stopped" in told
    assert b"blog is starting" in told
    shared.api("PUT", "/preferences", {"start_on_connect": False})
    assert client.run(TO, "cat ~/kept").stdout == b"kept\n"


# --- a person's own machine --------------------------------------------------------------------------------------------


def test_config_ssh_and_login_make_the_usual_programs_work(
    shared: Installation, client: GatewayClient, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    (home / ".ssh").mkdir(parents=True)
    own = home / ".ssh" / "config"
    own.write_text("Host *\n  LogLevel ERROR\n")
    url, token = f"http://127.0.0.1:{shared.port}", shared.api("POST", "/tokens", {"title": "laptop"})
    environment = shared.environment | {"HOME": str(home), "CARREL_DATA_DIR": "", "XDG_CONFIG_HOME": str(home / "c")}

    def run(*words: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(words, env=environment, input=stdin, capture_output=True, check=False, timeout=60)

    carrel = str(BIN / "carrel")
    assert run(carrel, "login", url, stdin=token["token"].encode()).returncode == 0
    assert (home / "c/carrel/device_ed25519-cert.pub").exists(), "the certificate comes with the login"
    dry = run(carrel, "config-ssh", "--file", str(own), "--dry-run")
    assert b"+Include" in dry.stdout
    assert own.read_text() == "Host *\n  LogLevel ERROR\n"
    for said in (b"Done", b"Nothing to change"):
        assert said in run(carrel, "config-ssh", "--file", str(own)).stderr
    ssh = ("ssh", "-F", str(own), "-o", "BatchMode=yes")
    assert run(*ssh, "blog.carrel", "id -un; exit 3").returncode == 3, "end to end by ssh-proxy"
    through = run(*ssh, "blog@carrel-gateway", "id -un")
    assert through.stdout == b"dev\n", through.stderr
    assert run(*ssh, "-o", "ProxyJump=none", "no-such@carrel-gateway", "true").returncode == 255
    assert run(carrel, "code", "--print", "blog").stdout == b"vscode-remote://ssh-remote+blog.carrel/workspaces/blog\n"
    without = run(carrel, "code", "blog")
    assert b"There is no command 'code'" in without.stderr
    assert run(carrel, "ssh-host-key").stdout.startswith(f"[127.0.0.1]:{client.port} ssh-ed25519 ".encode())
    added = run(carrel, "ssh-key", "add", "-", "--title", "desk", stdin=make_key(tmp_path / "desk").encode())
    assert b"Stored SHA256:" in added.stderr
    assert b"desk" in run(carrel, "ssh-key", "list").stdout
    assert run(carrel, "ssh-key", "remove", "desk").returncode == 0
    assert run(carrel, "logout", "--revoke").returncode == 0
    assert run(*ssh, "blog@carrel-gateway", "true").returncode == 255
    assert run(carrel, "config-ssh", "--file", str(own), "--remove").returncode == 0
    assert own.read_text() == "Host *\n  LogLevel ERROR\n"
