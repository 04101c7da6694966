"""What is packed, and what is said where a part of it cannot be."""

from __future__ import annotations

import io
import os
import tarfile
import zipfile
from pathlib import Path

import pytest
from tests.unit.transfer.test_unpack import Buffer, packed

from carrel.core.problems import Problem
from carrel.transfer.listing import list_folder
from carrel.transfer.pack import look, top_name
from carrel.transfer.report import Report
from carrel.transfer.zip_stream import write_zip


def test_the_top_is_named_as_the_path_says() -> None:
    names = ["a/b", "a/b/", "/a", "a/.", ".", "..", "/", "", "a/..", "./a", "a//"]
    assert [top_name(name) for name in names] == ["b", "b", "a", ".", ".", ".", ".", ".", ".", "a", "a"]


def test_any_name_and_time_comes_through_the_stream(tmp_path: Path) -> None:
    names = ["ü" * 100, "new\nline", os.fsdecode(b"\xff\xfe"), "a" * 200, " =1 pax"]
    for name in names:
        (tmp_path / name).write_text(name[:1].encode("utf-8", "replace").decode())
        os.utime(tmp_path / name, ns=(1, 1_500_000_000_123_456_789))
    with tarfile.open(fileobj=io.BytesIO(packed(str(tmp_path))), errors="surrogateescape") as archive:
        members = {member.name.partition("/")[2]: member for member in archive.getmembers() if member.isfile()}
    assert sorted(members) == sorted(names)
    assert all(abs(float(member.mtime) - 1_500_000_000.123456789) < 1e-5 for member in members.values())


def test_links_are_packed_as_links_and_followed_on_request(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    (tmp_path / "link").symlink_to("file")
    for follow, kind in ((False, tarfile.SYMTYPE), (True, tarfile.REGTYPE)):
        with tarfile.open(fileobj=io.BytesIO(packed(str(tmp_path / "link"), follow=follow))) as archive:
            assert archive.getmember("link").type == kind


def test_what_is_not_there_or_no_path_is_a_problem(tmp_path: Path) -> None:
    for path, kind in (("missing", "no_such_file"), ("nul\0", "bad_value"), ("x" * 300, "bad_value")):
        with pytest.raises(Problem) as caught:
            look(str(tmp_path / path), follow=False)
        assert caught.value.kind == kind


def test_a_zip_has_it_all_and_lists_what_it_lacks(tmp_path: Path) -> None:
    (tmp_path / "d" / "empty").mkdir(parents=True)
    (tmp_path / "d" / "old").write_text("x")
    os.utime(tmp_path / "d" / "old", (0, 0))
    (tmp_path / "d" / "link").symlink_to("old")
    os.mkfifo(tmp_path / "d" / "pipe")
    sink, report = Buffer(), Report()
    write_zip([look(str(tmp_path / "d"), follow=False)], sink, report, "LEFT OUT")
    with zipfile.ZipFile(sink.data) as archive:
        assert archive.testzip() is None
        assert sorted(archive.namelist()) == ["LEFT OUT", "d/", "d/empty/", "d/link", "d/old"]
        assert b"pipe" in archive.read("LEFT OUT")
    assert (report.files, report.troubles) == (1, 1)


def test_a_listing_is_bounded(tmp_path: Path) -> None:
    for number in range(5):
        (tmp_path / str(number)).touch()
    listed = list_folder(str(tmp_path), 3)
    assert (len(listed["items"]), listed["whole"]) == (3, False)
    with pytest.raises(Problem):
        list_folder(str(tmp_path / "0"), 3)
