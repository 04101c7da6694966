"""The shorter way through asyncssh: whoever takes it, the other end sees the same bytes."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import asyncssh
import pytest

from carrel.ssh.lean_packets import PACKET_BYTES, LeanPackets, write

KEY = asyncssh.generate_private_key("ssh-ed25519")
GCM, CTR = "aes128-gcm@openssh.com", "aes128-ctr"
WAYS = [(True, True), (True, False), (False, True)]


class Echo(asyncssh.SSHTCPSession[bytes]):
    """Sends back what comes."""

    def connection_made(self, chan: asyncssh.SSHTCPChannel[bytes]) -> None:
        self._channel = chan

    def data_received(self, data: bytes, datatype: int | None) -> None:
        write(self._channel, data)

    def eof_received(self) -> bool:
        self._channel.write_eof()
        return True


class Server(asyncssh.SSHServer):
    """Lets everybody in, to an echo."""

    def __init__(self, lean: bool) -> None:
        self._lean = lean

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        if self._lean:
            LeanPackets(conn)

    def begin_auth(self, username: str) -> bool:
        return False

    def connection_requested(
        self, dest_host: str, dest_port: int, orig_host: str, orig_port: int
    ) -> asyncssh.SSHTCPSession[bytes]:
        return Echo()


class Client(asyncssh.SSHTCPSession[bytes]):
    """Takes down what comes."""

    def __init__(self) -> None:
        self.digest = hashlib.sha256()
        self.sizes: list[int] = []
        self.ended: asyncio.Future[Exception | None] = asyncio.get_running_loop().create_future()

    def data_received(self, data: bytes, datatype: int | None) -> None:
        self.digest.update(data)
        self.sizes.append(len(data))

    def eof_received(self) -> bool:
        self.ended.set_result(None)
        return True

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.ended.done():
            self.ended.set_result(exc or ConnectionError("lost"))


@asynccontextmanager
async def connected(
    lean_server: bool, lean_client: bool, **options: Any
) -> AsyncIterator[asyncssh.SSHClientConnection]:
    """A client's connection to a server in the same process."""

    class Hears(asyncssh.SSHClient):
        def connection_made(self, conn: asyncssh.SSHClientConnection) -> None:
            if lean_client:
                LeanPackets(conn)

    async def greet(process: asyncssh.SSHServerProcess[str]) -> None:
        process.stdout.write("hello")
        process.exit(3)

    algorithms = {"encryption_algs": [options.pop("cipher", GCM)], "compression_algs": None, **options}
    accepting = await asyncssh.listen(
        "127.0.0.1",
        0,
        server_host_keys=[KEY],
        server_factory=lambda: Server(lean_server),
        process_factory=greet,
        **algorithms,
    )
    async with accepting:
        port = accepting.get_port()
        async with asyncssh.connect(
            "127.0.0.1", port, known_hosts=None, client_factory=Hears, config=None, **algorithms
        ) as ssh:
            yield ssh


async def opened(
    ssh: asyncssh.SSHClientConnection, made: type[Client] = Client, packet_bytes: int = PACKET_BYTES
) -> tuple[asyncssh.SSHTCPChannel[bytes], Client]:
    """A channel to the echo."""
    channel, session = await ssh.create_connection(made, "echo", 1, max_pktsize=packet_bytes)
    assert isinstance(session, Client)
    return channel, session


async def echoed(ssh: asyncssh.SSHClientConnection, pieces: list[bytes], packet_bytes: int = PACKET_BYTES) -> Client:
    """Send pieces and wait until all came back."""
    channel, client = await opened(ssh, packet_bytes=packet_bytes)
    for piece in pieces:
        write(channel, piece)
    channel.write_eof()
    async with asyncio.timeout(10):
        assert await client.ended is None
    channel.close()
    return client


def pieces() -> list[bytes]:
    """Of every size about which something changes, empty ones too."""
    sizes = [0, 1, 5, 6, 7, 15, 16, 8191, 8192, PACKET_BYTES - 1, PACKET_BYTES, PACKET_BYTES + 1, 3 * PACKET_BYTES + 7]
    return [bytes([number % 256]) * size for number, size in enumerate(sizes * 2)]


@pytest.mark.parametrize(("server", "client"), WAYS)
async def test_every_byte_comes_back_whoever_takes_the_shorter_way(server: bool, client: bool) -> None:
    async with connected(server, client) as ssh:
        got = await echoed(ssh, pieces())
    assert got.digest.digest() == hashlib.sha256(b"".join(pieces())).digest()


@pytest.mark.parametrize(("server", "client"), WAYS)
async def test_keys_are_renewed_in_the_middle_of_the_data(server: bool, client: bool) -> None:
    async with connected(server, client, rekey_bytes=300_000) as ssh:
        got = await echoed(ssh, pieces() * 4)
    assert got.digest.digest() == hashlib.sha256(b"".join(pieces() * 4)).digest()


async def test_another_cipher_is_left_to_asyncssh() -> None:
    async with connected(True, True, cipher=CTR) as ssh:
        got = await echoed(ssh, pieces())
    assert got.digest.digest() == hashlib.sha256(b"".join(pieces())).digest()


async def test_more_than_the_window_waits_for_the_reader() -> None:
    data = [bytes(1 << 20)] * 9
    async with connected(True, True) as ssh:
        got = await echoed(ssh, data)
    assert sum(got.sizes) == 9 << 20


async def test_who_writes_is_held_back_before_the_window_is_full_and_goes_on_when_it_is_wide_again() -> None:

    class Steady(Client):
        """Sends pieces while it may."""

        def __init__(self) -> None:
            super().__init__()
            self.left, self.holds = 120, 0
            self.is_held_back = False

        def connection_made(self, chan: asyncssh.SSHTCPChannel[bytes]) -> None:
            self.channel = chan

        def go_on(self) -> None:
            while self.left and not self.is_held_back:
                self.left -= 1
                write(self.channel, bytes(100_000))
            if not self.left:
                self.channel.write_eof()

        def pause_writing(self) -> None:
            self.is_held_back, self.holds = True, self.holds + 1

        def resume_writing(self) -> None:
            self.is_held_back = False
            self.go_on()

    async with connected(True, True) as ssh:
        _, steady = await opened(ssh, Steady)
        assert isinstance(steady, Steady)
        steady.go_on()
        async with asyncio.timeout(10):
            assert await steady.ended is None
    assert sum(steady.sizes) == 12_000_000
    assert steady.holds


async def test_no_packet_is_longer_than_the_other_end_allows() -> None:
    async with connected(True, True) as ssh:
        got = await echoed(ssh, [bytes(200_000)], packet_bytes=10_000)
    assert max(got.sizes) <= 10_000


async def test_sessions_and_data_share_a_connection() -> None:
    async with connected(True, True) as ssh:
        bulk = [asyncio.ensure_future(echoed(ssh, pieces() * 3)) for _ in range(3)]
        done = [await ssh.run("greet") for _ in range(5)]
        await asyncio.gather(*bulk)
    assert {(one.stdout, one.exit_status) for one in done} == {("hello", 3)}


async def test_a_session_that_raises_ends_its_connection_as_with_asyncssh() -> None:
    class Bad(Client):
        def data_received(self, data: bytes, datatype: int | None) -> None:
            raise RuntimeError

    async with connected(True, True) as ssh:
        channel, client = await opened(ssh, Bad)
        write(channel, b"x")
        async with asyncio.timeout(5):
            assert await client.ended is not None


@pytest.mark.parametrize("byte", [0, 4, 20, -1])
async def test_what_was_tampered_with_is_never_delivered(byte: int) -> None:
    """A packet with one changed byte ends the connection: in its length, its content or its tag."""
    async with connected(True, True) as ssh:
        channel, client = await opened(ssh)
        write(channel, b"good")
        async with asyncio.timeout(5):
            while not client.sizes:
                await asyncio.sleep(0)
        receive = ssh.data_received

        def spoiled(data: bytes) -> None:
            changed = bytearray(data)
            changed[byte] ^= 0x40
            receive(bytes(changed))

        transport: Any = ssh._transport  # between the kernel and asyncssh
        protocol = _Between(spoiled)
        transport.set_protocol(protocol)
        write(channel, b"evil")
        async with asyncio.timeout(5):
            assert await client.ended is not None
    assert client.sizes == [4]


class _Between(asyncio.Protocol):
    """Changes what comes in."""

    def __init__(self, receive: Callable[[bytes], None]) -> None:
        self._receive = receive

    def data_received(self, data: bytes) -> None:
        self._receive(data)
