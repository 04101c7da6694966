"""Tars as streams between the event loop and a thread: never held in memory."""

from __future__ import annotations

import asyncio
import os
import tarfile
from collections.abc import AsyncIterable, AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import IO, cast


@asynccontextmanager
async def reading_tar(chunks: AsyncIterable[bytes]) -> AsyncIterator[tarfile.TarFile]:
    """A tar that a thread reads while the event loop feeds it; what is not read is dropped at the end."""
    read_end, write_end = os.pipe()
    file = _Pipe(read_end)
    feeder = asyncio.create_task(_feed(chunks, write_end, file))
    try:
        tar = await asyncio.to_thread(lambda: tarfile.open(mode="r|", fileobj=cast("IO[bytes]", file)))  # noqa: SIM115  closed below
        with tar:
            yield tar
    finally:
        feeder.cancel()  # first: a thread that still waits for bytes sees the end and lets go of the file
        try:
            with suppress(asyncio.CancelledError, BrokenPipeError):
                await feeder
        finally:
            file.close()


class _Pipe:
    """The read end of a pipe; an end that came too early is an error, and not the end of the tar."""

    def __init__(self, descriptor: int) -> None:
        self._file = os.fdopen(descriptor, "rb")
        self.is_whole = False

    def read(self, size: int) -> bytes:
        content = self._file.read(size)
        if len(content) < size and not self.is_whole:
            message = "the engine's answer ended too early"
            raise tarfile.ReadError(message)
        return content

    def close(self) -> None:
        self._file.close()


async def _feed(chunks: AsyncIterable[bytes], descriptor: int, file: _Pipe) -> None:
    try:
        async for chunk in chunks:
            await write_all(descriptor, chunk)
        file.is_whole = True
    finally:
        os.close(descriptor)


async def write_all(descriptor: int, chunk: bytes) -> None:
    """Write to a pipe without blocking the event loop: small chunks that fit are written at once."""
    os.set_blocking(descriptor, False)
    view = memoryview(chunk)
    loop = asyncio.get_running_loop()
    while view:
        try:
            view = view[os.write(descriptor, view) :]
        except BlockingIOError:
            free: asyncio.Future[None] = loop.create_future()
            loop.add_writer(descriptor, _wake, free)
            try:
                await free
            finally:
                loop.remove_writer(descriptor)


def _wake(waiter: asyncio.Future[None]) -> None:
    if not waiter.done():
        waiter.set_result(None)
