"""A tar stream into a folder. Where things go is as `docker cp` has it (docs/guides/files.md has the table)."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from carrel.core.problems import Problem
from carrel.transfer.report import Report
from carrel.transfer.tar_members import Kind, Member, Source, TarMembers
from carrel.transfer.tree import Parts, Tree, is_folder, parts_of
from carrel.transfer.trouble import FULL, problem_of, shown


@dataclass(frozen=True)
class Wanted:
    """Where a stream is to go, and what may be in it."""

    destination: str
    tops: Collection[str] | None = None
    """The top names that were asked for: others are refused, so that who sends cannot choose what is written. None: any,
    all below the destination, which must be a folder."""


class _Placing:
    """Decides, by the first member and what is there, which folder is written into and under which name."""

    def __init__(self, wanted: Wanted) -> None:
        self._wanted = wanted
        self.tree: Tree | None = None
        self._renamed = ""

    def close(self) -> None:
        if self.tree is not None:
            self.tree.close()

    def place(self, member: Member) -> tuple[Tree, Parts]:
        """The open folder and the place below it. Raises ValueError for a member that is to be left out."""
        first, parts = _top(member.name), parts_of(member.name)
        if self._wanted.tops is not None and first not in self._wanted.tops:
            raise ValueError("was not asked for")
        if self.tree is None:
            self.tree = self._open(member, first)
        return self.tree, self.renamed(parts)

    def renamed(self, parts: Parts) -> Parts:
        """A place in the stream as a place below the open folder."""
        return (self._renamed, *parts[1:]) if self._renamed and parts else parts

    def _open(self, member: Member, first: str) -> Tree:
        destination = self._wanted.destination
        try:
            if is_folder(destination):
                return Tree(destination)
            if self._wanted.tops is None or len(self._wanted.tops) > 1:
                raise Problem("no_such_file", f"{shown(destination)} is no folder.", "Make it first, or name another.")
            is_tree = member.kind is Kind.FOLDER
            if os.path.lexists(destination.rstrip("/") or "/"):
                if is_tree or destination.endswith("/"):
                    raise Problem("file_exists", f"{shown(destination)} is no folder.", "Name another place.")
            elif destination.endswith("/") and not is_tree:
                raise Problem("no_such_file", f"There is no folder {shown(destination)}.", "Make it first.")
            return self._beside(destination.rstrip("/"), first)
        except OSError as error:
            raise problem_of(error, destination) from error

    def _beside(self, destination: str, first: str) -> Tree:
        """The destination is a new name in a folder that is there."""
        above, _, name = destination.rpartition("/")
        if name in {"", ".", ".."}:
            raise Problem("no_such_file", f"There is no folder {shown(destination)}.")
        if first == ".":
            os.mkdir(destination)  # noqa: PTH102
            return Tree(destination)
        tree = Tree(above or ("/" if destination.startswith("/") else "."))
        self._renamed = name
        return tree


def _top(name: str) -> str:
    """The first segment; `.` for what is put into the destination itself."""
    return name.removesuffix("/").partition("/")[0] or "."


def unpack(source: Source, wanted: Wanted, report: Report) -> None:
    """Write what the stream has. One member that cannot be written is told and left out; a full disk ends it.

    Raises:
        Problem: `no_space`, `bad_archive`, `no_such_file`, `file_exists`, `file_denied`: of the destination itself.
    """
    members, placing = TarMembers(source), _Placing(wanted)
    try:
        for member in members:
            try:
                _write(placing, member, _counted(members, report))
                report.files += member.kind is not Kind.FOLDER
            except OSError as error:
                problem = problem_of(error, member.name)
                if error.errno in FULL:
                    raise problem from error
                report.trouble(problem)
            except ValueError as error:
                report.trouble(Problem("bad_archive", f"{shown(member.name)!r} {error}.", "It was left out."))
        if placing.tree is not None:
            placing.tree.finish()
    finally:
        placing.close()


def _write(placing: _Placing, member: Member, content: Iterator[bytes]) -> None:
    tree, parts = placing.place(member)
    match member.kind:
        case Kind.FOLDER:
            tree.make_folder(parts, member.mode, member.mtime)
        case Kind.FILE if parts:
            tree.write_file(parts, content, mode=member.mode, mtime=member.mtime)
        case Kind.LINK if parts:
            tree.make_link(parts, member.target, member.mtime)
        case Kind.HARD_LINK if parts and (target := placing.renamed(parts_of(member.target))):
            tree.make_hard_link(parts, target)
        case _:
            raise ValueError("is no file, folder or link")


def _counted(members: TarMembers, report: Report) -> Iterator[bytes]:
    for data in members.content():
        report.bytes += len(data)
        yield data
