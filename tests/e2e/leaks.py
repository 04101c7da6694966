"""Looking for values that must be nowhere: in every form that a leak may have, in every place that keeps anything."""

from __future__ import annotations

import base64
import io
import json
import tarfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from urllib.parse import quote, quote_plus

from tests.e2e.installation import Installation

LONGEST_ANSWER = 4 << 20
STREAM_SECONDS = 1.0
"""How long a stream of events is read: what it has to tell of the past comes at once."""


def forms(value: str) -> set[bytes]:
    """A value as it may be written: plain, in a URL, in JSON, in hex, and in base64 wherever it begins in the text."""
    plain = value.encode()
    encoded = {plain, quote(value, safe="").encode(), quote_plus(value).encode(), json.dumps(value)[1:-1].encode()}
    encoded |= {plain.hex().encode(), plain.hex().upper().encode()}
    for before in range(3):  # characters of base64 hold six bits: those at the ends depend on the neighbours
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            whole = encode(b"\0" * before + plain).rstrip(b"=")
            encoded.add(whole[-(-before * 4 // 3) + bool(before) : -2])
    return encoded


@dataclass(frozen=True)
class Seeds:
    """The values that are looked for, by what they are."""

    values: Mapping[str, str]

    @cached_property
    def _forms(self) -> dict[str, set[bytes]]:
        return {name: forms(value) for name, value in self.values.items()}

    def found_in(self, content: bytes) -> list[str]:
        """What of them is in `content`."""
        return [name for name, written in self._forms.items() if any(form in content for form in written)]

    def leaks(self, places: Iterable[tuple[str, bytes]]) -> list[str]:
        """`what in where` for each that is found."""
        return [f"{name} in {place}" for place, content in places for name in self.found_in(content)]


def in_processes() -> Iterator[tuple[str, bytes]]:
    """What every process of the machine was started with, containers' among them: everybody may read that."""
    for process in Path("/proc").glob("[0-9]*"):
        try:
            yield f"{process}/cmdline", (process / "cmdline").read_bytes()
        except OSError:
            continue  # it has ended


def in_folder(folder: Path) -> Iterator[tuple[str, bytes]]:
    """All files below a folder."""
    assert folder.is_dir(), folder
    for path in folder.rglob("*"):
        try:
            if path.is_file() and not path.is_symlink():
                yield str(path), path.read_bytes()
        except OSError:
            continue  # it went, or is a socket


def on_disk(installation: Installation, workspace: str) -> Iterator[tuple[str, bytes]]:
    """The server's folder (database, log, keys), the volumes, what the containers wrote, what the engine keeps of them."""
    yield from in_folder(installation.data)
    mounts = installation.docker(
        "volume", "inspect", "--format", "{{.Mountpoint}}", *installation.volumes_of(workspace)
    )
    for mount in mounts:
        yield from in_folder(Path(mount))
    for container in installation.containers_of(workspace):
        [shown] = json.loads("".join(installation.docker("inspect", container)))
        yield from in_folder(Path(shown["GraphDriver"]["Data"]["UpperDir"]))
        yield from in_folder(Path(shown["HostsPath"]).parent)


def in_the_engine(installation: Installation, workspace: str) -> Iterator[tuple[str, bytes]]:
    """What it tells of containers, images and volumes; and every layer of the images."""
    for container in installation.containers_of(workspace):
        [image] = installation.docker("inspect", "--format", "{{.Image}}", container)
        for words in (
            ("inspect", container),
            ("logs", container),
            ("history", "--no-trunc", image),
            ("inspect", image),
        ):
            yield f"docker {words[0]}", "\n".join(installation.docker(*words)).encode()
        saved = installation.data.parent / "image.tar"
        installation.docker("save", "-o", str(saved), image)
        yield from _in_archive(saved.read_bytes(), "docker save")
        saved.unlink()
    for kind, names in (
        ("volume", installation.volumes_of(workspace)),
        ("network", installation.networks_of(workspace)),
    ):
        yield f"docker {kind} inspect", "\n".join(installation.docker(kind, "inspect", *names)).encode()


def _in_archive(data: bytes, place: str) -> Iterator[tuple[str, bytes]]:
    """The members of an archive, those of the archives in it, too."""
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        for member in archive:
            file = archive.extractfile(member) if member.isfile() else None
            content = file.read() if file is not None else b""
            yield f"{place}: {member.name}", content
            try:
                yield from _in_archive(content, member.name)
            except tarfile.TarError:
                continue


def in_answers(installation: Installation, values: Mapping[str, str]) -> Iterator[tuple[str, bytes]]:
    """What the API answers to every GET that its document has, as JSON and as a stream; `values` fill the paths."""
    document = installation.api("GET", "/openapi.json")
    for path, methods in document["paths"].items():
        if "get" not in methods:
            continue
        answers = methods["get"]["responses"].get("200", {}).get("content", {"application/json": {}})
        required = [
            one["name"] for one in methods["get"].get("parameters", ()) if one["in"] == "query" and one["required"]
        ]
        query = "&".join(f"{name}={quote(values[name], safe='')}" for name in required)
        filled = path.format_map({name: quote(value, safe="") for name, value in values.items()})
        for kind in answers or {"application/json": {}}:
            yield f"GET {path} ({kind})", _answer(installation, f"{filled}?{query}&limit=1000", kind)


def _answer(installation: Installation, path: str, kind: str) -> bytes:
    """An answer of any status, head and body."""
    connection = HTTPConnection("127.0.0.1", installation.port, timeout=60)
    try:
        connection.request("GET", path, headers={"Authorization": f"Bearer {installation.token}", "Accept": kind})
        answer = connection.getresponse()
        if "event-stream" in kind and connection.sock is not None:
            connection.sock.settimeout(STREAM_SECONDS)
        return str(answer.headers).encode() + _read(answer)
    finally:
        connection.close()


def _read(answer: HTTPResponse) -> bytes:
    data = b""
    try:
        while len(data) < LONGEST_ANSWER and (piece := answer.read1(65536)):
            data += piece
    except TimeoutError:
        pass  # a stream that waits for something new
    return data
