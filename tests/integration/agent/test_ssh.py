"""SSH end to end with the agent, over channels of a link: what a person may do, and that no byte is lost."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import stat
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING

import asyncssh
import pytest
from tests.integration.agent.ssh_client import Plain, Resumed, connect

from carrel.core.agent import CONTROL_SUBSYSTEM, SSH_SUBSYSTEM, STREAM_SUBSYSTEM
from carrel.core.stream import Kind, Refusal, RefusedError, frame

if TYPE_CHECKING:
    from tests.integration.agent.conftest import Control, RunningAgent

Eventually = Callable[..., Awaitable[None]]
COUNT = 300_000
"""Lines: more than what the windows of SSH and of the stream hold together."""
LINES = hashlib.sha256("".join(f"{n}\n" for n in range(1, COUNT + 1)).encode() * 8).hexdigest()


@pytest.fixture
async def plain(
    agent: RunningAgent, link: asyncssh.SSHClientConnection, begun: Control
) -> AsyncIterator[asyncssh.SSHClientConnection]:
    carried = Plain(link)
    await carried.open()
    async with await connect(carried.tube, agent.host_key) as ssh:
        yield ssh
    await carried.close()


@pytest.fixture
async def resumed(link: asyncssh.SSHClientConnection, begun: Control) -> AsyncIterator[Resumed]:
    carried = Resumed(link)
    await carried.open()
    yield carried
    await carried.close()


@pytest.fixture
async def ssh(agent: RunningAgent, resumed: Resumed) -> AsyncIterator[asyncssh.SSHClientConnection]:
    connection = await connect(resumed.tube, agent.host_key)
    yield connection
    connection.abort()


async def test_a_person_has_commands_files_and_ports_of_the_workspace(plain: asyncssh.SSHClientConnection) -> None:
    done = await plain.run("echo $0; cat; echo no >&2; exit 7", input="yes\n")
    assert (done.stdout, done.stderr, done.exit_status) == ("/bin/bash\nyes\n", "no\n", 7)
    assert (await plain.run("kill -TERM $$")).exit_signal == ("TERM", False, "", "en-US")
    assert "pts" in str((await plain.run("tty", term_type="xterm", term_size=(81, 25))).stdout)
    async with plain.start_sftp_client() as sftp:
        assert await sftp.getcwd()
    echo = await asyncio.start_server(_echo, "127.0.0.1", 0)
    port = echo.sockets[0].getsockname()[1]
    reader, writer = await plain.open_connection("localhost", port)
    writer.write(b"hi")
    writer.write_eof()
    assert await reader.read() == b"hi"
    writer.close()
    echo.close()
    await echo.wait_closed()


async def _echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(await reader.read())
    writer.close()
    await writer.wait_closed()


async def test_keep_alives_are_no_activity(
    agent: RunningAgent, link: asyncssh.SSHClientConnection, begun: Control
) -> None:
    carried = Plain(link)
    await carried.open()
    async with await connect(carried.tube, agent.host_key, keepalive_interval=0.02) as ssh:
        assert (await ssh.run("true")).exit_status == 0
        before = (await begun.status())["signals"]
        await asyncio.sleep(0.3)
        assert (await begun.status())["signals"] == before
        assert before, "the command was one"
    await carried.close()


async def test_a_person_has_no_control_of_the_agent(plain: asyncssh.SSHClientConnection) -> None:
    for subsystem in (CONTROL_SUBSYSTEM, SSH_SUBSYSTEM, f"{STREAM_SUBSYSTEM} u1 60", "x"):
        with pytest.raises(asyncssh.ChannelOpenError):
            await plain.create_process(subsystem=subsystem)


async def test_what_leads_out_of_the_workspace_or_to_its_root_is_refused(plain: asyncssh.SSHClientConnection) -> None:
    for host, port in (("169.254.169.254", 80), ("127.0.0.1", 1), ("localhost", 0)):
        with pytest.raises(asyncssh.ChannelOpenError):
            await plain.open_connection(host, port)
    with pytest.raises(asyncssh.ChannelOpenError):
        await plain.open_unix_connection("/run/docker.sock")
    for host, port in (("0.0.0.0", 0), ("localhost", 22), ("10.0.0.1", 8080)):
        with pytest.raises(asyncssh.ChannelListenError):
            await plain.forward_remote_port(host, port, "localhost", 9)
    with pytest.raises(asyncssh.ChannelListenError):
        await plain.forward_remote_path("/tmp/listens", "/nowhere")
    with pytest.raises(asyncssh.ChannelOpenError):
        await plain.create_process("true", x11_forwarding=True, x11_display="localhost:7.0")


async def test_a_forwarded_agent_belongs_to_the_session_and_goes_with_it(
    agent: RunningAgent, link: asyncssh.SSHClientConnection, begun: Control, folder: Path, eventually: Eventually
) -> None:
    asked: list[bytes] = []

    async def keys(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readexactly(5))
        writer.write(b"\0\0\0\5\x0c\0\0\0\0")
        await writer.drain()
        writer.close()

    path = str(folder / "agent")
    server = await asyncio.start_unix_server(keys, path)
    carried = Plain(link)
    await carried.open()
    try:
        async with await connect(carried.tube, agent.host_key, agent_path=path, agent_forwarding=True) as ssh:
            done = await ssh.run("echo $SSH_AUTH_SOCK; ssh-add -l")
            place = Path(str(done.stdout).splitlines()[0])
            mode, owner = place.stat().st_mode, place.parent.stat()
            assert (stat.S_IMODE(mode), stat.S_IMODE(owner.st_mode), owner.st_uid) == (0o600, 0o700, os.geteuid())
            assert asked == [b"\0\0\0\1\x0b"], "the keys of the client were asked for"
        await eventually(lambda: not place.parent.exists())
    finally:
        server.close()
        await carried.close()
    async with agent.connect() as other:
        assert (await other.run("echo ${SSH_AUTH_SOCK:-none}", env={"SSH_AUTH_SOCK": ""})).stdout == "none\n"


async def test_bytes_survive_cuts_in_both_directions_and_the_shell_is_the_same(
    ssh: asyncssh.SSHClientConnection, resumed: Resumed
) -> None:
    """Cut a dozen times while both directions are full; the digests are equal, and the shell is the one from before."""
    shell = await ssh.create_process("bash", encoding=None)
    shell.stdin.write(b"echo $$\n")
    pid = await shell.stdout.readline()
    down = asyncio.create_task(ssh.run(f"for i in 1 2 3 4 5 6 7 8; do seq {COUNT}; done", encoding=None))
    up = await ssh.create_process("sha256sum", encoding=None)

    async def feed() -> bytes:
        block = "".join(f"{n}\n" for n in range(1, COUNT + 1)).encode()
        for _ in range(8):
            up.stdin.write(block)
            await up.stdin.drain()
        up.stdin.write_eof()
        return bytes(await up.stdout.read())

    fed = asyncio.create_task(feed())
    for number in range(12):
        await asyncio.sleep(0.03 * (number % 4))
        await resumed.cut()
        await asyncio.sleep(0.02 * (number % 3))
        await resumed.connect()
    done = await down
    assert isinstance(done.stdout, bytes)
    assert hashlib.sha256(done.stdout).hexdigest() == LINES
    assert (await fed).split()[0].decode() == LINES
    shell.stdin.write(b"echo $$\n")
    assert await shell.stdout.readline() == pid


async def test_a_stream_goes_on_over_another_link(
    agent: RunningAgent, ssh: asyncssh.SSHClientConnection, resumed: Resumed
) -> None:
    """As after a restart of the server: the link is another one, the stream is the same."""
    shell = await ssh.create_process("cat")
    await resumed.cut()
    shell.stdin.write("typed while away\n")
    async with agent.connect() as other:
        await resumed.connect(other)
        assert await shell.stdout.readline() == "typed while away\n"
        await resumed.cut()


async def test_what_nobody_reads_is_bounded_and_the_command_waits(
    ssh: asyncssh.SSHClientConnection, resumed: Resumed, folder: Path
) -> None:
    counter = folder / "count"
    process = await ssh.create_process(f"for i in $(seq 1000); do echo $i > {counter}; printf '%65536s' x; done")
    await process.stdout.read(1)
    await resumed.cut()
    before = -1
    while (now := int(counter.read_text() or 0)) != before:
        before = now
        await asyncio.sleep(0.3)
    assert before < 250, "16 MiB and more would be kept in memory"
    await resumed.connect()
    assert len(await process.stdout.read()) == 1000 * 65536 - 1


async def test_a_second_connection_takes_over_and_the_first_is_told(
    ssh: asyncssh.SSHClientConnection, resumed: Resumed
) -> None:
    first = list(resumed._tasks)
    resumed.stream.disconnect()
    await resumed.connect()
    [refusal] = await asyncio.gather(first[1], return_exceptions=True)
    assert isinstance(refusal, RefusedError)
    assert refusal.reason == Refusal.TAKEN
    first[0].cancel()
    assert (await ssh.run("echo still here")).stdout == "still here\n"


async def test_a_stream_that_nobody_comes_back_to_ends_with_what_runs_in_it(
    agent: RunningAgent, link: asyncssh.SSHClientConnection, begun: Control, folder: Path, eventually: Eventually
) -> None:
    carried = Resumed(link, seconds=1)
    await carried.open()
    assert carried.waits_seconds == 1
    ssh = await connect(carried.tube, agent.host_key)
    await ssh.create_process(
        f"trap 'touch {folder}/hung-up; exit' HUP; touch {folder}/runs; while :; do sleep 0.05; done"
    )
    await eventually((folder / "runs").exists)
    await carried.cut()
    await eventually((folder / "hung-up").exists)
    with pytest.raises(RefusedError) as refusal:
        await carried.connect()
    assert refusal.value.reason == Refusal.UNKNOWN
    ssh.abort()
    await carried.close()


async def test_who_does_not_know_the_id_or_is_another_person_does_not_get_the_stream(
    link: asyncssh.SSHClientConnection, ssh: asyncssh.SSHClientConnection, resumed: Resumed
) -> None:
    for person, name in (("u2", resumed.id), ("u1", os.urandom(16))):
        thief = Resumed(link, person=person)
        thief.id, thief.was_welcome = name, True
        await thief.tube.open()
        with pytest.raises(RefusedError) as refusal:
            await thief.connect()
        assert refusal.value.reason == Refusal.UNKNOWN
        await thief.close()
    assert (await ssh.run("echo unharmed")).stdout == "unharmed\n"


async def test_garbage_is_refused_and_harms_nobody(link: asyncssh.SSHClientConnection, begun: Control) -> None:
    for garbage in (b"SSH-2.0-OpenSSH\r\n", frame(Kind.DATA, bytes(9)), b"\1\xff\xff\xff\xff", bytes(64)):
        process = await link.create_process(subsystem=f"{STREAM_SUBSYSTEM} u1 60", encoding=None)
        process.stdin.write(garbage)
        answer = await process.stdout.read()
        assert answer[:1] == bytes([Kind.REFUSED])
        assert answer[5:6] == bytes([Refusal.PROTOCOL])
    assert (await begun.ask("hello"))["state"] == "ready"


async def test_the_end_of_ssh_ends_the_stream(ssh: asyncssh.SSHClientConnection, resumed: Resumed) -> None:
    assert (await ssh.run("true")).exit_status == 0
    ssh.close()
    await ssh.wait_closed()
    async with asyncio.timeout(60):
        assert await resumed.ended_by() is None
    with contextlib.suppress(AssertionError), pytest.raises(RefusedError):
        await resumed.connect()
