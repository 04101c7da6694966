"""The files of a template as one piece: what may be in it, what makes two the same, and back again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from carrel.core.problems import Problem
from carrel.templates.packing import check_files, digest_of, pack, unpack

paths = some.text("ab./é-", min_size=1, max_size=20)
FILES = some.dictionaries(paths, some.binary(max_size=50), max_size=8)


@given(FILES)
def test_what_was_packed_comes_out_again(files: dict[str, bytes]) -> None:
    assert unpack(pack(files)) == files


@given(FILES, FILES)
def test_other_files_have_another_digest(one: dict[str, bytes], other: dict[str, bytes]) -> None:
    assert (digest_of(one) == digest_of(other)) is (one == other)
    assert digest_of(dict(reversed(one.items()))) == digest_of(one)


def test_a_path_is_no_way_to_hide_content() -> None:
    assert digest_of({"ab": b"c"}) != digest_of({"a": b"bc"})
    assert digest_of({"a": b"", "b": b""}) != digest_of({"a": b"1 0 b"})


BAD = ("", "/a", "a/", "a//b", "./a", "a/../b", "..", ".git/config", "a/.GIT/x", "a\\b", "a\nb", "a\u202eb", "a" * 301)


@pytest.mark.parametrize("path", BAD, ids=range(len(BAD)))
def test_a_path_out_of_the_folder_is_refused(path: str) -> None:
    with pytest.raises(Problem) as caught:
        check_files({"template.yaml": b"", path: b""})
    assert caught.value.kind == "bad_value"


def test_too_much_is_refused() -> None:
    for files in ({"a": b"x" * (2**20 + 1)}, {str(number): b"" for number in range(201)}, {"a": b"", "a/b": b""}):
        with pytest.raises(Problem):
            check_files(files)
    check_files({"a": b"x" * 2**20})
    check_files({".gitignore": b"", ".github/x": b"", "a b/c": b""})
