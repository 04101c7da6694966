"""Where a stream is written to, and that no stream writes anywhere else."""

from __future__ import annotations

import io
import os
import stat
import tarfile
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carrel.core.problems import Problem
from carrel.transfer.pack import Packer, look, top_name
from carrel.transfer.report import Report
from carrel.transfer.tree import parts_of
from carrel.transfer.unpack import Wanted, unpack


class Buffer:
    """A stream in memory that gives a little at a time."""

    def __init__(self, data: bytes = b"", step: int = 700) -> None:
        self.data = io.BytesIO(data)
        self._step = step

    def write(self, data: bytes) -> None:
        self.data.write(data)

    def read(self, size: int) -> bytes:
        return self.data.read(min(size, self._step))


def packed(*paths: str, follow: bool = False) -> bytes:
    sink = Buffer()
    packer = Packer(sink, Report())
    for path in paths:
        packer.add(look(path, follow=follow))
    packer.end()
    return sink.data.getvalue()


def tar_of(*members: tuple[str, bytes, bytes | str], form: int = tarfile.PAX_FORMAT) -> bytes:
    """A tar stream of members (name, type, content or target)."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w", format=form) as archive:
        for name, kind, more in members:
            info = tarfile.TarInfo(name)
            info.type, info.mode = kind, 0o6755
            if isinstance(more, str):
                info.linkname = more
                archive.addfile(info)
            else:
                info.size = len(more)
                archive.addfile(info, io.BytesIO(more))
    return made.getvalue()


def write(data: bytes, destination: Path | str, *tops: str) -> list[str]:
    """Unpack it; what was told of single members."""
    told: list[str] = []
    report = Report(lambda problem: told.append(problem.detail))
    unpack(Buffer(data), Wanted(str(destination), tops or None), report)
    return told


def below(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_symlink() or not path.is_dir())


@pytest.mark.parametrize(
    ("sources", "destination", "made"),
    [
        (("file",), "new", ["new"]),
        (("file",), "there", ["there/file"]),
        (("file",), "there/", ["there/file"]),
        (("file",), "there/new", ["there/new"]),
        (("file",), "taken", ["taken"]),
        (("folder",), "new", ["new/inner"]),
        (("folder/",), "new/", ["new/inner"]),
        (("folder",), "there", ["there/folder/inner"]),
        (("folder/.",), "there", ["there/inner"]),
        (("folder/.",), "new", ["new/inner"]),
        (("file", "folder"), "there/", ["there/file", "there/folder/inner"]),
        (("link",), "new", ["new"]),
    ],
)
def test_things_go_where_docker_cp_puts_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sources: tuple[str, ...], destination: str, made: list[str]
) -> None:
    (tmp_path / "from" / "folder").mkdir(parents=True)
    for name in ("file", "folder/inner"):
        (tmp_path / "from" / name).write_text(name)
    (tmp_path / "from" / "link").symlink_to("file")
    to = tmp_path / "to"
    (to / "there").mkdir(parents=True)
    if destination == "taken":
        (to / "taken").write_text("older")
    monkeypatch.chdir(tmp_path / "from")
    data = packed(*sources)
    monkeypatch.chdir(to)
    assert write(data, destination, *map(top_name, sources)) == []
    assert below(to) == made
    assert (to / made[0]).is_symlink() == (sources == ("link",))


@pytest.mark.parametrize(
    ("source", "destination", "kind"),
    [
        ("file", "none/", "no_such_file"),
        ("file", "none/new", "no_such_file"),
        ("file", "taken/", "file_exists"),
        ("folder", "taken", "file_exists"),
        ("folder", "none/new", "no_such_file"),
        ("folder/.", "taken", "file_exists"),
        ("folder/.", "none/new", "no_such_file"),
    ],
)
def test_a_destination_that_cannot_be_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str, destination: str, kind: str
) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("x")
    (tmp_path / "taken").write_text("older")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(Problem) as caught:
        write(packed(source), destination, top_name(source))
    assert caught.value.kind == kind
    assert (tmp_path / "taken").read_text() == "older"


HOSTILE: dict[str, list[tuple[str, bytes, bytes | str]]] = {
    "a parent": [("../evil", tarfile.REGTYPE, b"x")],
    "a parent in the middle": [("a/../../evil", tarfile.REGTYPE, b"x")],
    "an absolute name": [("/tmp/evil", tarfile.REGTYPE, b"x")],
    "a link to a folder": [("a", tarfile.SYMTYPE, "../outside"), ("a/evil", tarfile.REGTYPE, b"x")],
    "an absolute link": [("a", tarfile.SYMTYPE, "OUTSIDE"), ("a/b/evil", tarfile.REGTYPE, b"x")],
    "a link to a file": [("a", tarfile.SYMTYPE, "../outside/kept"), ("a", tarfile.REGTYPE, b"evil")],
    "a chain of links": [
        ("a", tarfile.SYMTYPE, "."),
        ("a/b", tarfile.SYMTYPE, "../outside"),
        ("b/evil", tarfile.REGTYPE, b"x"),
    ],
    "a hard link out": [("a", tarfile.LNKTYPE, "../outside/kept"), ("a", tarfile.REGTYPE, b"evil")],
    "a hard link through a link": [("l", tarfile.SYMTYPE, "../outside"), ("a", tarfile.LNKTYPE, "l/kept")],
    "an absolute hard link": [("a", tarfile.LNKTYPE, "OUTSIDE/kept")],
    "a device": [("a", tarfile.CHRTYPE, b"")],
    "a pipe": [("a", tarfile.FIFOTYPE, b"")],
    "a folder over a link": [("a", tarfile.SYMTYPE, "../outside"), ("a", tarfile.DIRTYPE, b"")],
}


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("form", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT])
def test_a_hostile_stream_writes_nowhere_else(tmp_path: Path, name: str, form: int) -> None:
    outside, inside = tmp_path / "outside", tmp_path / "inside"
    outside.mkdir(mode=0o700)
    inside.mkdir()
    (outside / "kept").write_text("kept")
    before = outside.stat().st_mtime_ns, (outside / "kept").stat().st_mtime_ns
    members = [
        (member, kind, more.replace("OUTSIDE", str(outside)) if isinstance(more, str) else more)
        for member, kind, more in HOSTILE[name]
    ]
    write(tar_of(*members, ("after", tarfile.REGTYPE, b"good"), form=form), inside)
    assert below(outside) == ["kept"]
    assert (outside / "kept").read_text() == "kept"
    assert (outside.stat().st_mtime_ns, (outside / "kept").stat().st_mtime_ns) == before
    assert stat.S_IMODE(outside.stat().st_mode) == 0o700
    assert (inside / "after").read_text() == "good"
    assert below(tmp_path) == sorted(["outside/kept", *(f"inside/{path}" for path in below(inside))])


def test_what_was_not_asked_for_is_left_out(tmp_path: Path) -> None:
    data = tar_of(("asked", tarfile.REGTYPE, b"x"), (".bashrc", tarfile.REGTYPE, b"evil"), (".", tarfile.DIRTYPE, b""))
    told = write(data, tmp_path, "asked")
    assert below(tmp_path) == ["asked"]
    assert [text.split()[0] for text in told] == ["'.bashrc'", "'.'"]


def test_a_file_is_there_when_it_is_whole_or_not_at_all(tmp_path: Path) -> None:
    data = tar_of(("first", tarfile.REGTYPE, b"a" * 5000), ("second", tarfile.REGTYPE, b"b" * 5000))
    (tmp_path / "second").write_text("older")
    with pytest.raises(Problem) as caught:
        write(data[:8000], tmp_path)
    assert caught.value.kind == "bad_archive"
    assert (below(tmp_path), (tmp_path / "second").read_text()) == (["first", "second"], "older")


def test_neither_user_ids_nor_odd_times_are_taken_over(tmp_path: Path) -> None:
    info = tarfile.TarInfo("file")
    info.mode, info.pax_headers = 0o6755, {"mtime": "-1e300"}
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as archive:
        archive.addfile(info)
    assert write(made.getvalue(), tmp_path) == []
    assert stat.S_IMODE((tmp_path / "file").stat().st_mode) == 0o755


def test_hard_links_and_read_only_folders_come_through(tmp_path: Path) -> None:
    (tmp_path / "to").mkdir()
    data = tar_of(("d", tarfile.DIRTYPE, b""), ("d/a", tarfile.REGTYPE, b"x"), ("d/b", tarfile.LNKTYPE, "d/a"))
    assert write(data, tmp_path / "to" / "new", "d") == []
    assert (tmp_path / "to/new/a").samefile(tmp_path / "to/new/b")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"x" * 512,
        b"\x1f\x8b" + b"x" * 2000,
        bytes(512 - 1),
        tar_of(("name" * 100, tarfile.REGTYPE, b"x"))[:700],
    ],
    ids=["nothing", "text", "compressed", "less than a block", "a header cut off"],
)
def test_what_is_no_tar_stream_is_refused(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(Problem) as caught:
        write(data, tmp_path)
    assert caught.value.kind == "bad_archive"
    assert below(tmp_path) == []


def header(kind: bytes, size: int) -> bytes:
    info = tarfile.TarInfo("x")
    info.type, info.size = kind, size
    return info.tobuf(tarfile.GNU_FORMAT)


@pytest.mark.parametrize("kind", [b"L", b"K", b"x", b"g"])
def test_a_header_that_claims_to_be_huge_is_not_believed(tmp_path: Path, kind: bytes) -> None:
    with pytest.raises(Problem, match="too large"):
        write(header(kind, 1 << 40) + b"x" * 4096, tmp_path)


def test_headers_without_end_are_refused(tmp_path: Path) -> None:
    endless = (header(b"g", 0)) * 100
    with pytest.raises(Problem, match="too many headers"):
        write(endless, tmp_path)


@given(st.lists(st.sampled_from(["a", "..", ".", "", "b/../..", "\0", "ü"]), max_size=6).map("/".join))
def test_a_name_is_below_the_folder_or_refused(name: str) -> None:
    try:
        parts = parts_of(name)
    except ValueError:
        return
    assert not {"..", ".", ""} & set(parts)
    assert os.path.normpath("/".join(["root", *parts])).split("/")[0] == "root"


@given(st.binary(max_size=2000))
def test_no_bytes_break_the_reader(tmp_path_factory: pytest.TempPathFactory, noise: bytes) -> None:
    good = tar_of(("a" * 120, tarfile.REGTYPE, b"x"))
    folder = tmp_path_factory.mktemp("noise")
    for data in (noise, good[:1024] + noise, good[:512] + noise.ljust(512, b"1") + good[1024:]):
        with suppress(Problem):
            write(data, folder)
