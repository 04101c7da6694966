"""Frames, lines, progress, pulls, tars."""

from __future__ import annotations

import asyncio
import io
import tarfile
from collections.abc import AsyncIterator, Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carrel.core.secret import Secret
from carrel.runtimes.docker.images import PullDisplay, credentials_for, registry_host, split_reference
from carrel.runtimes.docker.multiplex import Lines, clean, frames
from carrel.runtimes.docker.progress import ProgressLog
from carrel.runtimes.docker.tar_stream import reading_tar


async def chunked(content: bytes, size: int) -> AsyncIterator[bytes]:
    for at in range(0, len(content), size):
        yield content[at : at + size]


@pytest.mark.parametrize("size", [1, 3, 8, 100])
async def test_frames_are_found_however_they_are_cut(size: int) -> None:
    content = b"\x01\0\0\0\0\0\0\x03abc" + b"\x02\0\0\0\0\0\0\x00" + b"\x02\0\0\0\0\0\0\x02de"
    assert [frame async for frame in frames(chunked(content, size))] == [(1, b"abc"), (2, b""), (2, b"de")]


@given(st.lists(st.binary(max_size=20), max_size=10))
def test_lines_do_not_depend_on_how_they_are_cut(chunks: list[bytes]) -> None:
    one, other = Lines(), Lines()
    whole = one.feed(b"".join(chunks)) + one.end()
    cut = [line for chunk in chunks for line in other.feed(chunk)] + other.end()
    assert cut == whole
    assert all("\n" not in line and "\x1b" not in line for line in whole)


def test_a_line_is_what_a_terminal_shows_with_control_characters_escaped() -> None:
    assert clean(b"10%\r50%\r100%, done.\r") == "100%, done."
    assert clean(b"\x1b[31mred\x07") == "\\x1b[31mred\\x07"
    assert clean(b"a\tb \xff") == "a\tb \ufffd"
    assert len(clean(b"x" * 10_000)) < 4100


def test_a_line_without_end_does_not_fill_the_memory() -> None:
    lines = Lines(limit=10)
    for _ in range(100):
        lines.feed(b"x" * 10)
    assert len(lines._rest) <= 50


def test_a_line_that_is_overwritten_is_shown_now_and_then() -> None:
    now, told = [0.0], list[str]()
    progress = ProgressLog(told.append, lambda: now[0])
    for second in range(6):
        now[0] = float(second)
        progress.feed(b"Receiving %d%%\r" % (second * 10))
    progress.feed(b"Receiving 100%\rdone\n")
    progress.feed(b"rest")
    progress.end()
    assert told == ["Receiving 20%", "Receiving 40%", "done", "rest"]


def test_pulls_are_shown_in_few_lines() -> None:
    told: list[str] = []
    display = PullDisplay(told.append)
    display.show({"status": "Pulling from library/debian", "id": "12"})
    display.show({"status": "Pulling fs layer", "id": "a"})
    display.show({"status": "Downloading", "id": "a", "progressDetail": {"current": 1_000_000, "total": 3_000_000}})
    for current in range(100):
        display.show({"status": "Downloading", "id": "a", "progressDetail": {"current": current, "total": 3_000_000}})
    display.show({"status": "Pull complete", "id": "a"})
    assert told == ["12: Pulling from library/debian", "Downloading: 1 of 3 MB", "a: Pull complete"]


@pytest.mark.conformance("C133")
@pytest.mark.parametrize(
    ("image", "name", "tag", "host"),
    [
        ("debian", "debian", "latest", "docker.io"),
        ("debian:12", "debian", "12", "docker.io"),
        ("ana/blog", "ana/blog", "latest", "docker.io"),
        ("localhost/blog:1", "localhost/blog", "1", "localhost"),
        ("127.0.0.1:5000/a/b", "127.0.0.1:5000/a/b", "latest", "127.0.0.1:5000"),
        ("ghcr.io/a/b:1", "ghcr.io/a/b", "1", "ghcr.io"),
        ("ghcr.io/a/b@sha256:00", "ghcr.io/a/b", "sha256:00", "ghcr.io"),
    ],
)
def test_image_names(image: str, name: str, tag: str, host: str) -> None:
    assert split_reference(image) == (name, tag)
    assert registry_host(image) == host


def test_credentials_go_to_their_own_registry_only() -> None:
    known = {"ghcr.io": ("ana", Secret("one")), "docker.io": ("bob", Secret("two"))}
    assert credentials_for("ghcr.io/a/b", known) == {"username": "ana", "password": "one"}
    assert credentials_for("debian", known) == {"username": "bob", "password": "two"}
    assert credentials_for("ghcr.io.example.com/a/b", known) == {}


def tar_of(names: Iterable[str]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name in names:
            member = tarfile.TarInfo(name)
            member.size = 3000
            tar.addfile(member, io.BytesIO(b"x" * 3000))
    return buffer.getvalue()


async def test_a_tar_is_read_while_it_comes() -> None:
    names = [f"file{n}" for n in range(50)]
    async with reading_tar(chunked(tar_of(names), 1000)) as tar:
        assert await asyncio.to_thread(lambda: [member.name for member in tar]) == names


async def test_a_tar_need_not_be_read_to_its_end() -> None:
    async with reading_tar(chunked(tar_of(f"file{n}" for n in range(500)), 65536)) as tar:
        first = await asyncio.to_thread(tar.next)
    assert first is not None
    assert first.name == "file0"


@pytest.mark.parametrize("cut", [512, 512 + 3072, 2 * (512 + 3072), 2000])
async def test_a_tar_that_breaks_off_is_not_taken_for_a_shorter_one(cut: int) -> None:
    async def breaking() -> AsyncIterator[bytes]:
        yield tar_of(["a", "b", "c"])[:cut]
        raise ConnectionResetError

    async def read_all() -> list[str]:
        async with reading_tar(breaking()) as tar:
            names = await asyncio.to_thread(lambda: [member.name for member in tar])
            pytest.fail(f"the tar was taken for whole: {names}")

    with pytest.raises((tarfile.ReadError, ConnectionResetError)):
        await read_all()
