"""What the identity provider says is checked before it is believed, and nothing but issuer and subject is anybody."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey

from carrel.core.access import Role
from carrel.core.problems import Problem
from carrel.core.secret import Secret
from carrel.server.oidc.flow import LIFE, Flow, seal, unseal
from carrel.server.oidc.groups import parse_rules, standing
from carrel.server.oidc.id_token import Expected, UnknownKey, verified
from carrel.server.oidc.issuer import is_safe
from carrel.server.oidc.person import numbered, person_of, usable_name
from carrel.server.oidc.provider import Client, Provider
from carrel.server.settings import load_settings
from carrel.server.store.keys import KeyRing

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
ISSUER, CLIENT = "https://id.example.org", "carrel"
KEY = ECKey.generate_key("P-256", {"kid": "one", "use": "sig"}, private=True)
OTHER = ECKey.generate_key("P-256", {"kid": "two", "use": "sig"}, private=True)
SAME_NAME = ECKey.generate_key("P-256", {"kid": "one", "use": "sig"}, private=True)
KEYS: dict[str, Any] = {"keys": [KEY.as_dict(private=False)]}
EXPECTED = Expected(ISSUER, CLIENT, "nonce")
GOOD = {
    "iss": ISSUER,
    "aud": CLIENT,
    "sub": "subject-1",
    "nonce": "nonce",
    "iat": int(NOW.timestamp()),
    "exp": int((NOW + timedelta(minutes=5)).timestamp()),
}


def token(key: Any = KEY, alg: str = "ES256", **claims: Any) -> str:
    said = {name: value for name, value in (GOOD | claims).items() if value is not None}
    return jwt.encode({"alg": alg, "kid": key.kid or "one"}, said, key, algorithms=[alg])


def test_a_good_token_is_believed() -> None:
    assert verified(token(), KEYS, EXPECTED, NOW)["sub"] == "subject-1"
    assert verified(token(aud=[CLIENT, "other"], azp=CLIENT), KEYS, EXPECTED, NOW)["azp"] == CLIENT


FORGED: dict[str, dict[str, Any]] = {
    "wrong-issuer": {"iss": "https://evil.example.org"},
    "issuer-with-slash": {"iss": f"{ISSUER}/"},
    "no-issuer": {"iss": None},
    "wrong-audience": {"aud": "another-client"},
    "no-audience": {"aud": None},
    "for-us-among-others": {"aud": [CLIENT, "other"]},
    "of-another-party": {"aud": [CLIENT, "other"], "azp": "other"},
    "wrong-nonce": {"nonce": "of another sign-in"},
    "no-nonce": {"nonce": None},
    "expired": {"exp": int((NOW - timedelta(minutes=2)).timestamp())},
    "no-expiry": {"exp": None},
    "of-the-future": {"nbf": int((NOW + timedelta(minutes=5)).timestamp())},
    "no-subject": {"sub": None},
}


@pytest.mark.parametrize("claims", FORGED.values(), ids=FORGED)
def test_a_token_that_says_something_else_is_refused(claims: dict[str, Any]) -> None:
    with pytest.raises(Problem) as caught:
        verified(token(**claims), KEYS, EXPECTED, NOW)
    assert caught.value.kind == "identity_refused"
    assert "subject-1" not in str(caught.value)


@pytest.mark.parametrize("key", [OTHER, SAME_NAME], ids=["unknown key", "another key of the same name"])
def test_a_token_that_another_key_signed_asks_for_the_keys_again(key: ECKey) -> None:
    with pytest.raises(UnknownKey):
        verified(token(key), KEYS, EXPECTED, NOW)


def test_no_signature_and_one_by_a_shared_secret_are_worth_nothing() -> None:
    def part(value: dict[str, Any]) -> str:
        return urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    unsigned = f"{part({'alg': 'none'})}.{part(GOOD)}."
    # The public key, taken as the secret of an HMAC.
    shared = OctKey.import_key(json.dumps(KEY.as_dict(private=False)))
    for forged in (unsigned, token(shared, "HS256"), "x", "", "a.b.c", token()[:-4] + "AAAA", "x" * 200_000):
        with pytest.raises((Problem, UnknownKey)):
            verified(forged, KEYS, EXPECTED, NOW)


def test_keys_that_are_not_for_signing_are_not_used() -> None:
    unusable: tuple[dict[str, Any], ...] = (
        {"keys": []},
        {},
        {"keys": ["x"]},
        {"keys": [KEY.as_dict(private=False) | {"use": "enc"}]},
    )
    for keys in unusable:
        with pytest.raises(UnknownKey):
            verified(token(), keys, EXPECTED, NOW)


# --- the flow --------------------------------------------------------------------------------------------------------------


RING = KeyRing({"k": b"k" * 32})


def test_a_flow_comes_back_from_its_cookie_in_time_and_with_its_state_only() -> None:
    flow = Flow(NOW.timestamp(), "/next")
    sealed = seal(flow, RING)
    assert flow.verifier not in sealed
    assert unseal(sealed, RING, flow.state, NOW + LIFE) == flow
    bad = {
        "another state": (sealed, Flow(0.0).state, NOW),
        "no state": (sealed, "", NOW),
        "no cookie": ("", flow.state, NOW),
        "changed": (sealed[:-2] + "AA", flow.state, NOW),
        "another key": (sealed.replace("k.", "other."), flow.state, NOW),
        "too late": (sealed, flow.state, NOW + LIFE + timedelta(seconds=1)),
        "too early": (sealed, flow.state, NOW - timedelta(seconds=1)),
    }
    for text, state, now in bad.values():
        with pytest.raises(Problem) as caught:
            unseal(text, RING, state, now)
        assert caught.value.kind == "identity_refused"


# --- who it is, and what groups give -------------------------------------------------------------------------------------


def test_an_unverified_address_is_none_and_names_come_out_plain() -> None:
    claims = GOOD | {"email": "ana@example.org", "name": "Ana Exämple", "groups": ["a", 5, ""]}
    for verification in (None, False, "true", 1):
        person = person_of(claims | {"email_verified": verification}, "preferred_username", "groups")
        assert (person.email, person.wished_name) == ("", "ana-example")
    person = person_of(claims | {"email_verified": True}, "preferred_username", "groups")
    assert (person.email, person.wished_name, person.groups) == ("ana@example.org", "ana", frozenset({"a"}))
    assert person_of(claims | {"groups": "one"}, "sub", "groups").groups == {"one"}


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("René", "rene"),
        ("ANA", "ana"),
        ("\u0430\u0434min", "min"),
        ("ana@corp", "ana"),
        ("\uff41na", "ana"),
        ("guest", ""),
        ("中", ""),
        ("", ""),
        ("login", ""),
        ("1-2", ""),
    ],
    ids=["accent", "capitals", "cyrillic", "address", "wide", "guest", "nothing-left", "empty", "reserved", "digits"],
)
def test_names_are_plain_letters(text: str, name: str) -> None:
    assert usable_name(text) == name


def test_a_number_fits_into_a_name() -> None:
    assert numbered("ana", 2) == "ana-2"
    assert len(numbered("a" * 40, 12)) == 40


def test_of_several_groups_the_strongest_role_counts() -> None:
    rules = parse_rules(
        ("a=viewer", "b = maintainer", "a=vision:viewer", "b=Vision:developer", "b=vision/staging:admin")
    )
    assert standing(rules, {"a", "b"}, Role.DEVELOPER).role is Role.MAINTAINER
    assert standing(rules, {"a", "b"}, Role.DEVELOPER).memberships == {
        ("vision", ""): Role.DEVELOPER,
        ("vision", "staging"): Role.ADMIN,
    }
    assert standing(rules, set(), Role.DEVELOPER).role is Role.DEVELOPER
    assert standing(rules, set(), Role.DEVELOPER).memberships == {}
    assert standing(parse_rules(("b=vision:developer",)), {"b"}, Role.VIEWER).role is None


@pytest.mark.parametrize(
    "line",
    [
        "a",
        "=admin",
        "a=owner",
        "a=guest",
        "a=boss",
        "a=:developer",
        "a=vision/nowhere:developer",
        "a=No Name:viewer",
        "a=vision:auditor",
        "a=/staging:viewer",
        "a=vision/:viewer",
    ],
)
def test_what_is_no_rule_is_said_so_at_start(line: str) -> None:
    with pytest.raises(Problem) as caught:
        load_settings({}, overrides={"oidc_issuer": ISSUER, "oidc_client_id": "c", "oidc_groups": (line,)})
    assert caught.value.kind in {"bad_value", "bad_name"}


@pytest.mark.parametrize(
    ("url", "good"),
    [
        ("https://id.example.org/realms/x", True),
        ("http://127.0.0.1:8080", True),
        ("http://localhost", True),
        ("http://id.example.org", False),
        ("http://127.0.0.1.evil.example", False),
        ("https://a@id.example.org", False),
        ("ftp://127.0.0.1", False),
        ("https:///x", False),
        ("https://[", False),
        ("https://id.example.org#x", False),
    ],
)
def test_the_issuer_is_https_or_on_this_machine(url: str, good: bool) -> None:
    assert is_safe(url) == good
    if not good:
        with pytest.raises(Problem):
            load_settings({}, overrides={"oidc_issuer": url, "oidc_client_id": "c"})


# --- the provider's answers ----------------------------------------------------------------------------------------------


class Script:
    """A provider that answers as a test wants."""

    def __init__(self, **answers: Any) -> None:
        self.asked: list[httpx.Request] = []
        self.answers: dict[str, Any] = {
            "/.well-known/openid-configuration": {
                "issuer": ISSUER,
                "authorization_endpoint": f"{ISSUER}/auth",
                "token_endpoint": f"{ISSUER}/token",
                "jwks_uri": f"{ISSUER}/jwks",
                "userinfo_endpoint": f"{ISSUER}/me",
            },
            "/token": {"id_token": token(), "access_token": "a"},
            "/jwks": KEYS,
            "/me": {"sub": "subject-1", "groups": ["a"], "iss": "nobody"},
        } | {f"/{name}": answer for name, answer in answers.items()}

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        answer = self.answers[request.url.path]
        if isinstance(answer, Exception):
            raise answer
        return answer if isinstance(answer, httpx.Response) else httpx.Response(200, json=answer)

    def provider(self, secret: str = "s:e") -> Provider:
        client = Client(ISSUER, CLIENT, Secret(secret), ("profile",), "https://carrel.example.org/back")
        return Provider(client, httpx.MockTransport(self))


FLOW = Flow(NOW.timestamp(), nonce="nonce")


async def test_the_browser_is_sent_with_state_nonce_and_a_challenge() -> None:
    url = urlsplit(await Script().provider().authorization_url(FLOW, NOW))
    query = {name: values[0] for name, values in parse_qs(url.query).items()}
    assert query.pop("code_challenge") not in {"", FLOW.verifier}
    assert query == {
        "response_type": "code",
        "client_id": CLIENT,
        "redirect_uri": "https://carrel.example.org/back",
        "scope": "openid profile",
        "state": FLOW.state,
        "nonce": "nonce",
        "code_challenge_method": "S256",
    }


async def test_the_id_token_counts_more_than_what_is_added_to_it() -> None:
    script = Script()
    claims = await script.provider().claims("code", FLOW, NOW)
    assert (claims["iss"], claims["groups"]) == (ISSUER, ["a"])
    sent = parse_qs(script.asked[1].content.decode())
    assert (sent["code"], sent["code_verifier"]) == (["code"], [FLOW.verifier])
    assert script.asked[1].headers["authorization"] == "Basic Y2FycmVsOnMlM0Fl"  # both quoted first


async def test_keys_are_asked_for_again_once_where_none_fits() -> None:
    script = Script(token={"id_token": token(OTHER)})
    provider = script.provider()
    with pytest.raises(Problem) as caught:
        await provider.claims("code", FLOW, NOW)
    assert "not its own" in caught.value.detail
    assert [one.url.path for one in script.asked].count("/jwks") == 2
    script.answers["/jwks"] = {"keys": [OTHER.as_dict(private=False)]}
    assert (await provider.claims("code", FLOW, NOW))["sub"] == "subject-1"


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "code-used": ({"token": httpx.Response(400, json={"error": "invalid_grant"})}, "identity_refused"),
    "wrong-client-secret": ({"token": httpx.Response(401, json={"error": "invalid_client"})}, "identity_refused"),
    "no-id-token": ({"token": {"access_token": "a"}}, "identity_refused"),
    "two-people": ({"me": {"sub": "subject-2"}}, "identity_refused"),
    "another-issuer": (
        {".well-known/openid-configuration": {"issuer": "https://evil.example"}},
        "provider_unreachable",
    ),
    "no-endpoints": ({".well-known/openid-configuration": {"issuer": ISSUER}}, "provider_unreachable"),
    "away": ({".well-known/openid-configuration": httpx.ConnectError("no")}, "provider_unreachable"),
    "slow": ({"token": httpx.ReadTimeout("slow")}, "provider_unreachable"),
    "broken": ({"jwks": httpx.Response(500, text="<html>")}, "provider_unreachable"),
    "no-json": ({"token": httpx.Response(200, text="<html>")}, "provider_unreachable"),
    "a-list": ({"token": []}, "provider_unreachable"),
    "sent-elsewhere": (
        {"token": httpx.Response(302, headers={"location": "https://evil.example"})},
        "provider_unreachable",
    ),
}


@pytest.mark.parametrize(("answers", "kind"), WRONG.values(), ids=WRONG)
async def test_what_the_provider_gets_wrong_is_a_clear_problem(answers: dict[str, Any], kind: str) -> None:
    with pytest.raises(Problem) as caught:
        await Script(**answers).provider().claims("code", FLOW, NOW)
    assert caught.value.kind == kind


async def test_endpoints_that_are_not_safe_are_not_used() -> None:
    script = Script()
    script.answers["/.well-known/openid-configuration"]["token_endpoint"] = "http://127.0.0.1/token"
    with pytest.raises(Problem) as caught:
        await script.provider().claims("code", FLOW, NOW)
    assert caught.value.kind == "provider_unreachable"
