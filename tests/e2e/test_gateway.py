"""The gateway with OpenSSH's own client and a real workspace: each verb, exact ends, many at once, bad guests."""

from __future__ import annotations

import asyncio
import hashlib
import os
import random
import re
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.contract.images import image
from tests.e2e.gateway_client import GatewayClient, make_key
from tests.e2e.installation import BIN, ApiProblem, Installation, free_port
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


def until(condition: object, seconds: float = 10) -> None:
    """Wait for something in another process."""
    end = time.monotonic() + seconds
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < end
        time.sleep(0.02)


def answers(port: int, family: int = socket.AF_INET) -> bool:
    """Whether something listens on loopback."""
    with socket.socket(family) as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


# --- commands ----------------------------------------------------------------------------------------------------------


def test_streams_and_statuses_are_the_commands_own(client: GatewayClient) -> None:
    ended = client.run(TO, "cat; echo oops >&2; exit 7", stdin=b"in\0put")
    assert (ended.returncode, ended.stdout, ended.stderr) == (7, b"in\0put", b"oops\n")
    assert client.run(TO, "id -un; pwd").stdout == b"dev\n/workspaces/blog\n"
    assert [client.run(TO, f"exit {status}").returncode for status in (0, 1, 254)] == [0, 1, 254]


def test_a_signal_ends_a_command_and_is_told_by_name(client: GatewayClient) -> None:
    ended = client.run("-v", "-o", "LogLevel=DEBUG1", TO, "kill -TERM $$")
    assert ended.returncode == 255
    assert b"exit-signal" in ended.stderr


def test_the_environment_is_what_the_agent_permits(client: GatewayClient) -> None:
    given = ("-o", "SetEnv=LC_MARK=ring LD_PRELOAD=/tmp/x BASH_ENV=/tmp/y")
    said = client.run(*given, TO, "echo $LC_MARK-$LD_PRELOAD-$BASH_ENV").stdout
    assert said == b"ring--\n"


def test_a_terminal_has_its_size_its_modes_and_its_end(client: GatewayClient) -> None:
    import pty  # noqa: PLC0415
    import termios  # noqa: PLC0415

    master, slave = pty.openpty()
    termios.tcsetwinsize(slave, (31, 101))
    with client.started("-t", TO, "stty size; read line; stty size; exit 9", stdin=slave, stdout=slave) as process:
        os.close(slave)
        assert b"31 101" in os.read(master, 1000)
        termios.tcsetwinsize(master, (17, 55))
        process.send_signal(28)  # SIGWINCH
        time.sleep(0.2)
        os.write(master, b"go\n")
        heard = b""
        while b"17 55" not in heard:
            heard += os.read(master, 1000)
        assert process.wait(10) == 9
    os.close(master)


def test_ctrl_c_reaches_the_program(client: GatewayClient) -> None:
    script = "trap 'echo caught; exit 3' INT; echo ready; while :; do sleep 0.1; done"
    with client.started("-tt", TO, script) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\r\n"
        process.stdin.write(b"\x03")
        process.stdin.flush()
        assert b"caught" in process.stdout.read()
        assert process.wait(10) == 3


def test_half_closed_input_leaves_output_open(client: GatewayClient) -> None:
    ended = client.run(TO, "cat > ~/in; sleep 0.3; wc -c < ~/in", stdin=b"x" * 100_000)
    assert ended.stdout.strip() == b"100000"


# --- files -------------------------------------------------------------------------------------------------------------


def test_large_files_pass_scp_both_ways_with_equal_hashes(client: GatewayClient, tmp_path: Path) -> None:
    file = tmp_path / "large"
    file.write_bytes(random.Random(4).randbytes(200_000_000))
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    began = time.monotonic()
    assert client.program("scp", "-q", str(file), f"{TO}:/home/dev/large").returncode == 0
    assert client.run(TO, "sha256sum ~/large").stdout.split()[0].decode() == digest
    assert client.program("scp", "-q", f"{TO}:/home/dev/large", f"{file}.back").returncode == 0
    assert hashlib.sha256(Path(f"{file}.back").read_bytes()).hexdigest() == digest
    assert client.program("scp", "-q", "-O", f"{TO}:/home/dev/large", f"{file}.old").returncode == 0, (
        "the older protocol"
    )
    assert time.monotonic() - began < 60
    client.run(TO, "rm ~/large")


def test_sftp_has_the_rights_of_the_user_and_no_more(client: GatewayClient, tmp_path: Path) -> None:
    (tmp_path / "up").write_text("hello")
    batch = (
        f"pwd\nput {tmp_path}/up up\nrename up renamed\nchmod 640 renamed\nls -l renamed\nget renamed {tmp_path}/back\n"
    )
    ended = client.program("sftp", "-b", "-", TO, stdin=batch.encode())
    assert b"/workspaces/blog" in ended.stdout
    assert b"-rw-r-----" in ended.stdout
    assert (tmp_path / "back").read_text() == "hello"
    outside = client.program("sftp", "-b", "-", TO, stdin=f"get ../../etc/passwd {tmp_path}/passwd\n".encode())
    assert outside.returncode == 0, "leaving home is what unix rights say"
    for line in ("put {}/up /etc/evil", "put {}/up ../../etc/evil", "get /proc/1/environ {}/environ", "rm /etc/passwd"):
        refused = client.program("sftp", "-b", "-", TO, stdin=line.format(tmp_path).encode() + b"\n")
        assert refused.returncode == 1, line
        assert b"denied" in refused.stderr.lower(), refused.stderr


def test_rsync_and_git_go_over_it(client: GatewayClient, tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    for number in range(200):
        (tree / f"d{number % 7}").mkdir(parents=True, exist_ok=True)
        (tree / f"d{number % 7}" / f"f{number}").write_text(str(number) * number)

    def run(*words: str) -> None:
        done = subprocess.run(words, env=client.environment(), check=False, capture_output=True)
        assert done.returncode == 0, (words, done.stderr)

    run("rsync", "-a", "--delete", f"{tree}/", f"{TO}:tree/")
    run("rsync", "-a", f"{TO}:tree/", f"{tmp_path}/again/")
    assert subprocess.run(["diff", "-r", tree, tmp_path / "again"], check=False).returncode == 0
    run("git", "clone", "-q", f"{TO}:/workspaces/blog", f"{tmp_path}/cloned")
    assert (tmp_path / "cloned" / "README.md").read_text() == "# Blog\n"
    git = ["git", "-C", f"{tmp_path}/cloned", "-c", "user.name=a", "-c", "user.email=a@example.org"]
    run(*git, "commit", "-q", "--allow-empty", "-m", "over ssh")
    run(*git, "push", "-q", "origin", "HEAD:refs/heads/other")
    assert b"over ssh" in client.run(TO, "git log -1 --format=%s other").stdout


# --- forwarding --------------------------------------------------------------------------------------------------------

SERVE = "mkdir -p ~/www; echo {text} > ~/www/index.html; exec busybox httpd -f -h ~/www -p 127.0.0.1:{port}"


@pytest.fixture(scope="module")
def page(client: GatewayClient) -> Iterator[int]:
    """A server on the workspace's loopback; its port."""
    with client.started(TO, SERVE.format(text="inside", port=9876)):
        until(lambda: client.run(TO, "netstat -ltn | grep -q :9876").returncode == 0)
        yield 9876


def fetch(port: int, host: str = "127.0.0.1") -> str:
    with socket.create_connection((host, port), timeout=10) as connection:
        connection.sendall(b"GET / HTTP/1.0\r\n\r\n")
        return connection.makefile("rb").read().decode()


def test_local_remote_and_dynamic_forwards(client: GatewayClient, page: int) -> None:
    local, dynamic, behind, here = free_port(), free_port(), 23456, free_port()
    forwards = (f"-L{local}:127.0.0.1:{page}", f"-D{dynamic}", f"-R{behind}:127.0.0.1:{here}")
    with socket.create_server(("127.0.0.1", here)) as listener, client.started("-N", *forwards, TO):
        until(lambda: answers(local))
        assert "inside" in fetch(local)
        curl = ["curl", "-s", "--max-time", "10", "--socks5-hostname", f"127.0.0.1:{dynamic}"]
        assert b"inside" in subprocess.check_output([*curl, f"http://localhost:{page}/"])
        with client.started(TO, f"echo from inside | busybox nc -w 2 127.0.0.1 {behind}"):
            listener.settimeout(10)
            connection, _ = listener.accept()
            with connection:
                assert connection.makefile("rb").readline() == b"from inside\n"


def test_a_port_is_chosen_for_a_remote_forward_and_only_loopback_listens(client: GatewayClient) -> None:
    with client.started("-N", "-o", "LogLevel=INFO", "-R", "0:127.0.0.1:1", TO) as process:
        assert process.stderr is not None
        line = process.stderr.readline().decode()
        port = int(re.findall(r"Allocated port (\d+)", line)[0])
        assert f"127.0.0.1:{port}" in client.run(TO, "netstat -ltn").stdout.decode()
    for address in ("0.0.0.0:23457", "10.0.0.1:23457", "127.0.0.1:80"):
        refused = client.run("-N", "-o", "ExitOnForwardFailure=yes", "-R", f"{address}:127.0.0.1:1", TO)
        assert refused.returncode == 255, address


@pytest.mark.parametrize(
    "target", ["169.254.169.254:80", "10.213.0.1:7070", "192.0.2.1:80", "127.0.0.1:99999", "127.0.0.1:0", "[::1]:1"]
)
def test_a_tunnel_leads_nowhere_else(client: GatewayClient, target: str) -> None:
    host, _, port = target.rpartition(":")
    ended = client.run("-W", f"{host}:{port}", TO, stdin=b"", seconds=20)
    assert ended.returncode == 255


def test_the_controls_of_the_agent_are_not_for_people(client: GatewayClient) -> None:
    for subsystem in ("carrel-control", "carrel-terminal main", "carrel-ssh", "carrel-stream x", "x11"):
        refused = client.run("-s", TO, subsystem, stdin=b'{"id":1,"op":"status"}\n')
        assert refused.returncode == 255, subsystem
        assert refused.stdout == b""
        assert b"subsystem request failed" in refused.stderr
    assert client.run("-X", TO, "echo ${DISPLAY:-none}").stdout == b"none\n"


def test_an_agent_is_forwarded_when_asked_for(client: GatewayClient, tmp_path: Path) -> None:
    sock = tmp_path / "agent"
    agent = subprocess.Popen(["ssh-agent", "-D", "-a", str(sock)], stdout=subprocess.DEVNULL)
    try:
        until(sock.exists)
        environment = os.environ | {"SSH_AUTH_SOCK": str(sock)}
        subprocess.run(["ssh-add", "-q", str(client.key)], env=environment, check=True)
        command = ["ssh", "-F", str(client.config), TO, 'test -S "$SSH_AUTH_SOCK" && stat -c %U%a $SSH_AUTH_SOCK']
        without = subprocess.run(command, env=environment, capture_output=True, check=False)
        asked = subprocess.run([*command[:1], "-A", *command[1:]], env=environment, capture_output=True, check=False)
        assert (without.returncode, without.stdout) == (1, b"")
        assert asked.stdout.startswith(b"dev")
    finally:
        agent.terminate()
        agent.wait()


# --- editors -----------------------------------------------------------------------------------------------------------


def test_vs_codes_use_of_the_protocol(client: GatewayClient) -> None:
    """`ssh -T -D PORT host bash`: a script over stdin, a server on loopback that is reached by -D, all the while open."""
    dynamic = free_port()
    with client.started("-T", "-D", str(dynamic), "-o", "ConnectTimeout=15", TO, "bash") as process:
        assert process.stdin is not None
        assert process.stdout is not None
        script = b"echo __begin__; uname -s; id -un; echo __end__\n"
        process.stdin.write(script)
        process.stdin.flush()
        assert [process.stdout.readline() for _ in range(4)] == [b"__begin__\n", b"Linux\n", b"dev\n", b"__end__\n"]
        process.stdin.write(SERVE.format(text="server", port=9877).replace("exec ", "").encode() + b" & echo started\n")
        process.stdin.flush()
        assert process.stdout.readline() == b"started\n"
        curl = ["curl", "-s", "--max-time", "5", "--retry", "20", "--retry-all-errors", "--retry-delay", "0"]
        proxied = [*curl, "--socks5", f"127.0.0.1:{dynamic}", "http://127.0.0.1:9877/"]
        until(lambda: b"server" in subprocess.run(proxied, capture_output=True, check=False).stdout)
        process.stdin.write(b"kill %1; exit 4\n")
        process.stdin.flush()
        assert process.wait(10) == 4


def test_several_channels_on_one_connection_as_jetbrains_opens_them(
    client: GatewayClient, page: int, tmp_path: Path
) -> None:
    master, local = tmp_path / "master", free_port()
    multiplexed = ("-o", f"ControlPath={master}")
    with client.started("-M", "-N", *multiplexed, TO):
        until(master.exists)
        assert client.run(*multiplexed, "-O", "forward", "-L", f"{local}:localhost:{page}", TO).returncode == 0
        running = [
            subprocess.Popen(
                ["ssh", "-F", client.config, *multiplexed, TO, f"sleep 0.2; echo {number}"], stdout=subprocess.PIPE
            )
            for number in range(10)
        ]
        assert "200 OK" in fetch(local)
        (tmp_path / "file").write_text("by sftp")
        batch = f"put {tmp_path}/file file\n".encode()
        assert client.program("sftp", *multiplexed, "-b", "-", TO, stdin=batch).returncode == 0
        assert [one.communicate(timeout=20)[0] for one in running] == [f"{n}\n".encode() for n in range(10)]
        assert client.run(*multiplexed, TO, "cat file").stdout == b"by sftp"
        assert client.run(*multiplexed, "-O", "exit", TO).returncode == 0


async def test_fifty_sessions_at_once(client: GatewayClient) -> None:
    async def one(number: int) -> tuple[int | None, bytes]:
        command = (
            "ssh",
            "-F",
            str(client.config),
            TO,
            f"head -c 100000 /dev/zero | wc -c; echo {number}; exit {number}",
        )
        process = await asyncio.create_subprocess_exec(*command, stdout=-1, stdin=-3)
        said, _ = await process.communicate()
        return process.returncode, said

    async with asyncio.timeout(120):
        ended = await asyncio.gather(*(one(number) for number in range(50)))
    assert ended == [(number, f"100000\n{number}\n".encode()) for number in range(50)]


def test_as_a_jump_host_it_is_end_to_end_to_the_workspace(client: GatewayClient) -> None:
    through = f"ProxyCommand={client.command} -W blog.carrel:22 carrel@gateway"
    unknown = ("-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null")
    ended = client.run("-o", through, *unknown, "anyone@blog.carrel", "id -un; cat; exit 5", stdin=b"through")
    assert (ended.returncode, ended.stdout) == (5, b"dev\nthrough")
    wrong = client.run("-o", through, "-o", "HostKeyAlias=gateway", "anyone@blog.carrel", "true")
    assert wrong.returncode == 255, "the host key is the workspace's own, not the gateway's"
    for target in ("127.0.0.1:22", "blog.carrel:23", "169.254.169.254:80", "no-such.carrel:22", "../x.carrel:22"):
        refused = client.run("-W", target, "carrel@gateway", stdin=b"")
        assert refused.returncode == 255, target
    at_the_gateway = client.run("carrel@gateway")
    assert at_the_gateway.returncode == 255
    assert b"`ssh NAME@host` enters a workspace" in at_the_gateway.stderr


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
