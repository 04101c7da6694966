import pytest

from carrel.devcontainer.registry_addresses import is_forbidden_address
from carrel.devcontainer.registry_auth import (
    host_of,
    is_plain_http,
    may_see_credentials,
    parse_challenge,
)


@pytest.mark.conformance("C306", "C307")
@pytest.mark.parametrize(
    ("header", "scheme", "parameters"),
    [
        ('Bearer realm="https://a/token",service="s",scope="repository:x:pull"', "bearer", {"realm": "https://a/token", "service": "s", "scope": "repository:x:pull"}),
        ('bEARER scope="x", service=s , realm="r"', "bearer", {"realm": "r", "service": "s", "scope": "x"}),
        ('Basic realm="x"', "basic", {"realm": "x"}),
        ("basic", "basic", {}),
        ("Negotiate abc", "", {}),
        ("", "", {}),
    ],
)  # fmt: skip
def test_a_challenge_is_read_in_any_order_and_case(header: str, scheme: str, parameters: dict[str, str]) -> None:
    challenge = parse_challenge(header)
    assert (challenge.scheme, challenge.parameters) == (scheme, parameters)


@pytest.mark.conformance("C313")
@pytest.mark.parametrize(
    ("realm", "registry", "allowed"),
    [
        ("https://ghcr.io/token", "ghcr.io", True),
        ("https://auth.docker.io/token", "registry-1.docker.io", True),
        ("https://login.example.org/token", "r.example.org", True),
        ("https://evil.example.org/token", "ghcr.io", False),
        ("https://ghcr.io@evil.example.org/token", "ghcr.io", False),
        ("https://ghcr.io.evil.org/token", "ghcr.io", False),
    ],
)
def test_credentials_go_to_the_registry_and_to_listed_hosts_only(realm: str, registry: str, allowed: bool) -> None:
    listed = {"r.example.org": frozenset({"login.example.org"})}
    assert may_see_credentials(realm, registry, listed) is allowed


@pytest.mark.conformance("C303")
def test_plain_http_is_for_localhost_and_listed_hosts() -> None:
    assert is_plain_http("localhost:5000", frozenset())
    assert not is_plain_http("127.0.0.1:5000", frozenset())
    assert not is_plain_http("localhost.example.org", frozenset())
    assert is_plain_http("registry.lan:5000", frozenset({"registry.lan:5000"}))


@pytest.mark.parametrize(
    "host",
    [
        "169.254.169.254",
        "169.254.169.254:80",
        "[fe80::1]:80",
        "0.0.0.0",
        "metadata.google.internal",
        "x@169.254.169.254",
    ],
)
def test_metadata_addresses_are_never_asked(host: str) -> None:
    assert is_forbidden_address(host)


def test_other_addresses_are_asked() -> None:
    assert not any(is_forbidden_address(host) for host in ("ghcr.io", "localhost:5000", "10.0.0.1", "[::1]:5000"))
    assert host_of("https://user@Ghcr.IO:443/x") == "ghcr.io:443"
