"""How the command line proves that a sign-in code is its own: the S256 method of PKCE, and a check that a person compares."""

from __future__ import annotations

import base64
import hashlib
import re
from typing import Final

from carrel.core.secret import Secret

CHALLENGE: Final = re.compile(r"[A-Za-z0-9_-]{43}")
"""A SHA-256 sum in base64url without padding."""
VERIFIER: Final = re.compile(r"[A-Za-z0-9._~-]{43,128}")


def challenge_of(verifier: Secret) -> str:
    """What may be seen by everybody of a verifier that stays where it was made. Source: RFC 7636, 4.2."""
    return _base64(hashlib.sha256(verifier.reveal().encode("ascii")).digest())


def check_of(challenge: str) -> str:
    """Eight characters of a challenge that terminal and page both show, so that a person sees that they belong together."""
    letters = base64.b32encode(hashlib.sha256(f"check {challenge}".encode()).digest()).decode()
    return f"{letters[:4]}-{letters[4:8]}"


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
