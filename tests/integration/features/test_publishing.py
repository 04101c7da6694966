"""What we pack and publish: the reference finds it, installs in the same order, and says the same of it as of its own."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from tests.integration.features.conftest import Filled
from tests.integration.features.sources import feature, features, later, templates, write
from tests.reference_cli import reference_answer, run_reference

from carrel.devcontainer.features.reference import parse_reference
from carrel.devcontainer.publishing import pack_folder, publish
from carrel.devcontainer.registry import RegistryClient

MANIFEST_LAYER = ("mediaType", "annotations")


def without_digests(records: Mapping[str, Any]) -> dict[str, Any]:
    """Records of a publication; archives differ in times and owners."""
    return {name: {key: value for key, value in record.items() if key != "digest"} for name, record in records.items()}


@pytest.mark.conformance("C315", "C316", "C317", "C318", "C319", "C320", "C321", "C323", "C324", "C325")
async def test_our_publication_is_the_references(filled: Filled, client: RegistryClient, tmp_path: Path) -> None:
    place = f"{filled.address}/ours/features"
    for name, files in (("first", features(filled.address)), ("later", later(filled.address))):
        packed = pack_folder("feature", write(files | {f"{name}.md": "", ".git/x": "", "docs/y": ""}, tmp_path / name))
        assert [notice.key for notice in packed.notices] == ["docs"]
        made = await publish(packed, filled.address, "ours/features", client)
        assert without_digests(json.loads(made.as_json())) == without_digests(filled.answers[name])
        again = await publish(packed, filled.address, "ours/features", client)
        assert not any(again.packages.values())
        assert {notice.key for notice in again.notices} == set(made.packages)
    for name in ("base", "hello", "greeting", "late", "zeta", "twice"):
        mine, theirs = (
            parse_reference(f"{one}/{name}:1" if name != "zeta" else f"{one}/{name}:0")
            for one in (place, filled.features)
        )
        assert sorted(await client.tags(mine)) == sorted(await client.tags(theirs))
        ours, reference = (await client.manifest(mine)).document, (await client.manifest(theirs)).document
        assert {**ours, "layers": None} == {**reference, "layers": None}
        assert list(ours) == list(reference), "the order of the keys is the reference's"
        assert [ours["layers"][0][key] for key in MANIFEST_LAYER] == [
            reference["layers"][0][key] for key in MANIFEST_LAYER
        ]
        assert names_in(await client.blob(mine, ours["layers"][0]["digest"])) == names_in(
            await client.blob(theirs, reference["layers"][0]["digest"])
        )
    collection = await client.collection(parse_reference(place))
    assert collection["features"] == (await client.collection(parse_reference(filled.features)))["features"]


def names_in(archive: bytes) -> set[tuple[str, bytes]]:
    """Files of a plain tar."""
    with tarfile.open(fileobj=io.BytesIO(archive), mode="r:") as tar:
        return {(one.name, source.read()) for one in tar if (source := tar.extractfile(one)) is not None}


@pytest.mark.conformance("C298", "C315", "C320")
async def test_the_reference_uses_what_we_publish(filled: Filled, client: RegistryClient, tmp_path: Path) -> None:
    source = write(feature("solo", dependsOn={f"{filled.features}/base": {}}), tmp_path / "src") / "solo"
    await publish(pack_folder("feature", source), filled.address, "one/features", client)
    reference = f"{filled.address}/one/features/solo"
    configuration = json.dumps({"image": "x", "features": {reference: {}}})
    folder = write({".devcontainer/devcontainer.json": configuration}, tmp_path / "repository")
    order = run_reference("features", "resolve-dependencies", "--workspace-folder", str(folder)).stdout
    assert json.loads(order[order.index('{\n  "inst') :])["installOrder"][1]["id"].startswith(f"{reference}@sha256:")
    assert run_reference("upgrade", "--workspace-folder", str(folder)).returncode == 0
    packed = pack_folder("template", write(templates(filled.address), tmp_path / "templates"))
    await publish(packed, filled.address, "one/templates", client)
    target = tmp_path / "applied"
    target.mkdir()
    words = ["templates", "apply", "-w", str(target), "-t", f"{filled.address}/one/templates/python"]
    assert "./src/README.md" in reference_answer(words)["files"]
    assert (target / "src/README.md").read_text() == "is copied: ltslts\n"
