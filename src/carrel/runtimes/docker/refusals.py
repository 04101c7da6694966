"""The engine's refusals as problems: the one place where its words are read."""

from __future__ import annotations

import re

from carrel.core.problems import Problem

_IN_ORDER: tuple[tuple[str, str], ...] = (
    (r"no space left on device|disk quota exceeded", "no_space"),
    (r"pool overlaps with other one|could not find an available.*non-overlapping|no available network", "no_subnet"),
    (r"no such image|manifest unknown|manifest for .* not found|no matching manifest", "image_missing"),
    (r"does not match the specified platform|invalid reference format|invalid repository name", "image_missing"),
    (
        r"repository does not exist or may require|repository .* not found|failed to resolve .* not found",
        "image_missing",
    ),
    (
        r"unauthorized|authentication required|no basic auth|denied|forbidden|incorrect username or password",
        "registry_denied",
    ),
    (r"dial tcp|no such host|i/o timeout|connection refused|tls handshake|x509|net/http", "registry_unreachable"),
    (r"server misbehaving|name resolution|network is unreachable|unexpected eof", "registry_unreachable"),
    (r"failed to do request|toomanyrequests", "registry_unreachable"),
)
_REGISTRY_KINDS = frozenset({"registry_denied", "registry_unreachable"})


class EngineRefused(Problem):
    """An answer of the engine that is not a success; `code` is its HTTP status, 0 within a stream."""

    def __init__(self, code: int, message: str, *, registry: bool = False) -> None:
        """Classify `message`; `registry`: the engine was asked to talk to a registry."""
        self.code = code
        self.message = message.strip()
        kind = classify(self.message, registry=registry)
        hint = ""
        if kind == "image_missing" and "may require" in self.message:
            hint = "Check the image's name and tag; if it is private, store credentials for its registry."
        super().__init__(kind, self.message[:1000], hint)


def classify(message: str, *, registry: bool) -> str:
    """The kind of problem that an engine's message is about."""
    for pattern, kind in _IN_ORDER:
        if (registry or kind not in _REGISTRY_KINDS) and re.search(pattern, message, re.IGNORECASE | re.DOTALL):
            return kind
    return "engine_error"


def unreachable(address: str, error: BaseException | None = None) -> Problem:
    """Nothing answers where the engine should be."""
    reason = f": {error}" if error is not None and str(error) else ""
    return Problem("no_engine", f"Docker Engine does not answer at {address}{reason}"[:500])
