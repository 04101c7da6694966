"""The registry client uploads."""

from __future__ import annotations

import base64
import hashlib

import httpx
import pytest

from carrel.core.problems import Problem
from carrel.core.secret import Secret
from carrel.devcontainer.artifact import packed_artifact
from carrel.devcontainer.features.reference import parse_reference
from carrel.devcontainer.registry import RegistryClient, RegistrySettings

GO = parse_reference("ghcr.io/c/go:1")
LAYER = b"layer"
LAYER_DIGEST = "sha256:" + hashlib.sha256(LAYER).hexdigest()
CREDENTIALS = {"ghcr.io": ("ana", Secret("hunter2"))}
BASIC = "Basic " + base64.b64encode(b"ana:hunter2").decode()


class Uploads:
    """A registry that takes uploads; remembers methods and addresses."""

    def __init__(self, location: str, busy: int = 0) -> None:
        self.location = location
        self.busy = busy
        self.asked: list[str] = []
        self.blobs: dict[str, bytes] = {}

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(f"{request.method} {request.url}")
        if request.method == "HEAD":
            return httpx.Response(200 if request.url.path.rpartition("/")[2] in self.blobs else 404)
        if request.method == "POST":
            return httpx.Response(202, headers={"Location": self.location})
        if self.busy and "/manifests/" in request.url.path:
            self.busy -= 1
            return httpx.Response(429)
        if "digest" in request.url.params:
            self.blobs[request.url.params["digest"]] = request.content
        return httpx.Response(201)


@pytest.mark.conformance("C324")
@pytest.mark.parametrize(
    ("location", "put"),
    [
        ("/v2/c/go/blobs/uploads/1", "https://ghcr.io/v2/c/go/blobs/uploads/1?digest="),
        ("/v2/up?state=a%2Bb", "https://ghcr.io/v2/up?state=a%2Bb&digest="),
        ("https://ghcr.io/v2/up?_state=x", "https://ghcr.io/v2/up?_state=x&digest="),
    ],
)
async def test_an_artifact_is_uploaded_once_and_tagged(location: str, put: str) -> None:
    artifact = packed_artifact("feature", "ghcr.io", "t", LAYER, "{}")
    uploads = Uploads(location, busy=1)
    async with RegistryClient(RegistrySettings(retry_seconds=0.0), httpx.MockTransport(uploads)) as registry:
        assert await registry.push(GO, artifact, ["1", "latest"]) == artifact.digest
        assert uploads.blobs == dict(artifact.blobs)
        assert [one for one in uploads.asked if one.startswith(f"PUT {put}")] == [
            f"PUT {put}{digest}" for digest in artifact.blobs
        ]
        assert [one for one in uploads.asked if "manifests/1" in one and one.startswith("PUT")] == 2 * [
            "PUT https://ghcr.io/v2/c/go/manifests/1"
        ], "asked again after a 429"
        uploads.asked.clear()
        uploads.blobs[artifact.digest] = b"the manifest"
        await registry.push(GO, artifact, ["2"])
    assert [one.partition(" ")[0] for one in uploads.asked] == ["HEAD", "PUT"], "what is there is not sent again"


async def test_an_upload_to_another_host_is_refused() -> None:
    artifact = packed_artifact("feature", "ghcr.io", "t", LAYER, "{}")
    for location in ("https://evil.example/up", ""):
        uploads = Uploads(location)
        async with RegistryClient(RegistrySettings(), httpx.MockTransport(uploads)) as registry:
            with pytest.raises(Problem, match="another place"):
                await registry.push(GO, artifact, ["1"])
        assert not uploads.blobs
