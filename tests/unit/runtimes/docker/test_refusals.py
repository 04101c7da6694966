from __future__ import annotations

import pytest

from carrel.runtimes.docker.refusals import EngineRefused

# The engine's own words (20.10 and 28).
WORDS = [
    ("write /var/lib/docker/tmp/x: no space left on device", "no_space"),
    ("Pool overlaps with other one on this address space", "no_subnet"),
    (
        "could not find an available, non-overlapping IPv4 address pool among the defaults to assign to the network",
        "no_subnet",
    ),
    ("No such image: carrel-test/none:1", "image_missing"),
    ("manifest for debian:nope not found: manifest unknown: manifest unknown", "image_missing"),
    ("no matching manifest for linux/arm64/v8 in the manifest list entries", "image_missing"),
    (
        "pull access denied for ana/none, repository does not exist or may require 'docker login': denied",
        "image_missing",
    ),
    ("invalid reference format", "image_missing"),
    ("unauthorized: authentication required", "registry_denied"),
    ("Get https://127.0.0.1:5000/v2/x: no basic auth credentials", "registry_denied"),
    (
        'Get "https://registry-1.docker.io/v2/": dial tcp: lookup registry-1.docker.io: no such host',
        "registry_unreachable",
    ),
    ('Get "https://127.0.0.1:1/v2/": dial tcp 127.0.0.1:1: connect: connection refused', "registry_unreachable"),
    ('Get "https://x/v2/": x509: certificate signed by unknown authority', "registry_unreachable"),
    (
        'Get "https://x/v2/": net/http: request canceled (Client.Timeout exceeded while awaiting headers)',
        "registry_unreachable",
    ),
    ("something else", "engine_error"),
]


@pytest.mark.parametrize(("words", "kind"), WORDS)
def test_the_engines_words_of_a_pull(words: str, kind: str) -> None:
    refused = EngineRefused(500, words, registry=True)
    assert refused.kind == kind
    assert refused.code == 500
    assert refused.message in words


def test_only_a_registry_is_unreachable_or_denies() -> None:
    assert EngineRefused(500, "dial unix: connection refused").kind == "engine_error"
    assert EngineRefused(403, "permission denied").kind == "engine_error"


def test_a_private_image_gets_a_hint_of_its_own() -> None:
    assert (
        "credentials"
        in EngineRefused(404, "pull access denied, repository does not exist or may require x", registry=True).hint
    )
