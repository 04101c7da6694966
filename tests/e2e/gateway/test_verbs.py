"""The gateway with OpenSSH's own client and a real workspace: each verb, exact ends, many at once, editors."""

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
from tests.e2e.gateway.conftest import TO, answers, until
from tests.e2e.gateway_client import GatewayClient
from tests.e2e.installation import free_port

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
        assert [one.communicate(timeout=60)[0] for one in running] == [f"{n}\n".encode() for n in range(10)]
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
