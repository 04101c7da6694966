"""core.code_exchange: verifier, challenge, check."""

from __future__ import annotations

from carrel.core.code_exchange import CHALLENGE, VERIFIER, challenge_of, check_of
from carrel.core.secret import Secret


def test_the_challenge_is_that_of_the_specifications_example() -> None:
    verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    assert VERIFIER.fullmatch(verifier)
    assert challenge_of(Secret(verifier)) == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def test_a_challenge_has_the_form_of_one() -> None:
    assert CHALLENGE.fullmatch(challenge_of(Secret("a" * 43)))
    assert not CHALLENGE.fullmatch("a" * 42)


def test_the_check_is_short_and_differs_between_challenges() -> None:
    checks = {check_of(challenge_of(Secret(f"{number:043}"))) for number in range(50)}
    assert len(checks) == 50
    assert all(len(check) == 9 and check[4] == "-" for check in checks)
