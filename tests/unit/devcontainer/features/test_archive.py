import gzip
import io
import tarfile
from collections.abc import Callable
from contextlib import suppress

import pytest
from tests.unit.devcontainer.repository import archive

from carrel.core.problems import Problem
from carrel.devcontainer.features.archive import ArchiveLimits, unpack


def tar_of(*members: tuple[tarfile.TarInfo, bytes]) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as tar:
        for member, content in members:
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return stream.getvalue()


def member(name: str, change: Callable[[tarfile.TarInfo], None] = lambda _: None) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    change(info)
    return info


def link(name: str, target: str, kind: bytes = tarfile.SYMTYPE) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


@pytest.mark.conformance("C298", "C299")
@pytest.mark.parametrize("compress", [False, True])
@pytest.mark.parametrize("prefix", ["./", ""])
def test_plain_and_compressed_archives_with_and_without_prefix_are_read(compress: bool, prefix: str) -> None:
    files: dict[str, str | bytes] = {"install.sh": "x", "a/b.txt": b"\x00y"}
    assert unpack(archive(files, compress=compress, prefix=prefix), "f") == {"install.sh": b"x", "a/b.txt": b"\x00y"}


def test_links_inside_become_copies() -> None:
    content = tar_of((member("a/x"), b"1"), (link("a/y", "x"), b""), (link("z", "a/x", tarfile.LNKTYPE), b""))
    assert unpack(content, "f") == {"a/x": b"1", "a/y": b"1", "z": b"1"}


@pytest.mark.conformance("C299")
@pytest.mark.parametrize(
    ("content", "why"),
    [
        (tar_of((member("/etc/passwd"), b"x")), "leaves"),
        (tar_of((member("a/../../x"), b"x")), "leaves"),
        (tar_of((member("a\\..\\x"), b"x")), "leaves"),
        (tar_of((link("x", "/etc/passwd"), b"")), "leaves"),
        (tar_of((link("a/x", "../../etc"), b"")), "leaves"),
        (tar_of((link("x", "../y", tarfile.LNKTYPE), b"")), "leaves"),
        (tar_of((link("x", "nothing"), b"")), "points to nothing"),
        (tar_of((member("null", lambda one: setattr(one, "type", tarfile.CHRTYPE)), b"")), "device"),
        (tar_of((member("pipe", lambda one: setattr(one, "type", tarfile.FIFOTYPE)), b"")), "device"),
        (tar_of((member("su", lambda one: setattr(one, "mode", 0o4755)), b"x")), "setuid"),
        (b"<html>not an archive</html>" * 40, "not a readable"),
        (b"\x1f\x8bnot gzip", "damaged"),
        (archive({"x": "y"}, compress=True)[:30], "not a readable|damaged"),
    ],
)
def test_dangerous_and_damaged_archives_are_refused(content: bytes, why: str) -> None:
    with pytest.raises(Problem, match=why) as caught:
        unpack(content, "ghcr.io/a/b")
    assert caught.value.kind == "feature_failed"


@pytest.mark.conformance("C299")
def test_the_ceilings_hold() -> None:
    limits = ArchiveLimits(files=10, bytes=1000, ratio=50)
    with pytest.raises(Problem, match="more than 10 entries"):
        unpack(archive({str(number): "" for number in range(11)}), "f", limits)
    with pytest.raises(Problem, match="larger than 1000 bytes"):
        unpack(archive({"x": "y" * 1001}), "f", limits)
    with pytest.raises(Problem, match="larger than 1000 bytes"):
        unpack(tar_of((member("a"), b"1" * 400), (link("b", "a"), b""), (link("c", "a"), b"")), "f", limits)
    with pytest.raises(Problem, match="unpacks to more than"):
        unpack(gzip.compress(archive({"x": b"\x00" * 10_000_000})), "f", limits)


def test_an_endless_archive_ends_early() -> None:
    one = tar_of((member("x"), b""))[:512]
    with pytest.raises(Problem, match="more than 5000 entries"):
        unpack(one * 20_000 + b"\x00" * 1024, "f")


def _header(kind: bytes, size: bytes) -> bytes:
    """A header of any kind with a size as it stands in the field."""
    block = bytearray(tarfile.TarInfo("./x").tobuf())
    block[124:136] = size
    block[156:157] = kind
    block[148:156] = b"%06o\0 " % (sum(block[:148]) + 256 + sum(block[156:]))
    return bytes(block)


@pytest.mark.parametrize(
    "content",
    [
        _header(b"0", b"\x80" + b"\xff" * 11),
        _header(b"L", b"\x80" + b"\xff" * 11),
        _header(b"x", b"\x80" + b"\xff" * 11),
        _header(b"0", b"\xff" * 12),
        _header(b"5", b"\xff" * 10 + b"\xfd\xa8"),
        _header(b"L", b"%011o\0" % 0) * 5000,
        _header(b"x", b"%011o\0" % 0) * 5000,
        _header(b"g", b"%011o\0" % 0) * 5000,
    ],
)
def test_headers_that_lie_or_go_on_for_ever_are_refused(content: bytes) -> None:
    with suppress(Problem):  # an archive of nothing but headers may be read as an empty one
        assert not unpack(content + b"\0" * 1024, "x")
