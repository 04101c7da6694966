"""The registry client against a registry that lives in a function."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from carrel.core.problems import Problem
from carrel.core.secret import Secret
from carrel.devcontainer.artifact import packed_artifact
from carrel.devcontainer.features.reference import parse_reference
from carrel.devcontainer.registry import RegistryClient, RegistrySettings

GO = parse_reference("ghcr.io/c/go:1")
DOCUMENT = json.dumps({"config": {"mediaType": "application/vnd.devcontainers"}, "layers": []}).encode()
DIGEST = "sha256:" + hashlib.sha256(DOCUMENT).hexdigest()
LAYER = b"layer"
LAYER_DIGEST = "sha256:" + hashlib.sha256(LAYER).hexdigest()
MANIFEST_URL = "https://ghcr.io/v2/c/go/manifests/1"
Answer = httpx.Response | Callable[[httpx.Request], httpx.Response]


class Web:
    """Answers by URL, and remembers what was asked."""

    def __init__(self, answers: Mapping[str, Answer | list[Answer]]) -> None:
        self.answers = {url: list(answer) if isinstance(answer, list) else answer for url, answer in answers.items()}
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self.answers.get(str(request.url), httpx.Response(404))
        if isinstance(answer, list):
            answer = answer.pop(0) if len(answer) > 1 else answer[0]
        return (
            answer(request)
            if callable(answer)
            else httpx.Response(answer.status_code, content=answer.content, headers=answer.headers)
        )

    def authorizations(self) -> list[str | None]:
        return [request.headers.get("Authorization") for request in self.requests]


def client(web: Web, **settings: Any) -> RegistryClient:
    return RegistryClient(RegistrySettings(**{"retry_seconds": 0.0, **settings}), httpx.MockTransport(web))


def ok(content: bytes = DOCUMENT) -> httpx.Response:
    return httpx.Response(200, content=content)


def bearer_only(token: str) -> Callable[[httpx.Request], httpx.Response]:
    """Asks for a token unless the right one is there."""

    def answer(request: httpx.Request) -> httpx.Response:
        if request.headers.get("Authorization") == f"Bearer {token}":
            return ok()
        challenge = 'Bearer realm="https://ghcr.io/token",service="ghcr.io",scope="repository:c/go:pull"'
        return httpx.Response(401, headers={"WWW-Authenticate": challenge})

    return answer


TOKEN_URL = "https://ghcr.io/token?service=ghcr.io&scope=repository%3Ac%2Fgo%3Apull"
CREDENTIALS = {"ghcr.io": ("ana", Secret("hunter2"))}
BASIC = "Basic " + base64.b64encode(b"ana:hunter2").decode()


@pytest.mark.conformance("C295", "C301", "C305")
async def test_a_manifest_is_asked_for_anonymously_with_the_right_type() -> None:
    web = Web({MANIFEST_URL: ok()})
    async with client(web, credentials=CREDENTIALS) as registry:
        manifest = await registry.manifest(GO)
        assert manifest.digest == DIGEST
        assert manifest.document["layers"] == []
        await registry.manifest(GO)
    assert len(web.requests) == 1, "a tag's manifest is remembered for a while"
    assert web.requests[0].headers["Accept"] == "application/vnd.oci.image.manifest.v1+json"
    assert web.authorizations() == [None]


@pytest.mark.conformance("C300", "C335")
async def test_a_digest_is_verified() -> None:
    other = "sha256:" + "0" * 64
    web = Web({f"https://ghcr.io/v2/c/go/manifests/{DIGEST}": ok(), f"https://ghcr.io/v2/c/go/manifests/{other}": ok()})
    async with client(web) as registry:
        assert (await registry.manifest(GO, DIGEST)).digest == DIGEST
        with pytest.raises(Problem, match="is asked for"):
            await registry.manifest(GO, other)


@pytest.mark.conformance("C300")
async def test_a_layer_is_verified_and_kept_by_digest(tmp_path: Path) -> None:
    other = "sha256:" + "0" * 64
    web = Web(
        {
            f"https://ghcr.io/v2/c/go/blobs/{LAYER_DIGEST}": ok(LAYER),
            f"https://ghcr.io/v2/c/go/blobs/{other}": ok(LAYER),
        }
    )
    async with client(web, cache_folder=str(tmp_path / "cache")) as registry:
        assert await registry.blob(GO, LAYER_DIGEST) == LAYER
        assert await registry.blob(GO, LAYER_DIGEST) == LAYER
        assert len(web.requests) == 1
        for wrong in (other, "sha256:../../x", "md5:x"):
            with pytest.raises(Problem, match="digest"):
                await registry.blob(GO, wrong)
    (tmp_path / "cache" / LAYER_DIGEST.removeprefix("sha256:")).write_bytes(b"tampered")
    async with client(web, cache_folder=str(tmp_path / "cache")) as registry:
        assert await registry.blob(GO, LAYER_DIGEST) == LAYER


@pytest.mark.conformance("C307", "C310")
async def test_a_token_is_fetched_anonymously_and_used_again() -> None:
    web = Web(
        {
            MANIFEST_URL: bearer_only("t"),
            TOKEN_URL: ok(b'{"token": "t"}'),
            "https://ghcr.io/v2/c/go/tags/list": bearer_only("t"),
        }
    )
    async with client(web) as registry:
        assert (await registry.manifest(GO)).digest == DIGEST
        web.answers[f"https://ghcr.io/v2/c/go/manifests/{DIGEST}"] = bearer_only("t")
        await registry.manifest(GO, DIGEST)
    assert web.authorizations() == [None, None, "Bearer t", "Bearer t"]


@pytest.mark.conformance("C307", "C311")
async def test_credentials_are_offered_for_a_token() -> None:
    web = Web({MANIFEST_URL: bearer_only("t"), TOKEN_URL: ok(b'{"access_token": "t"}')})
    async with client(web, credentials=CREDENTIALS) as registry:
        await registry.manifest(GO)
    assert web.authorizations() == [None, BASIC, "Bearer t"]


@pytest.mark.conformance("C309")
async def test_an_expired_login_does_not_break_public_features() -> None:
    answers: list[Answer] = [httpx.Response(401), ok(b'{"token": "t"}')]
    web = Web({MANIFEST_URL: bearer_only("t"), TOKEN_URL: answers})
    async with client(web, credentials=CREDENTIALS) as registry:
        await registry.manifest(GO)
    assert web.authorizations() == [None, BASIC, None, "Bearer t"]


@pytest.mark.conformance("C308", "C312")
async def test_a_refresh_token_is_posted() -> None:
    web = Web({MANIFEST_URL: bearer_only("t"), "https://ghcr.io/token": ok(b'{"access_token": "t"}')})
    async with client(web, credentials={"ghcr.io": ("<token>", Secret("refresh"))}) as registry:
        await registry.manifest(GO)
    form = web.requests[1].content.decode()
    assert web.requests[1].method == "POST"
    assert "grant_type=refresh_token" in form
    assert "refresh_token=refresh" in form
    assert "client_id=devcontainer" in form


@pytest.mark.conformance("C313")
async def test_credentials_are_never_sent_to_a_foreign_realm() -> None:
    challenge = httpx.Response(401, headers={"WWW-Authenticate": 'Bearer realm="https://evil.org/token",service="x"'})
    web = Web({MANIFEST_URL: challenge, "https://evil.org/token?service=x": httpx.Response(200, json={"token": "t"})})
    async with client(web, credentials=CREDENTIALS) as registry:
        with pytest.raises(Problem) as caught:
            await registry.manifest(GO)
    assert caught.value.kind == "registry_denied"
    assert BASIC not in web.authorizations()


@pytest.mark.parametrize("realm", ["http://evil.org/token", "https://169.254.169.254/token", "file:///etc/passwd"])
async def test_a_realm_that_is_not_safe_is_not_asked(realm: str) -> None:
    web = Web({MANIFEST_URL: httpx.Response(401, headers={"WWW-Authenticate": f'Bearer realm="{realm}"'})})
    async with client(web) as registry:
        with pytest.raises(Problem):
            await registry.manifest(GO)
    assert len(web.requests) == 1


@pytest.mark.conformance("C306", "C311")
async def test_basic_authentication() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        return (
            ok()
            if request.headers.get("Authorization") == BASIC
            else httpx.Response(401, headers={"WWW-Authenticate": "Basic"})
        )

    async with client(Web({MANIFEST_URL: answer}), credentials=CREDENTIALS) as registry:
        assert (await registry.manifest(GO)).digest == DIGEST
    async with client(Web({MANIFEST_URL: answer})) as registry:
        with pytest.raises(Problem) as caught:
            await registry.manifest(GO)
    assert caught.value.kind == "registry_denied"


@pytest.mark.conformance("C303")
async def test_localhost_and_listed_hosts_are_asked_by_plain_http() -> None:
    web = Web(
        {
            "http://localhost:5000/v2/c/go/manifests/latest": ok(),
            "http://lan.example:5000/v2/c/go/manifests/latest": ok(),
        }
    )
    async with client(web, insecure_hosts=frozenset({"lan.example:5000"})) as registry:
        await registry.manifest(parse_reference("localhost:5000/c/go"))
        await registry.manifest(parse_reference("lan.example:5000/c/go"))


async def test_a_mirror_is_asked_in_the_registrys_place() -> None:
    web = Web({"https://mirror.example/v2/c/go/manifests/1": ok()})
    async with client(web, mirrors={"ghcr.io": "mirror.example"}) as registry:
        assert (await registry.manifest(GO)).digest == DIGEST


async def test_a_metadata_address_is_no_registry() -> None:
    web = Web({})
    async with client(web) as registry:
        with pytest.raises(Problem, match="not allowed"):
            await registry.manifest(parse_reference("169.254.169.254/c/go"))
    assert web.requests == []


@pytest.mark.conformance("C313")
async def test_a_redirect_is_followed_without_credentials() -> None:
    target = "https://cdn.example/blob"
    web = Web(
        {
            f"https://ghcr.io/v2/c/go/blobs/{LAYER_DIGEST}": [
                httpx.Response(401, headers={"WWW-Authenticate": "Basic"}),
                httpx.Response(307, headers={"Location": target}),
            ],
            target: ok(LAYER),
        }
    )
    async with client(web, credentials=CREDENTIALS) as registry:
        assert await registry.blob(GO, LAYER_DIGEST) == LAYER
    assert web.authorizations() == [None, BASIC, None]


@pytest.mark.parametrize(
    "target", ["http://cdn.example/x", "https://169.254.169.254/x", "file:///etc/passwd", MANIFEST_URL]
)
async def test_a_redirect_to_a_forbidden_place_or_in_a_circle_is_refused(target: str) -> None:
    web = Web({MANIFEST_URL: httpx.Response(302, headers={"Location": target})})
    async with client(web) as registry:
        with pytest.raises(Problem, match="redirects"):
            await registry.manifest(GO)


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_a_busy_registry_is_asked_again(status: int) -> None:
    answers: list[Answer] = [httpx.Response(status, headers={"Retry-After": "0"}), httpx.Response(status), ok()]
    async with client(Web({MANIFEST_URL: answers})) as registry:
        assert (await registry.manifest(GO)).digest == DIGEST


def _fail(_: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("no route")


@pytest.mark.parametrize(
    ("answer", "kind", "text"),
    [
        (httpx.Response(404), "feature_failed", "does not have it"),
        (httpx.Response(403), "registry_denied", "403"),
        (httpx.Response(500), "registry_unreachable", "500"),
        (httpx.Response(429), "registry_unreachable", "429"),
        (httpx.Response(200, content=b"<html>hello</html>"), "feature_failed", "no manifest: '<html>"),
        (httpx.Response(200, content=b"[]"), "feature_failed", "no manifest"),
        (_fail, "registry_unreachable", "no route"),
    ],
)
async def test_every_failure_is_a_clear_problem(answer: Answer, kind: str, text: str) -> None:
    async with client(Web({MANIFEST_URL: answer})) as registry:
        with pytest.raises(Problem, match=text) as caught:
            await registry.manifest(GO)
    assert caught.value.kind == kind
    assert caught.value.extra["feature"] == "ghcr.io/c/go:1"


async def test_an_answer_that_is_too_large_is_cut_off() -> None:
    async with client(Web({MANIFEST_URL: ok(b"x" * 2000)}), max_manifest_bytes=1000) as registry:
        with pytest.raises(Problem, match="more than 1000 bytes"):
            await registry.manifest(GO)


async def test_a_registry_that_is_too_slow_is_given_up() -> None:
    class Slow(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            await asyncio.Event().wait()
            return ok()

    async with RegistryClient(RegistrySettings(deadline_seconds=0.01), Slow()) as registry:
        with pytest.raises(Problem, match="in time") as caught:
            await registry.manifest(GO)
    assert caught.value.kind == "registry_unreachable"


@pytest.mark.conformance("C304")
async def test_tags_are_listed_and_an_absent_repository_has_none() -> None:
    web = Web({"https://ghcr.io/v2/c/go/tags/list": httpx.Response(200, json={"tags": ["1", "latest"]})})
    async with client(web) as registry:
        assert await registry.tags(GO) == ("1", "latest")
        assert await registry.tags(parse_reference("ghcr.io/c/absent")) == ()


@pytest.mark.conformance("C223")
async def test_tarballs_come_from_allowed_hosts_only() -> None:
    url = "https://example.org/devcontainer-feature-x.tgz"
    web = Web({url: ok(LAYER)})
    async with client(web) as registry:
        with pytest.raises(Problem) as caught:
            await registry.tarball(url)
        assert caught.value.kind == "refused_by_policy"
    for hosts in ({"example.org"}, {"*"}):
        async with client(web, tarball_hosts=frozenset(hosts)) as registry:
            assert await registry.tarball(url) == (LAYER, LAYER_DIGEST)
            assert await registry.tarball(url, LAYER_DIGEST) == (LAYER, LAYER_DIGEST)
            with pytest.raises(Problem, match="lockfile"):
                await registry.tarball(url, "sha256:" + "0" * 64)


@pytest.mark.conformance("C314")
async def test_the_servers_own_environment_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", "server")
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    web = Web({MANIFEST_URL: ok()})
    async with client(web) as registry:
        await registry.manifest(GO)
    assert web.authorizations() == [None]


def test_no_secret_shows_in_the_settings() -> None:
    assert "hunter2" not in repr(RegistrySettings(credentials=CREDENTIALS))


@pytest.mark.conformance("C302")
async def test_a_collection_is_read() -> None:
    listed = json.dumps({"features": [{"id": "go"}]}).encode()
    artifact = packed_artifact("collection", "ghcr.io", "devcontainer-collection.json", listed)
    digest = "sha256:" + hashlib.sha256(listed).hexdigest()
    web = Web(
        {
            "https://ghcr.io/v2/o/c/manifests/latest": ok(artifact.manifest),
            f"https://ghcr.io/v2/o/c/blobs/{digest}": ok(listed),
        }
    )
    async with client(web) as registry:
        assert await registry.collection(parse_reference("ghcr.io/o/c")) == {"features": [{"id": "go"}]}
