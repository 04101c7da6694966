"""Registries that want credentials: a password, and a token server, for reading and publishing; https tarballs."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from tests.integration.features.sources import feature, write
from tests.oci_registry import PASSWORD, USER, oci_registry
from tests.own_certificate import own_certificate
from tests.reference_cli import run_reference
from tests.token_server import REFRESH_TOKEN, TokenServer, token_server
from tests.unit.devcontainer.repository import Repository

from carrel.core.problems import Problem
from carrel.core.secret import Secret
from carrel.devcontainer.features.lockfile import lock, read_lockfile, write_lockfile
from carrel.devcontainer.features.reference import parse_reference
from carrel.devcontainer.features.resolve import Resolver, Wanted, as_json
from carrel.devcontainer.publishing import pack_folder, publish
from carrel.devcontainer.registry import RegistryClient, RegistrySettings

CONFIG = ".devcontainer/devcontainer.json"


def settings(registry: str, user: str = USER, password: str = PASSWORD, **more: Any) -> RegistrySettings:
    return RegistrySettings(credentials={registry: (user, Secret(password))}, retry_seconds=0.0, **more)


async def version(settings: RegistrySettings, reference: str) -> str:
    """The version of a feature, as far as it may be read."""
    async with RegistryClient(settings) as client:
        resolved = await Resolver(Wanted({reference: {}}, config_path=CONFIG), Repository({}), client).resolve()
    return str(resolved.features[0].metadata["version"])


def publish_by_reference(registry: str, namespace: str, source: Path) -> None:
    words = ["features", "publish", "--registry", registry, "--namespace", namespace, str(source)]
    environment = {"DEVCONTAINERS_OCI_AUTH": f"{registry}|{USER}|{PASSWORD}"}
    done = run_reference(*words, environment=environment)
    assert done.returncode == 0, done.stderr


@pytest.mark.conformance("C306", "C311", "C314")
async def test_a_registry_with_a_password(reference_cli: tuple[str, ...], tmp_path: Path) -> None:
    with oci_registry(password=True) as made:
        publish_by_reference(made.host, "team/features", write(feature("base"), tmp_path / "theirs"))
        reference = f"{made.host}/team/features/base"
        assert await version(settings(made.host), reference) == "1.0.0"
        for wrong in (RegistrySettings(), settings(made.host, password="wrong")):
            with pytest.raises(Problem) as caught:
                await version(wrong, reference)
            assert (caught.value.kind, caught.value.extra["status"]) == ("registry_denied", 401)
            assert "credentials" in caught.value.document()["hint"]
        async with RegistryClient(settings(made.host)) as client:
            packed = pack_folder("feature", write(feature("base", "1.0.1"), tmp_path / "ours"))
            await publish(packed, made.host, "team/features", client)
        assert await version(settings(made.host), reference) == "1.0.1"


@pytest.fixture
def with_tokens(tmp_path: Path) -> Iterator[tuple[str, TokenServer]]:
    """A registry that trusts a token server of another origin."""
    with token_server(tmp_path) as tokens, oci_registry(token=tokens.settings) as made:
        yield made.host, tokens


@pytest.mark.conformance("C307", "C308", "C309", "C310", "C312", "C313")
async def test_a_registry_with_a_token_server(
    with_tokens: tuple[str, TokenServer], reference_cli: tuple[str, ...], tmp_path: Path
) -> None:
    registry, tokens = with_tokens
    listed: dict[str, Any] = {"token_hosts": {registry: frozenset({tokens.address})}}
    source = write(feature("base"), tmp_path / "theirs")
    publish_by_reference(registry, "public/features", source)
    async with RegistryClient(settings(registry, **listed)) as client:
        await publish(pack_folder("feature", source), registry, "private/features", client)
    public, private = f"{registry}/public/features/base", f"{registry}/private/features/base"
    tokens.requests.clear()
    assert await version(RegistrySettings(), public) == "1.0.0"
    assert [asked[2] for asked in tokens.requests] == [""], "one token serves the manifest and the layer"
    assert await version(settings(registry, **listed), private) == "1.0.0"
    assert await version(settings(registry, "<token>", REFRESH_TOKEN, **listed), private) == "1.0.0"
    assert tokens.requests[-1][0] == "POST"
    assert await version(settings(registry, password="expired", **listed), public) == "1.0.0"
    assert [asked[2] for asked in tokens.requests[-2:]] == ["-", ""], "without credentials after they were refused"
    tokens.requests.clear()
    assert await version(settings(registry), public) == "1.0.0"
    with pytest.raises(Problem) as caught:
        await version(settings(registry), private)
    assert caught.value.kind == "registry_denied"
    assert {asked[2] for asked in tokens.requests} == {""}, "another origin that is not listed sees no credentials"


@contextmanager
def https_server(folder: Path) -> Iterator[str]:
    """Serve a folder by https under a certificate of its own, `certificate.pem`; yields the address."""
    context = own_certificate(folder)

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder / "files")))
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"https://localhost:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


@pytest.mark.conformance("C208", "C222", "C223", "C282", "C328", "C329", "C335")
async def test_a_tarball_is_resolved_and_locked_as_by_the_reference(
    reference_cli: tuple[str, ...], tmp_path: Path
) -> None:
    source = write(feature("packed", postCreateCommand="true"), tmp_path / "src")
    assert run_reference("features", "package", str(source), "-o", str(tmp_path / "files")).returncode == 0
    with https_server(tmp_path) as address:
        url = f"{address}/devcontainer-feature-packed.tgz"
        files = {CONFIG: json.dumps({"image": "x", "features": {url: {"a": "b"}}})}
        folder = write(files, tmp_path / "repository")
        environment = {"NODE_EXTRA_CA_CERTS": str(tmp_path / "certificate.pem")}
        done = run_reference("upgrade", "--workspace-folder", str(folder), environment=environment)
        assert done.returncode == 0, done.stderr
        hosts = frozenset({"localhost"})
        ours = RegistrySettings(tarball_hosts=hosts, ca_file=str(tmp_path / "certificate.pem"))
        wanted = Wanted({url: {"a": "b"}}, config_path=CONFIG)
        async with RegistryClient(ours) as client:
            resolved = (await Resolver(wanted, Repository(files), client).resolve()).features
            text = write_lockfile(lock(resolved))
            assert text == (folder / ".devcontainer/devcontainer-lock.json").read_text()
            order = run_reference(
                "features", "resolve-dependencies", "--workspace-folder", str(folder), environment=environment
            ).stdout
            assert json.loads(as_json(resolved)) == json.loads(order[order.index('{\n  "inst') :])
            packed = tmp_path / "files/devcontainer-feature-packed.tgz"
            packed.write_bytes(packed.read_bytes() + bytes(512))
            locked = Wanted({url: {}}, config_path=CONFIG, lockfile=read_lockfile(text.encode(), "lock"))
            with pytest.raises(Problem, match="the lockfile says"):
                await Resolver(locked, Repository(files), client).resolve()
        async with RegistryClient(RegistrySettings(tarball_hosts=hosts, retry_seconds=0.0)) as client:
            with pytest.raises(Problem, match="CERTIFICATE_VERIFY_FAILED") as caught:
                await Resolver(wanted, Repository(files), client).resolve()
            assert caught.value.kind == "registry_unreachable"


async def test_a_plain_http_registry_of_another_name_has_to_be_listed(registry: str, tmp_path: Path) -> None:
    """By its address, which is not the name `localhost`."""
    named = registry.replace("localhost", "127.0.0.1")
    reference = parse_reference(f"{named}/none/features/base")
    async with RegistryClient(RegistrySettings(insecure_hosts=frozenset({named}))) as client:
        assert await client.tags(reference) == ()
    async with RegistryClient(RegistrySettings(retry_seconds=0.0)) as client:
        with pytest.raises(Problem) as caught:
            await client.tags(reference)
    assert caught.value.kind == "registry_unreachable"
