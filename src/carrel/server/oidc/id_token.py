"""An ID token, checked whole before anything of it is believed (OpenID Connect Core 1.0, section 3.1.3.7)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from authlib.oidc.core import CodeIDToken  # type: ignore[import-untyped]
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from carrel.core.problems import Problem

ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
"""Public keys only: with HS256 the signature would be worth as much as the client's secret, with `none` nothing."""
LEEWAY_SECONDS = 60
LARGEST = 100_000
HINT = "Sign in again; if it stays so, tell your administrator."


@dataclass(frozen=True)
class Expected:
    """What an ID token has to say."""

    issuer: str
    client_id: str
    nonce: str
    access_token: str = ""


class UnknownKey(Exception):  # noqa: N818  not an error yet: the keys may be old ones
    """No known key signed it."""


def verified(token: str, keys: Mapping[str, Any], expected: Expected, now: datetime) -> dict[str, Any]:
    """The claims of an ID token.

    Args:
        token: as the token endpoint gave it.
        keys: the provider's key set (RFC 7517).
        expected: what it has to say.
        now: the server's time.

    Raises:
        UnknownKey: get the provider's keys afresh, and try again.
        Problem: `identity_refused`, with what is wrong and nothing of the token.
    """
    if len(token) > LARGEST:
        raise _refused("is too long")
    try:
        read = jwt.decode(token, _key_set(keys), algorithms=ALGORITHMS)
    except JoseError as error:
        if error.error in {"bad_signature", "invalid_key_id", "missing_key"}:
            raise UnknownKey from error
        raise _refused("is not signed as it must be") from error
    except ValueError as error:  # no key of the set fits
        raise UnknownKey from error
    claims = dict(read.claims)
    _check(claims, dict(read.header), expected, now)
    return claims


def _key_set(keys: Mapping[str, Any]) -> KeySet:
    """Those that are for signing and of a kind that we know."""
    usable = [k for k in keys.get("keys", []) if isinstance(k, dict) and k.get("use", "sig") == "sig"]
    good = [k for k in usable if k.get("kty") in {"RSA", "EC", "OKP"}]
    return KeySet.import_key_set({"keys": good})


def _check(claims: dict[str, Any], header: dict[str, Any], expected: Expected, now: datetime) -> None:
    audience = claims.get("aud")
    several = isinstance(audience, list) and len(audience) > 1
    options = {
        "iss": {"essential": True, "value": expected.issuer},
        "aud": {"essential": True, "value": expected.client_id},
        "nonce": {"essential": True, "value": expected.nonce},
        "azp": {"essential": several},
    }
    params = {"nonce": expected.nonce, "client_id": expected.client_id}
    if expected.access_token:
        params["access_token"] = expected.access_token
    try:
        CodeIDToken(claims, header, options, params).validate(int(now.timestamp()), LEEWAY_SECONDS)
    except JoseError as error:
        raise _refused(f"does not fit: {getattr(error, 'claim', None) or error.error}") from error
    if claims.get("nonce") != expected.nonce or claims.get("iss") != expected.issuer:
        raise _refused("does not fit")


def _refused(why: str) -> Problem:
    return Problem("identity_refused", f"The identity provider's token {why}.", HINT)
