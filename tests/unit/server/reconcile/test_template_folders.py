"""Which folders of a repository are templates, whoever made it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from carrel.core.problems import Problem
from carrel.server.reconcile.template_folders import FoundFolder, found_folders


class Repository:
    """The files of a source, by path."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        """A source with these."""
        self._files = files

    async def read(self, path: str) -> bytes | None:
        """Content of a file."""
        return self._files.get(path)

    async def list(self, path: str) -> Sequence[str]:
        """Not asked for."""
        raise NotImplementedError(path)

    async def tree(self, path: str) -> Sequence[str]:
        """All files below a folder."""
        prefix = f"{path}/" if path else ""
        return sorted(name.removeprefix(prefix) for name in self._files if name.startswith(prefix))

    async def digest(self, path: str, ignore: str = "") -> str:
        """Not asked for."""
        raise NotImplementedError(path, ignore)


async def found(*paths: str, root: str = "") -> list[FoundFolder]:
    return [one async for one in found_folders(Repository(dict.fromkeys(paths, b"x")), root)]


async def test_the_outermost_folders_are_found_three_levels_deep() -> None:
    paths = (
        "a/template.yaml",
        "a/b/template.yaml",
        "a-b/template.yaml",
        "c/d/e/template.yaml",
        "f/g/h/i/template.yaml",
    )
    assert [one.path for one in await found(*paths)] == ["a", "a-b", "c/d/e"]
    [first] = await found("a/template.yaml", "a/b/template.yaml", "a-b/x", root="a")
    assert (first.path, dict(first.files)) == ("a", {"template.yaml": b"x", "b/template.yaml": b"x"})
    assert [one.path for one in await found("template.yaml", *paths)] == [""]


async def test_those_over_a_hundred_are_told_and_those_over_a_thousand_are_not_gone_through() -> None:
    of_many = await found(*(f"f{number:03}/template.yaml" for number in range(101)))
    assert [bool(one.problem) for one in of_many] == [False] * 100 + [True]
    with pytest.raises(Problem, match="200000 folders"):
        await found(*(f"f{number}/template.yaml" for number in range(200_000)))


STRANGE = {
    "a folder that moves the cursor": ("a\x1b[2J", "x"),
    "a folder that is no UTF-8": ("a\udcff", "x"),
    "a file that is no UTF-8": ("a", "x\udcff"),
    "a file of two lines": ("a", "x\n"),
}


@pytest.mark.parametrize("what", STRANGE)
async def test_what_cannot_be_shown_is_told_as_it_can_be(what: str) -> None:
    folder, file = STRANGE[what]
    one, other = await found(f"{folder}/template.yaml", f"{folder}/{file}", "b/template.yaml")
    assert (one.path.isprintable(), "cannot be shown" in one.problem) == (True, True)
    assert (other.path, other.problem) == ("b", "")
