"""`carrel cp` and the files of the API, over a real agent."""

from __future__ import annotations

import asyncio
import io
import os
import random
import stat
import tarfile
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
from tests.integration.api.conftest import token_of
from tests.integration.conftest import add_user
from tests.integration.tools.conftest import Rig

from carrel.core.access import Role

NASTY = "new\nline \x1b[31m 'quote' é"


def names(folder: Path) -> list[str]:
    """What is in a folder."""
    return sorted(path.name for path in folder.iterdir())


def tar_names(data: bytes) -> list[str]:
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        return archive.getnames()


def plant(root: Path) -> Path:
    """A small tree with everything that has to be kept."""
    tree = root / "tree"
    (tree / "deep" / "er").mkdir(parents=True)
    (tree / "empty").mkdir(mode=0o711)
    (tree / "run.sh").write_text("#!/bin/sh\n")
    (tree / "run.sh").chmod(0o750)
    (tree / "deep" / "er" / "data").write_bytes(random.Random(1).randbytes(300_000))
    (tree / NASTY).write_text("nasty")
    (tree / os.fsdecode(b"bytes-\xff")).write_text("no utf-8")
    (tree / "link").symlink_to("deep/er/data")
    (tree / "dangling").symlink_to("/nowhere/at/all")
    with (tree / "sparse").open("wb") as file:
        file.seek(40_000_000)
        file.write(b"end")
    for path in sorted(tree.rglob("*"), reverse=True):
        os.utime(path, (1_000_000_000.25, 1_000_000_000.25), follow_symlinks=False)
    return tree


def picture(root: Path) -> dict[str, tuple[object, ...]]:
    """What is in a tree, as far as it is copied."""
    found: dict[str, tuple[object, ...]] = {}
    for path in sorted(root.rglob("*")):
        status = path.lstat()
        content: object = str(path.readlink()) if path.is_symlink() else path.read_bytes() if path.is_file() else ""
        mode = 0 if path.is_symlink() else stat.S_IMODE(status.st_mode)
        found[str(path.relative_to(root))] = (mode, round(status.st_mtime, 2), content)
    return found


async def test_a_tree_comes_back_as_it_went(rig: Rig) -> None:
    tree = plant(rig.home)
    status, _, err = await rig.run("cp", str(tree), "blog:")
    assert (status, "7 files" in err) == (0, True), err
    assert picture(rig.folder / "tree") == picture(tree)
    assert (rig.folder / "tree" / "sparse").stat().st_blocks * 512 < 10_000_000
    status, _, err = await rig.run("cp", "-q", "blog:tree", str(rig.home / "back"))
    assert (status, err) == (0, "")
    assert picture(rig.home / "back") == picture(tree)
    assert names(rig.folder) == ["tree"]


async def test_what_cannot_be_copied_is_said(rig: Rig) -> None:
    (rig.home / "file").write_text("x")
    (rig.folder / "taken").write_text("y")
    for words, status, said in (
        (("file", "blog:no/such/folder"), 3, "no/such"),
        (("blog:missing", "."), 3, "missing"),
        ((".", "blog:taken"), 1, "is no folder"),
        (("file", "other:"), 3, "no such thing"),
        (("file", "-", "blog:"), 2, "stands alone"),
    ):
        ended, _, err = await rig.run("cp", *words, cwd=rig.home)
        shown = " ".join(err.replace("│", " ").split())
        assert (ended, said in shown) == (status, True), (words, ended, err)
    assert (rig.folder / "taken").read_text() == "y"


async def test_streams_and_a_second_workspace(rig: Rig) -> None:
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        info = tarfile.TarInfo("from/outside")
        info.size = 3
        tar.addfile(info, io.BytesIO(b"abc"))
    status, _, err = await rig.run("cp", "-", "blog:", stdin=archive.getvalue())
    assert status == 0, err
    assert (rig.folder / "from" / "outside").read_bytes() == b"abc"
    status, out, err = await rig.run("cp", "blog:from", "-")
    assert (status, err) == (0, "")
    assert tar_names(out) == ["from", "from/outside"]
    status, _, err = await rig.run("cp", "blog:from", f"{rig.ana.name}/blog:second")
    assert status == 0, err
    assert (rig.folder / "second" / "outside").read_bytes() == b"abc"
    status, _, err = await rig.run("cp", "-", "blog:", stdin=b"no tar stream" * 100)
    assert (status, "no tar stream" in err) == (1, True)
    status, _, err = await rig.run("cp", "-", "blog:", stdin=archive.getvalue()[:700])
    assert (status, "ends before its end" in err) == (1, True)


async def test_a_single_file_that_cannot_be_read_does_not_stop_the_others(rig: Rig) -> None:
    tree = rig.home / "tree"
    tree.mkdir()
    (tree / "good").write_text("x")
    os.mkfifo(tree / "pipe")
    status, _, err = await rig.run("cp", str(tree), "blog:")
    assert status == 1
    assert "pipe is no file, folder or link" in err
    assert (rig.folder / "tree" / "good").read_text() == "x"


# --- the API -------------------------------------------------------------------------------------------------------


async def put(rig: Rig, path: str, content: Any = b"", **params: str) -> tuple[int, dict[str, Any]]:
    answer = await rig.client.put("/api/v1/workspaces/blog/files", params={"path": path, **params}, content=content)
    document: dict[str, Any] = answer.json()
    return answer.status_code, document


async def test_an_upload_is_a_file_when_it_is_whole(rig: Rig) -> None:
    data = random.Random(3).randbytes(5_000_000)
    assert await put(rig, "up.bin", data) == (200, {"path": "up.bin", "size": len(data)})
    assert (rig.folder / "up.bin").read_bytes() == data

    async def pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(data), 100_000):
            yield data[start : start + 100_000]

    assert (await put(rig, "a/b/chunked", pieces(), parents="true"))[0] == 200
    assert (rig.folder / "a/b/chunked").read_bytes() == data
    status, problem = await put(rig, "up.bin", b"other", overwrite="false")
    assert (status, problem["kind"]) == (409, "file_exists")
    assert (await put(rig, "a", b"x"))[1]["kind"] == "file_exists"
    assert (await put(rig, "no/folder/x", b"x"))[1]["kind"] == "no_such_file"
    assert (await put(rig, "nul\0", b"x"))[1]["kind"] == "bad_value"
    assert (await put(rig, NASTY, b""))[0] == 200
    assert names(rig.folder) == ["a", NASTY, "up.bin"]


async def test_an_upload_that_breaks_off_or_cannot_fit_leaves_nothing(rig: Rig) -> None:
    disk = os.statvfs(rig.folder)
    head = (
        f"PUT /api/v1/workspaces/blog/files?path=big HTTP/1.1\r\nHost: {rig.url.removeprefix('http://')}\r\n"
        f"Authorization: Bearer {rig.token}\r\n"
    )

    async def opened(fields: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        reader, writer = await asyncio.open_connection("127.0.0.1", int(rig.url.rpartition(":")[2]))
        writer.write((head + fields + "\r\n").encode())
        return reader, writer

    reader, writer = await opened(f"Content-Length: {disk.f_bavail * disk.f_frsize * 2}\r\n")
    answer = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 60)
    assert b" 507 " in answer.partition(b"\r\n")[0]
    writer.close()
    for fields, sent in (
        ("Content-Length: 1000\r\n", b"x" * 500),
        ("Transfer-Encoding: chunked\r\n", b"5\r\nhello\r\n"),
    ):
        reader, writer = await opened(fields)
        writer.write(sent)
        await writer.drain()
        async with asyncio.timeout(60):  # it is on its way, under another name
            while not any(name.startswith(".carrel") for name in names(rig.folder)):
                await asyncio.sleep(0.01)
        writer.transport.abort()
        async with asyncio.timeout(60):
            while names(rig.folder):
                await asyncio.sleep(0.01)
    assert names(rig.folder) == []


async def test_a_download_is_an_attachment_and_never_a_page(rig: Rig) -> None:
    (rig.folder / "page.html").write_text("<script>alert(1)</script>")
    answer = await rig.client.get("/api/v1/workspaces/blog/files", params={"path": "page.html"})
    assert answer.status_code == 200
    assert answer.text == "<script>alert(1)</script>"
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"].startswith('attachment; filename="page.html"')
    assert answer.headers["content-security-policy"].startswith("sandbox;")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-length"] == "25"
    (rig.folder / NASTY).write_text("x")
    answer = await rig.client.get("/api/v1/workspaces/blog/files", params={"path": NASTY})
    shown = answer.headers["content-disposition"]
    assert "\n" not in shown
    assert "%0A" in shown
    for path, kind in (("missing", "no_such_file"), ("nul\0", "bad_value"), ("page.html/x", "no_such_file")):
        answer = await rig.client.get("/api/v1/workspaces/blog/files", params={"path": path})
        assert answer.json()["kind"] == kind


async def test_folders_are_listed_and_come_as_archives(rig: Rig) -> None:
    plant(rig.folder)
    answer = await rig.client.get("/api/v1/workspaces/blog/folder", params={"path": "tree"})
    listed = answer.json()
    assert answer.status_code == 200, listed
    assert listed["path"] == str(rig.folder / "tree")
    assert [item["name"] for item in listed["items"]][:2] == ["deep", "empty"]
    kinds = {item["name"]: (item["kind"], item["target"], item["size"]) for item in listed["items"]}
    assert kinds["link"] == ("link", "file", None)
    assert kinds["dangling"] == ("link", "", None)
    assert kinds["run.sh"] == ("file", "", 10)
    assert kinds["bytes-\ufffd"] == ("file", "", 8)
    answer = await rig.client.get("/api/v1/workspaces/blog/folder", params={"path": "tree", "limit": 2})
    assert (len(answer.json()["items"]), answer.json()["whole"]) == (2, False)
    answer = await rig.client.get("/api/v1/workspaces/blog/files", params={"path": "tree"})
    assert 'filename="tree.zip"' in answer.headers["content-disposition"]
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.testzip() is None
        assert archive.read("tree/deep/er/data") == (rig.folder / "tree/deep/er/data").read_bytes()
    answer = await rig.client.get("/api/v1/workspaces/blog/files", params={"path": "tree", "archive": "tar"})
    assert {"tree", "tree/run.sh", f"tree/{NASTY}"} <= set(tar_names(answer.content))


async def test_files_are_for_who_may_use_the_workspace(rig: Rig) -> None:
    ben = await add_user(rig.store, "ben", Role.AUDITOR)
    token = (await token_of(rig.store, ben)).reveal()
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(base_url=rig.url, headers=headers, trust_env=False) as client:
        base = f"/api/v1/workspaces/{rig.workspace.id}"
        for method, path in (("GET", "files?path=x"), ("PUT", "files?path=x"), ("GET", "folder")):
            answer = await client.request(method, f"{base}/{path}")
            assert (answer.status_code, answer.json()["kind"]) == (403, "not_allowed"), path
    answer = await rig.client.put(
        "/api/v1/workspaces/blog/files", params={"path": "x"}, content=b"x" * 2_000_000, headers={"Authorization": ""}
    )
    assert answer.status_code == 401
