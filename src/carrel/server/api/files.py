"""Files of a running workspace, with the rights of its remote user: download, upload, what is in a folder."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from datetime import UTC, datetime
from email.utils import format_datetime
from enum import StrEnum
from typing import Annotated, Any, Literal
from urllib.parse import quote

from fastapi import APIRouter, Query, Request, WebSocket
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import ClientDisconnect

from carrel.core.access import Action, Actor, Resource, demand
from carrel.core.files import LONGEST_PATH, FilesRequest, Form, Operation
from carrel.core.problems import Problem
from carrel.core.workspace import Workspace
from carrel.server.api.asking import Asking, WithParts
from carrel.server.api.file_session import FileSession
from carrel.server.api.live import LiveSession
from carrel.server.api.parts import Parts
from carrel.server.api.presence import here
from carrel.server.api.sockets import Manner, Right, opening_of, serve_session
from carrel.server.api.workspace_documents import ANSWER
from carrel.server.api.workspaces import find

router = APIRouter(tags=["files"])
HOW = "files"
MOST_PATHS = 1000
MOST_PATH_CHARACTERS = 64 * 1024
"""Of all paths of one request."""
LARGEST_LISTING_BYTES = 8 * 1024 * 1024
DOWNLOAD_HEADERS = {
    # Whatever it is, it is not shown as a page of the dashboard's origin.
    "Content-Security-Policy": "sandbox; default-src 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Accel-Buffering": "no",
}
DOWNLOADED: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}
}

Path = Annotated[
    str, Query(max_length=LONGEST_PATH, description="Relative to the workspace folder; `~/` is the home, `/` the root.")
]


class Archive(StrEnum):
    """Form of a download."""

    AUTO = "auto"
    """A file as it is, a folder as zip."""
    TAR = "tar"
    ZIP = "zip"


class FileDocument(BaseModel):
    """Something in a folder."""

    model_config = {**ANSWER, "title": "File"}

    name: str
    """As text; bytes of it that are no UTF-8 are shown as a replacement character."""
    kind: Literal["file", "folder", "link", "other"]
    target: str
    """Of a link: what is at its end; empty where that is nothing."""
    size: int | None
    """Bytes of a file."""
    modified: datetime
    mode: int
    """Permissions, as a number."""


class FolderDocument(BaseModel):
    """What is in a folder, folders first."""

    model_config = {**ANSWER, "title": "Folder"}

    path: str
    """Absolute, links resolved."""
    items: list[FileDocument]
    whole: bool
    """False: it has more entries than were asked for."""


class FileWritten(BaseModel):
    """What came of an upload."""

    model_config = ANSWER

    path: str
    size: int


@router.get("/workspaces/{workspace}/folder")
async def list_folder(
    parts: WithParts,
    actor: Asking,
    workspace: str,
    path: Path = "",
    limit: Annotated[int, Query(ge=1, le=10_000)] = 10_000,
) -> FolderDocument:
    """What is in a folder of a running workspace."""
    request = FilesRequest(Operation.LIST, (_checked(path),), limit=limit)
    async with _opened(parts, actor, workspace, request) as (_, session):
        listing = json.loads(await FileSession(session).all_data(LARGEST_LISTING_BYTES))
    for item in listing["items"]:
        item["name"] = _text(item["name"])
        item["modified"] = _moment(item["modified"])
    return FolderDocument.model_validate(listing | {"path": _text(listing["path"])})


@router.get("/workspaces/{workspace}/files", response_class=StreamingResponse, responses=DOWNLOADED)
async def download(
    parts: WithParts,
    actor: Asking,
    workspace: str,
    path: Path,
    archive: Annotated[Archive, Query(description="A folder is an archive in any case.")] = Archive.AUTO,
) -> StreamingResponse:
    """Download a file, or a folder as an archive; always as an attachment."""
    form = Form.TAR if archive is Archive.TAR else Form.ZIP
    request = FilesRequest(Operation.SEND, (_checked(path),), form, follow=True, plain=archive is Archive.AUTO)
    opened = _opened(parts, actor, workspace, request)
    found, session = await opened.__aenter__()
    files = FileSession(session)
    try:
        begun = await files.begin()
    except BaseException:
        await opened.__aexit__(None, None, None)
        raise

    async def body() -> AsyncIterator[bytes]:
        try:
            right = Right(parts, actor, found.id)
            async with here(parts, actor, found, HOW), aclosing(_while_allowed(files, right)) as data:
                async for piece in data:
                    yield piece
        finally:
            await opened.__aexit__(None, None, None)

    name = _text(str(begun.get("name", ""))) if begun.get("name") not in {"", "."} else found.name
    headers = DOWNLOAD_HEADERS | {
        "Content-Disposition": disposition(name if begun.get("plain") else f"{name}.{form.value}")
    }
    if begun.get("plain"):
        headers["Content-Length"] = str(int(begun["size"]))
        headers["Last-Modified"] = format_datetime(_moment(begun["modified"]), usegmt=True)
    return StreamingResponse(body(), headers=headers, media_type="application/octet-stream")


@router.put("/workspaces/{workspace}/files")
async def upload(  # noqa: PLR0913, PLR0917  most are of the query string
    parts: WithParts,
    actor: Asking,
    request: Request,
    workspace: str,
    path: Path,
    overwrite: Annotated[bool, Query(description="False: 409 where something is there.")] = True,  # noqa: FBT002
    parents: Annotated[bool, Query(description="Make the folders above it.")] = False,  # noqa: FBT002
) -> FileWritten:
    """Write a file: the body is its content, of any size. It appears when it is whole, or not at all."""
    length = request.headers.get("content-length", "")
    size = int(length) if length.isdecimal() else None
    wanted = FilesRequest(
        Operation.RECEIVE, (_checked(path),), Form.FILE, overwrite=overwrite, parents=parents, size=size
    )
    async with _opened(parts, actor, workspace, wanted) as (found, session), here(parts, actor, found, HOW):
        files = FileSession(session)
        await files.begin()
        right = Right(parts, actor, found.id)
        try:
            done = await _unless_lost(files.send(request.stream()), right)
        except ClientDisconnect as error:  # nobody hears this
            raise Problem("malformed_request", "The upload broke off.") from error
    return FileWritten(path=path, size=int(done.get("bytes", 0)))


class TransferOpening(BaseModel):
    """First message of a transfer, as text."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    operation: Literal["send", "receive"]
    """As the workspace sees it: it sends, or receives, a tar stream."""
    paths: Annotated[
        tuple[Annotated[str, Field(max_length=LONGEST_PATH)], ...], Field(min_length=1, max_length=MOST_PATHS)
    ]
    """What to send; or the one place to receive into."""
    follow: bool = False
    """To send: links that are named themselves are followed."""
    names: tuple[str, ...] | None = None
    """To receive: the top names that the stream may have; without it any, all below the place, which must be a folder."""

    def request(self) -> FilesRequest:
        """As the agent takes it. Raises `bad_value`."""
        if sum(map(len, (*self.paths, *(self.names or ())))) > MOST_PATH_CHARACTERS:
            raise Problem("bad_value", "Too many paths at once.", "Name a folder above them.")
        paths = tuple(_checked(path) for path in self.paths)
        return FilesRequest(Operation(self.operation), paths, follow=self.follow, names=self.names)


@router.websocket("/workspaces/{workspace}/transfer")
async def transfer(websocket: WebSocket, workspace: str) -> None:
    """A tar stream out of a workspace or into it, in the frames of a session."""

    async def begin(parts: Parts, found: Workspace) -> LiveSession:
        opening = await opening_of(websocket, TransferOpening)
        return await parts.live.files(found, opening.request())

    await serve_session(websocket, workspace, begin, Manner(HOW))


def disposition(name: str) -> str:
    """The Content-Disposition of a download (RFC 6266): a name for every browser, and nothing that could end the field."""
    name = name.replace("/", "_").replace("\\", "_") or "download"
    plain = "".join(c if c.isascii() and c.isprintable() and c not in '"%' else "_" for c in name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


@asynccontextmanager
async def _opened(
    parts: Parts, actor: Actor, id_or_name: str, request: FilesRequest
) -> AsyncIterator[tuple[Workspace, LiveSession]]:
    """The workspace, and a session that does what is asked; let go of at the end. Raises as `live.files` does."""
    found = await find(parts, actor, id_or_name)
    demand(actor, Action.WORKSPACE_USE, Resource.of(found))
    session = await parts.live.files(found, request)
    try:
        yield found, session
    finally:
        await session.close()


async def _while_allowed(files: FileSession, right: Right) -> AsyncGenerator[bytes, None]:
    """The data, until the right to it is lost: then the download breaks off."""
    lost = asyncio.create_task(right.lost())
    try:
        async for data in files.data():
            if lost.done():
                raise Problem("not_authenticated", "The session has ended.")
            yield data
    finally:
        lost.cancel()
        await asyncio.gather(lost, return_exceptions=True)


async def _unless_lost(work: Any, right: Right) -> dict[str, Any]:
    """What `work` returns. Raises `not_authenticated` when the right is lost before."""
    tasks = (asyncio.ensure_future(work), asyncio.create_task(right.lost()))
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        if not tasks[0].done():
            raise Problem("not_authenticated", "The session has ended.")
        found: dict[str, Any] = tasks[0].result()
        return found
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _checked(path: str) -> str:
    if "\0" in path:
        raise Problem("bad_value", "A path cannot have a NUL character.")
    return path


def _text(name: str) -> str:
    """A name as a document can have it."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _moment(seconds: float) -> datetime:
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError):
        return datetime.fromtimestamp(0, UTC)
