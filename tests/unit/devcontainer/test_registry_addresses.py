from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import httpx
import pytest

from carrel.core.problems import Problem
from carrel.core.secret import Secret
from carrel.devcontainer.features.reference import parse_reference
from carrel.devcontainer.registry import RegistryClient, RegistrySettings
from carrel.devcontainer.registry_addresses import is_forbidden_address, place_of, resolve


@pytest.mark.parametrize(
    ("host", "addresses", "place"),
    [
        ("ghcr.io", [], "public"),
        ("ghcr.io", ["140.82.121.33", "2606:50c0:8000::154"], "public"),
        ("ghcr.io", ["140.82.121.33", "10.0.0.1"], "private"),
        ("evil.example", ["169.254.169.254"], "forbidden"),
        ("evil.example", ["::ffff:169.254.169.254"], "forbidden"),
        ("evil.example", ["fe80::1%eth0"], "forbidden"),
        ("evil.example", ["fd00:ec2::254"], "forbidden"),
        ("10.1.2.3:5000", [], "private"),
        ("[::1]:5000", [], "private"),
        ("[fd00::1]", [], "private"),
        ("localhost:5000", [], "private"),
        ("127.1", [], "private"),
        ("100.64.1.1", [], "private"),
        ("0x7f000001", [], "private"),
        ("2852039166", [], "forbidden"),
        ("0xa9fea9fe", [], "forbidden"),
        ("0.0.0.0", [], "forbidden"),
        ("224.0.0.1", [], "forbidden"),
        ("metadata.google.internal.", [], "forbidden"),
    ],
)
def test_the_worst_address_of_a_host_counts(host: str, addresses: Sequence[str], place: str) -> None:
    assert place_of(host, addresses) == place
    assert is_forbidden_address(host) is (place == "forbidden" and not addresses)


async def test_the_machines_own_name_is_resolved_and_an_unknown_one_has_no_address() -> None:
    assert set(await resolve("localhost")) <= {"127.0.0.1", "::1"}
    assert await resolve("absent.invalid") == ()


ADDRESSES = {
    "metadata.example": ["169.254.169.254"],
    "inside.example": ["10.0.0.9"],
    "public.example": ["140.82.121.33"],
    "cdn.example": ["140.82.121.34"],
}
DIGEST = "sha256:" + "0" * 64


async def _resolver(name: str) -> Sequence[str]:
    return ADDRESSES.get(name, [])


async def _blob(host: str, target: str = "", **settings: Any) -> Problem:
    def answer(request: httpx.Request) -> httpx.Response:
        if target and request.url.path.startswith("/v2/"):
            return httpx.Response(307, headers={"Location": target})
        return httpx.Response(200, content=b"x")

    made = RegistrySettings(**settings)
    async with RegistryClient(made, httpx.MockTransport(answer), _resolver) as client:
        with pytest.raises(Problem) as caught:
            await client.blob(parse_reference(f"{host}/c/go"), DIGEST)
    return caught.value


@pytest.mark.parametrize(
    ("host", "target", "settings", "kind", "text"),
    [
        ("metadata.example", "", {}, "refused_by_policy", "link-local"),
        ("inside.example", "", {"private_addresses": False}, "refused_by_policy", "private address"),
        ("inside.example", "", {"private_addresses": False, "mirrors": {"x": "inside.example"}}, "feature_failed", "digest"),
        ("inside.example", "", {}, "feature_failed", "digest"),
        ("public.example", "", {"private_addresses": False}, "feature_failed", "digest"),
        ("public.example", "https://cdn.example/x", {}, "feature_failed", "digest"),
        ("public.example", "https://inside.example/x", {}, "registry_unreachable", "redirects"),
        ("public.example", "https://10.0.0.9/x", {}, "registry_unreachable", "redirects"),
        ("public.example", "https://localhost/x", {}, "registry_unreachable", "redirects"),
        ("public.example", "https://metadata.example/x", {}, "refused_by_policy", "link-local"),
        ("public.example", "https://inside.example/x", {"credentials": {"inside.example": ("a", Secret("b"))}}, "feature_failed", "digest"),
        ("inside.example", "https://inside.example:8443/x", {}, "feature_failed", "digest"),
    ],
)  # fmt: skip
async def test_a_registry_is_judged_by_where_its_names_lead(
    host: str, target: str, settings: dict[str, Any], kind: str, text: str
) -> None:
    problem = await _blob(host, target, **settings)
    assert problem.kind == kind
    assert text in problem.detail
