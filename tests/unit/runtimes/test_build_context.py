from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carrel.runtimes.build_context import ContextDigest, IgnoreRules

# From moby/patternmatcher's own tests and the documentation of .dockerignore
CASES = [
    ("**", "file", True),
    ("**", "dir/file", True),
    ("**/", "dir/file", True),
    ("**/**", "dir/file", True),
    ("dir/**", "dir/file", True),
    ("dir/**", "dir", False),
    ("dir/**", "dir/dir2/file", True),
    ("**/dir", "dir", True),
    ("**/dir", "dir/file", True),
    ("**/dir2/*", "dir/dir2/file", True),
    ("**/dir2/**", "dir/dir2/dir2/file", True),
    ("**file", "file", True),
    ("**file", "dir/file", True),
    ("**/file", "dir/dir/file", True),
    ("**/file*", "dir/dir/file.txt", True),
    ("**/file*txt", "dir/dir/file.txt", True),
    ("**/**/*.txt", "dir/dir/file.txt", True),
    ("a**/*.txt", "a/file.txt", True),
    ("a/*.txt", "a/dir/file.txt", False),
    ("a/*.txt", "a/file.txts", False),
    ("a[b-d]e", "ae", False),
    ("a[b-d]e", "ace", True),
    ("a[b-d]e", "aae", False),
    ("a[^b-d]e", "aze", True),
    (".*", ".foo", True),
    (".*", "foo", False),
    ("abc.def", "abcdef", False),
    ("abc.def", "abc.def", True),
    ("abc.def", "abcZdef", False),
    ("abc?def", "abcZdef", True),
    ("abc?def", "abcdef", False),
    ("a\\*b", "a*b", True),
    ("a\\*b", "axb", False),
    ("a(b)c/def", "a(b)c/def", True),
    ("a.|)$(}+{bc", "a.|)$(}+{bc", True),
    ("/dir", "dir/file", True),
    ("dir/", "dir/file", True),
    ("./dir/../dir", "dir", True),
    ("*", "a/b", True),
    ("docs\n!docs/README.md", "docs/a", True),
    ("docs\n!docs/README.md", "docs/README.md", False),
    ("*.md\n!README*.md\nREADME-secret.md", "README.md", False),
    ("*.md\n!README*.md\nREADME-secret.md", "README-secret.md", True),
    ("# dir", "dir", False),
    ("   dir  ", "dir", True),
    ("\ufeffdir", "dir", True),
    ("! dir", "dir", False),
]


@pytest.mark.parametrize(("rules", "path", "excluded"), CASES)
def test_dockerignore(rules: str, path: str, excluded: bool) -> None:
    assert IgnoreRules(rules).excludes(path) is excluded


@given(st.text(max_size=40), st.text(alphabet="ab/.*", min_size=1, max_size=12))
def test_no_rules_text_breaks_the_parser(rules: str, path: str) -> None:
    assert IgnoreRules(rules).excludes(path) in {True, False}


ENTRIES = [("a", "file", "1"), ("b", "folder", ""), ("c", "link", "a"), ("d/e", "file", "2")]


@given(st.permutations(ENTRIES))
def test_a_digest_does_not_depend_on_the_order(entries: list[tuple[str, str, str]]) -> None:
    assert _digest(entries) == _digest(ENTRIES)


def test_a_digest_depends_on_everything_else() -> None:
    others = [
        ENTRIES[1:],
        [("a", "file", "9"), *ENTRIES[1:]],
        [("A", "file", "1"), *ENTRIES[1:]],
        [("a", "link", "1"), *ENTRIES[1:]],
    ]
    executable = ContextDigest()
    for path, kind, content in ENTRIES:
        executable.add(path, kind, content, executable=path == "a")  # type: ignore[arg-type]
    digests = [_digest(ENTRIES), *map(_digest, others), executable.hexdigest()]
    assert len(set(digests)) == len(digests)


def _digest(entries: list[tuple[str, str, str]]) -> str:
    digest = ContextDigest()
    for path, kind, content in entries:
        digest.add(path, kind, content)  # type: ignore[arg-type]
    return digest.hexdigest()
