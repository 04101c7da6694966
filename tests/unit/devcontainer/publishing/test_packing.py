from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path
from typing import Any

import pytest

from carrel.core.problems import Problem
from carrel.devcontainer.artifact import Artifact, packed_artifact
from carrel.devcontainer.features.archive import Packed, unpack_files
from carrel.devcontainer.features.reference import FeatureReference
from carrel.devcontainer.publishing import pack, pack_collection, pack_folder, publish


def feature(name: str, version: str = "1.0.0", **more: Any) -> dict[str, Packed]:
    metadata = {"id": name, "version": version, "name": name, **more}
    return {
        "devcontainer-feature.json": Packed(json.dumps(metadata).encode()),
        "install.sh": Packed(b"#!/bin/sh", executable=True),
        "deep/er/file": Packed(b"x"),
    }


def template(configuration: dict[str, Any], **more: Any) -> dict[str, Packed]:
    metadata = {"id": "t", "version": "1.0.0", "name": "T", **more}
    return {
        "devcontainer-template.json": Packed(json.dumps(metadata).encode()),
        ".devcontainer/devcontainer.json": Packed(json.dumps(configuration).encode()),
        "docs/only.md": Packed(b""),
        "more/a": Packed(b""),
        "more/b": Packed(b""),
    }


class Shelf:
    """A registry in memory."""

    def __init__(self) -> None:
        self.artifacts: dict[str, dict[str, Artifact]] = {}

    async def tags(self, reference: FeatureReference) -> tuple[str, ...]:
        return tuple(self.artifacts.get(reference.resource, {}))

    async def push(self, reference: FeatureReference, artifact: Artifact, tags: Any) -> str:
        self.artifacts.setdefault(reference.resource, {}).update(dict.fromkeys(tags, artifact))
        return artifact.digest


@pytest.mark.conformance("C315", "C298", "C299")
def test_a_package_is_a_plain_tar_of_the_whole_folder_and_always_the_same() -> None:
    package = pack("feature", "x", feature("go"))
    assert package.file_name == "devcontainer-feature-go.tgz"
    assert package.archive == pack("feature", "x", dict(reversed(feature("go").items()))).archive
    with tarfile.open(fileobj=io.BytesIO(package.archive), mode="r:") as archive:
        assert archive.getnames() == [
            ".", "./deep", "./deep/er", "./deep/er/file", "./devcontainer-feature.json", "./install.sh",
        ]  # fmt: skip
    assert unpack_files(package.archive, "x") == feature("go")


@pytest.mark.conformance("C317")
def test_what_packing_adds() -> None:
    renamed = pack("feature", "x", feature("go", legacyIds=["golang"]))
    assert renamed.metadata["currentId"] == "go"
    assert json.loads(unpack_files(renamed.archive, "x")["devcontainer-feature.json"].content) == renamed.metadata
    features: dict[str, Any] = {
        "ghcr.io/A/b/c:1": {},
        "./local": {},
        "node": {},
        "https://x/devcontainer-feature-y.tgz": {},
    }
    made = pack(
        "template", "t", template({"image": "x", "features": features}, optionalPaths=["docs/*", "more/*", "/*"])
    )
    assert (made.metadata["type"], made.metadata["fileCount"]) == ("image", 5)
    assert made.metadata["featureIds"] == ["ghcr.io/a/b/c"]
    assert made.metadata["optionalPaths"] == ["docs/only.md", "more/*", "/*"]
    assert pack("template", "t", template({"build": {"dockerfile": "D"}})).metadata["type"] == "dockerfile"
    assert pack("template", "t", template({"dockerComposeFile": "c.yml"})).metadata["type"] == "dockerCompose"


@pytest.mark.conformance("C316")
def test_what_cannot_be_packed() -> None:
    for without in ("devcontainer-feature.json", "install.sh"):
        files = {path: file for path, file in feature("go").items() if path != without}
        with pytest.raises(Problem, match=f"has no {without}"):
            pack("feature", "x", files)
    for key in ("id", "version", "name"):
        lacks = {"id": "go", "version": "1.0.0", "name": "Go", key: ""}
        with pytest.raises(Problem, match=f"lacks '{key}'"):
            pack("feature", "x", {**feature("go"), "devcontainer-feature.json": Packed(json.dumps(lacks).encode())})
    with pytest.raises(Problem, match="none of image"):
        pack("template", "t", template({}))
    with pytest.raises(Problem, match="nothing to pack") as caught:
        pack_collection("template", {".git": feature("go"), "docs": {}})
    assert caught.value.kind == "template_failed"


@pytest.mark.conformance("C316", "C325")
def test_a_collection_leaves_out_what_is_no_feature() -> None:
    packed = pack_collection("feature", {"b": feature("b"), "a": feature("a"), ".hidden": feature("h"), "docs": {}})
    assert [package.id for package in packed.packages] == ["a", "b"]
    assert [notice.key for notice in packed.notices] == ["docs"]
    listed = json.loads(packed.file)
    assert [one["id"] for one in listed["features"]] == ["a", "b"]
    assert list(packed.files()) == [
        "devcontainer-feature-a.tgz",
        "devcontainer-feature-b.tgz",
        "devcontainer-collection.json",
    ]


def test_a_folder_is_packed_without_following_links_out_of_it(tmp_path: Path) -> None:
    for path, file in feature("go").items():
        (tmp_path / "src/go" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "src/go" / path).write_bytes(file.content)
    (tmp_path / "src/go/again").symlink_to("install.sh")
    assert [package.id for package in pack_folder("feature", tmp_path / "src").packages] == ["go"]
    single = pack_folder("feature", tmp_path / "src/go").packages[0]
    assert unpack_files(single.archive, "x")["again"].content == b"#!/bin/sh"
    (tmp_path / "src/go/out").symlink_to("/etc/passwd")
    with pytest.raises(Problem, match="leaves the folder"):
        pack_folder("feature", tmp_path / "src")


@pytest.mark.conformance("C318", "C319", "C323")
async def test_versions_and_old_ids_are_published_once() -> None:
    shelf = Shelf()
    packed = pack_collection("feature", {"go": feature("go", "1.2.3", legacyIds=["golang"])})
    made = await publish(packed, "ghcr.io", "o/c", shelf)
    record = made.packages["go"]
    assert record["publishedTags"] == ["1", "1.2", "1.2.3", "latest"]
    assert record["publishedLegacyIds"] == ["golang"]
    assert set(shelf.artifacts) == {"ghcr.io/o/c/go", "ghcr.io/o/c/golang", "ghcr.io/o/c"}
    again = await publish(packed, "ghcr.io", "o/c", shelf)
    assert again.packages == {"go": {}}
    assert "already" in again.notices[0].message
    with pytest.raises(Problem, match="semantic version"):
        await publish(pack_collection("feature", {"go": feature("go", "1.2")}), "ghcr.io", "o/c", shelf)


@pytest.mark.conformance("C320", "C321", "C322")
def test_a_manifest_is_the_references() -> None:
    artifact = packed_artifact("feature", "ghcr.io", "devcontainer-feature-color.tgz", b"x", '{"id":"color"}')
    assert artifact.manifest.decode() == (
        '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":'
        '"application/vnd.devcontainers","digest":"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a",'
        '"size":2},"layers":[{"mediaType":"application/vnd.devcontainers.layer.v1+tar","digest":'
        '"sha256:2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881","size":1,"annotations":'
        '{"org.opencontainers.image.title":"devcontainer-feature-color.tgz"}}],"annotations":{"dev.containers.metadata":'
        '"{\\"id\\":\\"color\\"}","com.github.package.type":"devcontainer_feature"}}'
    )
    plain = json.loads(packed_artifact("collection", "r.example", "devcontainer-collection.json", b"{}").manifest)
    assert "annotations" not in plain
    assert plain["layers"][0]["mediaType"] == "application/vnd.devcontainers.collection.layer.v1+json"
