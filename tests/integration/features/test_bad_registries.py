"""Registries that are slow, wrong, overloaded or hostile: each ends in a problem with a hint, soon and within limits."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import re
import tarfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from tests.integration.features.bad_server import BadServer, Reply, bad_server
from tests.unit.devcontainer.repository import Repository

from carrel.core.problems import Problem
from carrel.devcontainer.artifact import CONFIG_TYPE, LAYER_TYPE
from carrel.devcontainer.features.reference import parse_reference
from carrel.devcontainer.features.resolve import Resolver, Wanted
from carrel.devcontainer.registry import RegistryClient, RegistrySettings
from carrel.devcontainer.templates import fetch_template

MEGABYTE = 2**20


@pytest.fixture(scope="module")
def server() -> Iterator[BadServer]:
    with bad_server() as made:
        yield made


def settings(**more: Any) -> RegistrySettings:
    return RegistrySettings(**{"retry_seconds": 0.0, "deadline_seconds": 10.0, **more})


async def problem(server: BadServer, *replies: Reply, **more: Any) -> Problem:
    """What resolving a feature ends with; a template of the same name ends alike."""
    server.says(*replies)
    reference = f"{server.address}/team/features/base:1"
    async with RegistryClient(settings(**more)) as client:
        with pytest.raises(Problem) as caught:
            await Resolver(Wanted({reference: {}}), Repository({}), client).resolve()
    assert caught.value.extra["feature"] == reference
    assert caught.value.document()["hint"]
    return caught.value


def manifest(layer: bytes | str, size: int | None = None, **more: Any) -> Reply:
    """A manifest of a feature with one layer."""
    digest = layer if isinstance(layer, str) else "sha256:" + hashlib.sha256(layer).hexdigest()
    fields: dict[str, Any] = {"mediaType": LAYER_TYPE, "digest": digest}
    fields |= {} if size is None else {"size": size}
    document = {"config": {"mediaType": CONFIG_TYPE}, "layers": [fields], **more}
    return Reply(body=json.dumps(document).encode())


@pytest.mark.parametrize(
    ("reply", "kind", "text"),
    [
        (Reply(200, b"<html>Sign in</html>"), "feature_failed", "no manifest: '<html>Sign in"),
        (Reply(200, b""), "feature_failed", "no manifest"),
        (Reply(200, b"[" * 100_000), "feature_failed", "no manifest"),
        (Reply(200, b'{"layers": []}'), "feature_failed", "not a feature"),
        (Reply(200, b'{"config": 1, "layers": 1}'), "feature_failed", "not a feature"),
        (
            Reply(200, b'{"mediaType": "application/vnd.oci.image.index.v1+json", "manifests": []}'),
            "feature_failed",
            "it is an image",
        ),
        (Reply(401), "registry_denied", "401"),
        (Reply(401, headers={"WWW-Authenticate": "Negotiate"}), "registry_denied", "401"),
        (Reply(403), "registry_denied", "403"),
        (Reply(404), "feature_failed", "does not have it"),
        (Reply(418), "registry_unreachable", "418"),
        (Reply(500), "registry_unreachable", "500"),
        (Reply(200, b"{}", {"Content-Length": "5000000"}), "feature_failed", "more than 4194304 bytes"),
        (Reply(200, b"{}", {"Content-Length": "10"}), "registry_unreachable", "RemoteProtocolError|closed"),
        (Reply(302, headers={"Location": "//169.254.169.254/latest/meta-data"}), "registry_unreachable", "169.254"),
        (Reply(302, headers={"Location": "http://[fe80::1]/"}), "registry_unreachable", "fe80"),
        (Reply(302, headers={"Location": "http://2852039166/"}), "registry_unreachable", "not allowed"),
        (Reply(302, headers={"Location": "file:///etc/passwd"}), "registry_unreachable", "not allowed"),
        (Reply(302, headers={"Location": "/again"}), "registry_unreachable", "too often"),
    ],
)  # fmt: skip
async def test_every_bad_answer_is_a_problem_with_a_hint(server: BadServer, reply: Reply, kind: str, text: str) -> None:
    found = await problem(server, reply)
    assert found.kind == kind
    assert re.search(text, found.detail), found.detail


async def test_a_slow_registry_is_given_up(server: BadServer) -> None:
    began = time.monotonic()
    found = await problem(server, Reply(hangs=True), deadline_seconds=0.2)
    assert (found.kind, time.monotonic() - began < 20) == ("registry_unreachable", True)
    assert "in time" in found.detail
    found = await problem(server, Reply(hangs=True), timeout_seconds=0.1, attempts=2)
    assert len(server.paths) == 2, "asked again once"
    assert "Timeout" in found.detail


async def test_what_is_asked_for_in_retry_after_is_kept_within_bounds(server: BadServer) -> None:
    soon = Reply(429, headers={"Retry-After": "1"})
    began = time.monotonic()
    found = await problem(server, soon, Reply(404))
    assert (found.kind, len(server.paths)) == ("feature_failed", 2)
    assert time.monotonic() - began >= 1
    later = format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True)
    for after in ("3600", later):
        found = await problem(server, Reply(429, headers={"Retry-After": after}))
        assert (found.kind, len(server.paths)) == ("registry_unreachable", 1), "not asked again too early"
        assert "wait 3" in found.detail
    assert "signed-in" in found.hint


async def test_a_layer_of_two_gigabytes_is_refused_before_it_is_read(server: BadServer) -> None:
    two = 2 * 2**30
    found = await problem(server, manifest(b"", size=two), Reply())
    assert "2147483648 bytes" in found.detail
    assert len(server.paths) == 1, "the manifest says it"
    found = await problem(server, manifest(b""), Reply(body=b"x", headers={"Content-Length": str(two)}))
    assert "more than 67108864 bytes" in found.detail
    limit = 4 * MEGABYTE
    found = await problem(server, manifest(b""), Reply(body=b"x" * MEGABYTE, chunks=2048), max_blob_bytes=limit)
    assert f"more than {limit} bytes" in found.detail
    assert server.sent < 64 * MEGABYTE, "the stream was cut off"


@pytest.mark.conformance("C300")
async def test_a_wrong_digest_is_refused(server: BadServer) -> None:
    found = await problem(server, manifest(b"right"), Reply(body=b"wrong"))
    assert "digest" in found.detail
    for digest in ("sha256:../../../etc/passwd", "md5:x", "sha256:" + "g" * 64):
        found = await problem(server, manifest(digest), Reply(body=b"x"))
        assert "no digest" in found.detail
        assert len(server.paths) == 1


def tar(*members: tuple[str, bytes, dict[str, Any]]) -> bytes:
    """An archive with any kind of entry."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        for name, content, fields in members:
            member = tarfile.TarInfo(name)
            member.size = len(content)
            for key, value in fields.items():
                setattr(member, key, value)
            archive.addfile(member, io.BytesIO(content) if content else None)
    return stream.getvalue()


def many(count: int) -> bytes:
    """A compressed archive of very many empty files; small to send."""
    head = tar(("./f", b"", {}))[:512]
    return gzip.compress(head * count, compresslevel=1)


ARCHIVES = {
    "no tar": (b"hello" * 200, "not a readable tar"),
    "cut off": (tar(("./a", b"x" * 5000, {}))[:2000], "not a readable tar"),
    "damaged compression": (b"\x1f\x8b" + b"x" * 100, "damaged"),
    "upwards": (tar(("../../etc/cron.d/x", b"x", {})), "leaves the folder"),
    "upwards inside": (tar(("./a/../../x", b"x", {})), "leaves the folder"),
    "absolute": (tar(("/etc/passwd", b"x", {})), "leaves the folder"),
    "link outside": (tar(("./a", b"", {"type": tarfile.SYMTYPE, "linkname": "../../etc/passwd"})), "leaves the folder"),
    "absolute link": (tar(("./a", b"", {"type": tarfile.SYMTYPE, "linkname": "/etc/passwd"})), "leaves the folder"),
    "hard link outside": (tar(("./a", b"", {"type": tarfile.LNKTYPE, "linkname": "../x"})), "leaves the folder"),
    "link to nothing": (tar(("./a", b"", {"type": tarfile.SYMTYPE, "linkname": "b"})), "points to nothing"),
    "device": (tar(("./sda", b"", {"type": tarfile.BLKTYPE, "devmajor": 8})), "device"),
    "pipe": (tar(("./pipe", b"", {"type": tarfile.FIFOTYPE})), "device or another special file"),
    "setuid": (tar(("./su", b"x", {"mode": 0o4755})), "setuid"),
    "a million entries": (many(1_000_000), "unpacks to more than|more than 5000 entries"),
    "six thousand entries": (tar(*((f"./{number}", b"", {}) for number in range(6000))), "more than 5000 entries"),
    "a bomb": (gzip.compress(bytes(200 * MEGABYTE), compresslevel=9), "unpacks to more than"),
    "a size that lies": (tar(("./a", b"", {"size": 2**33})), "larger than 67108864"),
    "without install.sh": (tar(("./devcontainer-feature.json", b'{"id":"base","version":"1"}', {})), "has no install.sh"),
    "without metadata": (tar(("./install.sh", b"x", {})), r"has no devcontainer-feature\.json"),
    "metadata that is none": (tar(("./devcontainer-feature.json", b"<html>", {})), "expected a value"),
    "metadata without id": (tar(("./devcontainer-feature.json", b'{"version":"1"}', {})), "lacks 'id'"),
}  # fmt: skip


@pytest.mark.conformance("C299", "C221", "C226")
@pytest.mark.parametrize("name", ARCHIVES)
async def test_an_archive_that_is_not_safe_is_refused(server: BadServer, name: str) -> None:
    content, text = ARCHIVES[name]
    began = time.monotonic()
    found = await problem(server, manifest(content), Reply(body=content))
    assert (found.kind, bool(re.search(text, found.detail))) == ("feature_failed", True), found.detail
    assert time.monotonic() - began < 30


async def test_templates_are_guarded_alike(server: BadServer) -> None:
    content, text = ARCHIVES["upwards"]
    reference = f"{server.address}/team/templates/x"
    for replies, kind, told in (
        ((manifest(content), Reply(body=content)), "template_failed", text),
        ((Reply(200, b"<html>"),), "template_failed", "no manifest"),
        ((Reply(200, b'{"config": {"mediaType": "x"}}'),), "template_failed", "not a template"),
        ((Reply(401),), "registry_denied", "401"),
        ((Reply(500),), "registry_unreachable", "500"),
    ):
        server.says(*replies)
        async with RegistryClient(settings()) as client:
            with pytest.raises(Problem, match=told) as caught:
                await fetch_template(reference, client)
        assert (caught.value.kind, caught.value.extra["template"]) == (kind, reference)


async def test_a_shared_server_does_not_ask_its_own_machine_for_a_repository(server: BadServer) -> None:
    server.says(Reply(500))
    found = await problem(server, Reply(500), private_addresses=False)
    assert (found.kind, server.paths) == ("refused_by_policy", [])
    assert "administrator" in found.hint
    listed = frozenset({server.address})
    found = await problem(server, Reply(404), private_addresses=False, insecure_hosts=listed)
    assert found.kind == "feature_failed"


async def test_the_proxy_is_used_but_for_this_machine_and_the_hosts_of_no_proxy(server: BadServer) -> None:
    names = frozenset({"registry.example", "lan.example", "r.lan.example"})
    made = settings(
        proxy=f"http://{server.address}", no_proxy="lan.example, 10.0.0.1", insecure_hosts=names, attempts=1
    )
    server.says(Reply(404))
    async with RegistryClient(made) as client:
        assert await client.tags(parse_reference("registry.example/c/go")) == ()
        assert server.paths == ["http://registry.example/v2/c/go/tags/list"]
        assert await client.tags(parse_reference(f"{server.address}/c/go")) == ()
        assert server.paths[-1] == "/v2/c/go/tags/list", "asked itself, not as a proxy"
        for direct in ("lan.example", "r.lan.example"):
            with pytest.raises(Problem):
                await client.tags(parse_reference(f"{direct}/c/go"))
        assert len(server.paths) == 2
