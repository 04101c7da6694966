from __future__ import annotations

import json
from typing import Any

import pytest
from tests.unit.devcontainer.repository import Published, Repository

from carrel.core.problems import Problem
from carrel.devcontainer.features.lockfile import Locked, Lockfile
from carrel.devcontainer.features.resolve import Resolved, Resolver, Wanted, as_json

C = "ghcr.io/c"


def meta(name: str, **more: Any) -> dict[str, Any]:
    return {"id": name, "version": "1.0.0", "name": name.upper(), **more}


async def resolved(
    features: dict[str, Any], published: Published | None = None, files: dict[str, Any] | None = None, **wanted: Any
) -> Resolved:
    request = Wanted(features, config_path=".devcontainer/devcontainer.json", **wanted)
    return await Resolver(request, Repository(files or {}), published or Published()).resolve()


def names(result: Resolved) -> list[str]:
    return [feature.name for feature in result.features]


def local(name: str, **more: Any) -> dict[str, Any]:
    return {
        f".devcontainer/{name}/devcontainer-feature.json": meta(name, **more),
        f".devcontainer/{name}/install.sh": "#!/bin/sh",
    }


@pytest.mark.conformance("C256", "C258", "C259", "C261")
async def test_dependencies_are_pulled_in_with_their_options_and_come_first() -> None:
    published = Published(
        {
            f"{C}/a:1": meta("a", dependsOn={f"{C}/b:1": {"x": "1"}}),
            f"{C}/b:1": meta("b", dependsOn={f"{C}/d": True}),
            f"{C}/d:latest": meta("d"),
        }
    )
    result = await resolved({f"{C}/a:1": {}}, published)
    assert names(result) == [f"{C}/d", f"{C}/b:1", f"{C}/a:1"]
    assert [feature.given for feature in result.features] == [True, {"x": "1"}, {}]
    assert all("install.sh" in feature.files for feature in result.features)
    with pytest.raises(Problem, match="does not exist"):
        await resolved({f"{C}/a:1": {}}, Published({f"{C}/a:1": meta("a", dependsOn={f"{C}/absent": {}})}))


@pytest.mark.conformance("C258", "C284")
async def test_an_equal_feature_is_installed_once() -> None:
    published = Published({f"{C}/a:1": meta("a", dependsOn={f"{C}/b": {}}), f"{C}/b:latest": meta("b")})
    assert names(await resolved({f"{C}/a:1": {}, f"{C}/b:latest": {}}, published)) == [f"{C}/b:latest", f"{C}/a:1"]


@pytest.mark.conformance("C258", "C271")
async def test_a_circle_ends_with_an_error() -> None:
    published = Published(
        {f"{C}/a:latest": meta("a", dependsOn={f"{C}/b": {}}), f"{C}/b:latest": meta("b", dependsOn={f"{C}/a": {}})}
    )
    with pytest.raises(Problem, match="circle"):
        await resolved({f"{C}/a": {}}, published)


@pytest.mark.conformance("C257", "C262")
async def test_installs_after_orders_adds_nothing_and_may_be_unresolvable() -> None:
    published = Published(
        {f"{C}/a:latest": meta("a", installsAfter=[f"{C}/z", f"{C}/gone", "broken"]), f"{C}/z:latest": meta("z")}
    )
    assert names(await resolved({f"{C}/a": {}, f"{C}/z": {}}, published)) == [f"{C}/z", f"{C}/a"]
    assert names(await resolved({f"{C}/a": {}}, published)) == [f"{C}/a"]


@pytest.mark.conformance("C265")
async def test_installs_after_matches_an_old_id_of_the_named_feature() -> None:
    published = Published(
        {
            f"{C}/a:latest": meta("a", installsAfter=[f"{C}/gamma"]),
            f"{C}/gamma:latest": meta("gamma", legacyIds=["oldgamma"]),
            f"{C}/oldgamma:latest": meta("oldgamma"),
        }
    )
    assert names(await resolved({f"{C}/a": {}, f"{C}/oldgamma": {}}, published)) == [f"{C}/oldgamma", f"{C}/a"]


@pytest.mark.conformance("C269", "C272", "C273")
async def test_the_override_order_gives_priority_and_unknown_entries_a_warning() -> None:
    published = Published({f"{C}/{one}:latest": meta(one) for one in "abc"})
    features: dict[str, Any] = {f"{C}/{one}": {} for one in "abc"}
    result = await resolved(features, published, override_order=[f"{C}/c:9", f"{C}/b", f"{C}/x", "./y"])
    assert names(result) == [f"{C}/c", f"{C}/b", f"{C}/a"]
    assert [notice.key for notice in result.notices] == ["overrideFeatureInstallOrder"] * 2


@pytest.mark.conformance("C219", "C220", "C221", "C260", "C227", "C228")
async def test_local_features_are_read_with_all_their_files() -> None:
    files = {
        **local("one"),
        ".devcontainer/one/lib/deep/x.sh": "1",
        ".devcontainer/one/devcontainer-feature.json": '// c\n{"id": "one", "version": "1", "odd": 1,}',
    }
    result = await resolved({"./one": {}}, files=files)
    assert set(result.features[0].files) == {"devcontainer-feature.json", "install.sh", "lib/deep/x.sh"}


@pytest.mark.conformance("C220", "C221")
async def test_a_local_feature_needs_its_two_files() -> None:
    with pytest.raises(Problem, match=r"devcontainer-feature\.json does not exist"):
        await resolved({"./one": {}})
    with pytest.raises(Problem, match=r"no install\.sh"):
        await resolved({"./one": {}}, files={".devcontainer/one/devcontainer-feature.json": meta("one")})
    result = await resolved(
        {"./one": {}},
        files={".devcontainer/one/devcontainer-feature.json": meta("two"), ".devcontainer/one/install.sh": ""},
    )
    assert [notice.level for notice in result.notices] == ["warning"]


@pytest.mark.conformance("C226")
@pytest.mark.parametrize("metadata", [{}, {"id": "one"}, {"version": "1"}, {"id": 1, "version": "1"}])
async def test_metadata_needs_id_and_version(metadata: dict[str, Any]) -> None:
    with pytest.raises(Problem, match="lacks"):
        await resolved({"./one": {}}, files={".devcontainer/one/devcontainer-feature.json": metadata})


async def test_malformed_metadata_is_the_features_fault() -> None:
    with pytest.raises(Problem, match="line 1, column 2") as caught:
        await resolved({"./one": {}}, files={".devcontainer/one/devcontainer-feature.json": "{x"})
    assert caught.value.kind == "feature_failed"


async def test_a_tarball_is_fetched_once_and_read() -> None:
    url = "https://e.org/devcontainer-feature-t.tgz"
    result = await resolved({url: "3"}, Published({url: meta("t", options={"version": {"type": "string"}})}))
    assert result.features[0].options == {"version": "3"}
    assert result.features[0].digest.startswith("sha256:")


@pytest.mark.conformance("C335")
async def test_a_lockfile_holds_a_feature_at_its_digest() -> None:
    published = Published({f"{C}/a:1": meta("a"), f"{C}/a:1.5": meta("a", version="1.5.0")})
    lockfile = Lockfile({f"{C}/a:1": Locked("1.5.0", "", published.digest(f"{C}/a:1.5"))})
    result = await resolved({f"{C}/a:1": {}}, published, lockfile=lockfile)
    assert result.features[0].metadata["version"] == "1.5.0"


@pytest.mark.conformance("C296")
async def test_an_artefact_that_is_no_feature_is_refused() -> None:
    class Images(Published):
        async def manifest(self, reference: Any, digest: str = "") -> Any:
            manifest = await super().manifest(reference, digest)
            manifest.document["config"]["mediaType"] = "application/vnd.oci.image.config.v1+json"
            return manifest

    with pytest.raises(Problem, match="is not a feature"):
        await resolved({f"{C}/a": {}}, Images({f"{C}/a:latest": meta("a")}))


@pytest.mark.conformance("C446")
async def test_the_order_can_be_printed_as_the_reference_does() -> None:
    published = Published({f"{C}/a:latest": meta("a")})
    files = local("one")
    result = await resolved({f"{C}/a": {"x": "1"}, "./one": {}}, published, files)
    assert json.loads(as_json(result.features)) == {
        "installOrder": [
            {"id": "./one", "options": {}},
            {"id": f"{C}/a@{published.digest(f'{C}/a:latest')}", "options": {"x": "1"}},
        ]
    }


async def test_too_many_features_are_refused() -> None:
    published = Published(
        {f"{C}/f{number}:latest": meta(f"f{number}", dependsOn={f"{C}/f{number + 1}": {}}) for number in range(200)}
    )
    with pytest.raises(Problem, match="More than 100"):
        await resolved({f"{C}/f0": {}}, published)


async def test_the_content_of_all_features_together_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    published = Published({f"{C}/{name}:latest": meta(name) for name in "abc"})
    size = sum(len(content) for content in (await resolved({f"{C}/a": {}}, published)).features[0].files.values())
    monkeypatch.setattr("carrel.devcontainer.features.resolve._MAX_BYTES", 2 * size)
    assert len((await resolved({f"{C}/{name}": {} for name in "ab"}, published)).features) == 2
    with pytest.raises(Problem, match="larger than"):
        await resolved({f"{C}/{name}": {} for name in "abc"}, published)
