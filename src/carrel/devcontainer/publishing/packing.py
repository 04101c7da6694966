"""Packing folders of features or templates: archives, metadata and the collection's file. Pure (C315-C317, C325).

Source: containers.dev "Features distribution" and "Templates distribution".
"""

from __future__ import annotations

import io
import json
import posixpath
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from carrel.core.problems import Problem
from carrel.devcontainer.artifact import COLLECTION_FILE
from carrel.devcontainer.configuration import source_kind
from carrel.devcontainer.features.archive import Packed
from carrel.devcontainer.features.record import INSTALL_FILE
from carrel.devcontainer.features.reference import parse_reference
from carrel.devcontainer.jsonc import parse_object
from carrel.devcontainer.notices import Notice, warning

Kind = Literal["feature", "template"]
Folder = Mapping[str, Packed]
"""Files of one feature or template by path."""


@dataclass(frozen=True)
class Package:
    """One feature or template, ready to be published."""

    kind: Kind
    metadata: Mapping[str, Any]
    archive: bytes
    """A plain tar, in spite of its name (D35)."""

    @property
    def id(self) -> str:
        """Its id."""
        return str(self.metadata["id"])

    @property
    def version(self) -> str:
        """Its version."""
        return str(self.metadata["version"])

    @property
    def file_name(self) -> str:
        """`devcontainer-feature-<id>.tgz`."""
        return f"devcontainer-{self.kind}-{self.id}.tgz"

    @property
    def metadata_text(self) -> str:
        """The metadata in one line, as manifests carry it."""
        return json.dumps(self.metadata, separators=(",", ":"), ensure_ascii=False)


@dataclass(frozen=True)
class PackedCollection:
    """All packages of a source folder."""

    kind: Kind
    packages: tuple[Package, ...]
    notices: tuple[Notice, ...] = ()

    @property
    def file(self) -> bytes:
        """devcontainer-collection.json."""
        listing = [dict(package.metadata) for package in self.packages]
        document = {"sourceInformation": {"source": "carrel"}, f"{self.kind}s": listing}
        return json.dumps(document, indent=4, ensure_ascii=False).encode()

    def files(self) -> dict[str, bytes]:
        """What `package` writes into its output folder."""
        return {package.file_name: package.archive for package in self.packages} | {COLLECTION_FILE: self.file}


def pack_collection(kind: Kind, folders: Mapping[str, Folder]) -> PackedCollection:
    """Pack every folder of a collection; those whose name begins with a dot are left out.

    Args:
        kind: what the folders are.
        folders: `src/<id>/...`: name of each folder to its files.

    Raises:
        Problem: `feature_failed` or `template_failed`: a folder is incomplete, or there is nothing to pack.
    """
    packages: list[Package] = []
    notices: list[Notice] = []
    for name in sorted(name for name in folders if not name.startswith(".")):
        if f"devcontainer-{kind}.json" in folders[name]:
            packages.append(pack(kind, name, folders[name]))
        else:
            notices.append(warning(name, f"it has no devcontainer-{kind}.json and is left out", "collection"))
    if not packages:
        hint = f"Each {kind} is a folder with a devcontainer-{kind}.json, as in src/<id>/."
        raise _problem(kind, "The collection", "there is nothing to pack", hint)
    return PackedCollection(kind, tuple(packages), tuple(notices))


def pack(kind: Kind, name: str, files: Folder) -> Package:
    """Pack one folder; raises as `pack_collection`."""
    file_name = f"devcontainer-{kind}.json"
    if file_name not in files:
        raise _problem(kind, name, f"it has no {file_name}")
    if kind == "feature" and INSTALL_FILE not in files:
        raise _problem(kind, name, f"it has no {INSTALL_FILE}")
    metadata = parse_object(files[file_name].content, f"{name}/{file_name}").value
    for key in ("id", "version", "name"):
        if not isinstance(metadata.get(key), str) or not metadata[key]:
            raise _problem(kind, name, f"its {file_name} lacks {key!r}")
    old = metadata.get("legacyIds") or []
    if not isinstance(old, list) or not all(isinstance(one, str) for one in old):
        raise _problem(kind, name, f"'legacyIds' in its {file_name} is no array of texts")
    more = _template_properties(name, files, metadata) if kind == "template" else _feature_properties(metadata)
    if more:
        metadata = {**metadata, **more}
        text = json.dumps(metadata, indent=4, ensure_ascii=False)
        files = {**files, file_name: Packed(text.encode())}
    return Package(kind, metadata, _archive(files))


def _feature_properties(metadata: Mapping[str, Any]) -> dict[str, Any]:
    """A feature that had other ids says which one it has now."""
    return {"currentId": metadata["id"]} if metadata.get("legacyIds") else {}


def _template_properties(name: str, files: Folder, metadata: Mapping[str, Any]) -> dict[str, Any]:
    path = next((path for path in (".devcontainer.json", ".devcontainer/devcontainer.json") if path in files), None)
    if path is None:
        raise _problem("template", name, "it has no devcontainer.json")
    configuration = parse_object(files[path].content, f"{name}/{path}").value
    kind = {"image": "image", "dockerfile": "dockerfile", "compose": "dockerCompose"}.get(source_kind(configuration))
    if kind is None:
        raise _problem("template", name, f"its {path} has none of image, build.dockerfile and dockerComposeFile")
    paths = sorted(files)
    properties: dict[str, Any] = {"type": kind, "files": paths, "fileCount": len(paths)}
    properties["featureIds"] = _resources(configuration.get("features"))
    optional = metadata.get("optionalPaths")
    if isinstance(optional, list):
        properties["optionalPaths"] = [_lone_file(path, paths) for path in optional]
    return properties


def _resources(features: Any) -> list[str]:
    """The features of a configuration without versions; local ones have none."""
    found: list[str] = []
    for written in features if isinstance(features, Mapping) else ():
        if "/" in written and not written.startswith((".", "/", "https://")):
            try:
                found.append(parse_reference(written).resource)
            except Problem:
                continue
    return found


def _lone_file(path: Any, paths: list[str]) -> Any:
    """`folder/*` with one file in it is that file."""
    if not isinstance(path, str) or not path.endswith("/*") or len(path) < 3:
        return path
    inner = [one for one in paths if one.startswith(path[:-1])]
    return inner[0] if len(inner) == 1 else path


def _archive(files: Folder) -> bytes:
    """A tar with entries named `./...`, the same bytes for the same files."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w", format=tarfile.PAX_FORMAT) as archive:
        made: set[str] = set()
        for path in sorted(files):
            _add_folders(archive, path, made)
            member = tarfile.TarInfo(f"./{path}")
            member.size = len(files[path].content)
            member.mode = 0o755 if files[path].executable else 0o644
            archive.addfile(member, io.BytesIO(files[path].content))
    return stream.getvalue()


def _add_folders(archive: tarfile.TarFile, path: str, made: set[str]) -> None:
    parts = posixpath.dirname(path).split("/") if "/" in path else []
    for count in range(len(parts) + 1):
        folder = "/".join([".", *parts[:count]])
        if folder not in made:
            made.add(folder)
            member = tarfile.TarInfo(folder)
            member.type, member.mode = tarfile.DIRTYPE, 0o755
            archive.addfile(member)


def _problem(kind: Kind, name: str, why: str, hint: str = "") -> Problem:
    return Problem(f"{kind}_failed", f"{name} cannot be packed: {why}.", hint=hint, extra={kind: name})
